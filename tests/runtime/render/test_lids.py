"""A lid that comes down: its lashes hang from it, its drawn line is carried on its rim."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers import lid_line
from visavis_runtime.face.layers.lashes import ALONG, AWAY
from visavis_runtime.face.layers.opening import Opening, opening_between
from visavis_runtime.render.lids import INK_GOES, with_lashes, with_lid, with_line

Float = npt.NDArray[np.float32]
SKIN, LASH = np.float32(200), np.float32(30)
MIDDLE, EDGE, WIDTH = 48, 40, 64.0
"""Px of the eye's middle and of the height at which its lids meet, in a window of 96 px."""


def shut() -> Opening:
    line = np.stack([np.linspace(16, 80, 9), np.full(9, EDGE)], axis=1).astype(np.float32)
    return opening_between(line, line, origin=(0, 0), shape=(96, 96))


def light(*, lashes: float = 0.0, blur_px: float = 0.0) -> Float:
    """[96, 96]: how light a shut left eye is, with lashes that cover so much of the skin at the edge."""
    strip = np.repeat(np.linspace(lashes, 0, AWAY, dtype=np.float32)[:, None], ALONG, axis=1)
    scene = SimpleNamespace(
        side="left",
        width_px=WIDTH,
        blur_px=blur_px,
        lash=np.full(3, LASH),
        strip=strip,
    )
    seen = with_lashes(np.full((96, 96, 3), SKIN), scene, shut(), blink=1.0)
    return np.asarray(seen[..., 0], np.float32)


def test_the_old_line_of_an_inked_lid_goes_before_it_is_seen_through_the_lid() -> None:
    under, skin, shade = np.zeros((1, 1, 3), np.float32), np.ones((1, 1, 4), np.float32), np.ones((1, 1), np.float32)
    shown = [float(with_lid(under, skin, shade=shade, blink=0.3, drawn=drawn)[0, 0, 0]) for drawn in (0.0, 1.0)]
    assert shown[0] < 0.55
    assert shown[1] > 0.9


def test_lids_meet_in_a_dark_line_that_is_thickest_at_the_outer_corner() -> None:
    dark = SKIN - light()
    assert dark[:, MIDDLE].max() > 0.75 * (SKIN - LASH)
    inner, outer = (dark[:, MIDDLE + way].sum() for way in (-18, 18))
    assert outer > 1.2 * inner
    assert dark[:, 5].max() < 1, "it ends at the corners"


def test_lashes_hang_down_from_it() -> None:
    bare, long = SKIN - light(), SKIN - light(lashes=0.6)
    above, below = slice(EDGE - 8, EDGE - 1), slice(EDGE + 3, EDGE + 10)
    assert bare[below, MIDDLE].sum() > bare[above, MIDDLE].sum()
    assert long[below, MIDDLE].sum() > 1.5 * bare[below, MIDDLE].sum()


def test_a_blurred_picture_gets_a_blurred_line() -> None:
    sharp, soft = (np.abs(np.diff(light(blur_px=blur_px)[:, MIDDLE])).max() for blur_px in (0.0, 5.0))
    assert soft < 0.5 * sharp


def test_a_drawn_line_goes_down_with_its_lid_as_thick_as_it_is() -> None:
    away = (np.arange(lid_line.AWAY) / (lid_line.AWAY - 1) * (lid_line.UP_WIDTHS + lid_line.DOWN_WIDTHS)) * WIDTH
    below = away - lid_line.UP_WIDTHS * WIDTH
    cover = np.repeat(((below > 0) & (below < 4)).astype(np.float32)[:, None], lid_line.ALONG, axis=1)[..., None]
    scene = SimpleNamespace(width_px=WIDTH, line=np.concatenate([*[cover * LASH] * 3, cover], axis=2))
    for blink, share in ((1.0, 1.0), (INK_GOES / 2, 0.5)):
        seen = with_line(np.full((96, 96, 3), SKIN), scene, shut(), blink=blink)[..., 0]
        dark = (SKIN - seen[:, MIDDLE]) / (SKIN - LASH)
        assert abs(dark.sum() - 4 * share) < 0.4
        assert dark[: EDGE - 1].max() == dark[EDGE + 6 :].max() == 0
