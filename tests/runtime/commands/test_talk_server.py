"""`visavis talk --server`: the same files as without, made by a real server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import soundfile
from live_server import Running, config

from visavis.cli import main
from visavis_runtime.write.curves import read_curves
from visavis_runtime.write.motion_file import read_motion

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
PORTRAIT = str(SAMPLES / "portraits" / "innkeeper.png")

pytestmark = pytest.mark.xdist_group("talk_server")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = Running(config(avatars=tmp_path_factory.mktemp("avatars")))
    yield running.address
    running.stop()


@pytest.fixture
def line(tmp_path: Path) -> str:
    audio, rate_hz = soundfile.read(SAMPLES / "lines" / "innkeeper.flac", dtype="int16")
    soundfile.write(tmp_path / "line.wav", audio[: 2 * rate_hz], rate_hz)
    return str(tmp_path / "line.wav")


def test_curves_and_motion_are_those_made_here(server: str, line: str, tmp_path: Path) -> None:
    for name, options in (("far", ["--server", server]), ("near", [])):
        outputs = ["-o", str(tmp_path / f"{name}.csv"), "-o", str(tmp_path / f"{name}.npz")]
        wishes = [
            "--seed",
            "6",
            "--emotion",
            "happy=0.5",
            "--gaze",
            "10,-5",
            "--head",
            "0.5",
            "--mask",
            "mouth,head,eyes",
        ]
        assert main(["talk", line, *outputs, *wishes, "--fps", "25", *options]) == 0
    far, near = (read_curves(tmp_path / f"{name}.csv") for name in ("far", "near"))
    assert np.array_equal(far[0], near[0])
    # The line is cut in the middle of a word, and a live one always ends in a shut mouth.
    assert np.abs(far[1] - near[1])[:-8].max() < 5e-3
    far_motion, near_motion = (read_motion(tmp_path / f"{name}.npz") for name in ("far", "near"))
    assert far_motion.latents.shape == near_motion.latents.shape == (50, 64)
    assert np.abs(far_motion.latents - near_motion.latents)[:-4].max() < 5e-3


def test_a_video_a_sheet_and_a_head_of_a_portrait(server: str, line: str, tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("a.mp4", "a.png", "a.glb")]
    arguments = [text for path in outputs for text in ("-o", str(path))]
    assert main(["talk", "--server", server, PORTRAIT, line, *arguments, "--fps", "25"]) == 0
    assert outputs[2].read_bytes()[:4] == b"glTF"
    with av.open(str(outputs[0])) as video:
        pictures = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(pictures) == 50
    portrait = cv2.cvtColor(cv2.resize(cv2.imread(PORTRAIT), (512, 512)), cv2.COLOR_BGR2RGB)
    assert (
        np.abs(pictures[0].mean(axis=(0, 1)) - portrait.mean(axis=(0, 1))).max() < 12
    )  # the colours are the right way round
    mouth = np.stack(pictures)[:, 260:360, 200:310].astype(np.float32)
    assert np.abs(np.diff(mouth, axis=0)).mean() > 0.3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--face", "1"], "--face is not known to servers"),
        (["--device", "cuda"], "--device is not known"),
        (["--avatar", "nobody", "-o", "b.mp4"], "There is no avatar 'nobody'"),
        (["-o", "b.mp4"], "--avatar NAME"),
        (["--avatar", "None.visavis", "-o", "b.mp4"], "not a file"),
    ],
)
def test_what_cannot_be_is_said(
    server: str, line: str, tmp_path: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["talk", "--server", server, line, "-o", "a.csv", *options]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert "Talking" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["line.wav"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


def test_a_server_with_tls_and_tokens(
    certificate: tuple[Path, Path], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    cert, key = (str(path) for path in certificate)
    tokens = tmp_path / "tokens.toml"
    tokens.write_text('[[token]]\nname = "studio"\ntoken = "right"\n', encoding="utf-8")
    running = Running(config(tls_cert=certificate[0], tls_key=certificate[1], tokens=tokens, tls_client_ca=None))
    port = running.address.rpartition(":")[2]
    talk = ["talk", "--server", f"localhost:{port}", line, "-o", str(tmp_path / "a.csv")]
    try:
        assert main([*talk, "--ca", cert, "--token", "right"]) == 0
        monkeypatch.setenv("VISAVIS_TOKEN", "right\n")
        shown = ["--client-cert", cert, "--client-key", key]
        assert main([*talk, "--ca", cert, *shown]) == 0
        capsys.readouterr()
        for options, words in (
            (["--ca", cert, "--token", "wrong"], "TOKEN_UNKNOWN"),
            (["--ca", cert, "--client-cert", cert], "--client-key"),
            ([], "TLS"),
            (["--ca", str(tmp_path / "none.pem")], "TLS_FILE"),
        ):
            assert main([*talk, *options]) == 1
            assert words in capsys.readouterr().err
    finally:
        running.stop()


def test_options_of_a_server_need_one(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["talk", line, "-o", str(tmp_path / "a.csv"), "--token", "secret"]) == 1
    assert "--server HOST:PORT" in capsys.readouterr().err


def test_no_server(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["talk", "--server", "127.0.0.1:1", line, "-o", str(tmp_path / "a.csv")]) == 1
    assert "visavis serve --listen 127.0.0.1:1" in capsys.readouterr().err
