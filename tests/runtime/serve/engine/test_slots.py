"""Many talks in one engine: nobody harms anybody, the full are refused, what is slow is dropped first."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from live_talks import MS, Told, feed, frames_of

from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.engine import slots as engine_module
from visavis_runtime.serve.engine.session import Session
from visavis_runtime.serve.engine.slots import BATCH_MOST, BURSTS_BESIDE, Engine, EngineConfig
from visavis_runtime.serve.messages import (
    Close,
    Closed,
    EndLine,
    Feed,
    Finish,
    Notice,
    Open,
    Opened,
    Park,
    Parked,
    Picture,
    PictureSpec,
    PicturesWanted,
    Refused,
    Report,
    Shed,
    Steer,
    TalkSpec,
)  # fmt: skip

Play = Callable[..., Told]


def test_a_talk_alone_and_in_a_full_batch_are_the_same(play: Play, voice: np.ndarray) -> None:
    script = feed(1, "a", voice[:24000], at_ms=200)
    alone = frames_of(play(script, until_ms=1800, specs=[TalkSpec(seed=7)]))
    others = [
        command
        for talk in range(2, 41)
        for command in feed(talk, "x", voice[talk * 900 : talk * 900 + 20000], at_ms=50 + 7 * talk, chunk=320 + talk)
    ]
    specs = [TalkSpec(seed=7), *(TalkSpec(seed=100 + i, motion_fps=(60, 30, 25)[i % 3]) for i in range(39))]
    crowd = frames_of(play(script + others, until_ms=1800, specs=specs))
    np.testing.assert_array_equal(alone[0], crowd[0])
    np.testing.assert_allclose(alone[1], crowd[1], atol=1e-4)


def test_numbers_gone_wrong_stay_in_their_talk(play: Play, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """One talk's latents turn to NaN once, as a broken voice could make them."""
    whole = Talker.step_many
    spoiled = []

    def spoil(self: Talker, samples: list, controls: list, states: list) -> list:  # type: ignore[type-arg]
        results = whole(self, samples, controls, states)
        for i, state in enumerate(states):
            if state.gesture.seed == 13 and not spoiled and state.frame > 30 and results[i][0].shape[0]:
                spoiled.append(i)
                results[i] = (np.full_like(results[i][0], np.nan), results[i][1])
        return results

    script = feed(1, "a", voice[:24000], at_ms=200) + feed(2, "b", voice[:24000], at_ms=200)
    specs = [TalkSpec(seed=7), TalkSpec(seed=13)]
    clean = play(script, until_ms=2000, specs=specs)
    monkeypatch.setattr(Talker, "step_many", spoil)
    told = play(script, until_ms=2000, specs=specs)
    assert spoiled
    np.testing.assert_allclose(frames_of(told, 1)[1], frames_of(clean, 1)[1], atol=1e-5)
    samples, latents, _ = frames_of(told, 2)
    assert np.isfinite(latents).all()
    assert (np.diff(samples) > 0).all()
    assert [report.reason for _, report in told if isinstance(report, Notice) and report.kind == "WARNING"] == [
        "MOTION_RESTARTED"
    ]
    assert np.abs(np.diff(latents[:, 52:55], axis=0)).max() < 0.05  # the head does not jump where it began again


def test_samples_that_no_network_can_hear_end_their_talk_alone(play: Play, voice: np.ndarray) -> None:
    bad = np.full(640, np.nan, np.float32)
    script = [*feed(1, "a", voice[:16000], at_ms=100), (400, Feed(2, "b", bad, 1))]
    told = play(script, until_ms=1500, specs=[TalkSpec(seed=1), TalkSpec(seed=2)])
    closed = [report for _, report in told if isinstance(report, Closed)]
    assert [(one.talk, one.code, one.reason) for one in closed] == [(2, "INVALID_ARGUMENT", "SAMPLES_UNFIT")]
    assert frames_of(told, 1)[0][-1] > 1.2 * 16000


