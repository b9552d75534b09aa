"""Fixtures of the runtime: the face networks from the user's cache, a real face measured once, synthesisers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visavis.errors import InputError, WeightsError
from visavis_runtime.face.portrait.subject import Subject, find_subject
from visavis_runtime.nets.wheel import MEMBERS
from visavis_runtime.reference import flite
from visavis_runtime.reference.espeak import Espeak, open_espeak
from visavis_runtime.weights import load_network


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


@pytest.fixture(scope="session")
def espeak() -> Espeak:
    try:
        return open_espeak()
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def has_flite() -> None:
    if not flite.has_flite():
        pytest.skip("flite is not installed; only training and the making of the sample lines need it")
