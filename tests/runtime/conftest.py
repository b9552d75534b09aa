"""Fixtures of the runtime: the face networks from the user's cache, a real face measured once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visavis.errors import WeightsError
from visavis_runtime.face.subject import Subject, find_subject
from visavis_runtime.weights import MEMBERS, load_network


@pytest.fixture(scope="session")
def weights() -> None:
    """The face networks are in the cache (fetched once); without them and without a network the test skips."""
    try:
        for name in MEMBERS:
            load_network(name)
    except WeightsError as error:
        pytest.skip(f"the face networks cannot be had: {error}")


@pytest.fixture(scope="session")
def astronaut_subject(astronaut: npt.NDArray[np.uint8], weights: None) -> Subject:
    """Face, landmarks and pose of the astronaut photo."""
    return find_subject(astronaut)
