# Written by unity_bridge/bindings/write.py; change that, not this.
# Numbers and names of the wire (WIRE.md).

const MAGIC = "VSVS"
const SPACE = "visavis.face64.v1"
const VERSION = 1
const HEADER_BYTES = 96
const MESSAGE_BYTES = 8388608
const NO_LINE = -1
const SAMPLE_RATE_HZ = 16000
const LOOK_YAW_RAD = 0.5235987755982988
const LOOK_PITCH_RAD = 0.4363323129985824
const KIND_MOTION = 1
const KIND_TEXTURE = 2
const KIND_NAMES = 3
const KIND_EVENT = 4
const KIND_SAY = 16
const KIND_AUDIO = 17
const KIND_INTERRUPT = 18
const KIND_CONTROL = 19
const KIND_AVATARS = 20
const KIND_OPEN = 21
const KIND_CLOSE = 22
const KIND_STATE = 23
const KIND_MAKE = 24
const KIND_FORGET = 25
const KIND_OK = 32
const KIND_ERROR = 33
const CODEC_EMPTY = 0
const CODEC_FLOAT32 = 1
const CODEC_JSON = 2
const CODEC_RGBA = 3
const CODEC_JPEG = 4
const CODEC_PCM_S16 = 5
const CODEC_FILE = 6
const FLAG_ROWS_FROM_TOP = 1
const FLAG_LAST = 2
const NAMES = [
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
]
const EMOTIONS = [
	"happy", "sad", "angry", "surprised", "fearful", "disgusted", "contemptuous",
]
# What models call each of the first 52 of NAMES: ARKit, Live Link, with _L and _R.
const ALIASES = [
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
]
