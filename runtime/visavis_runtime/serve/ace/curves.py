"""Takes motion latents, gives the 52 weights of an ACE frame and its joints: head and eyes.

The face parameters of Audio2Face are done to the finished curves (the strength of the lower face is done before, in the
motion, where closures are kept): gains on the upper face, the lids and the tongue, open or shut lids and lips at rest,
and a causal smoothing of either half, a low pass with the given time constant (not of blinks and looks). Over the last
frames of a clip the mouth eases shut and the smoothing ends, so that the last one is shut whatever the voice did.
Multipliers, offsets and the clamp come last, exactly as the contract has them. State is a value. What it does not do:
no masks between the halves of the face, since these are curves, not a skin.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES
from visavis_runtime.serve.ace.header import Blend
from visavis_runtime.serve.ace.limits import FPS

Rows = npt.NDArray[np.float32]


def _columns(*starts: str) -> npt.NDArray[np.intp]:
    return np.array([i for i, name in enumerate(ARKIT_NAMES) if name.startswith(starts)])


_UPPER = _columns("brow", "eyeSquint", "eyeWide", "cheekSquint", "noseSneer")
_LOWER = _columns("jaw", "mouth", "cheekPuff", "tongue")
_BLINK = _columns("eyeBlink")
_WIDE = _columns("eyeWide")
_TONGUE = _columns("tongue")
_OPENING = _columns("jawOpen", "mouthClose", "mouthFunnel", "mouthLowerDown", "mouthUpperUp", "tongue")
"""What parts the lips, and `mouthClose`, which only takes back what `jawOpen` does; smiles and frowns stay."""
_CLOSING_FRAMES = 3
_LIPS_APART = _columns("mouthLowerDown", "mouthUpperUp")
_HEAD, _SHIFT = slice(52, 55), slice(61, 64)
_EYES = (slice(55, 58), slice(58, 61))


def shape_curves(
    latents: Rows, face: Mapping[str, float], *, state: Rows | None, to_end: int | None
) -> tuple[Rows, Rows]:
    """Frames [k >= 1, 64] -> weights [k, 52] float32 0..1, and the next state [52].

    `to_end`: frames of the clip that follow the first of these; None: not known, so more than a few.
    """
    rows = np.clip(latents[:, : len(ARKIT_NAMES)], 0.0, 1.0).astype(np.float32)
    rows[:, _UPPER] *= face["upperFaceStrength"] * face["skinStrength"]
    rows[:, _TONGUE] *= face["tongueStrength"]
    lids = rows[:, _BLINK] * face["blinkStrength"] + face["blinkOffset"]
    opened = face["eyelidOpenOffset"]
    rows[:, _WIDE] += max(0.0, opened) * (1.0 - np.clip(lids, 0.0, 1.0).max(axis=1, keepdims=True))
    rows[:, _BLINK] = lids - min(0.0, opened)
    left = np.full(rows.shape[0], np.inf) if to_end is None else to_end - np.arange(rows.shape[0])
    open_share = np.clip(left / _CLOSING_FRAMES, 0.0, 1.0).astype(np.float32)[:, None]
    rows[:, _OPENING] *= open_share * open_share * (3.0 - 2.0 * open_share)
    rows[:, _LIPS_APART] += face["lipOpenOffset"]
    rows = np.clip(rows, 0.0, 1.0)
    keep = np.zeros(len(ARKIT_NAMES), np.float32)
    keep[_UPPER], keep[_LOWER] = _share_kept(face["upperFaceSmoothing"]), _share_kept(face["lowerFaceSmoothing"])
    before = rows[0] if state is None else state
    for row, share in zip(rows, open_share, strict=True):
        row += (before - row) * keep * share
        before = row
    return rows, before.copy()


def blend_weights(rows: Rows, blend: Blend) -> Rows:
    """Weights [k, 52] as they are sent: `w * multiplier + offset` in float32, finite whatever was asked for."""
    with np.errstate(over="ignore"):
        blended: Rows = rows * blend.multipliers + blend.offsets
    most = np.float32(1.0) if blend.clamp else np.finfo(np.float32).max
    return np.clip(blended, np.float32(0.0) if blend.clamp else -most, most)


def joint_rotations(latent: Rows) -> tuple[tuple[float, float, float, float], ...]:
    """A latent [64] -> unit quaternions (real, i, j, k) of head, left eye, right eye.

    Right-handed axes: x to the subject's left, y up, z towards the viewer. A quaternion takes vectors at rest to
    vectors now: first roll about z, then pitch about x (up is positive in the latent, which is a negative turn about
    x), then yaw about y. Eyes turn relative to the head.
    """
    return tuple(_quaternion(*latent[at].tolist()) for at in (_HEAD, *_EYES))


def head_translation(latent: Rows) -> tuple[float, float, float]:
    """x, y, z of the head in head widths, in the same axes."""
    x, y, z = latent[_SHIFT].tolist()
    return x, y, z


def _share_kept(time_constant_s: float) -> float:
    return float(np.exp(-1.0 / (FPS * time_constant_s))) if time_constant_s > 0.0 else 0.0


def _quaternion(yaw_rad: float, pitch_rad: float, roll_rad: float) -> tuple[float, float, float, float]:
    half = 0.5 * np.array([yaw_rad, -pitch_rad, roll_rad])
    (cy, cx, cz), (sy, sx, sz) = np.cos(half).tolist(), np.sin(half).tolist()
    return (
        cy * cx * cz + sy * sx * sz,
        cy * sx * cz + sy * cx * sz,
        sy * cx * cz - cy * sx * sz,
        cy * cx * sz - sy * sx * cz,
    )
