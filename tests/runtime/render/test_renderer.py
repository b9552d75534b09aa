from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise, product
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis.errors import InputError
from visavis.latents import INDEX, NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.face.rings import OVAL
from visavis_runtime.render.batched.renderer import TorchRenderer
from visavis_runtime.render.renderer import CpuRenderer, Renderer
from visavis_runtime.render.scene import Scene

Float = npt.NDArray[np.float32]
Row = Callable[..., Float]


def psnr_db(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> float:
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return 10 * math.log10(255**2 / max(error, 1e-9))


def oval(avatar: Avatar) -> npt.NDArray[np.bool_]:
    mask = np.zeros((avatar.size, avatar.size), np.uint8)
    cv2.fillPoly(mask, [np.round(avatar.uv[list(OVAL)] - avatar.margin).astype(np.int32)], 1)
    return mask > 0


def check_rest(renderer: CpuRenderer, avatar: Avatar) -> None:
    frame = renderer.render([renderer.load(avatar)], np.zeros((1, 64), np.float32), neutral=0.0)[0]
    inside = oval(avatar)
    assert psnr_db(frame[..., :3], avatar.picture) >= 38
    assert psnr_db(frame[inside, :3], avatar.picture[inside]) >= 48
    assert (frame[..., 3] == 255).all()


def check_no_pop(renderer: CpuRenderer, scene: Scene, *, neutral: float = 1.0) -> None:
    """The first hundredth of every channel changes the frame no more than 1.5 times what the second one does."""
    rest = renderer.render_float([scene], np.zeros((1, 64), np.float32), neutral=neutral)[0]
    for channel, name in enumerate(NAMES):
        one, two = np.zeros((2, 1, 64), np.float32)
        one[0, channel], two[0, channel] = 0.01, 0.02
        first, second = (renderer.render_float([scene], row, neutral=neutral)[0] for row in (one, two))
        step, following = np.abs(first - rest), np.abs(second - first)
        moved = np.maximum(step, following) > 0.05
        if moved.any():
            assert step.mean() <= 1.5 * following.mean(), name
            assert step[moved].mean() <= 1.5 * following[moved].mean(), name


MIXES: tuple[dict[str, float], ...] = (
    {},
    {"jawOpen": 0.6},
    {"jawOpen": 0.5, "mouthSmileLeft": 0.4, "mouthSmileRight": 0.4},
    {"eyeBlinkLeft": 1.0},
    {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    {"mouthPucker": 0.8, "mouthFunnel": 0.4},
)


def check_covered(renderer: CpuRenderer, scene: Scene, avatar: Avatar) -> None:
    """Neither holes nor flipped triangles anywhere on the edge of the portrait's own motion, also while it talks."""
    limits = avatar.limits
    for mix in MIXES:
        for yaw, pitch, roll in product(limits.yaw, limits.pitch, (*limits.roll, 0.0)):
            row = np.zeros(64, np.float32)
            row[[INDEX["headYaw"], INDEX["headPitch"], INDEX["headRoll"]]] = yaw, pitch, roll
            row[[INDEX[name] for name in mix]] = list(mix.values())
            for neutral in (0.0, 0.5, 1.0) if avatar.neutral.any() else (1.0,):
                assert renderer.coverage(scene, row, neutral=neutral) == (0, 0), (mix, yaw, pitch, roll, neutral)


def check_covered_when_moved(renderer: CpuRenderer, scene: Scene, avatar: Avatar) -> None:
    """The same where the head is also shifted as far as it may."""
    limits = avatar.limits
    for jaw, yaw, pitch, x, y, z in product(
        (0.0, 0.6), limits.yaw, limits.pitch, limits.shift, limits.shift, limits.shift
    ):
        row = np.zeros(64, np.float32)
        names = ("jawOpen", "headYaw", "headPitch", "headX", "headY", "headZ")
        row[[INDEX[name] for name in names]] = jaw, yaw, pitch, x, y, z
        assert renderer.coverage(scene, row) == (0, 0), (jaw, yaw, pitch, x, y, z)


def test_rest_is_the_picture(renderer: CpuRenderer, face: Avatar) -> None:
    check_rest(renderer, face)


@pytest.mark.parametrize("neutral", [0.0, 1.0])
def test_no_channel_pops_at_its_first_step(renderer: CpuRenderer, scene: Scene, neutral: float) -> None:
    check_no_pop(renderer, scene, neutral=neutral)


def test_no_hole_within_the_limits(renderer: CpuRenderer, scene: Scene, face: Avatar) -> None:
    check_covered(renderer, scene, face)
    check_covered_when_moved(renderer, scene, face)


@pytest.mark.parametrize("name", ["innkeeper", "guard", "android", "scholar"])
def test_the_sample_portraits_hold_as_well(renderer: CpuRenderer, root: Path, name: str) -> None:
    avatar = build_avatar(read_picture(root / "samples" / "portraits" / f"{name}.png"))
    check_rest(renderer, avatar)
    check_covered(renderer, renderer.load(avatar), avatar)


@pytest.mark.material
@pytest.mark.parametrize(
    "name", ["painting_s0.jpg", "synthetic_girl.png", "synthetic_man_0177.png", "synthetic_woman_0010.png"]
)
def test_other_portraits_hold_as_well(renderer: CpuRenderer, material: Path, name: str) -> None:
    avatar = build_avatar(read_picture(material / "portraits" / name))
    scene = renderer.load(avatar)
    check_rest(renderer, avatar)
    check_no_pop(renderer, scene)
    check_covered(renderer, scene, avatar)


@pytest.mark.parametrize(
    ("channel", "low", "high"),
    [
        ("eyeBlinkLeft", 0.0, 1.0),
        ("jawOpen", 0.0, 1.0),
        ("leftEyeYaw", -0.35, 0.35),
        ("leftEyePitch", -0.25, 0.25),
        ("tongueOut", 0.0, 1.0),
        ("mouthPressLeft", 0.0, 0.2),
    ],
)
def test_no_pop_along_a_channel(renderer: CpuRenderer, scene: Scene, channel: str, low: float, high: float) -> None:
    rows = np.zeros((51, 64), np.float32)
    rows[:, INDEX[channel]] = np.linspace(low, high, len(rows))
    frames = [renderer.render_float([scene], row[None])[0] for row in rows]
    steps = np.array([np.abs(b - a).mean() for a, b in pairwise(frames)])
    assert steps.max() <= 3 * np.median(steps)


def test_a_batch_is_its_frames_one_by_one(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    rows = np.stack([latents(), latents(jawOpen=0.4, headYaw=0.1), latents(eyeBlink=0.7, leftEyeYaw=0.2)])
    batch = renderer.render([scene] * 3, rows)
    single = [renderer.render([scene], row[None])[0] for row in rows[::-1]][::-1]
    np.testing.assert_array_equal(batch, np.stack(single))


def test_float_frames_round_to_the_bytes(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    row = latents(jawOpen=0.5, mouthSmile=0.3, headYaw=0.1, eyeBlink=0.4)[None]
    difference = renderer.render([scene], row)[0] - renderer.render_float([scene], row)[0]
    assert np.abs(difference).mean() < 1
    assert np.abs(difference).max() < 6  # coverage and light are 8 bit on the fast road


def test_latents_beyond_the_limits_bend_to_them(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    far, further = (renderer.render([scene], latents(headYaw=yaw)[None])[0].astype(int) for yaw in (1.5, 3.0))
    assert np.abs(far - further).mean() < 0.05
    assert renderer.coverage(scene, latents(headYaw=3.0, headPitch=-2.0)) == (0, 0)


@pytest.mark.parametrize("size", [256, 500, 768])
def test_other_sizes_show_the_same_face(face: Avatar, size: int, latents: Row) -> None:
    renderer = CpuRenderer(size=size)
    frame = renderer.render([renderer.load(face)], latents(jawOpen=0.4)[None])[0]
    assert frame.shape == (size, size, 4)
    usual = CpuRenderer()
    expected = usual.render([usual.load(face)], latents(jawOpen=0.4)[None])[0]
    resized = cv2.resize(expected, (size, size), interpolation=cv2.INTER_AREA if size < 512 else cv2.INTER_CUBIC)
    assert psnr_db(frame[..., :3], resized[..., :3]) > 30


def test_a_transparent_background_leaves_the_matte(face: Avatar, renderer: CpuRenderer, scene: Scene) -> None:
    clear = CpuRenderer(background="transparent")
    row = np.zeros((1, 64), np.float32)
    frame = clear.render([clear.load(face)], row, neutral=0.0)[0]
    at = ((np.arange(512, dtype=np.float32) + 0.5 + face.margin) * 1.5 - 0.5).astype(np.float32)
    matte = cv2.remap(scene.surface.texture[..., 3], *np.meshgrid(at, at), cv2.INTER_LINEAR)
    assert np.abs(frame[..., 3].astype(int) - matte).max() <= 1  # halves may round either way
    alpha = frame[..., 3:] / 255
    over = np.rint(frame[..., :3] * alpha + face.plate * (1 - alpha)).astype(np.uint8)
    assert psnr_db(over, renderer.render([scene], row, neutral=0.0)[0][..., :3]) > 45


def test_unusable_options_are_refused(renderer: CpuRenderer, scene: Scene) -> None:
    with pytest.raises(InputError) as size:
        CpuRenderer(size=20)
    assert size.value.reason == "SIZE_UNSUPPORTED"
    with pytest.raises(InputError) as option:
        CpuRenderer(background="blue")
    assert option.value.reason == "OPTION_UNKNOWN"
    with pytest.raises(InputError) as shape:
        renderer.render([scene], np.zeros((2, 64), np.float32))
    assert shape.value.reason == "LATENTS_SHAPE"


BAD_VALUES: tuple[tuple[object, object, str], ...] = (
    (np.full((1, 64), np.nan), None, "LATENTS_VALUE"),
    ([["x"] * 64], None, "LATENTS_VALUE"),
    ([[0.0], [0.0, 0.0]], None, "LATENTS_VALUE"),
    (np.zeros((1, 64)), [1.0, 0.0], "NEUTRAL_VALUE"),
    (np.zeros((1, 64)), [], "NEUTRAL_VALUE"),
    (np.zeros((1, 64)), [[1.0]], "NEUTRAL_VALUE"),
    (np.zeros((1, 64)), np.nan, "NEUTRAL_VALUE"),
    (np.zeros((1, 64)), "x", "NEUTRAL_VALUE"),
)


@pytest.mark.parametrize("make", [CpuRenderer, partial(TorchRenderer, device="cpu")])
def test_what_cannot_be_drawn_is_refused(face: Avatar, make: Callable[..., Renderer]) -> None:
    renderer, other = make(size=64), make(size=96)
    scene = renderer.load(face)
    for latents, neutral, reason in BAD_VALUES:
        with pytest.raises(InputError) as refused:
            renderer.render([scene], latents, neutral=neutral)  # type: ignore[arg-type]
        assert refused.value.reason == reason
    for foreign in (other.load(face), face, None):
        with pytest.raises(InputError) as refused:
            renderer.render([foreign], np.zeros((1, 64), np.float32))
        assert refused.value.reason == "SCENE_FOREIGN"
    far = np.array([[np.inf] * 64, [1e300] * 64, [-np.inf] * 64])
    assert (renderer.render([scene] * 3, far, neutral=[-5.0, 0.5, np.inf])[..., 3] == 255).all()  # type: ignore[arg-type]


def test_a_rest_beyond_its_ends_is_bent_to_them(renderer: CpuRenderer, scene: Scene) -> None:
    still = np.zeros((1, 64), np.float32)
    for beyond, end in ((-3.0, 0.0), (5.0, 1.0)):
        bent, known = (renderer.render([scene], still, neutral=value) for value in (beyond, end))
        np.testing.assert_array_equal(bent, known)
