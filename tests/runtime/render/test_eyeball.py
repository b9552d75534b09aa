"""The parts of an eye make the photo again; an eye that looks away leaves nothing of its iris behind."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.eyeball import blur_px
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID, EyeLayer, build_eye
from visavis_runtime.face.layers.opening import Opening, opening_between
from visavis_runtime.render.eyeball import ball_colour, ball_of_photo, edge_cover, lid_shadow, trace_kept

F32 = npt.NDArray[np.float32]
SKIN, WHITE, IRIS = (205, 165, 145), (215, 205, 200), (60, 45, 30)
CENTRE, RADIUS = (64.0, 62.0), 9.5


def _eye(*, blur: float = 0.0) -> tuple[EyeLayer, F32, Opening]:
    """An eye with a dark iris that reaches both lids, its photo and opening in px of its patch."""
    x = np.linspace(40, 88, 9)
    arc = 10 * (1 - ((x - 64) / 24) ** 2)
    points = np.zeros((478, 2), np.float32)
    points[list(UPPER_LID["left"])] = np.stack([x, 64 - arc], axis=1)
    points[list(LOWER_LID["left"])] = np.stack([x, 64 + 0.7 * arc], axis=1)
    points[473] = CENTRE
    points[[474, 475, 476, 477]] = [(73.5, 62), (64, 52.5), (54.5, 62), (64, 71.5)]
    upper, lower = points[list(UPPER_LID["left"])], points[list(LOWER_LID["left"])]
    cover = opening_between(upper, lower, origin=(0, 0), shape=(128, 128)).coverage[..., None]
    gy, gx = np.mgrid[:128, :128]
    iris = np.clip(RADIUS - np.hypot(gx - CENTRE[0], gy - CENTRE[1]), 0, 1)[..., None]
    picture = np.array(SKIN) * (1 - cover) + (np.array(WHITE) * (1 - iris) + np.array(IRIS) * iris) * cover
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    layer = build_eye(picture.round().astype(np.uint8), points=points, side="left")
    left, top = (int(v) for v in layer.origin)
    side = layer.sclera.shape[0]
    photo = picture[top : top + side, left : left + side].astype(np.float32)
    return layer, photo, opening_between(upper, lower, origin=(left, top), shape=(side, side))


def _drawn(layer: EyeLayer, photo: F32, rest: Opening, *, slide: int) -> F32:
    """The eye with its iris `slide` px further to the right."""
    parts = ball_of_photo(layer, photo, rest)
    colour: F32 = ball_colour(
        parts.ball,
        iris=np.roll(parts.iris, slide, axis=1),
        glint=layer.glint.astype(np.float32),
        edge=parts.edge,
        trace=parts.trace,
        kept=trace_kept(float(slide**2), layer.width_px, wide=0.0),
        shadow=lid_shadow(rest.below_upper, layer.width_px),
    )
    return colour


def test_at_rest_it_is_the_photo() -> None:
    for blur in (0.0, 2.0):
        layer, photo, rest = _eye(blur=blur)
        away = np.abs(_drawn(layer, photo, rest, slide=0) - photo)[rest.coverage > 0.99]
        assert away.max() < 1.5


def test_an_iris_that_leaves_shows_white_and_no_crescent() -> None:
    layer, photo, rest = _eye()
    seen = _drawn(layer, photo, rest, slide=9)
    y, x = (round(float(v)) for v in (CENTRE[1] - layer.origin[1], CENTRE[0] - layer.origin[0]))
    left = seen[y - 1 : y + 4, x - 8 : x - 5].mean(axis=(0, 1))
    assert np.abs(left - WHITE).max() < 45, "white where the iris was"
    inner = (np.minimum(rest.below_upper, rest.above_lower) > 3) & (np.abs(rest.along) < 0.7)
    assert seen[inner].max() < max(WHITE) + 12, "nothing brighter than the white"


def test_a_trace_is_kept_smoothly() -> None:
    ways = np.linspace(0, 6, 200)
    kept = np.array([trace_kept(float(way**2), 48.0, wide=0.0) for way in ways])
    assert kept[0] == 1
    assert kept[-1] < 0.01
    assert np.diff(kept).max() <= 0
    assert 1 - kept[1] < kept[1] - kept[2], "it does not begin with a step"


def test_blurred_pictures_have_wide_edges() -> None:
    sharp, soft = (blur_px(_eye(blur=blur)[1]) for blur in (0.0, 2.5))
    assert sharp < 2
    assert soft > 2 * sharp
    rest = _eye()[2]
    assert edge_cover(rest, 4.0).sum() > edge_cover(rest, 1.5).sum()


def test_what_the_lid_hid_is_not_told_by_the_trace_of_the_photo() -> None:
    kept = [float(trace_kept(0.0, 48.0, wide=wide)) for wide in (0.0, 0.01, 0.02, 0.5, 1.0)]
    assert kept[0] == 1
    assert 1 - kept[1] < kept[1] - kept[2], "it does not begin with a step"
    assert kept[3] < 0.2
    assert kept[4] < 0.01