def test_a_bug_in_one_talk_is_told_without_its_trace(
    play: Play, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = Talker.step_many

    def fail(self: Talker, samples: list, controls: list, states: list) -> list:  # type: ignore[type-arg]
        if any(state.gesture.seed == 5 and state.frame > 20 for state in states):
            raise ZeroDivisionError("secret")
        return whole(self, samples, controls, states)

    monkeypatch.setattr(Talker, "step_many", fail)
    told = play([], until_ms=900, specs=[TalkSpec(seed=i) for i in range(3, 8)])
    closed = [report for _, report in told if isinstance(report, Closed)]
    assert [(one.talk, one.code, one.reason) for one in closed] == [(3, "INTERNAL", "TALK_FAILED")]
    assert "secret" not in closed[0].message
    assert "secret" in caplog.text
    assert frames_of(told, 1)[0][-1] > 0.7 * 16000


def test_a_control_out_of_range_ends_its_talk(play: Play) -> None:
    told = play([(100, Steer(1, {"distance": 9.0}))], until_ms=300, specs=[TalkSpec(seed=1), TalkSpec(seed=2)])
    closed = [report for _, report in told if isinstance(report, Closed)]
    assert [(one.talk, one.reason) for one in closed] == [(1, "CONTROL_RANGE")]


def test_an_engine_that_is_full_says_so_at_once() -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(capacity=0.5), report=reports.append)
    engine.costs.motion = 0.2
    for talk in range(4):
        engine.obey(Open(talk, TalkSpec(seed=talk)), now_ns=0)
    assert [type(report) for report in reports] == [Opened, Opened, Refused, Refused]
    refused = reports[-1]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", "CAPACITY")
    assert refused.retry_s > 0
    engine.obey(Close(0), now_ns=0)
    engine.obey(Open(9, TalkSpec(seed=9)), now_ns=0)
    assert isinstance(reports[-1], Opened)


def test_a_talk_that_is_taken_up_finds_its_place_in_a_full_engine() -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(capacity=0.5), report=reports.append)
    engine.costs.motion = 0.1
    for talk in range(1, 7):
        engine.obey(Open(talk, TalkSpec(seed=talk)), now_ns=0)
        engine.tick(now_ns=0)
    assert isinstance(reports[-1], Refused)
    engine.obey(Park(1), now_ns=0)
    parked = reports[-1]
    assert isinstance(parked, Parked)
    engine.obey(Open(7, TalkSpec(seed=7)), now_ns=0)  # somebody new is quicker
    for _ in range(2):
        engine.meter.tick(stepped_s=1e3, cpu_s=0.0)
        engine.load()
    assert engine.meter.saturated
    engine.obey(Open(8, TalkSpec(seed=8)), now_ns=0)
    assert isinstance(reports[-1], Refused)
    engine.obey(Open(9, TalkSpec(seed=1), parked=parked.state), now_ns=0)
    assert isinstance(reports[-1], Opened)


@pytest.mark.parametrize(("motion", "taken"), [(0.01, True), (0.06, False)])
def test_ticks_that_others_make_long_refuse_nobody_while_few_talk(motion: float, taken: bool) -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(), report=reports.append)
    engine.costs.motion = motion
    for talk in (1, 2):
        engine.obey(Open(talk, TalkSpec(seed=talk)), now_ns=0)
        engine.tick(now_ns=0)
    for _ in range(2):
        engine.meter.tick(stepped_s=1e3, cpu_s=0.0)
        load = engine.load()
    assert load.saturated
    assert load.light is taken
    engine.obey(Open(3, TalkSpec(seed=3)), now_ns=0)
    assert isinstance(reports[-1], Opened if taken else Refused)


def test_costs_are_measured_before_anybody_comes() -> None:
    engine = Engine(EngineConfig(), report=[].append)
    engine.costs.motion = 123.0
    engine.warm_up()
    assert 0.0005 < engine.costs.motion < 0.5


