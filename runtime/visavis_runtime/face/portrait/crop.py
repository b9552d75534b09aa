"""Takes a picture and its landmarks, gives the square that will be animated, with a border round it.

The face's height is two fifths of the square, a little above its middle, as far as the picture allows: a face near an
edge of the picture is shown larger rather than in a corner of the square. The border holds
what the picture has beyond the square and a mirrored copy beyond the picture's own edge; `border` makes more of it
where that edge cuts the head.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.face.rig.mesh import margin_px

FINE_PX = 768
"""Pixels of the picture's side in the texture, where the source has them: the first movement must not blur."""
FINEST = 1.5
"""Most texture px per picture px: more would alias when the picture is sampled at rest."""
FACE_SHARE = 0.4
"""Height of the face (hairline to chin) in the square."""
ABOVE_SHARE = 0.47
"""Where the middle of the face lies, from the top of the square."""
NEAREST_SHARE, MOST_SHARE = 0.33, 0.55
"""How near an edge of the square the middle of the face may come before it is shown larger, and its largest height."""
SOFT = 2.0
"""A face that is enlarged more than this looks soft."""


class Crop(NamedTuple):
    """The square and its border.

    bordered [M, M, 3] uint8 with M = size + 2 margin. points [478, 3] float32 landmarks in px of the square (without
    the border). matrix [2, 3]: px of the square to px of the source. fine [M', M', 3] uint8: `bordered` again, finer
    where the source has more pixels. mirrored_above: px at the top of `bordered` that lie beyond the picture's edge.
    """

    bordered: npt.NDArray[np.uint8]
    points: npt.NDArray[np.float32]
    matrix: npt.NDArray[np.float64]
    size: int
    margin: int
    fine: npt.NDArray[np.uint8]
    mirrored_above: float

    @property
    def texture_scale(self) -> float:
        """Pixels of `fine` per pixel of `bordered`, 1 or more."""
        return float(self.fine.shape[0] / self.bordered.shape[0])

    @property
    def square(self) -> npt.NDArray[np.uint8]:
        """The picture without its border, [size, size, 3] uint8."""
        inner = slice(self.margin, self.margin + self.size)
        return np.ascontiguousarray(self.bordered[inner, inner])


def crop_face(rgb: npt.NDArray[np.uint8], *, points: npt.NDArray[np.floating], size: int) -> Crop:
    """Cut the square round a face and scale it to `size` px.

    Args:
        rgb: [H, W, 3] uint8, the whole picture.
        points: [478, 3] landmarks in its px.
        size: side of the square in px.
    """
    height, width = rgb.shape[:2]
    face = points[:FACE_POINTS, :2].astype(np.float64)
    centre = (face.max(axis=0) + face.min(axis=0)) / 2
    long = float(np.linalg.norm(face[10] - face[152]))
    nearest = float(min(*centre, width - centre[0], height - centre[1]))
    side = min(height, width, long / FACE_SHARE, max(nearest / NEAREST_SHARE, long / MOST_SHARE))
    left = float(np.clip(centre[0] - side / 2, 0, width - side))
    top = float(np.clip(centre[1] - side * ABOVE_SHARE, 0, height - side))
    scale = side / size
    # Pixel centres are integers on both sides, so half a pixel shifts with the scale.
    matrix = np.array([[scale, 0, left + (scale - 1) / 2], [0, scale, top + (scale - 1) / 2]])
    moved = points.astype(np.float64).copy()
    moved[:, :2] = (points[:, :2] - matrix[:, 2]) / scale
    moved[:, 2] /= scale
    margin = margin_px(size)
    bordered = warp_square(rgb, matrix=matrix, side=size + 2 * margin, margin=margin)
    fine_side = round(bordered.shape[0] * float(np.clip(min(FINE_PX, side) / size, 1, FINEST)))
    fine = bordered
    if fine_side > bordered.shape[0]:
        fine = warp_square(rgb, matrix=matrix, side=fine_side, margin=margin, px_per_px=bordered.shape[0] / fine_side)
    return Crop(
        bordered=bordered,
        points=moved.astype(np.float32),
        matrix=matrix,
        size=size,
        margin=margin,
        fine=fine,
        mirrored_above=max(0.0, margin - top / scale),
    )


def looks_soft(crop: Crop) -> tuple[str, ...]:
    """A warning about a face that is small in its picture, as a sentence; none if it is large enough."""
    enlarged = 1 / float(crop.matrix[0, 0])
    if enlarged <= SOFT:
        return ()
    return (
        f"The face is shown {enlarged:.1f} times as large as it is in the picture and looks soft: a larger one, or a "
        "smaller size of the avatar, looks sharper.",
    )


def warp_square(
    picture: npt.NDArray[np.uint8],
    *,
    matrix: npt.NDArray[np.float64],
    side: int,
    margin: int,
    px_per_px: float = 1.0,
) -> npt.NDArray[np.uint8]:
    """The square of a picture, with its border, by the matrix of a `Crop`; any number of channels.

    Args:
        picture: [H, W] or [H, W, C] uint8.
        matrix: px of the square to px of the picture.
        side: of the result in px.
        margin: border of the square in its own px.
        px_per_px: px of the square per px of the result.
    """
    scale = float(matrix[0, 0]) * px_per_px
    bordered = np.array([[scale, 0, 0], [0, scale, 0]])
    bordered[:, 2] = matrix[:, 2] + float(matrix[0, 0]) * ((px_per_px - 1) / 2 - margin)
    source = cv2.GaussianBlur(picture, (0, 0), 0.45 * scale) if scale > 1.2 else picture
    exact = scale == 1.0 and not (bordered[:, 2] % 1.0).any()
    out = cv2.warpAffine(
        source,
        bordered,
        (side, side),
        flags=(cv2.INTER_NEAREST if exact else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(out, np.uint8)
