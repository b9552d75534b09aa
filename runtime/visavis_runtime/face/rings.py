"""Gives the landmark numbers that the shapes are authored on, by the SUBJECT's side.

The face net's 478 points have fixed numbers; here they are grouped into the rings a sculptor would think in: four rings
round the mouth from the outer lip edge to the inner one, three rings above each eye, the brow, the jaw line. Each ring
of the mouth runs from the subject's right corner to the left one (picture left to right), upper and lower in step.
Left lists are the mirror images of the right ones, in the same order. Only numbers: no positions, no motion.
"""

from __future__ import annotations

from typing import NamedTuple

Ring = tuple[int, ...]

UPPER_RINGS: tuple[Ring, ...] = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
)
"""Upper lip, outer edge first."""
LOWER_RINGS: tuple[Ring, ...] = (
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
"""Lower lip, outer edge first; column by column below `UPPER_RINGS`."""
UPPER_LIP: Ring = tuple(v for ring in UPPER_RINGS for v in ring[1:-1])
LOWER_LIP: Ring = tuple(v for ring in LOWER_RINGS for v in ring[1:-1])
CORNERS_RIGHT: Ring = (61, 76, 62, 78)
CORNERS_LEFT: Ring = (291, 306, 292, 308)
CORNERS: Ring = CORNERS_RIGHT + CORNERS_LEFT
LIPS: Ring = UPPER_LIP + LOWER_LIP + CORNERS

OVAL: Ring = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Outline of the face, clockwise in the picture from the middle of the forehead."""
JAW_LINE: dict[int, float] = {
    152: 1.0, 148: 1.0, 377: 1.0, 176: 0.98, 400: 0.98, 149: 0.94, 378: 0.94, 150: 0.86, 379: 0.86, 136: 0.72,
    365: 0.72, 172: 0.54, 397: 0.54, 58: 0.33, 288: 0.33, 132: 0.14, 361: 0.14,
}  # fmt: skip
"""Jaw line from the chin to below the ears, with how much each point belongs to the jaw bone."""
CHIN: Ring = (18, 200, 199, 175, 201, 421, 208, 428, 83, 313, 171, 396, 140, 369)
"""Front of the chin below the lower lip: all jaw bone."""
NOSE: Ring = (
    6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 48, 278, 64, 294, 168, 8, 9, 10, 151, 122, 351, 45, 275, 220, 440,
)  # fmt: skip
FOREHEAD: Ring = (109, 67, 103, 54, 21, 162, 127, 338, 297, 332, 284, 251, 389, 356, 10)
TEMPLES: Ring = (234, 454, 93, 323)


class Eye(NamedTuple):
    """Points of one eye; `upper`, `lower` and the folds run from the outer to the inner corner, column by column."""

    outer: int
    inner: int
    upper: Ring
    lower: Ring
    crease: Ring
    orbit: Ring
    below: Ring
    iris: int
    iris_ring: Ring
    brow: Ring
    corners: Ring

    @property
    def lid_line(self) -> Ring:
        """The opening of the eye, once round."""
        return (self.outer, *self.upper, self.inner, *reversed(self.lower))


class Cheek(NamedTuple):
    """Points of one side of the face that shapes of the mouth and the eyes carry along."""

    apple: int
    fold_high: int
    fold_low: int
    fold_mid: int
    hollow: int
    under_eye: int
    wing: Ring
    nostril: int
    sneer: Ring


EYES: dict[str, Eye] = {
    "right": Eye(
        33, 133,
        (246, 161, 160, 159, 158, 157, 173), (7, 163, 144, 145, 153, 154, 155),
        (247, 30, 29, 27, 28, 56, 190), (113, 225, 224, 223, 222, 221, 189), (25, 110, 24, 23, 22, 26, 112),
        468, (469, 470, 471, 472), (70, 63, 105, 66, 107, 46, 53, 52, 65, 55), (130, 243),
    ),
    "left": Eye(
        263, 362,
        (466, 388, 387, 386, 385, 384, 398), (249, 390, 373, 374, 380, 381, 382),
        (467, 260, 259, 257, 258, 286, 414), (342, 445, 444, 443, 442, 441, 413), (255, 339, 254, 253, 252, 256, 341),
        473, (474, 475, 476, 477), (300, 293, 334, 296, 336, 276, 283, 282, 295, 285), (359, 463),
    ),
}  # fmt: skip
CHEEKS: dict[str, Cheek] = {
    "right": Cheek(50, 205, 207, 206, 187, 118, (48, 64, 98), 129, (203, 36, 142)),
    "left": Cheek(280, 425, 427, 426, 411, 347, (278, 294, 327), 358, (423, 266, 371)),
}
SIDES: dict[str, float] = {"right": -1.0, "left": 1.0}
"""Sign of x on each of the subject's sides."""
