"""One short run of the lip sync bench for the tests of what is made of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from visavis_runtime.bench import lipsync_bursts, lipsync_cost, lipsync_sets
from visavis_runtime.bench.lipsync import Result, measure_lipsync


@pytest.fixture(scope="session")
def lipsync_result(espeak: object) -> Iterator[Result]:
    """A few synthesised lines under three conditions; no material."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lipsync_sets, "QUICK_CLOSURES", 12)
        patch.setattr(lipsync_cost, "HEARD_S", 2.0)
        patch.setattr(lipsync_bursts, "QUICK_CLIPS", 1)
        yield measure_lipsync(None, quick=True)