def test_everybody_has_a_turn_when_there_are_more_than_a_batch(play: Play) -> None:
    told = play([], until_ms=600, specs=[TalkSpec(seed=i) for i in range(BATCH_MOST + 20)])
    last = {talk: frames_of(told, talk)[0][-1] for talk in range(1, BATCH_MOST + 21)}
    assert min(last.values()) > 0.4 * 16000


def test_talks_on_torch_are_those_of_onnxruntime(play: Play, voice: np.ndarray) -> None:
    """What an engine on a GPU does with its voices, here without one; qualities share the network."""
    specs = [TalkSpec(seed=7), TalkSpec(seed=8, quality="fast"), TalkSpec(seed=9)]
    script = [*feed(1, "a", voice[:24000], at_ms=100), *feed(3, "b", voice[8000:24000], at_ms=350, chunk=320)]
    usual = play(script, until_ms=1800, specs=specs)
    told = play(script, until_ms=1800, specs=specs, speech=load_speech(backend="torch"))
    for talk in (1, 2, 3):
        ours, theirs = frames_of(told, talk), frames_of(usual, talk)
        assert len(ours[0]) > 90
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_allclose(ours[1], theirs[1], atol=1e-4)


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_a_talk_can_be_parked_and_goes_on_in_another_engine(play: Play, voice: np.ndarray, backend: str) -> None:
    script = [(100, Feed(1, "a", voice[:32000], 1)), (100, EndLine(1, "a"))]
    whole = frames_of(play(script, until_ms=3000, specs=[TalkSpec(seed=7)]))
    specs = [TalkSpec(seed=7), TalkSpec(seed=8)]
    first = play([*script, (1000, Park(1))], until_ms=1100, specs=specs, speech=load_speech(backend=backend))
    parked = next(report for _, report in first if isinstance(report, Parked))
    sent = pickle.dumps(parked.state)
    assert len(sent) < 400_000
    reports: list[Report] = []
    other = Engine(EngineConfig(), report=reports.append)
    samples, latents, _ = frames_of(first)
    for now_ms in range(0, 2500, 5):
        if now_ms == 0:
            other.obey(Open(1, TalkSpec(seed=7), parked=pickle.loads(sent)), now_ns=50_000 * MS)
        other.tick(now_ns=(50_000 + now_ms) * MS)
    second = frames_of([(0, report) for report in reports])
    samples, latents = np.concatenate([samples, second[0]]), np.concatenate([latents, second[1]])
    count = min(samples.shape[0], whole[0].shape[0])
    assert count > 150
    np.testing.assert_array_equal(samples[:count], whole[0][:count])
    np.testing.assert_allclose(latents[:count], whole[1][:count], atol=1e-4)


def test_closed_talks_are_forgotten(play: Play, voice: np.ndarray) -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(), report=reports.append)
    play([(200, Close(1)), (210, Feed(1, "a", voice[:640], 1)), (300, Finish(2))], until_ms=600, engine=engine,
         specs=[TalkSpec(seed=1), TalkSpec(seed=2)])  # fmt: skip
    assert not engine.busy
    assert engine.planned == 0


def drawn(told: Told, talk: int = 1) -> list[Picture]:
    return [report for _, report in told if isinstance(report, Picture) and report.talk == talk]


def test_pictures_have_their_own_rate_and_the_pose_of_their_sample(
    voice: np.ndarray, avatar: Path, picture_play: Play
) -> None:
    import cv2

    spec = TalkSpec(seed=3, pictures=PictureSpec(avatar, fps=25, size_px=128))
    told = picture_play(feed(1, "a", voice[:16000], at_ms=300), until_ms=1800, specs=[spec])
    pictures = drawn(told)
    assert [one.sample for one in pictures] == [k * 640 for k in range(len(pictures))]
    assert len(pictures) >= 40
    frame = cv2.imdecode(np.frombuffer(pictures[-1].data, np.uint8), cv2.IMREAD_COLOR)
    assert frame.shape == (128, 128, 3)
    assert frame.std() > 20
    spoken = [one for one in pictures if one.line]
    assert spoken
    assert all(one.line_sample >= 0 for one in spoken)


