// Where the shapes of speech stand among the 52 ARKit weights: taken by name from the package's table.
using System;

namespace Visavis.Samples
{
    /// <summary>Columns of the shapes that speech moves.</summary>
    public static class Column
    {
        public static readonly int JawOpen = Of("jawOpen");
        public static readonly int MouthClose = Of("mouthClose");
        public static readonly int MouthFunnel = Of("mouthFunnel");
        public static readonly int MouthPucker = Of("mouthPucker");
        public static readonly int TongueOut = Of("tongueOut");
        public static readonly int MouthStretchLeft = Of("mouthStretchLeft");
        public static readonly int MouthStretchRight = Of("mouthStretchRight");
        public static readonly int MouthSmileLeft = Of("mouthSmileLeft");
        public static readonly int MouthSmileRight = Of("mouthSmileRight");
        public static readonly int MouthDimpleLeft = Of("mouthDimpleLeft");
        public static readonly int MouthDimpleRight = Of("mouthDimpleRight");
        public static readonly int CheekSquintLeft = Of("cheekSquintLeft");
        public static readonly int CheekSquintRight = Of("cheekSquintRight");
        public static readonly int MouthUpperUpLeft = Of("mouthUpperUpLeft");
        public static readonly int MouthUpperUpRight = Of("mouthUpperUpRight");
        public static readonly int MouthLowerDownLeft = Of("mouthLowerDownLeft");
        public static readonly int MouthLowerDownRight = Of("mouthLowerDownRight");
        public static readonly int MouthPressLeft = Of("mouthPressLeft");
        public static readonly int MouthPressRight = Of("mouthPressRight");
        public static readonly int MouthRollLower = Of("mouthRollLower");
        public static readonly int MouthRollUpper = Of("mouthRollUpper");
        public static readonly int MouthShrugLower = Of("mouthShrugLower");
        public static readonly int MouthShrugUpper = Of("mouthShrugUpper");

        static int Of(string name)
        {
            int column = Array.IndexOf(Vocabulary.Names, name);
            if (column < 0)
                throw new ArgumentException("There is no shape " + name + " in Vocabulary.Names.");
            return column;
        }
    }
}
