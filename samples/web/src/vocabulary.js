// Written by unity_bridge/bindings/write.py; change that, not this.
// Numbers and names of the wire (WIRE.md).

export const MAGIC = "VSVS";
export const SPACE = "visavis.face64.v1";
export const VERSION = 1;
export const HEADER_BYTES = 96;
export const MESSAGE_BYTES = 8388608;
export const NO_LINE = -1;
export const SAMPLE_RATE_HZ = 16000;
export const LOOK_YAW_RAD = 0.5235987755982988;
export const LOOK_PITCH_RAD = 0.4363323129985824;
export const KIND = {"MOTION": 1, "TEXTURE": 2, "NAMES": 3, "EVENT": 4, "SAY": 16, "AUDIO": 17, "INTERRUPT": 18, "CONTROL": 19, "AVATARS": 20, "OPEN": 21, "CLOSE": 22, "STATE": 23, "MAKE": 24, "FORGET": 25, "OK": 32, "ERROR": 33};
export const CODEC = {"EMPTY": 0, "FLOAT32": 1, "JSON": 2, "RGBA": 3, "JPEG": 4, "PCM_S16": 5, "FILE": 6};
export const FLAG = {"ROWS_FROM_TOP": 1, "LAST": 2};
export const NAMES = [
  "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
  "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
  "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel",
  "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
  "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
  "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
  "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft",
  "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
  "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut", "headYaw", "headPitch", "headRoll",
  "leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll", "headX", "headY",
  "headZ",
];
export const EMOTIONS = [
  "happy", "sad", "angry", "surprised", "fearful", "disgusted", "contemptuous",
];
// What models call each of the first 52 of NAMES: ARKit, Live Link, with _L and _R.
export const ALIASES = [
  ["eyeBlinkLeft", "EyeBlinkLeft", "eyeBlink_L"],
  ["eyeLookDownLeft", "EyeLookDownLeft", "eyeLookDown_L"],
  ["eyeLookInLeft", "EyeLookInLeft", "eyeLookIn_L"],
  ["eyeLookOutLeft", "EyeLookOutLeft", "eyeLookOut_L"],
  ["eyeLookUpLeft", "EyeLookUpLeft", "eyeLookUp_L"],
  ["eyeSquintLeft", "EyeSquintLeft", "eyeSquint_L"],
  ["eyeWideLeft", "EyeWideLeft", "eyeWide_L"],
  ["eyeBlinkRight", "EyeBlinkRight", "eyeBlink_R"],
  ["eyeLookDownRight", "EyeLookDownRight", "eyeLookDown_R"],
  ["eyeLookInRight", "EyeLookInRight", "eyeLookIn_R"],
  ["eyeLookOutRight", "EyeLookOutRight", "eyeLookOut_R"],
  ["eyeLookUpRight", "EyeLookUpRight", "eyeLookUp_R"],
  ["eyeSquintRight", "EyeSquintRight", "eyeSquint_R"],
  ["eyeWideRight", "EyeWideRight", "eyeWide_R"],
  ["jawForward", "JawForward"],
  ["jawLeft", "JawLeft"],
  ["jawRight", "JawRight"],
  ["jawOpen", "JawOpen"],
  ["mouthClose", "MouthClose"],
  ["mouthFunnel", "MouthFunnel"],
  ["mouthPucker", "MouthPucker"],
  ["mouthLeft", "MouthLeft"],
  ["mouthRight", "MouthRight"],
  ["mouthSmileLeft", "MouthSmileLeft", "mouthSmile_L"],
  ["mouthSmileRight", "MouthSmileRight", "mouthSmile_R"],
  ["mouthFrownLeft", "MouthFrownLeft", "mouthFrown_L"],
  ["mouthFrownRight", "MouthFrownRight", "mouthFrown_R"],
  ["mouthDimpleLeft", "MouthDimpleLeft", "mouthDimple_L"],
  ["mouthDimpleRight", "MouthDimpleRight", "mouthDimple_R"],
  ["mouthStretchLeft", "MouthStretchLeft", "mouthStretch_L"],
  ["mouthStretchRight", "MouthStretchRight", "mouthStretch_R"],
  ["mouthRollLower", "MouthRollLower"],
  ["mouthRollUpper", "MouthRollUpper"],
  ["mouthShrugLower", "MouthShrugLower"],
  ["mouthShrugUpper", "MouthShrugUpper"],
  ["mouthPressLeft", "MouthPressLeft", "mouthPress_L"],
  ["mouthPressRight", "MouthPressRight", "mouthPress_R"],
  ["mouthLowerDownLeft", "MouthLowerDownLeft", "mouthLowerDown_L"],
  ["mouthLowerDownRight", "MouthLowerDownRight", "mouthLowerDown_R"],
  ["mouthUpperUpLeft", "MouthUpperUpLeft", "mouthUpperUp_L"],
  ["mouthUpperUpRight", "MouthUpperUpRight", "mouthUpperUp_R"],
  ["browDownLeft", "BrowDownLeft", "browDown_L"],
  ["browDownRight", "BrowDownRight", "browDown_R"],
  ["browInnerUp", "BrowInnerUp"],
  ["browOuterUpLeft", "BrowOuterUpLeft", "browOuterUp_L"],
  ["browOuterUpRight", "BrowOuterUpRight", "browOuterUp_R"],
  ["cheekPuff", "CheekPuff"],
  ["cheekSquintLeft", "CheekSquintLeft", "cheekSquint_L"],
  ["cheekSquintRight", "CheekSquintRight", "cheekSquint_R"],
  ["noseSneerLeft", "NoseSneerLeft", "noseSneer_L"],
  ["noseSneerRight", "NoseSneerRight", "noseSneer_R"],
  ["tongueOut", "TongueOut"],
];
