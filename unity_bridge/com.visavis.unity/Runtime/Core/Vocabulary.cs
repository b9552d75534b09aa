// Written by unity_bridge/bindings/write.py; change that, not this.
namespace Visavis
{
    public enum Kind : byte
    {
        Motion = 1,
        Texture = 2,
        Names = 3,
        Event = 4,
        Say = 16,
        Audio = 17,
        Interrupt = 18,
        Control = 19,
        Avatars = 20,
        Open = 21,
        Close = 22,
        State = 23,
        Make = 24,
        Forget = 25,
        Ok = 32,
        Error = 33,
    }

    public enum Codec : byte
    {
        Empty = 0,
        Float32 = 1,
        Json = 2,
        Rgba = 3,
        Jpeg = 4,
        PcmS16 = 5,
        File = 6,
    }

    public enum Flag : byte
    {
        RowsFromTop = 1,
        Last = 2,
    }

    /// Numbers and names of the wire (WIRE.md).
    public static class Vocabulary
    {
        public const string Magic = "VSVS";
        public const string Space = "visavis.face64.v1";
        public const int Version = 1;
        public const int HeaderBytes = 96;
        public const int MessageBytes = 8388608;
        public const int NoLine = -1;
        public const int SampleRateHz = 16000;
        public const double LookYawRad = 0.5235987755982988;
        public const double LookPitchRad = 0.4363323129985824;

        public static readonly string[] Names =
        {
            "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
            "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight",
            "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft",
            "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
            "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft",
            "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
            "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft",
            "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight",
            "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
            "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut", "headYaw", "headPitch",
            "headRoll", "leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch",
            "rightEyeRoll", "headX", "headY", "headZ",
        };

        public static readonly string[] Emotions =
        {
            "happy", "sad", "angry", "surprised", "fearful", "disgusted", "contemptuous",
        };

        /// What models call each of the first 52 of Names: ARKit, Live Link, with _L and _R.
        public static readonly string[][] Aliases =
        {
            new[] { "eyeBlinkLeft", "EyeBlinkLeft", "eyeBlink_L" },
            new[] { "eyeLookDownLeft", "EyeLookDownLeft", "eyeLookDown_L" },
            new[] { "eyeLookInLeft", "EyeLookInLeft", "eyeLookIn_L" },
            new[] { "eyeLookOutLeft", "EyeLookOutLeft", "eyeLookOut_L" },
            new[] { "eyeLookUpLeft", "EyeLookUpLeft", "eyeLookUp_L" },
            new[] { "eyeSquintLeft", "EyeSquintLeft", "eyeSquint_L" },
            new[] { "eyeWideLeft", "EyeWideLeft", "eyeWide_L" },
            new[] { "eyeBlinkRight", "EyeBlinkRight", "eyeBlink_R" },
            new[] { "eyeLookDownRight", "EyeLookDownRight", "eyeLookDown_R" },
            new[] { "eyeLookInRight", "EyeLookInRight", "eyeLookIn_R" },
            new[] { "eyeLookOutRight", "EyeLookOutRight", "eyeLookOut_R" },
            new[] { "eyeLookUpRight", "EyeLookUpRight", "eyeLookUp_R" },
            new[] { "eyeSquintRight", "EyeSquintRight", "eyeSquint_R" },
            new[] { "eyeWideRight", "EyeWideRight", "eyeWide_R" },
            new[] { "jawForward", "JawForward" },
            new[] { "jawLeft", "JawLeft" },
            new[] { "jawRight", "JawRight" },
            new[] { "jawOpen", "JawOpen" },
            new[] { "mouthClose", "MouthClose" },
            new[] { "mouthFunnel", "MouthFunnel" },
            new[] { "mouthPucker", "MouthPucker" },
            new[] { "mouthLeft", "MouthLeft" },
            new[] { "mouthRight", "MouthRight" },
            new[] { "mouthSmileLeft", "MouthSmileLeft", "mouthSmile_L" },
            new[] { "mouthSmileRight", "MouthSmileRight", "mouthSmile_R" },
            new[] { "mouthFrownLeft", "MouthFrownLeft", "mouthFrown_L" },
            new[] { "mouthFrownRight", "MouthFrownRight", "mouthFrown_R" },
            new[] { "mouthDimpleLeft", "MouthDimpleLeft", "mouthDimple_L" },
            new[] { "mouthDimpleRight", "MouthDimpleRight", "mouthDimple_R" },
            new[] { "mouthStretchLeft", "MouthStretchLeft", "mouthStretch_L" },
            new[] { "mouthStretchRight", "MouthStretchRight", "mouthStretch_R" },
            new[] { "mouthRollLower", "MouthRollLower" },
            new[] { "mouthRollUpper", "MouthRollUpper" },
            new[] { "mouthShrugLower", "MouthShrugLower" },
            new[] { "mouthShrugUpper", "MouthShrugUpper" },
            new[] { "mouthPressLeft", "MouthPressLeft", "mouthPress_L" },
            new[] { "mouthPressRight", "MouthPressRight", "mouthPress_R" },
            new[] { "mouthLowerDownLeft", "MouthLowerDownLeft", "mouthLowerDown_L" },
            new[] { "mouthLowerDownRight", "MouthLowerDownRight", "mouthLowerDown_R" },
            new[] { "mouthUpperUpLeft", "MouthUpperUpLeft", "mouthUpperUp_L" },
            new[] { "mouthUpperUpRight", "MouthUpperUpRight", "mouthUpperUp_R" },
            new[] { "browDownLeft", "BrowDownLeft", "browDown_L" },
            new[] { "browDownRight", "BrowDownRight", "browDown_R" },
            new[] { "browInnerUp", "BrowInnerUp" },
            new[] { "browOuterUpLeft", "BrowOuterUpLeft", "browOuterUp_L" },
            new[] { "browOuterUpRight", "BrowOuterUpRight", "browOuterUp_R" },
            new[] { "cheekPuff", "CheekPuff" },
            new[] { "cheekSquintLeft", "CheekSquintLeft", "cheekSquint_L" },
            new[] { "cheekSquintRight", "CheekSquintRight", "cheekSquint_R" },
            new[] { "noseSneerLeft", "NoseSneerLeft", "noseSneer_L" },
            new[] { "noseSneerRight", "NoseSneerRight", "noseSneer_R" },
            new[] { "tongueOut", "TongueOut" },
        };
    }
}
