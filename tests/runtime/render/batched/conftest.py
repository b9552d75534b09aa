"""Faces of different sizes in one batch, drawn by both back ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from visavis_runtime.bench.render import talking_latents
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.render.batched.bank import Bank
from visavis_runtime.render.batched.faces import Faces, arrays_of_scene, faces_of_bank
from visavis_runtime.render.batched.geometry import Moved, move, packed, unpacked
from visavis_runtime.render.drives import SIDES, Drive, Drives
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Float = npt.NDArray[np.float32]


@pytest.fixture(scope="session")
def drawn(root: Path) -> Avatar:
    """A drawn portrait with shut lips: another mesh than the photo's."""
    return build_avatar(read_picture(root / "samples" / "portraits" / "innkeeper.png"))


@pytest.fixture(scope="session")
def avatars(face: Avatar, drawn: Avatar) -> list[Avatar]:
    """Two faces with different numbers of vertices; one shows its teeth."""
    assert face.vertices.shape != drawn.vertices.shape
    return [face, drawn]


@pytest.fixture(scope="session")
def scenes(renderer: CpuRenderer, avatars: list[Avatar]) -> list[Scene]:
    """Both, as the CPU back end holds them."""
    return [renderer.load(avatar) for avatar in avatars]


@pytest.fixture(scope="session")
def faces(scenes: list[Scene]) -> Faces:
    """Both, stacked: slot 0 and 1."""
    bank = Bank(torch.device("cpu"))
    assert [bank.put(arrays_of_scene(scene)) for scene in scenes] == [0, 1]
    return faces_of_bank(bank.tensors)


@pytest.fixture(scope="session")
def poses() -> Float:
    """[4, 64]: talking with gaze, head motion, a blink, an asking tongue."""
    rows = talking_latents(60)[[3, 17, 40, 55]]
    rows[1, 51] = 0.7  # tongueOut
    rows[2, 8] = 0.03  # the eyelid begins to fall
    rows[2, 17] = 0.0  # and the jaw is shut
    rows[3, 0:14:7] = 1.0
    return rows


Mover = Callable[[Sequence[int], Sequence[Drive]], Moved]


@pytest.fixture(scope="session")
def moved_of(faces: Faces) -> Mover:
    """Puts faces, by slot, into poses."""

    def mover(slots: Sequence[int], drives: Sequence[Drive]) -> Moved:
        gaze = [[drive.gaze[side] for side in SIDES] for drive in drives]
        names = [name for name in Drives._fields if name != "gaze"]
        rows = {name: np.stack([getattr(drive, name) for drive in drives]) for name in names}
        return move(faces, torch.tensor(slots), unpacked(packed(Drives(**rows, gaze=np.array(gaze)))))

    return mover