def test_pictures_of_every_talk_come_half_as_often_when_told_so(avatar: Path, picture_play: Play) -> None:
    spec = TalkSpec(seed=3, pictures=PictureSpec(avatar, fps=20, size_px=128))
    told = picture_play([(0, Shed(True))], until_ms=4000, specs=[spec])
    (notice,) = [report for _, report in told if isinstance(report, Notice) and report.kind == "DEGRADED"]
    assert (notice.count, notice.reason) == (10, "PICTURE_RATE")
    samples = [report.sample for _, report in told if isinstance(report, Picture)]
    assert set(np.diff(samples)[-10:]) == {1600}


def test_a_burst_loses_no_picture(voice: np.ndarray, avatar: Path, picture_play: Play) -> None:
    spec = TalkSpec(seed=3, paced=False, pictures=PictureSpec(avatar, fps=25, size_px=128))
    script = [(0, Feed(1, "a", voice[:48000], 1)), (0, EndLine(1, "a")), (0, Finish(1))]
    told = picture_play(script, until_ms=1500, specs=[spec])
    assert [one.sample for one in drawn(told)] == [k * 640 for k in range(75)]
    assert isinstance(told[-1][1], Closed)


def test_raw_pictures_have_every_byte(avatar: Path, picture_play: Play) -> None:
    spec = TalkSpec(seed=3, pictures=PictureSpec(avatar, format="rgba", size_px=128, background=False))
    pictures = drawn(picture_play([], until_ms=600, specs=[spec]))
    frame = np.frombuffer(pictures[0].data, np.uint8).reshape(128, 128, 4)
    assert frame[..., 3].min() == 0
    assert frame[..., 3].max() == 255


def test_a_client_that_cannot_take_pictures_gets_none_and_costs_none(avatar: Path, picture_play: Play) -> None:
    spec = TalkSpec(seed=3, pictures=PictureSpec(avatar, size_px=128))
    script = [(300, PicturesWanted(1, False)), (700, PicturesWanted(1, True))]
    told = picture_play(script, until_ms=1300, specs=[spec])
    at_ms = [ms for ms, report in told if isinstance(report, Picture)]
    assert [ms for ms in at_ms if 310 < ms < 690] == []
    assert [ms for ms in at_ms if ms > 750]
    assert frames_of(told)[0][-1] > 16000


def test_bursts_take_small_steps_beside_live_talks(play: Play, voice: np.ndarray) -> None:
    burst = TalkSpec(seed=3, paced=False)
    script = [(0, command) for talk in (1, 2) for command in (Feed(talk, "a", voice[:48000], 1), EndLine(talk, "a"))]
    alone = play(script, until_ms=50, specs=[burst, burst])
    beside = play(script, until_ms=50, specs=[burst, burst, TalkSpec(seed=4)])
    later = play(script, until_ms=500, specs=[burst, burst, TalkSpec(seed=4)])
    for talk in (1, 2):
        whole = frames_of(alone, talk)
        assert whole[0].shape[0] == 180
        assert frames_of(beside, talk)[0].max(initial=0) <= 10 * BURSTS_BESIDE // 2
        np.testing.assert_allclose(frames_of(later, talk)[1], whole[1], atol=1e-3)


