"""Every numbered sample runs against a real server and shows what it promises."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from live_server import Running, config
from osc_reader import blends, read_packet
from udp_listener import UdpListener

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
NUMBERED = sorted(path.name for path in SAMPLES.glob("[0-9][0-9]_*.py"))
WORDS = {
    "01_hello_face.py": ["behind the voice", "LINE_FINISHED", "hello_face.jpg"],
    "02_microphone.py": ["stands in", "LINE_STARTED", "LINE_FINISHED", " ms"],
    "03_two_npcs.py": ["guard: LINE_STARTED guard", "android: LINE_FINISHED android", "guard Summary"],
    "04_interrupt.py": ["LINE_INTERRUPTED: story", "the mouth is shut", "LINE_FINISHED: answer", "its end: False"],
    "05_emotion_and_gaze.py": ["MARKER smiles", "MARKER is angry", "emotion_and_gaze.npz"],
    "06_vrm_avatar.py": ["VMC goes to 127.0.0.1:", "stands in", "LINE_STARTED", "LINE_FINISHED"],
}

pytestmark = pytest.mark.xdist_group("live_samples")


@pytest.fixture(scope="module")
def vrm_app() -> Iterator[UdpListener]:
    """Stands for the app that shows a VRM avatar."""
    with UdpListener() as listener:
        yield listener


@pytest.fixture(scope="module")
def shown(
    tmp_path_factory: pytest.TempPathFactory, vrm_app: UdpListener
) -> Iterator[dict[str, tuple[subprocess.Popen[str], Path]]]:
    """All samples at once, each in a folder of its own: they speak in real time."""
    running = Running(config(avatars=tmp_path_factory.mktemp("avatars")))
    started = {}
    for name in NUMBERED:
        folder = tmp_path_factory.mktemp(name[:2])
        # No microphone in a test: sounddevice must not be found.
        (folder / "sounddevice.py").write_text("raise ImportError('not in tests')\n", encoding="utf-8")
        command = [sys.executable, "-u", str(SAMPLES / name), running.address]
        command += [vrm_app.address] if name.startswith("06") else []
        started[name] = (
            subprocess.Popen(
                command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=_environment(folder),
            ),
            folder,
        )  # fmt: skip
    yield started
    for process, _ in started.values():
        process.kill()
    running.stop()


def _environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}


def test_there_are_words_for_each() -> None:
    assert sorted(WORDS) == NUMBERED
    for name in NUMBERED:
        assert len((SAMPLES / name).read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("name", NUMBERED)
def test_sample_runs(shown: dict[str, tuple[subprocess.Popen[str], Path]], name: str) -> None:
    process, folder = shown[name]
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err[-2000:]
    assert [words for words in WORDS[name] if words not in out] == []
    if name.startswith("01"):
        picture = cv2.imread(str(folder / "hello_face.jpg"))
        assert picture is not None
        assert picture.shape == (512, 512, 3)
    if name.startswith("05"):
        motion = np.load(folder / "emotion_and_gaze.npz")
        smile = motion["latents"][:, list(motion["names"]).index("mouthSmileLeft")]
        said = motion["line_sample"]
        assert smile[(said > 20_000) & (said < 38_000)].mean() > 3 * smile[(said > 50_000) & (said < 68_000)].mean()


@pytest.mark.parametrize("name", NUMBERED)
def test_without_a_server_one_line_says_what_to_do(name: str, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, str(SAMPLES / name), address]
        done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"No server answers at {address}: start one with `visavis serve --listen {address}`, or check the address and "
        "whether it asks for TLS."
    ]


def test_the_vrm_app_hears_the_face(shown: dict[str, tuple[subprocess.Popen[str], Path]], vrm_app: UdpListener) -> None:
    process, _ = shown["06_vrm_avatar.py"]
    process.wait(timeout=60)
    packets = vrm_app.drain(quiet_s=0.2)
    assert max(map(len, packets)) <= 1400
    frames: list[list[bytes]] = [[]]
    for packet in packets:
        frames[-1].append(packet)
        if read_packet(packet) == [("/VMC/Ext/Blend/Apply", [])]:
            frames.append([])
    faces = [blends([message for packet in frame for message in read_packet(packet)]) for frame in frames[:-1]]
    assert len(faces) > 200
    assert frames[-1] == []
    assert {len(face) for face in faces} == {62}
    jaw, vowel = (np.array([face[name] for face in faces]) for name in ("JawOpen", "A"))
    assert jaw.max() > 0.2
    assert vowel.max() > 0.3
    assert jaw[-1] < 0.05
    assert min(face["EyeBlinkLeft"] for face in faces) < 0.1


def test_ctrl_c_ends_the_microphone_without_a_trace(
    shown: dict[str, tuple[subprocess.Popen[str], Path]], tmp_path: Path
) -> None:
    process, folder = shown["02_microphone.py"]
    command = [*process.args]  # type: ignore[misc]
    with subprocess.Popen(
        command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(folder)
    ) as speaking:
        assert speaking.stdout is not None
        for line in speaking.stdout:
            if "LINE_STARTED" in line:
                break
        speaking.send_signal(signal.SIGINT)
        _, err = speaking.communicate(timeout=20)
    assert "Traceback" not in err
    assert speaking.returncode == 0
