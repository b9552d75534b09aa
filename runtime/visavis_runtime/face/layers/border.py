"""Takes a crop and its matte, gives both with a border that goes on where the picture's edge cuts the person.

Beyond the picture's own edge the crop mirrors it. Hair is good hair when mirrored, but its outline turns back: a head
that is cut above the forehead would widen again like a pair of ears as soon as it nods. So the mirrored rows are
stretched until the outline is the point reflection of what is inside: it goes on in its own direction, without a kink.
Only the upper edge is treated: at the sides and below, a mirror image serves the little that moves. It invents nothing.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from visavis_runtime.face.portrait.crop import Crop

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

PERSON = 0.5
"""Matte inside the outline."""
LEAST_SHARE = 0.02
"""Shortest piece of an edge that counts as cutting the person, as a share of the side."""
GAP_SHARE = 0.08
"""Gap between pieces below which they are one, as a share of the side."""
STEEPEST = 2.0
"""Px that the outline may move along the edge per px away from it; more is another part of the person."""
SMOOTH_PX = 4.0
"""Blur of the outline along itself for a side of 704 px: single strands are not followed."""


def continue_border(crop: Crop, *, matte: F32) -> tuple[Crop, F32]:
    """The crop and its matte [M, M], 0..1, with the head continued beyond the picture's upper edge."""
    edge = crop.mirrored_above
    outline = outline_at(matte, edge=edge) if edge >= 1 else None
    if outline is None:
        return crop, matte
    matte, bordered, fine = (
        _continued(layer, outline, edge, len(matte)) for layer in (matte, crop.bordered, crop.fine)
    )
    return crop._replace(bordered=bordered, fine=bordered if crop.fine is crop.bordered else fine), matte


def outline_at(matte: F32, *, edge: float) -> F32 | None:
    """Where the person's outline meets an edge that lies `edge` px below the top, and how it goes on inside.

    Returns:
        [n, 2 k] px along the edge: ends of each of k pieces, on the first row inside and those below it; None if the
        edge cuts nothing of the person.
    """
    first, size = int(np.ceil(edge)), len(matte)
    rows = matte[first : first + int(np.ceil(edge)) + 1] > PERSON
    pieces = [run for run in _runs(rows[0]) if run[1] - run[0] >= LEAST_SHARE * size] if len(rows) > 1 else []
    if not pieces:
        return None
    # What the matte misses within a head is no gap.
    close = [k for k in range(1, len(pieces)) if pieces[k][0] - pieces[k - 1][1] < GAP_SHARE * size]
    for k in reversed(close):
        pieces[k - 1 : k + 1] = [np.array([pieces[k - 1][0], pieces[k][1]])]
    ends = np.empty((len(rows), len(pieces), 2), np.float32)
    ends[0] = pieces
    for k in range(1, len(rows)):
        runs = _runs(rows[k])
        for piece in range(len(pieces)):
            start, stop = ends[k - 1, piece]
            met = runs[(runs[:, 0] <= stop) & (runs[:, 1] >= start)]
            wanted = (met[0, 0], met[-1, 1]) if len(met) else (start, stop)
            ends[k, piece] = np.clip(wanted, ends[k - 1, piece] - STEEPEST, ends[k - 1, piece] + STEEPEST)
    flat = ends.reshape(len(rows), -1)
    soft = gaussian_filter1d(flat, SMOOTH_PX * size / 704, axis=0, mode="nearest")
    # Ends at the corners of the picture stay there.
    corner = (flat[0] <= 1) | (flat[0] >= size - 2)
    return np.where(corner, flat[:1], soft + (flat[0] - soft[0])).astype(np.float32)


def _runs(row: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """First and last place of every run of True, [k, 2]."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return np.asarray(steps.reshape(-1, 2) - [0, 1], np.int64)


def _continued(layer: npt.NDArray[Any], outline: F32, edge: float, size: int) -> npt.NDArray[Any]:
    """A layer of the square (of any resolution) whose rows above the edge are drawn anew."""
    scale = layer.shape[0] / size
    count = int(np.floor(edge * scale))
    across = (np.arange(layer.shape[1]) + 0.5) / scale - 0.5
    away = edge - (np.arange(count) + 0.5) / scale  # px of the square beyond the edge
    map_x = np.empty((count, layer.shape[1]), np.float32)
    for k in range(count):
        row = min(round(float(away[k])), len(outline) - 1)
        wanted = np.concatenate([[-1], 2 * outline[0] - outline[row], [size]])
        seen = np.concatenate([[-1], outline[row], [size]])
        map_x[k] = np.interp(across, np.maximum.accumulate(wanted + 1e-3 * np.arange(len(wanted))), seen)
    map_y = np.broadcast_to((edge + away)[:, None], map_x.shape)
    drawn = cv2.remap(
        np.ascontiguousarray(layer),
        np.asarray((map_x + 0.5) * scale - 0.5, np.float32),
        np.asarray((map_y * scale) - 0.5, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.concatenate([drawn, layer[count:]])
