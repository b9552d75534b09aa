from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.render.gape import gape_of, inner_lips
from visavis_runtime.render.geometry import drive_from_latents, move, skull_px
from visavis_runtime.render.mouth import inner_sides, inside_of
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Row = Callable[..., npt.NDArray[np.float32]]


def opening_px(scene: Scene, row: npt.NDArray[np.float32], *, neutral: float = 1.0) -> float:
    upper, lower = inner_lips(scene.mouth, move(scene.rig, drive_from_latents(row, rig=scene.rig, neutral=neutral)))
    return float((lower - upper)[:, 1].max())


def test_jaw_opens_and_close_undoes_it(scene: Scene, latents: Row) -> None:
    rest = opening_px(scene, latents())
    wide = opening_px(scene, latents(jawOpen=0.5))
    shut = opening_px(scene, latents(jawOpen=0.5, mouthClose=0.5))
    assert wide > rest + 8
    assert abs(shut - rest) < 1.5


def test_the_tongue_lies_in_an_open_mouth_and_rises_for_an_l(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    """Red in the lower half of AA; more of the inside is red when the tip goes up."""
    rows = np.stack([latents(jawOpen=0.5), latents(jawOpen=0.5, tongueOut=0.3)])
    frames = renderer.render([scene] * 2, rows)[..., :3].astype(float)
    px = move(scene.rig, drive_from_latents(rows[0], rig=scene.rig)).px
    top, bottom = px[INNER_UPPER[5]], px[INNER_LOWER[5]]
    red = []
    for frame in frames:
        column = [frame[tuple(np.rint(top + (bottom - top) * t).astype(int)[::-1])] for t in np.linspace(0.3, 0.75, 12)]
        red.append([c[0] - c[1:].mean() for c in column])
    assert np.mean(red[0][-4:]) > np.mean(red[0][:3]) + 10
    assert np.mean(red[1]) > np.mean(red[0]) + 5


def test_a_laugh_rests_on_shut_lips_and_stays_in_the_picture(scene: Scene, latents: Row) -> None:
    assert scene.mouth.photo is not None
    assert scene.mouth.own_teeth
    laugh = opening_px(scene, latents(), neutral=0.0)
    assert laugh > 5
    assert opening_px(scene, latents(), neutral=1.0) < 0.1 * laugh
    assert opening_px(scene, latents(mouthPress=0.18), neutral=0.0) < 0.1 * laugh, "p, b, m shut it all the same"


def test_an_open_mouth_is_dark_but_not_black(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    row = latents(jawOpen=0.8)
    moved = move(scene.rig, drive_from_latents(row, rig=scene.rig))
    frame = renderer.render([scene], row[None])[0]
    low, high = moved.px[INNER_UPPER[5]], moved.px[INNER_LOWER[5]]
    x, y = np.rint(low * 0.52 + high * 0.48).astype(int)  # between the upper teeth and the tongue
    inside = frame[y - 2 : y + 3, x - 4 : x + 5, :3].mean(axis=(0, 1))
    assert 15 < inside.mean() < 110
    assert inside[0] > inside[2]  # reddish


def test_own_teeth_follow_the_skull_as_long_as_the_picture_is_shown(scene: Scene, latents: Row) -> None:
    assert scene.mouth.photo is not None
    turned = [
        skull_px(scene.rig, move(scene.rig, drive_from_latents(row, rig=scene.rig, neutral=0.0)), scene.mouth.middle,
                 offset=scene.mouth.middle_offset)
        for row in (latents(), latents(jawOpen=0.6), latents(headYaw=0.2))
    ]  # fmt: skip
    np.testing.assert_allclose(turned[1], turned[0], atol=1e-3)
    assert np.abs(turned[2] - turned[0]).max() > 3


def test_the_tongue_comes_over_the_lower_lip(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    row = latents(jawOpen=0.4, tongueOut=1)
    lip = move(scene.rig, drive_from_latents(row, rig=scene.rig)).px[17]
    x, y = np.rint(lip).astype(int)
    without = renderer.render([scene], latents(jawOpen=0.4)[None])[0]
    with_tongue = renderer.render([scene], row[None])[0]
    change = np.abs(with_tongue.astype(int) - without)[y - 6 : y, x - 4 : x + 5, :3]
    assert change.mean() > 5


def inside(scene: Scene, row: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """The inside of the mouth [h, w, 3], and where the opening shows it wholly."""
    gape = gape_of(scene.mouth, rig=scene.rig, moved=move(scene.rig, drive_from_latents(row, rig=scene.rig)), size=512)
    assert gape is not None
    return inside_of(gape, None), gape.opening.coverage > 0.99


def test_round_lips_hide_the_teeth(scene: Scene, latents: Row) -> None:
    bright = []
    for row in (latents(jawOpen=0.3), latents(jawOpen=0.3, mouthPucker=0.8)):
        colour, shown = inside(scene, row)
        bright.append(np.percentile(colour[shown].mean(axis=1), 90))
    assert bright[1] < 0.6 * bright[0]


def test_an_open_mouth_shows_the_inner_side_of_the_lower_lip_in_its_own_red(scene: Scene, latents: Row) -> None:
    moved = move(scene.rig, drive_from_latents(latents(jawOpen=0.6), rig=scene.rig))
    gape = gape_of(scene.mouth, rig=scene.rig, moved=moved, size=512)
    assert gape is not None
    shown = gape.opening.coverage > 0.99
    red = np.broadcast_to(np.array([200, 90, 80], np.float32), (*shown.shape, 3))
    colour, cover = inner_sides(red, gape, None)
    column = np.flatnonzero(shown.any(axis=0)).mean().astype(int)
    edge = np.flatnonzero(gape.opening.coverage[:, column] > 0.5).max()
    assert cover[edge, column] > 0.4
    assert cover[edge - 8, column] < 0.05
    there = colour[edge, column] / cover[edge, column]
    np.testing.assert_allclose(there / there.mean(), red[0, 0] / red[0, 0].mean(), atol=1e-4)
    assert 0.5 * red.mean() < there.mean() < red.mean()


def test_teeth_lie_in_the_shade_of_the_lip_and_fade_towards_the_corners(scene: Scene, latents: Row) -> None:
    moved = move(scene.rig, drive_from_latents(latents(jawOpen=0.5, mouthUpperUp=0.8), rig=scene.rig))
    gape = gape_of(scene.mouth, rig=scene.rig, moved=moved, size=512)
    assert gape is not None
    light = inside_of(gape, None).mean(axis=2)
    below, along = gape.opening.below_upper / gape.px_per_cm, gape.opening.along
    inside = gape.opening.coverage > 0.99

    def brightest(low: float, high: float, left: float, right: float) -> float:
        there = inside & (below > low) & (below < high) & (np.abs(along) > left) & (np.abs(along) < right)
        return float(np.percentile(light[there], 90))

    middle = brightest(0.2, 0.3, 0, 0.3)
    assert brightest(0, 0.12, 0, 0.3) < 0.95 * middle
    assert brightest(0.2, 0.3, 0.6, 0.75) < 0.85 * middle


def test_lips_brought_together_meet_in_a_darker_line(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    assert scene.mouth.parted
    frame = renderer.render([scene], latents()[None])[0, ..., :3].mean(axis=2)
    upper, lower = inner_lips(scene.mouth, move(scene.rig, drive_from_latents(latents(), rig=scene.rig)))
    for x, y in np.rint((upper + lower) / 2).astype(int)[3:8]:
        assert frame[y - 1 : y + 2, x].min() < min(frame[y - 5, x], frame[y + 5, x]) - 5
