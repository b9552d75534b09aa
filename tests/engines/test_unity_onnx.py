"""The C# of samples/unity_onnx on mono against the runtime: features of a real line, curves of real answers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile
from engine_runs import need

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.audio.features import mel_power, start_features
from visavis_runtime.audio.level import normalise, start_level
from visavis_runtime.motion.articulation import curves_of_channels, enforce_closures
from visavis_runtime.motion.closing import closure_strengths
from visavis_runtime.training.export_engine import ENGINE_MODEL, FRAMES

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "unity_onnx"
VOCABULARY = ROOT / "unity_bridge" / "com.visavis.unity" / "Runtime" / "Core" / "Vocabulary.cs"
PROGRAMS = ROOT / "tests" / "engines" / "unity_onnx"
STUBS = ROOT / "tests" / "engines" / "unity" / "StubsEditor"
ENGINE_ONLY = "FaceFromVoice.cs"
BALANCED, ANSWERED_LATE = 1, 6
"""The look-ahead and by how many frames its answers come later."""

SILENT_FRAMES = 100

Replay = Callable[..., np.ndarray]


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """Runs the compiled sample over an array: `replay("features", samples, "160")`."""
    for program in ("mcs", "mono"):
        need(shutil.which(program), f"{program} is not installed")
    folder = tmp_path_factory.mktemp("onnx")
    sources = [path for path in sorted(SAMPLE.glob("*.cs")) if path.name != ENGINE_ONLY]
    program = folder / "replay.exe"
    _compile(program, [PROGRAMS / "Replay.cs", VOCABULARY, *sources])

    def run(mode: str, values: np.ndarray, *options: str) -> np.ndarray:
        given, answered = folder / "in.f32", folder / "out.f32"
        given.write_bytes(values.astype("<f4").tobytes())
        command = ["mono", program, mode, given, *options, answered]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr
        return np.frombuffer(answered.read_bytes(), "<f4")

    return run


def _compile(program: Path, sources: list[Path]) -> None:
    command = ["mcs", "-langversion:7.2", "-warnaserror", "-nowarn:649", f"-out:{program}", *sources]
    compiled = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr


def _voice(name: str) -> np.ndarray:
    audio, rate_hz = soundfile.read(ROOT / "samples" / "lines" / f"{name}.flac", dtype="float32")
    assert rate_hz == 16_000
    return np.asarray(audio)


def _features(samples: np.ndarray) -> np.ndarray:
    power, _ = mel_power(samples, state=start_features())
    return normalise(power, state=start_level())[0]


def _heard(features: np.ndarray) -> np.ndarray:
    """What the network is fed for a voice: a second of silence and its features, [t, 64]."""
    silence, _ = normalise(np.zeros((SILENT_FRAMES, 64), np.float32), state=start_level())
    return np.concatenate([silence, features])


def _calls(features: np.ndarray) -> dict[str, np.ndarray]:
    """What the network answers, output by output [calls, ...], as an engine would get it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    net = onnxruntime.InferenceSession(str(ENGINE_MODEL), options, providers=["CPUExecutionProvider"])
    state = {value.name: np.zeros(value.shape, np.float32) for value in net.get_inputs()[1:]}
    names = [value.name for value in net.get_outputs()]
    calls = []
    for at in range(0, len(features) - FRAMES + 1, FRAMES):
        answers = dict(zip(names, net.run(None, {"features": features[None, at : at + FRAMES], **state}), strict=True))
        state = {name: answers[f"{name}_next"] for name in state}
        calls.append(answers)
    return {name: np.concatenate([answers[name] for answers in calls]) for name in names}


