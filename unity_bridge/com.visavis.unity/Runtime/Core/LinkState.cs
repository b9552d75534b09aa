namespace Visavis
{
    /// <summary>How it stands with the bridge and with the face behind it.</summary>
    public enum LinkState
    {
        /// <summary>The first try is under way.</summary>
        Connecting,
        /// <summary>Frames come.</summary>
        Live,
        /// <summary>The bridge is there, but has no face for us: no server, or one that refuses.</summary>
        Away,
        /// <summary>No bridge; it is tried again every second.</summary>
        Lost,
    }
}
