"""A spoken line, and engines whose clock is the test's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.motion.speech import Speech, load_speech
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.engine import Engine, EngineConfig
from visavis_runtime.serve.messages import Command, Feed, Frames, Open, Report, TalkSpec

MS = 1_000_000
Script = list[tuple[int, Command]]
Told = list[tuple[int, Report]]


@pytest.fixture(scope="session")
def voice(line_path: Path) -> np.ndarray:
    """[n] float32, 16 kHz."""
    return read_audio(line_path).samples


@pytest.fixture(scope="session")
def line_path() -> Path:
    return Path(__file__).resolve().parents[3] / "samples" / "lines" / "innkeeper.flac"


@pytest.fixture(scope="session")
def talker() -> Talker:
    return Talker(load_speech(), fps=60)


@pytest.fixture(scope="session")
def avatar(weights: None, tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """An avatar file of a drawn portrait."""
    from visavis_runtime.face.build import build_avatar
    from visavis_runtime.face.portrait.picture import read_picture

    path = tmp_path_factory.mktemp("avatars") / "innkeeper.visavis"
    build_avatar(read_picture(root / "samples" / "portraits" / "innkeeper.png")).save(path)
    return path


def feed(talk: int, line: str, samples: np.ndarray, *, at_ms: int, chunk: int = 640) -> Script:
    """A voice that is spoken from `at_ms` on: each chunk comes when its last sample has been said."""
    return [
        (at_ms + (i + chunk) // 16, Feed(talk, line, samples[i : i + chunk], (at_ms + (i + chunk) // 16) * MS))
        for i in range(0, samples.shape[0], chunk)
    ]


@pytest.fixture
def play() -> Callable[..., Told]:
    """Runs a script of (ms, command) in an engine with ticks of 5 ms; gives (ms, report)."""

    def run(
        script: Script,
        *,
        until_ms: int,
        specs: Sequence[TalkSpec] = (TalkSpec(seed=3),),
        engine: Engine | None = None,
        speech: Speech | None = None,
    ) -> Told:
        reports: list[Report] = []
        engine = engine or Engine(EngineConfig(capacity=1e9), report=reports.append, speech=speech)
        told: Told = []
        script = sorted([*((0, Open(i + 1, spec)) for i, spec in enumerate(specs)), *script], key=lambda one: one[0])
        for now_ms in range(0, until_ms, 5):
            while script and script[0][0] <= now_ms:
                engine.obey(script.pop(0)[1], now_ns=now_ms * MS)
            engine.tick(now_ns=now_ms * MS)
            told += [(now_ms, report) for report in reports]
            reports.clear()
        return told

    return run


def frames_of(told: Told, talk: int = 1, *, line: str | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples [k], latents [k, 64] and arrival [k] ms of a talk's frames (of one line)."""
    own = [
        (ms, report)
        for ms, report in told
        if isinstance(report, Frames) and report.talk == talk and (line is None or report.line == line)
    ]
    if not own:
        return np.zeros(0, np.int64), np.zeros((0, 64), np.float32), np.zeros(0)
    samples = np.concatenate([report.samples for _, report in own])
    latents = np.concatenate([report.latents for _, report in own])
    return samples, latents, np.concatenate([np.full(report.samples.shape[0], ms) for ms, report in own])


def opening(latents: np.ndarray) -> np.ndarray:
    """How far the lips are apart, [k]."""
    return latents[:, INDEX["jawOpen"]] - latents[:, INDEX["mouthClose"]]
