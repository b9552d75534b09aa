"""Pictures of an engine's talks: their rate, their bytes, and what gives way when there are too many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from live_talks import MS, Play, Told, feed, frames_of

from visavis_runtime.serve.engine import slots as engine_module
from visavis_runtime.serve.engine.slots import Engine, EngineConfig
from visavis_runtime.serve.messages import (
    Closed,
    EndLine,
    Feed,
    Finish,
    Notice,
    Open,
    Picture,
    PictureSpec,
    PicturesWanted,
    Refused,
    Report,
    Shed,
    TalkSpec,
)  # fmt: skip


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
