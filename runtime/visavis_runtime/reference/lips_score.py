"""Takes ARKit curves, gives the mouth that the rig draws with them, and scores it against measured lips.

`aperture_and_width` reads gap and width off the shapes of the mean head, in the unit of `reference.lips` (distances
between the outer eye corners) and against the shut mouth at rest, so that what a person and a drawing do can be
compared. `score_lips` compares at lag zero and keeps slow trends apart: sentences of one frame correlate by their frame
alone, only what is left after a moving mean of one second is taken off tells of syllables.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.face.camera import Camera
from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.rig.mesh import build_mesh
from visavis_runtime.face.rig.shapes import solve_shapes
from visavis_runtime.reference.lips import Clip

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

INNER_PAIRS = ((13, 14), (82, 87), (312, 317))
CORNERS = (61, 291)
EYE_CORNERS = (33, 263)
SHUT_SHARE = 0.15
LONGEST_SHORT_S = 0.20
NEAR_S = 0.04
_PX = 256
_PX_PER_CM = 6.2
_PRESSED = ("mouthPressLeft", "mouthPressRight")


class RigLips(NamedTuple):
    """What one unit of each of the 52 shapes adds, in eye-corner distances, each `[52] float64`.

    `gap` of the inner lips, `width` between the corners, `upper` and `lower` height of the inner lips, `chin` height.
    """

    gap: F64
    width: F64
    upper: F64
    lower: F64
    chin: F64


class LipScore(NamedTuple):
    """Means over `clips` clips of the correlation of aperture and width with the measured ones, raw and without the
    one-second trend; `lag_ms` > 0: the output is late; share of short closures hit and of own ones that are false."""

    clips: int
    aperture_r: float
    aperture_r_1s: float
    width_r: float
    width_r_1s: float
    lag_ms: float
    closures: int
    closures_hit: float
    closures_false: float


@cache
def rig_lips() -> RigLips:
    """The lips of the mean head; read-only."""
    eye_cm, shapes = _solved_head()
    above, below = (np.mean([shapes[:, pair[k], 1] for pair in INNER_PAIRS], axis=0) / eye_cm for k in (0, 1))
    gap = above - below
    gap[[INDEX[name] for name in _PRESSED]] = 0.0  # pressing shuts what a picture has parted: not a gap of a shut mouth
    width = (shapes[:, CORNERS[1], 0] - shapes[:, CORNERS[0], 0]) / eye_cm
    lips = RigLips(gap, width, above, below, shapes[:, 152, 1] / eye_cm)
    for part in lips:
        part.flags.writeable = False
    return lips


def aperture_and_width(curves: F32) -> tuple[F32, F32]:
    """Gap of the inner lips (never below 0) and change of the mouth's width, `[t] float32`, of `curves [t, 52]`."""
    lips = rig_lips()
    gap = np.maximum(curves @ lips.gap, 0.0)
    return gap.astype(np.float32), (curves @ lips.width).astype(np.float32)


def score_lips(mouths: Sequence[tuple[F32, F32]], *, clips: Sequence[Clip], late_s: float = 0.0) -> LipScore:
    """Score of drawn mouths (aperture and width `[t]` at 100 Hz, frame i at i / 100 s) against the clips' own.

    `late_s` shows the mouths that much later before they are compared. Pictures that were not seen are left out.
    """
    rows, lags, shut = [], [], []
    for (aperture, width), clip in zip(mouths, clips, strict=True):
        t_s = clip.t_s[clip.seen] - late_s
        own = [np.interp(t_s, np.arange(len(curve)) / 100, curve) for curve in (aperture, width)]
        real = [curve[clip.seen].astype(np.float64) for curve in (clip.aperture, clip.width)]
        rows.append([f for a, b in zip(own, real, strict=True) for f in (_r(a, b), _r(_syllables(a), _syllables(b)))])
        shut.append(_closures(own[0], real[0], t_s=t_s))
        lags.append([_r(np.interp(t_s + k / 100, np.arange(len(aperture)) / 100, aperture), real[0]) for k in _LAGS])
    (hit, real_count), (wrong, own_count) = np.sum(shut, axis=0)
    aperture_r, aperture_r_1s, width_r, width_r_1s = (float(v) for v in np.mean(rows, axis=0))
    return LipScore(
        clips=len(rows),
        aperture_r=aperture_r,
        aperture_r_1s=aperture_r_1s,
        width_r=width_r,
        width_r_1s=width_r_1s,
        lag_ms=10.0 * _LAGS[int(np.mean(lags, axis=0).argmax())],
        closures=int(real_count),
        closures_hit=float(hit / max(real_count, 1)),
        closures_false=float(wrong / max(own_count, 1)),
    )


_LAGS = range(-16, 17)


def _solved_head() -> tuple[float, F64]:
    """Distance of the outer eye corners in cm and the shapes `[52, V, 3]` of the mean head, seen from the front."""
    head = canonical_head()
    middle = np.array([_PX / 2, -_PX / 2, 0], np.float32)
    seen = ((head.points * _PX_PER_CM + middle) * np.array([1, -1, -1])).astype(np.float32)
    camera = Camera(_PX_PER_CM, np.eye(3, dtype=np.float32), middle)
    mesh = build_mesh(seen, camera=camera, size=_PX, face_triangles=head.triangles)
    eye_cm = float(np.linalg.norm(mesh.relief[EYE_CORNERS[0]] - mesh.relief[EYE_CORNERS[1]]))
    return eye_cm, solve_shapes(mesh)[: len(ARKIT_NAMES)].astype(np.float64)


def _syllables(curve: F64) -> F64:
    """The curve at 25 Hz without its moving mean over a second."""
    padded = np.pad(curve, 12, mode="edge")
    return np.asarray(curve - np.convolve(padded, np.full(25, 1 / 25), mode="valid"))


def _r(a: F64, b: F64) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / max(float(np.sqrt((a @ a) * (b @ b))), 1e-12))


def _closures(own: F64, real: F64, *, t_s: F32) -> list[tuple[int, int]]:
    """(real short closures hit, all of them), (own ones that are false, all of them)."""
    shut = [curve < SHUT_SHARE * np.percentile(curve, 95) for curve in (own, real)]
    spans = [_short_spans(flags, t_s=t_s) for flags in shut]
    met = [
        [bool(flags[(t_s >= start - NEAR_S - 1e-3) & (t_s <= end + NEAR_S + 1e-3)].any()) for start, end in found]
        for found, flags in ((spans[1], shut[0]), (spans[0], shut[1]))
    ]
    return [(sum(met[0]), len(met[0])), (len(met[1]) - sum(met[1]), len(met[1]))]


def _short_spans(shut: npt.NDArray[np.bool_], *, t_s: F32) -> list[tuple[float, float]]:
    """First and last time of each short run of True that begins and ends inside the clip."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shut, [False]]).astype(np.int8))).reshape(-1, 2)
    inside = [(int(a), int(b) - 1) for a, b in edges if a > 0 and b < len(shut)]
    return [(float(t_s[a]), float(t_s[b])) for a, b in inside if t_s[b] - t_s[a] <= LONGEST_SHORT_S]
