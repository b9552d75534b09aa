"""Heads of the sample portraits, and the browser page; the tests skip, or fail where they are required, if something is
missing.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser import Browser, browser
from engine_runs import ENGINES, need
from godot_project import GodotProject
from live_stack import LiveStack, live_stack
from web_page import LIVE, address

from visavis.errors import WeightsError
from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture

PORTRAITS = ("innkeeper", "guard", "scholar", "android")
PROBES = (ENGINES / "web" / "probes.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def npc(root: Path) -> Callable[[str], Avatar]:
    """An avatar by the name of its sample portrait, built once."""
    built: dict[str, Avatar] = {}

    def avatar(name: str) -> Avatar:
        if name not in built:
            try:
                built[name] = build_avatar(read_picture(root / "samples" / "portraits" / f"{name}.png"))
            except WeightsError as error:
                need(False, f"the face networks cannot be had ({error})")
        return built[name]

    return avatar


@pytest.fixture(scope="session")
def npc_folder(npc: Callable[[str], Avatar], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample portraits as avatars, as a server keeps them."""
    folder = tmp_path_factory.mktemp("avatars")
    for name in PORTRAITS:
        npc(name).save(folder / f"{name}.visavis")
    return folder


@pytest.fixture(scope="session")
def godot_sample(root: Path, npc_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> GodotProject:
    """samples/godot after its prepare.py, which finds the avatar built already, and after Godot's import."""
    folder = tmp_path_factory.mktemp("godot")
    made = folder / "npc"
    (made / "avatars").mkdir(parents=True)
    shutil.copy(npc_folder / "innkeeper.visavis", made / "avatars")
    spec = importlib.util.spec_from_file_location("prepare", root / "samples" / "godot" / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    prepare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(prepare)
    prepare.main(made)
    project = GodotProject(folder, npc=made)
    project.imported = project.run("--editor", "--quit")
    return project


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A recorded voice of 48 kHz, two channels: the microphone, and a file that is dropped."""
    audio, rate_hz = soundfile.read(root / "samples" / "lines" / "guard.flac", dtype="float32")
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    soundfile.write(path, np.repeat(np.repeat(audio, 48_000 // rate_hz)[:, None], 2, axis=1), 48_000, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def chrome(voice: Path) -> Iterator[Browser]:
    microphone = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with browser(*microphone, f"--use-file-for-fake-audio-capture={voice}") as chrome:
        chrome.do("setViewportSize", {"width": 900, "height": 600})
        yield chrome


@pytest.fixture(scope="module")
def web_stack(npc_folder: Path) -> Iterator[LiveStack]:
    """A server with the sample portraits, and a bridge with the page."""
    with live_stack(npc_folder, bridge=("--web",)) as stack:
        yield stack


@pytest.fixture
def page(chrome: Browser, web_stack: LiveStack) -> Browser:
    """The page with the innkeeper's head on it; nothing was complained of."""
    chrome.do("goto", "about:blank")
    chrome.do("goto", address(web_stack))
    chrome.until(LIVE)
    chrome.js(PROBES)
    chrome.js(f"window.record = probe.record({INDEX['jawOpen']}, {INDEX['tongueOut']}), true")
    return chrome
