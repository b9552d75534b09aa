"""The AUDIO rows of the bad-input list that concern live audio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_server import s16, voice

from visavis.errors import InputError, OrderError
from visavis_runtime.audio.resample import resample
from visavis_runtime.serve.gateway.sound import LineSound, PcmFormat

S16 = PcmFormat("<i2", 16_000, 1)
F32 = PcmFormat("<f4", 16_000, 1)
VOICE = voice(1.2)


def _heard(form: PcmFormat, pcm: bytes, *, step: int = 1280) -> tuple[Any, list[str]]:
    """Samples and reasons of the warnings of one line."""
    line = LineSound(form)
    parts = [line.step(pcm[at : at + step], sample=None) for at in range(0, len(pcm), step)]
    parts.append(line.end())
    return np.concatenate(parts), [warned.reason for warned in line.warnings]


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 44_100, 48_000])
def test_any_rate_in_chunks_is_the_whole_resampled(rate: int) -> None:
    pcm = s16(voice(0.7, rate=rate))
    samples, _ = _heard(PcmFormat("<i2", rate, 1), pcm, step=1764)
    whole = resample(np.frombuffer(pcm, "<i2").astype(np.float32) / 32768, source_hz=rate, target_hz=16_000)
    assert samples.shape == whole.shape
    assert np.abs(samples - whole).max() < 1e-6


def test_two_channels_are_mixed() -> None:
    both = np.stack([VOICE, VOICE * 0.5], axis=1)
    samples, _ = _heard(PcmFormat("<f4", 16_000, 2), both.astype("<f4").tobytes(), step=1600)
    assert np.abs(samples - VOICE * 0.75).max() < 1e-6


LEVELS: list[tuple[str, Callable[[Any], bytes], list[str]]] = [
    ("clean", s16, []),
    ("swapped bytes", lambda x: np.frombuffer(s16(x * 2), ">i2").astype("<i2").tobytes(), ["AUDIO_LOOKS_SWAPPED"]),
    ("clipped", lambda x: s16(x * 20), ["AUDIO_CLIPPED"]),
    ("an offset", lambda x: s16(x * 0.5 + 0.1), ["AUDIO_DC"]),
    ("very quiet", lambda x: s16(x * 0.005), ["AUDIO_QUIET"]),
    ("silence", lambda x: bytes(2 * len(x)), ["AUDIO_SILENT"]),
]


@pytest.mark.parametrize(("spoilt", "reasons"), [row[1:] for row in LEVELS], ids=[row[0] for row in LEVELS])
def test_levels_are_warned_about_once(spoilt: Callable[[Any], bytes], reasons: list[str]) -> None:
    samples, told = _heard(S16, spoilt(voice(3.5)))
    assert told == reasons
    assert samples.shape[0] == 56_000


def test_a_short_line_is_judged_too() -> None:
    assert _heard(S16, s16(VOICE[:6000] * 20))[1] == ["AUDIO_CLIPPED"]


def test_a_chunk_that_is_no_numbers_is_silent_and_the_third_ends_the_line() -> None:
    line = LineSound(F32)
    bad = VOICE[:320].copy()
    bad[17] = np.nan
    assert np.array_equal(line.step(bad.astype("<f4").tobytes(), sample=None), np.zeros(320))
    assert np.array_equal(line.step(VOICE[:320].astype("<f4").tobytes(), sample=None), VOICE[:320])
    bad[17] = np.inf
    assert np.array_equal(line.step(bad.astype("<f4").tobytes(), sample=None), np.zeros(320))
    assert [(warned.reason, warned.samples) for warned in line.warnings] == [
        ("AUDIO_NOT_FINITE", 17), ("AUDIO_NOT_FINITE", 657),
    ]  # fmt: skip
    with pytest.raises(InputError) as caught:
        line.step(bad.astype("<f4").tobytes(), sample=None)
    assert caught.value.reason == "AUDIO_NOT_FINITE"


def test_another_unit_is_scaled_down() -> None:
    samples, told = _heard(F32, (VOICE * 32768).astype("<f4").tobytes())
    assert told == ["AUDIO_SCALED"]
    assert 0.2 < np.abs(samples).max() <= 1.5


def test_a_gap_is_silence_and_counted() -> None:
    line = LineSound(S16)
    pcm = s16(VOICE)
    first = line.step(pcm[:640], sample=0)
    second = line.step(pcm[1280:1920], sample=640)
    assert (first.shape[0], second.shape[0], line.received) == (320, 640, 960)
    assert not second[:320].any()
    assert second[320:].any()
    assert [(warned.reason, warned.samples) for warned in line.warnings] == [("AUDIO_GAP", 320)]


def test_what_is_sent_again_is_heard_once() -> None:
    line = LineSound(S16)
    pcm = s16(VOICE)
    line.step(pcm[:640], sample=0)
    line.step(pcm[640:1280], sample=320)
    assert line.step(pcm[:1280], sample=0).shape[0] == 0
    assert line.step(pcm[640:1920], sample=320).shape[0] == 320
    assert line.received == 960


@pytest.mark.parametrize("sample", [-1, 1, 319, 960 + 10 * 16_000 + 1])
def test_what_contradicts_is_out_of_order(sample: int) -> None:
    line = LineSound(S16)
    line.step(s16(VOICE[:960]), sample=0)
    with pytest.raises(OrderError) as caught:
        line.step(s16(VOICE[:320]), sample=sample)
    assert caught.value.reason == "OUT_OF_ORDER"


def test_only_the_last_seconds_may_be_sent_again() -> None:
    line = LineSound(S16)
    pcm = s16(voice(4.0))
    for at in range(0, len(pcm), 640):
        line.step(pcm[at : at + 640], sample=at // 2)
    assert line.step(pcm[-32_000:], sample=48_000).shape[0] == 0
    with pytest.raises(OrderError):
        line.step(pcm[:640], sample=0)


@pytest.mark.parametrize(("form", "size"), [(S16, 3), (F32, 6), (PcmFormat("<i2", 8000, 2), 6)])
def test_half_samples(form: PcmFormat, size: int) -> None:
    with pytest.raises(InputError) as caught:
        LineSound(form).step(bytes(size), sample=None)
    assert caught.value.reason == "AUDIO_ALIGNMENT"


@given(pieces=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 900)), max_size=12))
def test_whatever_is_sent_again_or_left_out_the_count_holds(pieces: list[tuple[int, int]]) -> None:
    pcm = s16(VOICE)
    line = LineSound(S16)
    heard = 0
    for start, length in pieces:
        heard += line.step(pcm[2 * start : 2 * (start + length)], sample=start).shape[0] if _may(line, start) else 0
    assert heard == line.received


def _may(line: LineSound, start: int) -> bool:
    """A gap forgets what was before it; the rest is the same sound, so it never contradicts."""
    memory = line._memory
    return start >= (memory[0][0] if memory else line.received)
