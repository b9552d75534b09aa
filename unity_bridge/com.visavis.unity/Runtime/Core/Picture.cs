namespace Visavis
{
    /// <summary>
    /// One picture of a face: RGBA, straight alpha, the first row is the top one. Its memory is used again.
    /// </summary>
    public sealed class Picture
    {
        /// <summary>Width × height × 4 bytes.</summary>
        public byte[] Rgba = new byte[0];
        /// <summary>Width.</summary>
        public int WidthPx;
        /// <summary>Height.</summary>
        public int HeightPx;
        /// <summary>Number of its line; 0: none.</summary>
        public int Line;
        /// <summary>16 kHz within the line; -1 between lines.</summary>
        public long LineSample;
        /// <summary>Counts what came; tells one picture from another.</summary>
        public long Number;

        internal bool BeingWritten;
    }
}