def _answers(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Phones, channels and closures [t, n] of every frame from 0 on."""
    calls = _calls(_heard(features))
    phones, channels, closures = (
        calls[name][:, BALANCED].reshape(-1, calls[name].shape[-1])[SILENT_FRAMES + ANSWERED_LATE :]
        for name in ("phones", "channels", "closures")
    )
    return phones, channels, closures


def _curves(phones: np.ndarray, channels: np.ndarray, closures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps 1 to 5 of docs/in-engine.md in numpy, with the runtime's own functions for 2, 4 and 5."""
    rows = np.concatenate([channels, closures, 1.0 - phones[:, :1]], axis=1)
    rows = np.concatenate([rows[:1], rows])  # what stands before frame 0
    smooth = 0.25 * rows[:-2] + 0.5 * rows[1:-1] + 0.25 * rows[2:]
    strengths = closure_strengths(rows[None, :, 9:11], last=np.zeros((1, 2), np.float32))[0]
    trust, trusted = 0.0, []
    for speaking in np.clip((smooth[:, 11] - 0.05) / 0.9, 0.0, 1.0):
        trust = max(float(speaking), trust - 0.03)
        trusted.append(trust)
    x = np.clip((np.array(trusted) - 0.30) / 0.40, 0.0, 1.0)
    faded = (smooth[:, :9] * (x * x * (3 - 2 * x))[:, None]).astype(np.float32)
    latents = np.zeros((len(faded), 64), np.float32)
    latents[:, : len(ARKIT_NAMES)] = curves_of_channels(faded)
    return enforce_closures(latents, strengths)[:, : len(ARKIT_NAMES)], strengths


@pytest.mark.parametrize("chunks", ["160", "1,7,997,3,160,4001"])
@pytest.mark.parametrize("level", [1.0, 0.03])
def test_features_of_a_real_line_in_pieces(replay: Replay, chunks: str, level: float) -> None:
    samples = _voice("innkeeper") * np.float32(level)
    ours = replay("features", samples, chunks).reshape(-1, 64)
    wanted = _features(samples)
    assert ours.shape == wanted.shape
    np.testing.assert_allclose(ours, wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", ["innkeeper", "captain"])
def test_curves_of_the_answers_of_the_network(replay: Replay, name: str) -> None:
    phones, channels, closures = _answers(_features(_voice(name)))
    wanted, strengths = _curves(phones, channels, closures)
    ours = replay("curves", np.concatenate([phones[:, :1], channels, closures], axis=1)).reshape(-1, 54)
    assert len(ours) == len(wanted)
    np.testing.assert_allclose(ours[:, 52:], strengths, atol=1e-4)
    np.testing.assert_allclose(ours[:, :52], wanted, atol=1e-4)
    assert strengths[:, 0].max() == 1.0, "the line has a p, b or m"
    assert wanted[:, INDEX["jawOpen"]].max() > 0.2


def test_random_answers_reach_every_branch(replay: Replay) -> None:
    """Channels beyond 0..1, doubt that comes and goes, both closures at once."""
    random = np.random.default_rng(5)
    count = 400
    silence = np.repeat(random.random(count // 20), 20)[:, None].astype(np.float32)
    channels = random.uniform(-0.2, 1.3, (count, 9)).astype(np.float32)
    closures = np.repeat(random.random((count // 4, 2)), 4, axis=0).astype(np.float32)
    wanted, _ = _curves(silence, channels, closures)
    ours = replay("curves", np.concatenate([silence, channels, closures], axis=1)).reshape(-1, 54)
    np.testing.assert_allclose(ours[:, :52], wanted, atol=1e-4)


@pytest.mark.parametrize("step", [267, 1600])
def test_the_sketch_shows_the_frame_of_the_sounds_position(replay: Replay, tmp_path: Path, step: int) -> None:
    """FaceFromVoice with stand-ins of Unity, drawn at 60 and at 10 frames a second; the network's answers are real."""
    names = ("UnityEngine", "Scene", "Geometry", "Audio", "InferenceEngine")
    sources = [PROGRAMS / "SketchRun.cs", VOCABULARY, *SAMPLE.glob("*.cs"), *(STUBS / f"{name}.cs" for name in names)]
    _compile(tmp_path / "sketch.exe", sources)
    samples = _voice("innkeeper")[: 2 * 16_000]
    features = _features(np.concatenate([samples, np.zeros(3200, np.float32)]))
    for name, values in {"clip": samples, **_calls(_heard(features))}.items():
        (tmp_path / f"{name}.f32").write_bytes(values.astype("<f4").tobytes())
    command = ["mono", tmp_path / "sketch.exe", tmp_path, str(step)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    heard = np.fromfile(tmp_path / "heard.f32", "<f4").reshape(-1, 64)
    np.testing.assert_allclose(heard, _heard(features)[: len(heard)], atol=1e-4, rtol=0)
    weights = np.fromfile(tmp_path / "weights.f32", "<f4").reshape(-1, 52)
    curves, _ = _curves(*_answers(features))
    playing = np.arange(0, len(samples), step)
    np.testing.assert_allclose(weights[: len(playing)], 100 * curves[playing // 160], atol=1e-2)
    assert weights[len(playing) :].max() < weights[len(playing) - 1].max(), "it eases from the moment the sound ends"
    assert weights[-1].max() == 0.0
