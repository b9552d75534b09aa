"""Takes the shipped speech model, gives what the motion of one talk costs and whether its gestures are like people's.

CPU time of one thread, never wall time: the machine may be busy. The voice is made here (a babble of pulses and noise
with syllables and pauses), because cost does not depend on what is said; gestures are measured on ten minutes of it
and, in a checkout, of the sample lines one after another (`gestures.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.bench.gestures import measure_gestures, measure_idle
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.speech_net import MODEL
from visavis_runtime.motion.talk import TalkState
from visavis_runtime.motion.talker import Talker

CHUNK_SAMPLES = SAMPLE_RATE_HZ // 25
COST_S = 10.0
REPEATS = 5
TOGETHER = 64
GESTURES_S = 600.0
FPS = 60
LINES = Path(__file__).resolve().parents[3] / "samples" / "lines"
LINE_GAP_S = 0.5
Samples = npt.NDArray[np.float32]


def measure_motion(*, quality: str = "balanced") -> dict[str, Any]:
    """Cost, look-ahead and size of the model, and the statistics of the gestures, by name.

    `rtf_per_core` is voice to mouth curves (features, network, articulation), `rtf_per_core_with_gestures` the whole
    talker at 60 frames a second: CPU seconds per second of one voice, the median of several runs;
    `rtf_per_core_together` is each talk's share where many step in one call. Gestures are those of
    the toy voice, with `lines_` before the name those of the sample lines, with `idle_` those of a listener.
    """
    speech = load_speech(quality=quality)
    talker = Talker(speech, fps=FPS)
    voice = toy_voice(duration_s=COST_S)

    def talk(chunk: Samples, state: TalkState) -> tuple[Samples, TalkState]:
        return talker.step(chunk, Controls(), state)

    whole = median(_cost(talk, talker.start(seed=0), voice=voice) for _ in range(REPEATS))
    many = median(_cost_together(talker, voice=voice) for _ in range(REPEATS))
    lips = median(_cost(speech.step, speech.start(), voice=voice) for _ in range(REPEATS))
    voices = {"": toy_voice(duration_s=GESTURES_S)}
    lines = sample_lines(duration_s=GESTURES_S)
    if lines is not None:
        voices["lines_"] = lines
    return {
        "quality": quality,
        "rtf_per_core": round(lips, 4),
        "rtf_per_core_with_gestures": round(whole, 4),
        "rtf_per_core_together": round(many, 4),
        "talks_together": TOGETHER,
        "chunk_ms": 1000 * CHUNK_SAMPLES // SAMPLE_RATE_HZ,
        "lookahead_ms": round(1000 * speech.latency_s, 1),
        "params": _parameters(MODEL),
        "checkpoint_bytes": MODEL.stat().st_size,
        **{
            prefix + name: value
            for prefix, samples in voices.items()
            for name, value in measure_gestures(speech, voice=samples, fps=FPS).items()
        },
        **{"idle_" + name: value for name, value in measure_idle(speech, duration_s=GESTURES_S, fps=FPS).items()},
    }


def _cost(step: Callable[[Samples, Any], tuple[Any, Any]], state: Any, *, voice: Samples) -> float:
    """CPU seconds per second of voice, fed in live chunks."""
    began = time.process_time()
    for at in range(0, voice.shape[0], CHUNK_SAMPLES):
        _, state = step(voice[at : at + CHUNK_SAMPLES], state)
    return (time.process_time() - began) * SAMPLE_RATE_HZ / len(voice)


def _cost_together(talker: Talker, *, voice: Samples) -> float:
    """CPU seconds per second of voice and talk; every talk hears another part of the voice."""
    states = [talker.start(seed=seed) for seed in range(TOGETHER)]
    voices = [np.roll(voice, -len(voice) * seed // TOGETHER) for seed in range(TOGETHER)]
    controls = [Controls()] * TOGETHER
    began = time.process_time()
    for at in range(0, len(voice), CHUNK_SAMPLES):
        given = talker.step_many([one[at : at + CHUNK_SAMPLES] for one in voices], controls, states)
        states = [state for _, state in given]
    return (time.process_time() - began) * SAMPLE_RATE_HZ / len(voice) / TOGETHER


def _parameters(path: Path) -> int:
    """Numbers that training set: the float weights in the ONNX file."""
    graph = onnx.load(str(path)).graph
    floats = (tensor for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT)
    return sum(math.prod(tensor.dims) for tensor in floats)


def sample_lines(*, duration_s: float) -> Samples | None:
    """The sample lines over and over with half a second between them; None in an installed wheel, which has none."""
    files = sorted(LINES.glob("*.flac"))
    if not files:
        return None
    gap = np.zeros(int(LINE_GAP_S * SAMPLE_RATE_HZ), np.float32)
    once = np.concatenate([part for file in files for part in (read_audio(file).samples, gap)])
    return np.resize(once, int(duration_s * SAMPLE_RATE_HZ))


def toy_voice(*, duration_s: float, seed: int = 1) -> npt.NDArray[np.float32]:
    """Something like speech to a gesture generator, 16 kHz [n] float32: voiced syllables with a melody and pauses."""
    random = np.random.default_rng(seed)
    parts: list[npt.NDArray[np.float64]] = []
    length = 0
    while length < duration_s * SAMPLE_RATE_HZ:
        phrase = [_syllable(random) for _ in range(random.integers(5, 14))]
        phrase.append(random.standard_normal(int(SAMPLE_RATE_HZ * random.uniform(0.3, 0.9))) * 1e-3)
        parts.extend(phrase)
        length += sum(part.shape[0] for part in phrase)
    return np.concatenate(parts)[: int(duration_s * SAMPLE_RATE_HZ)].astype(np.float32)


def _syllable(random: np.random.Generator) -> npt.NDArray[np.float64]:
    """A harmonic vowel with two formants and a noisy onset, 0.14 to 0.3 s."""
    count = int(SAMPLE_RATE_HZ * random.uniform(0.14, 0.30))
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    stress = random.uniform(0.3, 1.0)
    pitch_hz = 110.0 * (1.0 + 0.35 * stress * np.sin(np.pi * time_s / time_s[-1]))
    phase = 2.0 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ
    formants = random.uniform(300.0, 800.0), random.uniform(900.0, 2300.0)
    wave = np.zeros(count)
    for harmonic in range(1, 25):
        gain = sum(1.0 / (1.0 + ((harmonic * 120.0 - formant) / 120.0) ** 2) for formant in formants)
        wave += gain * np.sin(harmonic * phase)
    envelope = np.sin(np.pi * np.linspace(0.0, 1.0, count)) ** 0.6
    onset = np.exp(-time_s / 0.02) * random.standard_normal(count)
    return np.asarray(0.08 * stress * envelope * wave + 0.03 * onset)
