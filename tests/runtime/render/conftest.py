"""One face for all tests of the renderer: the astronaut, built once for a test run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis.latents import NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Float = npt.NDArray[np.float32]


@pytest.fixture(scope="session")
def face(astronaut: npt.NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Avatar:
    """The avatar of a real photo whose lips are parted and show teeth."""
    path: Path = tmp_path_factory.mktemp("face") / "astronaut.png"
    cv2.imwrite(str(path), astronaut[..., ::-1])
    return build_avatar(read_picture(path))


@pytest.fixture(scope="session")
def renderer() -> CpuRenderer:
    """The back end as users have it."""
    return CpuRenderer()


@pytest.fixture(scope="session")
def scene(renderer: CpuRenderer, face: Avatar) -> Scene:
    """The face, resident."""
    return renderer.load(face)


@pytest.fixture(scope="session")
def latents() -> Callable[..., Float]:
    """Builds one row of 64 latents from names; a name without its side sets both sides."""

    def row(**values: float) -> Float:
        out = np.zeros(len(NAMES), np.float32)
        for name, value in values.items():
            hits = [i for i, known in enumerate(NAMES) if known in (name, f"{name}Left", f"{name}Right")]
            assert hits, name
            out[hits] = value
        return out

    return row
