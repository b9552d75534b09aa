"""Synthesisers for the tests of reference speech and of training; they skip where a synthesiser is missing."""

from __future__ import annotations

import pytest

from visavis.errors import InputError
from visavis_runtime.reference import flite
from visavis_runtime.reference.espeak import Espeak, open_espeak


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
