"""Takes the corpus, gives training batches as a microphone might have heard them.

Everything happens in the power domain of the mel frames, so an hour of variety costs seconds: uneven tempo, whispering,
vocal-tract warp and tone colour (`voice_change`), echo (a decaying tail of past power), noise, babble and music mixed
in at 2 to 35 dB, missing bands, gains of -40 to +6 dB. Last comes the very level control of the runtime, started either
fresh, as at the start of a stream, or in the middle of one. A share of the crops is no speech at all and some speech
starts or ends in digital silence; their label is a shut mouth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from visavis_runtime.audio.features import BANDS, FRAME_RATE_HZ
from visavis_runtime.audio.level import normalise, start_level
from visavis_runtime.motion.targets import TARGETS
from visavis_runtime.training.labels import Corpus
from visavis_runtime.training.voice_change import curve, held_vowels, recolour, uneven_tempo, vibrato, whisper

FloatArray = npt.NDArray[np.float32]

CROP_FRAMES = 400
_SOUND_SHARE = 0.12
_SPLICE_SHARE = 0.2
_WHISPER_SHARE = 0.05
_TEMPO_SHARE = 0.5
_SUNG_SHARE = 0.05
_SILENCE = -27.6  # natural log of 1e-12


class Batch(NamedTuple):
    """`features [B, T, 64]`, `phones [B, T] int64`, `channels [B, T, 9]`, `closures [B, T, 2]`."""

    features: FloatArray
    phones: npt.NDArray[np.int64]
    channels: FloatArray
    closures: FloatArray


class Part(NamedTuple):
    """One corpus and its share of the speech that is drawn (shares are relative)."""

    corpus: Corpus
    share: float


class Crop(NamedTuple):
    """One row of a batch before augmentation: `log_power [T, 64]` and its targets."""

    log_power: FloatArray
    phones: npt.NDArray[np.int64]
    channels: FloatArray
    closures: FloatArray


def draw_batch(
    random: np.random.Generator, *, speech: Sequence[Part], sounds: Corpus, size: int, frames: int = CROP_FRAMES
) -> Batch:
    """Batch of `size` augmented crops of `frames` (even) frames."""
    shares = np.array([part.share for part in speech])
    crops = []
    for _ in range(size):
        if random.random() < _SOUND_SHARE:
            crops.append(_crop(random, corpus=sounds, frames=frames))
            continue
        corpus = speech[int(random.choice(len(speech), p=shares / shares.sum()))].corpus
        splice = random.random() < _SPLICE_SHARE
        crops.append((_spliced_crop if splice else _spoken_crop)(random, corpus=corpus, frames=frames))
    log_power = np.stack([recolour(crop.log_power, random=random) for crop in crops])
    power = np.exp(log_power)
    clean = power.copy()
    for row in range(size):
        _disturb(power[row], random=random, others=clean, sounds=sounds)
    return Batch(
        features=_level(power, random=random),
        phones=np.stack([crop.phones for crop in crops]),
        channels=np.stack([crop.channels for crop in crops]),
        closures=np.stack([crop.closures for crop in crops]),
    )


def plain_batch(random: np.random.Generator, *, corpus: Corpus, size: int, frames: int = CROP_FRAMES) -> Batch:
    """Batch without any augmentation, each row as the start of a stream (for scoring)."""
    crops = [_crop(random, corpus=corpus, frames=frames) for _ in range(size)]
    power = np.exp(np.stack([crop.log_power for crop in crops]))
    features, _ = normalise(power, state=start_level(streams=(size,)))
    return Batch(features, *(np.stack([getattr(crop, name) for crop in crops]) for name in Crop._fields[1:]))


def _spoken_crop(random: np.random.Generator, *, corpus: Corpus, frames: int) -> Crop:
    """Speech at an uneven tempo, some of it sung or whispered."""
    way = random.random()
    if way < _SUNG_SHARE:
        crop = _crop(random, corpus=corpus, frames=frames)
        crop = _retimed(crop, at=held_vowels(random, phones=crop.phones)[:frames])
        return crop._replace(log_power=vibrato(crop.log_power, random=random)) if random.random() < 0.5 else crop
    if way < _SUNG_SHARE + _TEMPO_SHARE:
        at = uneven_tempo(random, frames=frames)
        crop = _retimed(_crop(random, corpus=corpus, frames=int(at[-1]) + 2), at=at)
    else:
        crop = _crop(random, corpus=corpus, frames=frames)
    if random.random() < _WHISPER_SHARE:
        crop = crop._replace(log_power=whisper(crop.log_power, random=random))
    return crop


def _retimed(crop: Crop, *, at: npt.NDArray[np.float64]) -> Crop:
    """The crop as it is at the places `at`: sound between frames, labels of the nearest frame."""
    low = np.minimum(at.astype(int), len(crop.phones) - 2)
    share = (at - low).astype(np.float32)[:, None]
    log_power = crop.log_power[low] * (1 - share) + crop.log_power[low + 1] * share
    return Crop(log_power, *(array[np.rint(at).astype(int)] for array in crop[1:]))


def _crop(random: np.random.Generator, *, corpus: Corpus, frames: int) -> Crop:
    start = int(random.integers(0, len(corpus.phones) - frames))
    return _cut(corpus, start=start, frames=frames)


def _cut(corpus: Corpus, *, start: int, frames: int) -> Crop:
    part = slice(start, start + frames)
    return Crop(
        corpus.log_power[part].astype(np.float32),
        corpus.phones[part].astype(np.int64),
        corpus.channels[part].astype(np.float32),
        corpus.closures[part].astype(np.float32),
    )


def _spliced_crop(random: np.random.Generator, *, corpus: Corpus, frames: int) -> Crop:
    """Speech that starts after silence, or stops into silence, at the edge of an utterance."""
    silent = int(random.integers(frames // 10, 3 * frames // 4))
    utterance = int(random.integers(1, len(corpus.starts) - 2))
    edge = int(corpus.starts[utterance])
    starts_late = random.random() < 0.5 or edge < frames
    offset = edge - silent if starts_late else edge - (frames - silent)
    if offset < 0 or offset + frames > len(corpus.phones):
        return _crop(random, corpus=corpus, frames=frames)
    crop = _cut(corpus, start=offset, frames=frames)
    quiet = slice(0, silent) if starts_late else slice(frames - silent, frames)
    crop.log_power[quiet] = _SILENCE
    crop.phones[quiet] = 0
    crop.channels[quiet] = TARGETS["SIL"]
    crop.closures[quiet] = 0.0
    return crop


def _disturb(power: FloatArray, *, random: np.random.Generator, others: FloatArray, sounds: Corpus) -> None:
    """Echo, noise, missing bands and gain, in place on `power [T, 64]`."""
    loud = float(np.quantile(power.sum(axis=1), 0.9)) + 1e-9
    if random.random() < 0.35:
        power += _echo(power, random=random)
    if random.random() < 0.7:
        noise, least_db = _noise(random, others=others, sounds=sounds, frames=len(power))
        noise_loud = float(np.quantile(noise.sum(axis=1), 0.9)) + 1e-9
        power += noise * np.float32(loud / noise_loud * 10 ** (-random.uniform(least_db, 35) / 10))
    if random.random() < 0.2:
        power[:, int(random.integers(38, 62)) :] *= 1e-4
    if random.random() < 0.15:
        power[:, : int(random.integers(1, 8))] *= 1e-3
    if random.random() < 0.3:
        first = int(random.integers(0, BANDS - 8))
        power[:, first : first + int(random.integers(1, 8))] *= 1e-3
    if random.random() < 0.8:  # the rest keeps digital silence
        hiss = random.exponential(1.0, power.shape).astype(np.float32) / BANDS
        power += hiss * np.float32(loud * 10 ** random.uniform(-7.5, -3.5))
    power *= np.float32(10 ** (random.uniform(-40, 6) / 10))


def _echo(power: FloatArray, *, random: np.random.Generator) -> FloatArray:
    decay_s, ratio_db = random.uniform(0.1, 0.7), random.uniform(-2, 14)
    keep = 10 ** (-6.0 / (decay_s * FRAME_RATE_HZ))
    delay = int(random.integers(1, 4))
    late = np.zeros_like(power)
    late[delay:] = power[:-delay]
    return np.asarray(lfilter([(1 - keep) * 10 ** (-ratio_db / 10)], [1.0, -keep], late, axis=0), np.float32)


def _noise(random: np.random.Generator, *, others: FloatArray, sounds: Corpus, frames: int) -> tuple[FloatArray, float]:
    """Power of something to mix in, and the least speech-to-noise ratio (dB) at which the label still holds."""
    kind = random.random()
    if kind < 0.45:
        shape = np.exp(
            curve(random, knots=6, count=BANDS, spread=1.2) + random.uniform(-3, 1) * np.linspace(0, 1, BANDS)
        )
        swing = np.exp(curve(random, knots=6, count=frames, spread=0.5))
        return (shape * random.exponential(1.0, (frames, BANDS)) * swing[:, None]).astype(np.float32), 2.0
    if kind < 0.7:
        return np.exp(_crop(random, corpus=sounds, frames=frames).log_power), 2.0
    voices = int(random.integers(1, 5))
    chosen = random.integers(0, len(others), voices)
    babble = sum(np.roll(others[i], int(random.integers(frames)), axis=0) for i in chosen)
    return np.asarray(babble, np.float32), 8.0 if voices < 3 else 5.0


def _level(power: FloatArray, *, random: np.random.Generator) -> FloatArray:
    """The runtime's level control; half the rows start fresh, half with a tracker that has heard something else."""
    loud_db = 10 * np.log10(np.quantile(power.sum(axis=2), 0.95, axis=1) + 1e-12)
    heard_db = loud_db + random.uniform(-10, 20, len(power))
    fresh = random.random(len(power)) < 0.5
    state = start_level(streams=(len(power),), level_db=np.where(fresh, -np.inf, heard_db))
    return normalise(power, state=state)[0]
