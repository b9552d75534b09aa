"""A spoken line, and engines whose clock is the test's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import avatar_server as real
import numpy as np
import numpy.typing as npt
import pytest
from avatar_server import AvatarServer, saved
from live_talks import MS, Script, Told
from PIL import Image

from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.face.avatar import ENTRY_NAMES
from visavis_runtime.face.bundle import read_bundle
from visavis_runtime.motion.speech import Speech, load_speech
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.engine.slots import Engine, EngineConfig
from visavis_runtime.serve.messages import Feed, Open, Report, TalkSpec


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


@pytest.fixture
def play() -> Callable[..., Told]:
    """Runs a script of (ms, command) in an engine with ticks of 5 ms; gives (ms, report). Audio came in at its ms."""

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
                at_ms, command = script.pop(0)
                if isinstance(command, Feed):
                    command = command._replace(received_ns=at_ms * MS)
                engine.obey(command, now_ns=now_ms * MS)
            engine.tick(now_ns=now_ms * MS)
            told += [(now_ms, report) for report in reports]
            reports.clear()
        return told

    return run


@pytest.fixture(scope="module")
def photo(astronaut: npt.NDArray[np.uint8]) -> Image.Image:
    """Of a person, cut close to the face."""
    return Image.fromarray(astronaut[:330, 60:390])


@pytest.fixture(scope="module")
def bundle(server: AvatarServer, photo: Image.Image) -> dict[str, bytes]:
    """The entries of a good avatar, which the module's `server` keeps as 'good'."""
    server.create(saved(photo, "PNG"), name="good")
    return dict(read_bundle(server.store.path("good"), names=ENTRY_NAMES).entries)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Iterator[AvatarServer]:
    """One server and one child for all tests of a file."""
    with real.running(tmp_path_factory.mktemp("avatars")) as running:
        yield running


@pytest.fixture
def nothing_stays(server: AvatarServer) -> Iterator[None]:
    """No temporary file is left behind."""
    yield
    assert [name for name in server.files() if name.startswith(".")] == []
