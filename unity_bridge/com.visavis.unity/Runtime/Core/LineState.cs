namespace Visavis
{
    /// <summary>How far a line is.</summary>
    public enum LineState
    {
        /// <summary>It waits for its turn.</summary>
        Waiting,
        /// <summary>The face says it (LINE_STARTED).</summary>
        Started,
        /// <summary>The face has said all of it.</summary>
        Finished,
        /// <summary>It was cut short, or refused: see Error.</summary>
        Interrupted,
    }
}