def test_a_face_that_cannot_be_drawn_ends_its_talk_alone(
    avatar: Path, picture_play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    from visavis_runtime.render.renderer import CpuRenderer

    draw = CpuRenderer.render

    def fail(self: CpuRenderer, scenes: list, latents: np.ndarray, **named: object) -> np.ndarray:  # type: ignore[type-arg]
        if self.size == 192:
            raise ZeroDivisionError("secret")
        return draw(self, scenes, latents, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(CpuRenderer, "render", fail)
    specs = [TalkSpec(seed=i, pictures=PictureSpec(avatar, size_px=size)) for i, size in enumerate((128, 192))]
    told = picture_play([], until_ms=900, specs=specs)
    closed = [report for _, report in told if isinstance(report, Closed)]
    assert [(one.talk, one.reason) for one in closed] == [(2, "TALK_FAILED")]
    assert len(drawn(told, 1)) > 15


def test_a_talk_that_fails_between_steps_is_closed_alone(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    take = Session.take

    def fail(self: Session, now_ns: int, **named: int) -> object:
        if self.spec.seed == 5 and now_ns > 300 * MS:
            raise ZeroDivisionError("secret")
        return take(self, now_ns, **named)

    monkeypatch.setattr(Session, "take", fail)
    told = play([], until_ms=900, specs=[TalkSpec(seed=4), TalkSpec(seed=5)])
    assert [report.talk for _, report in told if isinstance(report, Closed)] == [2]
    assert frames_of(told, 1)[0][-1] > 0.7 * 16000


def test_an_avatar_that_is_not_there_is_refused(picture_play: Play, tmp_path: Path) -> None:
    spec = TalkSpec(seed=3, pictures=PictureSpec(tmp_path / "nobody.visavis"))
    told = picture_play([], until_ms=400, specs=[spec])
    refused = [report for _, report in told if isinstance(report, Refused)]
    assert [(one.code, one.reason) for one in refused] == [("NOT_FOUND", "AVATAR_UNKNOWN")]
    assert "nobody" in refused[0].message


def test_a_full_engine_halves_pictures_before_anything_else(
    avatar: Path, picture_play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every picture takes so long here that only some can be drawn: ten a second."""
    spec = TalkSpec(seed=3, pictures=PictureSpec(avatar, fps=30, size_px=128))
    told = picture_play([], until_ms=4000, specs=[spec], picture_every_ms=100)
    slower = [report for _, report in told if isinstance(report, Notice) and report.kind == "DEGRADED"]
    assert slower[0].count == 15
    motion = frames_of(told)
    assert np.diff(motion[0]).max() <= 267
    assert np.diff(motion[2]).max() <= 45


@pytest.fixture
def picture_play(play: Play, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Runs with a clock that the pictures follow; faces are loaded before the talk counts."""

    def run(script: list, *, until_ms: int, specs: list[TalkSpec], picture_every_ms: int = 0) -> Told:  # type: ignore[type-arg]
        reports: list[Report] = []
        engine = Engine(EngineConfig(capacity=1e9), report=reports.append)
        for spec in specs:
            face = engine._easel.begin(spec.pictures, quality=spec.quality)
            assert face is not None
            face.exception()  # wait
        clock = [0]
        monkeypatch.setattr(engine_module.time, "monotonic_ns", lambda: clock[0])
        draw, last_ms = engine._easel.draw, [-1_000_000]

        def paced(*arguments: object, **named: object) -> int:
            if clock[0] - last_ms[0] < picture_every_ms * MS:
                return 0
            last_ms[0] = clock[0]
            return draw(*arguments, **named)  # type: ignore[arg-type]

        engine._easel.draw = paced  # type: ignore[method-assign,assignment]
        told: Told = []
        script = sorted([*((0, Open(i + 1, spec)) for i, spec in enumerate(specs)), *script], key=lambda one: one[0])
        for now_ms in range(0, until_ms, 5):
            clock[0] = now_ms * MS
            while script and script[0][0] <= now_ms:
                engine.obey(script.pop(0)[1], now_ns=now_ms * MS)
            engine.tick(now_ns=now_ms * MS)
            told += [(now_ms, report) for report in reports]
            reports.clear()
        return told

    return run
