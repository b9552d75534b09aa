from __future__ import annotations

from visavis_runtime.motion.cue import CueState, step_cue


def test_a_short_gap_does_not_end_a_phrase_and_a_pause_does() -> None:
    speaking = [0.0] * 5 + [1.0] * 30 + [0.0] * 10 + [1.0] * 20 + [0.0] * 40
    state = CueState()
    cues = []
    for frame, value in enumerate(speaking):
        cue, state = step_cue(frame, speaking=value, accent=0.5, state=state)
        cues.append(cue)
    assert [cue.frame for cue in cues if cue.phrase_start] == [5]
    assert [cue.frame for cue in cues if cue.phrase_end] == [65 + 24]
    assert all(cue.accent == 0.0 for cue in cues if not cue.talking)
    assert sum(cue.accent > 0 for cue in cues) > 40
