"""Takes motion latents, gives the OSC packets of the VMC protocol, which VSeeFace, Warudo and many engines read.

Per frame: OK and the time; the bones Head, LeftEye, RightEye as rotations; the clips of perfect sync (ARKit names) and
the VRM 0 presets; Apply alone in the last packet. No packet is larger than one Ethernet frame carries, since a lost
fragment would lose the whole. Rotations are Unity's: left-handed, +x to the right of a face that looks along +z. What
it does not do: bones' places, which only the avatar knows (0 is sent), and VRM 1 names, which apps derive.

Source: sh-akira/VirtualMotionCaptureProtocol.
"""

from __future__ import annotations

import math
from enum import Enum

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis.frames import MotionFrame
from visavis.latents import INDEX, SAMPLE_RATE_HZ
from visavis_bridge.names import SHAPES
from visavis_bridge.osc import bundles, message
from visavis_bridge.udp import UdpSender
from visavis_bridge.vrm import PRESETS, preset_weights

PORT = 39539
MOST_BYTES = 1400
"""Of a packet: an Ethernet frame less IP, UDP and what a tunnel may add."""
_BONES = (("Head", INDEX["headYaw"]), ("LeftEye", INDEX["leftEyeYaw"]), ("RightEye", INDEX["rightEyeYaw"]))
_VALUE = "/VMC/Ext/Blend/Val"


class Clips(str, Enum):
    """Which clips are sent. An avatar that has both would move its mouth twice with ALL: choose ARKIT for it."""

    ALL = "all"
    ARKIT = "arkit"
    PRESETS = "presets"


def packets(latents: npt.ArrayLike, *, sample: int, clips: Clips = Clips.ALL) -> list[bytes]:
    """The packets of one frame, in order: latents [64], the talk's clock in samples at 16 kHz."""
    values = np.asarray(latents, np.float64).tolist()
    messages = [message("/VMC/Ext/OK", 1), message("/VMC/Ext/T", sample / SAMPLE_RATE_HZ)]
    messages += [
        message("/VMC/Ext/Bone/Pos", bone, 0.0, 0.0, 0.0, *unity_rotation(*values[at : at + 3])) for bone, at in _BONES
    ]
    if clips is not Clips.PRESETS:
        messages += [
            message(_VALUE, names.vrm, min(max(value, 0.0), 1.0))
            for names, value in zip(SHAPES, values, strict=False)
        ]  # fmt: skip
    if clips is not Clips.ARKIT:
        messages += [
            message(_VALUE, name, weight) for name, weight in zip(PRESETS, preset_weights(values), strict=True)
        ]
    apply = message("/VMC/Ext/Blend/Apply")
    return [*bundles(messages, most_bytes=MOST_BYTES), *bundles([apply], most_bytes=MOST_BYTES)]


def unity_rotation(yaw_rad: float, pitch_rad: float, roll_rad: float) -> tuple[float, float, float, float]:
    """Quaternion x, y, z, w: yaw about +y, -pitch about +x, roll about +z in the axes of the latents; x mirrored."""
    cy, sy = math.cos(yaw_rad / 2), math.sin(yaw_rad / 2)
    cp, sp = math.cos(-pitch_rad / 2), math.sin(-pitch_rad / 2)
    cr, sr = math.cos(roll_rad / 2), math.sin(roll_rad / 2)
    x, y = cy * sp * cr + sy * cp * sr, sy * cp * cr - cy * sp * sr
    z, w = cy * cp * sr - sy * sp * cr, cy * cp * cr + sy * sp * sr
    return x, -y, -z, w


def vmc_sender(address: str, *, clips: str = Clips.ALL.value) -> UdpSender:
    """Sends one face to HOST[:39539]; `clips` is "all", "arkit" or "presets". Raises InputError ADDRESS, CLIPS."""
    if clips not in {kind.value for kind in Clips}:
        raise InputError(f"The clips {clips!r} are not known: use all, arkit or presets.", reason="CLIPS")
    kind = Clips(clips)

    def pack(_: str, frame: MotionFrame) -> list[bytes]:
        return packets(frame.latents, sample=frame.sample, clips=kind)

    return UdpSender(address, port=PORT, pack=pack, one_face=True)
