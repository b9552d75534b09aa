"""Sounds that are not speech, at which a mouth has to stay shut: music, noise, swells, knocks, coughs.

Everything is generated: chords with piano-like decays, bowed and blown tones with vibrato, drums, hum, wind, rain,
clicks, beeps. Training labels all but coughs as silence; these are kept for benches. Tones are given random
resonances on purpose: a network that sees only flat music would take any formant for a vowel.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from visavis_runtime.audio.features import RATE_HZ

Samples = npt.NDArray[np.float32]

_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))  # major, minor, pentatonic


def music(random: np.random.Generator, *, seconds: float) -> Samples:
    """Instrumental music: one or two tonal parts, often with drums. Peak 0.5."""
    count = int(seconds * RATE_HZ)
    mix = np.zeros(count)
    beat_s = 60.0 / random.uniform(60, 170)
    root = random.uniform(36, 60)
    scale = np.array(_SCALES[int(random.integers(len(_SCALES)))])
    for _ in range(int(random.integers(1, 4))):
        _add_part(mix, random=random, beat_s=beat_s, root=root + 12 * random.integers(0, 3), scale=scale)
    if random.random() < 0.5:
        _add_drums(mix, random=random, beat_s=beat_s)
    return _levelled(mix)


def noise(random: np.random.Generator, *, seconds: float) -> Samples:
    """Noise of a random colour and a slowly moving level: hiss, hum, wind, rain, a crowd far away. Peak 0.5."""
    count = int(seconds * RATE_HZ)
    sound = lfilter([1.0], [1.0, -random.choice([0.0, 0.5, 0.9, 0.97])], random.normal(size=count))
    if random.random() < 0.4:
        sound = _resonate(sound, random=random)
    if random.random() < 0.5:
        sound *= _slow_curve(random, count=count, depth=random.uniform(0.2, 2.0), rate_hz=random.uniform(0.3, 6.0))
    if random.random() < 0.3:
        hum_hz = random.choice([50.0, 60.0, random.uniform(40, 300)])
        sound = sound / (np.std(sound) + 1e-9) + random.uniform(0.5, 5) * _tone(random, hum_hz, count=count)
    return _levelled(sound)


def swells(random: np.random.Generator, *, seconds: float) -> Samples:
    """Sounds that swell at the pace of syllables and are no speech: gusts, waves, machines, sirens. Peak 0.5."""
    count = int(seconds * RATE_HZ)
    at_s = np.arange(count) / RATE_HZ
    if random.random() < 0.25:
        swing = np.sin(2 * math.pi * random.uniform(0.2, 6) * at_s + random.uniform(0, 6))
        hz = random.uniform(200, 1500) * 2 ** (random.uniform(0.1, 1.0) * swing)
        phase = 2 * math.pi * np.cumsum(hz) / RATE_HZ
        sound = sum(np.sin(k * phase) / k ** random.uniform(0.5, 2) for k in range(1, int(random.integers(2, 9))))
    else:
        colour = random.choice([0.0, 0.5, 0.9, 0.97, 0.99])
        sound = lfilter([1.0], [1.0, -colour], random.normal(size=count))
        if random.random() < 0.4:
            sound = _resonate(sound, random=random)
    if random.random() < 0.5:
        wave = 0.5 + 0.5 * np.sin(2 * math.pi * random.uniform(1, 10) * at_s + random.uniform(0, 6))
        depth = random.uniform(0.3, 1.0)
        envelope = 1 - depth + depth * wave ** random.uniform(0.5, 3)
    else:
        envelope = _slow_curve(random, count=count, depth=random.uniform(0.5, 2.5), rate_hz=random.uniform(2, 12))
    return _levelled(np.asarray(sound * envelope))


def knocks(random: np.random.Generator, *, seconds: float) -> Samples:
    """Short events in near silence: clicks, key strokes, steps, bumps, beeps. Peak 0.5."""
    count = int(seconds * RATE_HZ)
    sound = random.normal(size=count) * 10 ** random.uniform(-5, -2.5)
    for _ in range(int(random.integers(2, int(5 * seconds)))):
        at = int(random.integers(0, count))
        length = min(count - at, int(random.uniform(0.002, 0.25) * RATE_HZ))
        fade = np.exp(-np.arange(length) / (random.uniform(0.05, 0.4) * length + 1))
        if random.random() < 0.3:
            burst = np.sin(2 * math.pi * random.uniform(200, 4000) * np.arange(length) / RATE_HZ)
        else:
            burst = lfilter([1.0], [1.0, -random.uniform(-0.5, 0.98)], random.normal(size=length))
        sound[at : at + length] += burst * fade * 10 ** random.uniform(-1.5, 0)
    return _levelled(sound)


def coughs(random: np.random.Generator, *, seconds: float) -> Samples:
    """Fits of one to three coughs with pauses: a burst of the glottis, then breath through an open throat. Peak 0.5."""
    count = int(seconds * RATE_HZ)
    sound = random.normal(size=count) * 10 ** random.uniform(-5, -3.5)
    at_s = random.uniform(0.2, 0.6)
    while at_s < seconds - 0.6:
        throat = [random.uniform(*range_hz) for range_hz in ((500, 900), (1200, 1900), (2400, 3200))]
        for _ in range(int(random.integers(1, 4))):
            at_s += _add_cough(sound, random=random, at_s=at_s, throat_hz=throat) + random.uniform(0.05, 0.2)
        at_s += random.uniform(0.6, 1.5)
    return _levelled(sound)


def _add_cough(sound: npt.NDArray[np.float64], *, random: np.random.Generator, at_s: float, throat_hz: list[float]
               ) -> float:  # fmt: skip
    """One cough from `at_s`; gives its length in seconds."""
    length_s = random.uniform(0.2, 0.45)
    start = int(at_s * RATE_HZ)
    time_s = np.arange(max(0, min(len(sound) - start, int(length_s * RATE_HZ)))) / RATE_HZ
    burst = np.exp(-time_s / random.uniform(0.015, 0.03))
    breath = 0.35 * np.clip(time_s / 0.03, 0, 1) * np.exp(-time_s / random.uniform(0.08, 0.15))
    air = random.normal(size=len(time_s)) * (burst + breath)
    cough = np.zeros_like(air)
    for hz in throat_hz:
        angle, radius = 2 * math.pi * hz / RATE_HZ, random.uniform(0.93, 0.97)
        cough += lfilter([1 - radius], [1.0, -2 * radius * math.cos(angle), radius * radius], air)
    sound[start : start + len(cough)] += cough * random.uniform(0.6, 1.0)
    return length_s


def _add_part(mix: npt.NDArray[np.float64], *, random: np.random.Generator, beat_s: float, root: float,
              scale: npt.NDArray[np.int64]) -> None:  # fmt: skip
    """One instrument playing notes or chords on the beat, or held over it."""
    struck = random.random() < 0.6
    voices = int(random.integers(1, 5))
    roll_off = random.uniform(0.5, 2.2)
    decay_s = random.uniform(0.15, 1.5)
    vibrato = 0.0 if struck else random.uniform(0.0, 0.012)
    part = np.zeros_like(mix)
    at_s = 0.0
    while at_s * RATE_HZ < len(mix):
        length_s = beat_s * random.choice([0.25, 0.5, 1.0, 1.0, 2.0] if struck else [1.0, 2.0, 4.0])
        start = int(at_s * RATE_HZ)
        count = min(len(mix) - start, int((length_s + (decay_s if struck else 0.1)) * RATE_HZ))
        time_s = np.arange(count) / RATE_HZ
        swell = np.exp(-time_s / decay_s) if struck else _swell(time_s, length_s=length_s, random=random)
        for degree in random.choice(scale, size=voices):
            hz = 440.0 * 2 ** ((root + degree - 69) / 12)
            part[start : start + count] += swell * _tone(random, hz, count=count, roll_off=roll_off, vibrato=vibrato)
        at_s += length_s if random.random() < 0.9 else 2 * length_s
    if random.random() < 0.5:
        part = _resonate(part, random=random)
    mix += part / (np.abs(part).max() + 1e-9) * random.uniform(0.3, 1.0)


def _swell(time_s: npt.NDArray[np.float64], *, length_s: float, random: np.random.Generator
           ) -> npt.NDArray[np.float64]:  # fmt: skip
    rise_s = random.uniform(0.02, 0.3)
    return np.asarray(np.clip(time_s / rise_s, 0, 1) * np.clip((length_s + 0.1 - time_s) / 0.1, 0, 1))


def _tone(random: np.random.Generator, hz: float, *, count: int, roll_off: float = 1.0, vibrato: float = 0.0
          ) -> npt.NDArray[np.float64]:  # fmt: skip
    """Harmonic tone; harmonics fall by `n ** -roll_off`."""
    time_s = np.arange(count) / RATE_HZ
    phase = 2 * math.pi * hz * time_s
    if vibrato:
        phase += vibrato * hz / 5.5 * np.sin(2 * math.pi * 5.5 * time_s + random.uniform(0, 6))
    harmonics = min(16, int(7500 / hz))
    sound = np.zeros(count)
    for n in range(1, harmonics + 1):
        sound += n**-roll_off * random.uniform(0.3, 1.0) * np.sin(n * phase + random.uniform(0, 6))
    return sound


def _add_drums(mix: npt.NDArray[np.float64], *, random: np.random.Generator, beat_s: float) -> None:
    for kind in ("kick", "snare", "hat"):
        step_s = beat_s * {"kick": 1.0, "snare": 2.0, "hat": 0.5}[kind]
        at_s = beat_s if kind == "snare" else 0.0
        level = random.uniform(0.2, 1.0)
        while at_s * RATE_HZ < len(mix):
            start = int(at_s * RATE_HZ)
            time_s = np.arange(min(len(mix) - start, int(0.3 * RATE_HZ))) / RATE_HZ
            if kind == "kick":
                hit = np.sin(2 * math.pi * (50 * time_s + 4 * (1 - np.exp(-time_s / 0.03)))) * np.exp(-time_s / 0.1)
            else:
                colour = [1.0] if kind == "snare" else [1.0, -0.95]
                hit = lfilter(colour, [1.0], random.normal(size=len(time_s)))
                hit = hit * np.exp(-time_s / (0.07 if kind == "snare" else 0.02)) * 0.4
            mix[start : start + len(time_s)] += level * hit * random.uniform(0.6, 1.0)
            at_s += step_s


def _resonate(sound: npt.NDArray[np.float64], *, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Two or three fixed resonances, as instrument bodies and rooms have them."""
    for _ in range(int(random.integers(2, 4))):
        angle = 2 * math.pi * random.uniform(200, 3800) / RATE_HZ
        radius = random.uniform(0.9, 0.985)
        sound = sound + 0.5 * lfilter([1 - radius], [1.0, -2 * radius * math.cos(angle), radius * radius], sound)
    return sound


def _slow_curve(random: np.random.Generator, *, count: int, depth: float, rate_hz: float) -> npt.NDArray[np.float64]:
    knots = max(4, int(count / RATE_HZ * rate_hz))
    return np.exp(np.interp(np.arange(count), np.linspace(0, count, knots), random.normal(0, depth, knots)))


def _levelled(sound: npt.NDArray[np.float64]) -> Samples:
    return np.asarray(sound * (0.5 / (np.abs(sound).max() + 1e-9)), np.float32)
