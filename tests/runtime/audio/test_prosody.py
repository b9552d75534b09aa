from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.audio.prosody import Prosody, finish_prosody, start_prosody, step_prosody
from visavis_runtime.bench.motion import toy_voice


def _whole(voice: np.ndarray) -> np.ndarray:
    return _fed(voice, [len(voice)])


def _fed(voice: np.ndarray, sizes: list[int]) -> np.ndarray:
    state = start_prosody()
    rows: list[Prosody] = []
    at = 0
    for size in [*sizes, len(voice)]:
        row, state = step_prosody(voice[at : at + size], state)
        rows.append(row)
        at += size
    row, state = finish_prosody(state)
    rows.append(row)
    return np.stack([np.concatenate(column) for column in zip(*rows, strict=True)], axis=1)


VOICE = toy_voice(duration_s=6.03)
WHOLE = _whole(VOICE)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4000), max_size=30))
def test_chunked_equals_whole(sizes: list[int]) -> None:
    np.testing.assert_allclose(_fed(VOICE, sizes), WHOLE, atol=1e-5)


def test_there_is_a_row_for_every_hop() -> None:
    for count in (0, 1, 159, 160, 161, 5000):
        assert _whole(VOICE[:count]).shape == (-(-count // 160), 4)


def test_level_does_not_matter() -> None:
    quiet = _whole(VOICE * 10 ** (-30 / 20))
    assert np.abs(quiet[100:, 0] - WHOLE[100:, 0]).mean() < 0.03
    loud_accents, quiet_accents = (WHOLE[:, 3] > 0).sum(), (quiet[:, 3] > 0).sum()
    assert abs(loud_accents - quiet_accents) <= max(1, 0.2 * loud_accents)


def test_pitch_of_a_glide_is_followed() -> None:
    time_s = np.arange(32_000) / 16_000
    pitch_hz = 120.0 * 2 ** (time_s / 4)
    voice = np.sign(np.sin(2 * np.pi * np.cumsum(pitch_hz) / 16_000)).astype(np.float32) * 0.2
    rows = _whole(voice)
    assert rows[10:, 1].mean() > 0.95
    # The mean runs after the glide, so the rise is seen but not all six semitones of it.
    assert rows[180:, 2].mean() - rows[10:30, 2].mean() > 1.0


def test_accents_come_at_a_speaker_s_rate_and_never_in_silence() -> None:
    rate = (WHOLE[:, 3] > 0).sum() / 6.03
    assert 0.4 < rate < 3.0
    assert np.abs(_whole(np.zeros(32_000, np.float32))).max() == 0.0
