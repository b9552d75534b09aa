"""Takes the sheet at rest, gives how much each of its vertices goes along with the head, and what the head turns about.

Head-frame positions `relief` [V, 3] cm, picture positions `uv` [V, 2] px of a crop of `size` px with a border of
`margin` px.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.portrait.canonical import LANDMARKS

F64 = npt.NDArray[np.float64]

BODY_SHARE = 0.6
"""Share of the head's shifts that the trunk makes; a lean moves the head more."""


def head_weight_of(relief: F64, *, uv: F64, size: int, margin: int) -> F64:
    """How far each vertex follows the head: 1 above the chin, 0 at shoulders, far sides and the border."""
    chin = relief[152, 1] + 0.3
    height = np.linalg.norm(relief[10] - relief[152])
    width = np.linalg.norm(relief[234] - relief[454])
    neck = 1 - _smooth((chin - relief[:, 1]) / (height * 0.56))
    # Above the chin hair goes along far out; below it only the neck does, so that the shoulders stay still.
    below = _smooth((chin - relief[:, 1]) / (height * 0.4))
    free, fall = width * (1.05 - 0.55 * below), width * (0.6 + 0.1 * below)
    sides = 1 - _smooth((np.abs(relief[:, 0] - relief[1, 0]) - free) / fall)
    beyond = np.maximum(np.maximum(-uv, uv - (size - 1)).max(axis=1), 0) / margin
    weight: F64 = neck * sides * (1 - _smooth(beyond))
    weight[:LANDMARKS] = np.where(beyond[:LANDMARKS] > 0, weight[:LANDMARKS], 1.0)
    return weight


def body_weight_of(relief: F64, *, uv: F64, size: int, margin: int, head_weight: F64) -> F64:
    """How much each vertex of the trunk follows the head's shifts: breath lifts both; the border stays where it is."""
    height = np.linalg.norm(relief[10] - relief[152])
    below = _smooth((relief[152, 1] - relief[:, 1]) / (height * 0.6))
    beyond = np.maximum(np.maximum(-uv, uv - (size - 1)).max(axis=1), 0) / margin
    return np.asarray(BODY_SHARE * below * (1 - _smooth(beyond)) * (1 - head_weight))


def pivot_of(head: F64) -> F64:
    """Where the skull sits on the neck: behind and below the ears."""
    middle = (head[234] + head[454]) / 2
    return np.array([middle[0], middle[1] - 3.5, min(head[234, 2], head[454, 2]) - 1.9])


def _smooth(x: npt.NDArray[np.floating]) -> F64:
    t = np.clip(x, 0.0, 1.0).astype(np.float64)
    result: F64 = t * t * (3 - 2 * t)
    return result
