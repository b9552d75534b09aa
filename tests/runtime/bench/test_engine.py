from __future__ import annotations

import json

import pytest

from visavis.errors import InputError
from visavis_runtime.bench.engine import measure_engine


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_an_engine_alone_is_measured(backend: str) -> None:
    figures = json.loads(json.dumps(measure_engine(6, duration_s=2.0, backend=backend)))
    assert figures["talks"] == 6
    assert figures["frames_per_s_per_talk"] == pytest.approx(60.0, abs=2.0)
    assert 0 < figures["tick_p50_ms"] <= figures["tick_p99_ms"]
    assert 0 < figures["share_network"] < figures["share_of_real_time"]
    assert figures["share_network"] + figures["share_rest"] == pytest.approx(figures["share_of_real_time"], abs=1e-3)
    assert figures["talks_at_80_percent"] > 0


@pytest.mark.parametrize(("talks", "duration_s"), [(0, 2.0), (3, 0.0)])
def test_nothing_to_measure_is_refused(talks: int, duration_s: float) -> None:
    with pytest.raises(InputError) as caught:
        measure_engine(talks, duration_s=duration_s)
    assert caught.value.reason == "OPTION_VALUE"
