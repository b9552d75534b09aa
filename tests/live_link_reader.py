"""Reads Live Link Face packets, written from the table of the format: shares no code and no names with the sender."""

from __future__ import annotations

import struct
from typing import NamedTuple

_EYE = "EyeBlink{0} EyeLookDown{0} EyeLookIn{0} EyeLookOut{0} EyeLookUp{0} EyeSquint{0} EyeWide{0}"
CURVES = (
    f"{_EYE.format('Left')} {_EYE.format('Right')} JawForward JawLeft JawRight JawOpen MouthClose MouthFunnel "
    "MouthPucker MouthLeft MouthRight MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight MouthDimpleLeft "
    "MouthDimpleRight MouthStretchLeft MouthStretchRight MouthRollLower MouthRollUpper MouthShrugLower MouthShrugUpper "
    "MouthPressLeft MouthPressRight MouthLowerDownLeft MouthLowerDownRight MouthUpperUpLeft MouthUpperUpRight "
    "BrowDownLeft BrowDownRight BrowInnerUp BrowOuterUpLeft BrowOuterUpRight CheekPuff CheekSquintLeft "
    "CheekSquintRight NoseSneerLeft NoseSneerRight TongueOut HeadYaw HeadPitch HeadRoll LeftEyeYaw LeftEyePitch "
    "LeftEyeRoll RightEyeYaw RightEyePitch RightEyeRoll"
).split()


class Read(NamedTuple):
    device: str
    subject: str
    frame: int
    sub_frame: float
    rate: tuple[int, int]
    values: dict[str, float]


def read_packet(data: bytes) -> Read:
    assert data[0] == 6
    at, words = 1, []
    for _ in range(2):
        (size,) = struct.unpack_from(">i", data, at)
        words.append(data[at + 4 : at + 4 + size].decode("ascii"))
        assert len(words[-1]) == size
        at += 4 + size
    frame, sub_frame, numerator, denominator = struct.unpack_from(">ifii", data, at)
    at += 16
    assert data[at] == len(CURVES) == 61
    values = struct.unpack(">61f", data[at + 1 :])
    return Read(*words, frame, sub_frame, (numerator, denominator), dict(zip(CURVES, values, strict=True)))
