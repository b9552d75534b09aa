"""Lashes are told from skin, eye shadow and bare lids."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.lashes import ALONG, AWAY, lash_strip

Float = npt.NDArray[np.float32]
SIDE = 96
UPPER = np.stack([np.linspace(20, 76, 9), 48 - 10 * np.sin(np.linspace(0, np.pi, 9))], axis=1).astype(np.float32)


def skin() -> Float:
    return np.full((SIDE, SIDE, 3), (200, 160, 140), np.float32)


def with_strokes(strength: float) -> Float:
    picture = skin()
    for x, y in UPPER[1:-1]:
        cv2.line(picture, (int(x), int(y)), (int(x + (x - 48) * 0.15), int(y - 6)), (200 * (1 - strength),) * 3, 1)
    return picture


def test_a_bare_lid_has_none() -> None:
    strip = lash_strip(skin(), skin=skin(), upper=UPPER, origin=(0, 0))
    assert strip.shape == (AWAY, ALONG)
    assert not strip.any()


def test_strokes_above_the_edge_are_lashes_and_stronger_ones_cover_more() -> None:
    weak, strong = (lash_strip(with_strokes(s), skin=skin(), upper=UPPER, origin=(0, 0)) for s in (0.4, 0.9))
    assert 0 < weak.mean() < strong.mean()
    assert strong[:8].mean() > 3 * strong[12:].mean(), "they end before the strip does"
    assert strong.max() > 150


def test_eye_shadow_is_not_a_lash() -> None:
    shadowed = skin()
    shadowed[20:50] *= 0.6
    assert lash_strip(shadowed, skin=skin(), upper=UPPER, origin=(0, 0)).mean() < 8


def test_the_strip_follows_the_patch() -> None:
    here = lash_strip(with_strokes(0.8), skin=skin(), upper=UPPER, origin=(0, 0))
    moved = lash_strip(with_strokes(0.8), skin=skin(), upper=UPPER + np.float32([100, 50]), origin=(100, 50))
    np.testing.assert_array_equal(here, moved)
