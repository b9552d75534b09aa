"""A mouth that is drawn as a line keeps it: the picture's own first, then one like it round the opening."""

from __future__ import annotations

import numpy as np
import pytest
from anime_face import INK, SKIN, anime_face

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import Picture
from visavis_runtime.render.bare_lips import texture_without_teeth
from visavis_runtime.render.batched.renderer import TorchRenderer
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def drawn() -> Avatar:
    return build_avatar(Picture(anime_face(), None, "0" * 64, ()))


@pytest.fixture(scope="module")
def renderer() -> CpuRenderer:
    return CpuRenderer()


@pytest.fixture(scope="module")
def scene(renderer: CpuRenderer, drawn: Avatar) -> Scene:
    return renderer.load(drawn)


def mouth_of(drawn: Avatar) -> tuple[slice, slice]:
    points = drawn.uv - drawn.margin
    (x, y), width = points[[61, 291]].mean(axis=0), float(np.ptp(points[[61, 291], 0]))
    return slice(int(y - width * 0.4), int(y + width * 0.55)), slice(int(x - width * 0.8), int(x + width * 0.8))


def test_the_picture_is_shown_as_it_is(renderer: CpuRenderer, scene: Scene, drawn: Avatar) -> None:
    window = mouth_of(drawn)
    frame = renderer.render([scene], np.zeros((1, 64), np.float32), neutral=0)[0, ..., :3]
    assert scene.mouth.lips == 0
    assert np.abs(frame[window].astype(int) - drawn.picture[window]).mean() < 0.5


@pytest.mark.parametrize("jaw", [0.0, 0.15, 0.35, 0.6])
def test_the_line_goes_round_the_opening_and_leaves_nothing_behind(
    renderer: CpuRenderer, scene: Scene, drawn: Avatar, jaw: float
) -> None:
    latents = np.zeros((1, 64), np.float32)
    latents[0, INDEX["jawOpen"]] = jaw
    part = renderer.render([scene], latents)[0, ..., :3][mouth_of(drawn)].astype(int)
    bare = np.abs(part - SKIN).max(axis=2) < 14
    columns = np.flatnonzero((~bare).any(axis=0))
    pieces = np.diff(np.flatnonzero(np.diff(np.r_[False, (~bare).any(axis=0), False])))
    assert len(pieces) == 1  # one piece from corner to corner, no shreds beside it
    middle = part[:, columns.mean().astype(int)]
    assert np.abs(middle - INK).max(axis=1).min() < 40


def test_a_batch_draws_the_same(renderer: CpuRenderer, scene: Scene, drawn: Avatar) -> None:
    batched = TorchRenderer(device="cpu")
    latents = np.zeros((2, 64), np.float32)
    latents[1, INDEX["jawOpen"]] = 0.4
    rest = np.array([0.4, 1.0])
    there = batched.render([batched.load(drawn)] * 2, latents, neutral=rest).astype(float)
    here = renderer.render([scene] * 2, latents, neutral=rest)
    error = (there - here)[(slice(None), *mouth_of(drawn))]
    assert 10 * np.log10(255**2 / (error**2).mean()) > 40


def test_a_head_for_engines_keeps_the_line(drawn: Avatar) -> None:
    np.testing.assert_array_equal(texture_without_teeth(drawn)[0], drawn.texture)
