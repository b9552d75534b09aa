"""Ten talks, three of them killed, then SIGTERM in mid-line: nobody who is left misses a frame."""

from __future__ import annotations

from visavis_runtime.bench.talk_chaos import measure_chaos


def test_who_is_left_misses_nothing() -> None:
    figures = measure_chaos(sessions=10, killed=3, seconds=1.0)
    assert (figures["sessions"], figures["others"], figures["others_refused"]) == (10, 7, 0)
    assert figures["slots_freed_s"] <= 1.0
    assert figures["slots_in_use_after"] == 7
    assert figures["others_failed"] == {}
    assert figures["others_lost_frames"] == 0
    assert figures["in_mid_line_at_sigterm"] >= 6
    assert figures["lines_finished"] == figures["lines_sent"] >= 7
    assert figures["server_exit_status"] == 0
