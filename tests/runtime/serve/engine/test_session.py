"""What a live talk promises: frames in time, idle life, a mouth that shuts, lines that are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from live_talks import Play, feed, frames_of, notices, opening

from visavis.latents import INDEX, SAMPLE_RATE_HZ
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.messages import (
    Closed,
    Echo,
    EndLine,
    Feed,
    Finish,
    Frames,
    Interrupt,
    Notice,
    TalkSpec,
)  # fmt: skip
from visavis_runtime.write.talk import Talk, talk_latents


def test_frames_never_stop_and_are_on_the_grid(play: Play, voice: np.ndarray) -> None:
    told = play(feed(1, "a", voice[:32000], at_ms=300), until_ms=3500)
    samples, _, _ = frames_of(told)
    assert samples.tolist() == [k * 16000 // 60 for k in range(samples.shape[0])]
    assert samples[-1] > 3.2 * SAMPLE_RATE_HZ


@pytest.mark.parametrize("chunk", [320, 640])
def test_a_frame_comes_within_the_declared_latency(play: Play, voice: np.ndarray, talker: Talker, chunk: int) -> None:
    script = feed(1, "a", voice[:48000], at_ms=500, chunk=chunk)
    told = play([*script, (script[-1][0], EndLine(1, "a"))], until_ms=3800)
    start = notices(told, "LINE_STARTED")[0].sample
    samples, _, arrived_ms = frames_of(told, line="a")
    late_ms = arrived_ms - (500 + (samples - start) / 16) - talker.latency_s(60) * 1e3
    assert late_ms.max() <= 5 + (chunk - 320) / 16  # a tick, and what the chunk is longer than 20 ms


def test_a_line_that_comes_at_once_is_played_in_its_own_tempo(play: Play, voice: np.ndarray) -> None:
    script = [(300, Feed(1, "tts", voice[:32000], 1)), (300, EndLine(1, "tts"))]
    told = play(script, until_ms=3000)
    samples, _, arrived_ms = frames_of(told, line="tts")
    assert arrived_ms[0] <= 305
    ahead_ms = samples / 16 - arrived_ms
    assert ahead_ms.max() <= 70
    assert ahead_ms.min() >= 0  # a player that starts with the first frame never waits for one
    kinds = [(notice.kind, notice.sample) for notice in notices(told)]
    assert kinds == [("LINE_STARTED", 4640), ("LINE_FINISHED", 4640 + 32000)]


def test_live_and_offline_are_the_same_motion(play: Play, voice: np.ndarray, line_path: Path) -> None:
    clip = read_audio(line_path)
    offline = np.concatenate(list(talk_latents(Talk(clip=clip, speech=load_speech(), seed=3), fps=60)))
    script = [(0, Feed(1, "a", voice, 1)), (0, EndLine(1, "a")), (0, Finish(1))]
    told = play(script, until_ms=2000, specs=[TalkSpec(seed=3, paced=False)])
    samples, latents, _ = frames_of(told)
    assert samples.shape[0] == offline.shape[0]
    np.testing.assert_allclose(latents[:-1], offline[:-1], atol=2e-5)
    # The last frame lies between a row and one after the end, which only a live talk has.
    np.testing.assert_allclose(latents[-1], offline[-1], atol=0.05)
    assert isinstance(told[-1][1], Closed)


@pytest.mark.parametrize("fps", [20, 30, 60])
@pytest.mark.parametrize("count", [1, 15_999, 16_000, 16_100])
def test_a_burst_ends_whatever_its_length(play: Play, voice: np.ndarray, fps: int, count: int) -> None:
    script = [(0, Feed(1, "a", voice[:count], 1)), (0, EndLine(1, "a")), (0, Finish(1))]
    told = play(script, until_ms=300, specs=[TalkSpec(seed=3, motion_fps=fps, paced=False)])
    assert frames_of(told)[0].shape[0] == -(-count * fps // 16_000)
    assert [(notice.kind, notice.sample) for notice in notices(told)] == [("LINE_STARTED", 0), ("LINE_FINISHED", count)]
    assert isinstance(told[-1][1], Closed)


def test_any_chunks_give_the_same_motion(play: Play, voice: np.ndarray) -> None:
    whole = [(0, Feed(1, "a", voice[:32000], 1)), (0, EndLine(1, "a"))]
    random = np.random.default_rng(5)
    cuts = np.sort(random.choice(np.arange(1, 32000), 60, replace=False))
    pieces = [(0, Feed(1, "a", piece, 1)) for piece in np.split(voice[:32000], cuts)] + [(0, EndLine(1, "a"))]
    spec = TalkSpec(seed=3, paced=False)
    one, other = (frames_of(play(script, until_ms=1500, specs=[spec]), line="a")[1] for script in (whole, pieces))
    assert one.shape == other.shape
    np.testing.assert_allclose(one, other, atol=2e-5)


def test_idle_life_goes_on_with_a_shut_mouth(play: Play) -> None:
    samples, latents, arrived_ms = frames_of(play([], until_ms=4000))
    assert opening(latents).max() == 0.0
    assert np.ptp(latents[:, INDEX["headYaw"]]) > 0.01
    assert latents[:, INDEX["eyeBlinkLeft"]].max() > 0.5
    assert np.diff(arrived_ms).max() <= 45
    assert samples[-1] / 16 > 3800


@pytest.mark.parametrize("at_ms", [1400, 1437, 1490, 1533])
@pytest.mark.parametrize("live", [True, False])
def test_an_interrupt_shuts_the_mouth_within_120_ms(play: Play, voice: np.ndarray, at_ms: int, live: bool) -> None:
    script = feed(1, "a", voice[:40000], at_ms=500) if live else [(300, Feed(1, "a", voice, 1))]
    told = play([*script, (at_ms, Interrupt(1)), (at_ms, Interrupt(1))], until_ms=2600)
    samples, latents, arrived_ms = frames_of(told)
    assert opening(latents[arrived_ms < at_ms]).max() > 0.1
    shut = arrived_ms >= at_ms
    cut = notices(told, "LINE_INTERRUPTED")
    assert [notice.line for notice in cut] == ["a"]
    # On the talk's clock, which a player follows, and on the wall clock of somebody who shows what comes.
    assert opening(latents[samples >= cut[0].sample + 120 * 16]).max() < 1e-3
    assert opening(latents[shut & (arrived_ms >= at_ms + 120)]).max() < 1e-3
    assert np.diff(arrived_ms[shut]).max() <= 60
    assert frames_of(told, line="a")[2].max() <= at_ms  # what comes later of a dropped line is not heard


def test_many_interrupts_keep_no_line_waiting(play: Play, voice: np.ndarray) -> None:
    script = [(100, Feed(1, "a", voice, 1)), *((500 + 20 * i, Interrupt(1)) for i in range(60))]
    told = play([*script, (1800, Feed(1, "b", voice[:16000], 1))], until_ms=2600)
    assert frames_of(told, line="b")[2][0] <= 2000


def test_a_line_of_one_sample_is_told_from_begin_to_end(play: Play) -> None:
    told = play([(100, Feed(1, "a", np.zeros(1, np.float32), 1)), (100, EndLine(1, "a"))], until_ms=900)
    assert [notice.kind for notice in notices(told)] == ["LINE_STARTED", "LINE_FINISHED"]


def test_the_echo_of_a_dropped_line_stops_with_it(play: Play, voice: np.ndarray) -> None:
    spec = TalkSpec(seed=1, echo=True)
    told = play([(100, Feed(1, "a", voice, 1)), (700, Interrupt(1))], until_ms=1500, specs=[spec])
    at = next(i for i, (_, report) in enumerate(told) if isinstance(report, Notice) and "INTER" in report.kind)
    assert {report.line for _, report in told[at:] if isinstance(report, Echo)} == {""}
    echoes = [report for _, report in told if isinstance(report, Echo)]
    assert [echo.sample for echo in echoes[1:]] == [echo.sample + len(echo.pcm) // 2 for echo in echoes[:-1]]


def test_lines_queue_and_the_last_one_ends_shut(play: Play, voice: np.ndarray) -> None:
    cut = voice[2000:14000]  # ends in the middle of a word
    script = [(100, Feed(1, name, cut, 1)) for name in "abc"] + [(100, EndLine(1, "c"))]
    told = play(script, until_ms=4000)
    assert [(notice.kind, notice.line) for notice in notices(told)] == [
        (kind, line) for line in "abc" for kind in ("LINE_STARTED", "LINE_FINISHED")
    ]
    finished = notices(told, "LINE_FINISHED")[-1]
    samples, latents, _ = frames_of(told)
    assert opening(latents[samples > finished.sample + 16 * 20]).max() < 1e-3
    assert opening(latents[samples < finished.sample - 16 * 200]).max() > 0.1


def test_a_voice_that_stops_coming_goes_to_rest_and_comes_back(play: Play, voice: np.ndarray) -> None:
    script = feed(1, "a", voice[2000:18000], at_ms=500)
    later = [(at + 800, command) for at, command in script[12:]]
    later.append((later[-1][0], EndLine(1, "a")))
    told = play([*script[:12], *later], until_ms=3000)
    lost, back = notices(told, "UNDERRUN"), notices(told, "RECOVERED")
    assert len(lost) == len(back) == 1
    samples, latents, arrived_ms = frames_of(told)
    stopped_ms = script[11][0]
    resting = (arrived_ms > stopped_ms + 300) & (arrived_ms < later[0][0])
    assert resting.any()
    assert opening(latents[resting]).max() < 1e-3
    assert np.diff(samples).max() <= 267
    again = frames_of(told, line="a")
    assert opening(again[1][again[2] > later[0][0] + 200]).max() > 0.1
    own = np.concatenate([report.line_samples for _, report in told if isinstance(report, Frames) and report.line])
    assert np.diff(own).min() >= 0
    assert np.diff(own).max() <= 2 * 267  # no sample of the line is skipped by the gap


@pytest.mark.parametrize("first_ms", [20, 40, 200, 1000])
def test_an_underrun_stands_between_the_frames_where_silence_steps_in(
    play: Play, voice: np.ndarray, first_ms: int
) -> None:
    begun, rest = voice[: 16 * first_ms], voice[16 * first_ms : 16000]
    before = [(100, Feed(1, "z", voice[:8000], 1)), (100, EndLine(1, "z"))]
    told = play(
        [*before, (300, Feed(1, "a", begun, 1)), (2500, Feed(1, "a", rest, 1)), (2500, EndLine(1, "a"))], until_ms=4500
    )
    kinds = ["LINE_STARTED", "UNDERRUN", "RECOVERED", "LINE_FINISHED"]
    if not rest.size:  # only the end of the line came late: it does not go on
        kinds.remove("RECOVERED")
    assert [(notice.kind, notice.line) for notice in notices(told)] == [
        ("LINE_STARTED", "z"), ("LINE_FINISHED", "z"), *((kind, "a") for kind in kinds),
    ]  # fmt: skip
    clock = 0
    for _, report in told:
        if isinstance(report, Frames):
            clock = report.samples[-1]
        elif isinstance(report, Notice) and report.kind in ("UNDERRUN", "RECOVERED"):
            assert clock < report.sample <= clock + 267


def test_an_end_of_line_that_is_a_little_late_is_no_underrun(play: Play, voice: np.ndarray) -> None:
    """It comes before the frames in which silence stood in."""
    told = play([(100, Feed(1, "a", voice[:8000], 1)), (680, EndLine(1, "a"))], until_ms=2000)
    on_time = play([(100, Feed(1, "a", voice[:8000], 1)), (600, EndLine(1, "a"))], until_ms=2000)
    assert [notice.kind for notice in notices(told)] == ["LINE_STARTED", "LINE_FINISHED"]
    assert frames_of(told, line="a")[0].tolist() == frames_of(on_time, line="a")[0].tolist()


def test_an_interrupted_underrun_is_not_told_after_its_line(play: Play, voice: np.ndarray) -> None:
    told = play([(100, Feed(1, "a", voice[:8000], 1)), (680, Interrupt(1))], until_ms=1500)
    assert [notice.kind for notice in notices(told)] == ["LINE_STARTED", "LINE_INTERRUPTED"]


def test_the_echo_is_the_sound_of_the_frames(play: Play, voice: np.ndarray) -> None:
    script = [(200, Feed(1, "a", voice[:16001], 1)), (200, EndLine(1, "a"))]
    told = play(script, until_ms=2500, specs=[TalkSpec(seed=1, echo=True)])
    echoes = [report for _, report in told if isinstance(report, Echo)]
    at = 0
    for echo in echoes:
        assert echo.sample == at
        at += len(echo.pcm) // 2
    spoken = np.frombuffer(b"".join(echo.pcm for echo in echoes if echo.line == "a"), "<i2") / 32768
    np.testing.assert_allclose(spoken, voice[:16001], atol=1e-4)
    assert at >= frames_of(told)[0][-1]


def test_finish_plays_what_is_queued_and_ends(play: Play, voice: np.ndarray) -> None:
    told = play([(200, Feed(1, "a", voice[:16000], 1)), (210, Finish(1))], until_ms=3000)
    assert notices(told, "LINE_FINISHED")
    at_ms, last = told[-1]
    assert isinstance(last, Closed)
    assert (last.code, last.audio_s) == ("", 1.0)
    assert 1050 <= at_ms <= 1450
    assert opening(frames_of(told)[1][-1:]).max() < 1e-3
