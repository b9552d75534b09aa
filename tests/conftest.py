"""Fixtures that every test may use: the shared material, a real photo, the samples."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Every worker computes on one core, as a stream of the server does."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def root() -> Path:
    """Root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def material() -> Path:
    """Folder of shared recordings and portraits; the test skips where there is none, as on a user's machine."""
    folder = os.environ.get("VISAVIS_MATERIAL", "")
    if not folder:
        pytest.skip("VISAVIS_MATERIAL is not set: the shared recordings and portraits are not part of the project")
    return Path(folder)


@pytest.fixture(scope="session")
def astronaut() -> npt.NDArray[np.uint8]:
    """A real photo in the public domain (NASA), [512, 512, 3] uint8."""
    from skimage import data

    return np.ascontiguousarray(data.astronaut())
