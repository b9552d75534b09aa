from __future__ import annotations

import pytest

from visavis.errors import InputError, UnavailableError
from visavis_runtime.bench.engines import measure_engines


def test_two_engines_share_the_talks() -> None:
    figures = measure_engines(5, engines=2, duration_s=0.5)
    assert (figures["engines"], figures["talks"]) == (2, 5)
    assert 0 < figures["share_network"] < figures["share_of_real_time"]
    assert figures["tick_p50_ms"] <= figures["tick_p99_ms"]


def test_one_engine_is_measured_here() -> None:
    assert measure_engines(2, duration_s=0.5)["engines"] == 1


@pytest.mark.parametrize("engines", [0, 3])
def test_engines_without_talks_are_refused(engines: int) -> None:
    with pytest.raises(InputError):
        measure_engines(2, engines=engines)


def test_engines_that_fail_are_told() -> None:
    with pytest.raises(UnavailableError) as caught:
        measure_engines(2, engines=2, device="vulkan")
    assert caught.value.reason == "ENGINE_START"
