from __future__ import annotations

from visavis_runtime.bench.lipsync import Result
from visavis_runtime.bench.lipsync_bursts import KINDS


def test_every_kind_has_a_mean_and_a_peak_and_the_mouth_stays_small(lipsync_result: Result) -> None:
    bursts = lipsync_result.bursts
    assert set(bursts) == {f"{kind}_{figure}" for kind in (*KINDS, "speech") for figure in ("jaw_mean", "jaw_peak")}
    for kind in KINDS:
        assert 0.0 <= bursts[f"{kind}_jaw_mean"].value < 0.1
        assert bursts[f"{kind}_jaw_mean"].value < bursts["speech_jaw_mean"].value
        assert bursts[f"{kind}_jaw_mean"].value <= bursts[f"{kind}_jaw_peak"].value
