"""Takes the shipped speech model, gives what the motion of one talk costs and whether its gestures are like people's.

CPU time of one thread, never wall time: the machine may be busy. The voice is made here (a babble of pulses and noise
with syllables and pauses), because cost does not depend on what is said. Gesture statistics are those of ten minutes.
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

from visavis.latents import ARKIT_NAMES, INDEX, SAMPLE_RATE_HZ
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.speech_net import MODEL
from visavis_runtime.motion.talker import Talker, TalkState

CHUNK_SAMPLES = SAMPLE_RATE_HZ // 25
COST_S = 10.0
REPEATS = 5
GESTURES_S = 600.0
FPS = 60
Samples = npt.NDArray[np.float32]
_ON_TARGET_RAD = np.radians(3.0)
_HEAD = slice(len(ARKIT_NAMES), len(ARKIT_NAMES) + 3)


def measure_motion(*, quality: str = "balanced") -> dict[str, Any]:
    """Cost, look-ahead and size of the model, and the statistics of the gestures, by name.

    `rtf_per_core` is voice to mouth curves (features, network, articulation), `rtf_per_core_with_gestures` the whole
    talker at 60 frames a second: CPU seconds per second of one voice, the median of several runs.
    """
    speech = load_speech(quality=quality)
    talker = Talker(speech, fps=FPS)
    voice = toy_voice(duration_s=COST_S)

    def talk(chunk: Samples, state: TalkState) -> tuple[Samples, TalkState]:
        return talker.step(chunk, Controls(), state)

    whole = median(_cost(talk, talker.start(seed=0), voice=voice) for _ in range(REPEATS))
    lips = median(_cost(speech.step, speech.start(), voice=voice) for _ in range(REPEATS))
    latents, _ = talker.step(toy_voice(duration_s=GESTURES_S), Controls(), talker.start(seed=0))
    return {
        "quality": quality,
        "rtf_per_core": round(lips, 4),
        "rtf_per_core_with_gestures": round(whole, 4),
        "chunk_ms": 1000 * CHUNK_SAMPLES // SAMPLE_RATE_HZ,
        "lookahead_ms": round(1000 * speech.latency_s, 1),
        "params": _parameters(MODEL),
        "checkpoint_bytes": MODEL.stat().st_size,
        **gesture_figures(latents, fps=FPS),
    }


def _cost(step: Callable[[Samples, Any], tuple[Any, Any]], state: Any, *, voice: Samples) -> float:
    """CPU seconds per second of voice, fed in live chunks."""
    began = time.process_time()
    for at in range(0, voice.shape[0], CHUNK_SAMPLES):
        _, state = step(voice[at : at + CHUNK_SAMPLES], state)
    return (time.process_time() - began) * SAMPLE_RATE_HZ / len(voice)


def _parameters(path: Path) -> int:
    """Numbers that training set: the float weights in the ONNX file."""
    graph = onnx.load(str(path)).graph
    floats = (tensor for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT)
    return sum(math.prod(tensor.dims) for tensor in floats)


def gesture_figures(latents: npt.NDArray[np.float32], *, fps: int) -> dict[str, float]:
    """Statistics of latents [k, 64] over minutes: head (deg, deg/s, spectrum), blinks a minute, gaze on the viewer."""
    head = np.degrees(latents[:, _HEAD].astype(np.float64))
    speed = np.linalg.norm(np.diff(head, axis=0), axis=1) * fps
    frequency_hz, power = _spectrum(head, fps=fps)
    cumulative = np.cumsum(power) / power.sum()
    lids = latents[:, INDEX["eyeBlinkLeft"]] > 0.5
    gaze = latents[:, [INDEX["headYaw"], INDEX["headPitch"]]] + latents[:, [INDEX["leftEyeYaw"], INDEX["leftEyePitch"]]]
    on_target = np.linalg.norm(gaze, axis=1) < _ON_TARGET_RAD
    bouts = int((on_target[1:] & ~on_target[:-1]).sum()) + int(on_target[0])
    band = (frequency_hz > 0.3) & (frequency_hz < 3.0)
    slope = np.polyfit(np.log(frequency_hz[band]), np.log(power[band]), 1)[0]
    return {
        "head_std_deg": round(float(np.sqrt((head.std(axis=0) ** 2).mean())), 2),
        "head_speed_deg_s": round(float(speed.mean()), 1),
        "head_power_90_hz": round(float(frequency_hz[np.searchsorted(cumulative, 0.9)]), 2),
        "head_power_above_3_hz": round(float(power[frequency_hz > 3.0].sum() / power.sum()), 5),
        "head_psd_slope": round(float(slope), 2),
        "blinks_per_min": round(float((lids[1:] & ~lids[:-1]).sum() * 60 * fps / latents.shape[0]), 1),
        "gaze_on_target": round(float(on_target.mean()), 3),
        "gaze_bout_s": round(float(on_target.sum() / fps / max(1, bouts)), 2),
    }


def _spectrum(signal: npt.NDArray[np.float64], *, fps: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Welch power over all columns of [k, C]: Hann windows of about 20 s, half overlapping; frequency 0 left out."""
    size = min(signal.shape[0], 20 * fps)
    window = np.hanning(size)[:, None]
    total = np.zeros(size // 2 + 1)
    for at in range(0, signal.shape[0] - size + 1, size // 2):
        part = signal[at : at + size]
        total += (np.abs(np.fft.rfft((part - part.mean(axis=0)) * window, axis=0)) ** 2).sum(axis=1)
    return np.asarray(np.fft.rfftfreq(size, 1.0 / fps)[1:], np.float64), total[1:]


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
