using System;

namespace Visavis
{
    /// <summary>Where things stand in the 64 numbers of a face (Vocabulary.Names); rotations are radians.</summary>
    public static class Face
    {
        /// <summary>The first numbers are ARKit shapes, 0..1.</summary>
        public static readonly int Shapes = Vocabulary.Aliases.Length;
        /// <summary>The left lid.</summary>
        public static readonly int EyeBlinkLeft = Of("eyeBlinkLeft");
        /// <summary>The right lid.</summary>
        public static readonly int EyeBlinkRight = Of("eyeBlinkRight");
        /// <summary>The jaw.</summary>
        public static readonly int JawOpen = Of("jawOpen");
        /// <summary>Yaw of the head; pitch and roll follow.</summary>
        public static readonly int Head = Of("headYaw");
        /// <summary>Yaw of the left eye; pitch and roll follow.</summary>
        public static readonly int LeftEye = Of("leftEyeYaw");
        /// <summary>Yaw of the right eye; pitch and roll follow.</summary>
        public static readonly int RightEye = Of("rightEyeYaw");

        /// <summary>The place of a name; raises ArgumentException if there is none.</summary>
        public static int Of(string name)
        {
            int at = Array.IndexOf(Vocabulary.Names, name);
            if (at < 0) { throw new ArgumentException("A face has no " + name + ": see Vocabulary.Names.", "name"); }
            return at;
        }
    }
}
