from __future__ import annotations

import gc
import math

import numpy as np
import numpy.typing as npt
import pytest
import torch

from visavis.errors import InputError
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.render.batched.frames import Rooms
from visavis_runtime.render.batched.renderer import BATCHES, Resident, TorchRenderer
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.raster import Grid
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Float = npt.NDArray[np.float32]
LEAST_DB = 40.0
GPU = pytest.param(
    "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU and torch for it")
)
PARTS = {
    "mouth": [*INNER_UPPER, *INNER_LOWER],
    "left eye": [*UPPER_LID["left"], *LOWER_LID["left"]],
    "right eye": [*UPPER_LID["right"], *LOWER_LID["right"]],
}


def psnr_db(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> float:
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return 10 * math.log10(255**2 / max(error, 1e-9))


@pytest.fixture(scope="module", params=["cpu", "cpu half", GPU])
def batched(request: pytest.FixtureRequest) -> TorchRenderer:
    """The batched back end on every device that is there, and in the half floats of a GPU."""
    device, _, half = request.param.partition(" ")
    return TorchRenderer(device=device, half=True if half else None)


@pytest.fixture(scope="module")
def residents(batched: TorchRenderer, avatars: list[Avatar]) -> list[Resident]:
    return [batched.load(avatar) for avatar in avatars]


@pytest.mark.parametrize("neutral", [0.0, 0.4, 1.0])
def test_frames_mouths_and_eyes_are_those_of_the_cpu(
    batched: TorchRenderer, residents: list[Resident], renderer: CpuRenderer, scenes: list[Scene], poses: Float,
    neutral: float,
) -> None:  # fmt: skip
    which = [0, 1] * len(poses)
    rows = np.repeat(poses, 2, axis=0)
    frames = batched.render([residents[k] for k in which], rows, neutral=neutral)
    expected = renderer.render([scenes[k] for k in which], rows, neutral=neutral)
    for frame, wanted, k, row in zip(frames, expected, which, rows, strict=True):
        assert psnr_db(frame, wanted) >= LEAST_DB
        px = move(scenes[k].rig, drive_from_latents(row, rig=scenes[k].rig, neutral=neutral)).px
        for name, points in PARTS.items():
            low = np.floor(px[points].min(axis=0)).astype(int) - 6
            high = np.ceil(px[points].max(axis=0)).astype(int) + 6
            part = slice(low[1], high[1]), slice(low[0], high[0])
            assert psnr_db(frame[part], wanted[part]) >= LEAST_DB, name


def test_a_batch_is_its_frames_one_by_one(batched: TorchRenderer, residents: list[Resident], poses: Float) -> None:
    faces = [residents[k] for k in (0, 1, 1)]
    batch = batched.render(faces, poses[:3], neutral=[0.0, 0.5, 1.0])
    single = [
        batched.render([face], row[None], neutral=neutral)[0]
        for face, row, neutral in zip(faces, poses, (0.0, 0.5, 1.0), strict=False)
    ]
    # Frames are bytes: sums that differ by less than a thousandth may still round to neighbours here and there.
    difference = np.abs(batch.astype(int) - np.stack(single))
    assert difference.max() <= 1
    assert difference.mean() < 1e-3


@pytest.mark.parametrize(
    ("size", "quality", "background"),
    [(256, "balanced", "transparent"), (256, "best", "plate"), (512, "fast", "plate"), (1024, "balanced", "plate"),
     (500, "best", "transparent")],
)  # fmt: skip
def test_sizes_qualities_and_backgrounds(
    avatars: list[Avatar], poses: Float, size: int, quality: str, background: str
) -> None:
    here = TorchRenderer(device="cpu", size=size, quality=quality, background=background)
    there = CpuRenderer(size=size, quality=quality, background=background)
    frame = here.render([here.load(avatars[0])], poses[:1])[0]
    expected = there.render([there.load(avatars[0])], poses[:1])[0]
    assert frame.shape == (size, size, 4)
    assert psnr_db(frame, expected) >= LEAST_DB


def test_a_frame_that_needs_more_room_is_drawn_again(avatars: list[Avatar], poses: Float) -> None:
    usual, cramped = (TorchRenderer(device="cpu", size=256) for _ in range(2))
    cramped._rooms = Rooms(*[16] * 11)
    frames = [each.render([each.load(avatars[0])], poses[:1])[0] for each in (usual, cramped)]
    np.testing.assert_array_equal(*frames)
    assert cramped._rooms.cells >= Grid(256, 2).side ** 2 * 0.9


def test_a_batch_is_filled_up_and_a_large_one_is_cut(avatars: list[Avatar], poses: Float) -> None:
    small = TorchRenderer(device="cpu", size=128)
    assert set(small.batches) < set(BATCHES)
    face, most = small.load(avatars[1]), small.batches[-1]
    rows = np.repeat(poses, most, axis=0)[: most + 3]
    frames = small.render([face] * len(rows), rows)
    assert [len(part) for part in small.draw([face] * len(rows), rows)] == [most, 3]
    np.testing.assert_array_equal(frames[-1], small.render([face], rows[-1:])[0])
    assert small.render([], np.zeros((0, 64), np.float32)).shape == (0, 128, 128, 4)


def test_a_forgotten_face_gives_its_slot_back(avatars: list[Avatar]) -> None:
    small = TorchRenderer(device="cpu", size=128)
    kept, gone = small.load(avatars[0]), small.load(avatars[1])
    slot = gone.slot
    del gone
    gc.collect()
    assert small.load(avatars[1]).slot == slot != kept.slot


def test_unusable_options_are_refused(batched: TorchRenderer, residents: list[Resident]) -> None:
    for options, reason in (
        ({"size": 20}, "SIZE_UNSUPPORTED"),
        ({"quality": "ultra"}, "OPTION_UNKNOWN"),
        ({"device": "tpu"}, "DEVICE_UNAVAILABLE"),
        ({"device": "cuda:99"}, "DEVICE_UNAVAILABLE"),
        ({"device": "cpu:1"}, "DEVICE_UNAVAILABLE"),
    ):
        with pytest.raises(InputError) as refused:
            TorchRenderer(**{"device": "cpu", **options})
        assert refused.value.reason == reason
    with pytest.raises(InputError) as shape:
        batched.render(residents, np.zeros((1, 64), np.float32))
    assert shape.value.reason == "LATENTS_SHAPE"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: nothing to refuse")
def test_without_a_gpu_one_is_told_what_to_do() -> None:
    with pytest.raises(InputError, match="use the device cpu") as refused:
        TorchRenderer(device="cuda")
    assert refused.value.reason == "DEVICE_UNAVAILABLE"
