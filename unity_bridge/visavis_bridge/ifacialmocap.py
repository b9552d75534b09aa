"""Takes motion latents, gives the text of the iFacialMocap phone app, which VTube-like apps and VRCFaceTracking read.

One ASCII datagram per frame: `name-weight|` for each shape with whole weights 0..100, then `=head#` with rotations x,
y, z in degrees and the place in metres, `rightEye#` and `leftEye#` with rotations. x > 0 looks down, y > 0 turns to the
subject's left, z > 0 tips to its right shoulder, with y outermost. We are the phone and send unasked; receivers take
that. What it does not do: listen for a receiver's request, and version 2 of the format.

Sources: ifacialmocap.com/for-developer; recorded packets of the app, whose eyes give the signs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.frames import MotionFrame
from visavis.latents import INDEX
from visavis_bridge.names import SHAPES
from visavis_bridge.udp import UdpSender

PORT = 49983
HEAD_WIDTH_M = 0.15
_HEAD, _LEFT_EYE, _RIGHT_EYE, _PLACE = (INDEX[n] for n in ("headYaw", "leftEyeYaw", "rightEyeYaw", "headX"))


def packets(latents: npt.ArrayLike) -> list[bytes]:
    """The one packet of a frame: latents [64]."""
    values = np.asarray(latents, np.float64)
    weights = np.rint(100 * np.clip(values[: len(SHAPES)], 0, 1)).astype(int).tolist()
    shapes = "".join(f"{names.ifacialmocap}-{weight}|" for names, weight in zip(SHAPES, weights, strict=True))
    head = _numbers(*_turn(values, at=_HEAD), *(HEAD_WIDTH_M * values[_PLACE : _PLACE + 3]))
    right, left = (_numbers(*_turn(values, at=at)) for at in (_RIGHT_EYE, _LEFT_EYE))
    return [f"{shapes}=head#{head}|rightEye#{right}|leftEye#{left}|".encode("ascii")]


def _turn(values: npt.NDArray[np.float64], *, at: int) -> npt.NDArray[np.float64]:
    yaw, pitch, roll = np.degrees(values[at : at + 3])
    return np.array([-pitch, yaw, roll])


def _numbers(*values: float) -> str:
    # "+ 0.0" turns a negative zero into a plain one.
    return ",".join(f"{round(float(value), 4) + 0.0:.4f}" for value in values)


def _pack(_: str, frame: MotionFrame) -> list[bytes]:
    return packets(frame.latents)


def ifacialmocap_sender(address: str) -> UdpSender:
    """Sends one face to HOST[:49983]. Raises InputError ADDRESS."""
    return UdpSender(address, port=PORT, pack=_pack, one_face=True)
