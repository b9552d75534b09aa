"""Takes recordings of real people whose licence allows it, gives training shards of their speech with timed phones.

One man's read commands (GRID s1) and half a minute of one woman (LJSpeech) must not be learnt by heart, so no sentence
survives: the clips are cut into stretches of one to eight words at word boundaries, words are drawn equally often (a
command has few words and says `place` more often than `q`), and stretches are joined at random into new lines, with and
without pauses. Every line is played faster or slower (pitch and formants move together), which makes more voices; the
rest of the variety is drawn in training (`augment`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from visavis_runtime.audio.features import RATE_HZ
from visavis_runtime.motion.phones import Segment
from visavis_runtime.training.labels import Utterance, corpus_of_utterances, save_corpus, utterance
from visavis_runtime.training.real_clips import SaidClip, read_said_clips

_LOG = logging.getLogger(__name__)

_SHARD_HOURS = 0.6
_LINE_S = (4.0, 10.0)
_FEW_SHARE = 0.12  # of the lines, by the readers with little material
_MOST_WORDS = {True: 8, False: 4}  # in a stretch, by readers with little material and others
_JOIN = int(0.01 * RATE_HZ)  # crossfade at every cut
_PAUSE_SHARE, _PAUSE_S = 0.45, (0.04, 0.6)
_GAIN = 0.2
_LEAST_SILENCE_S = 0.02
_WARP = 0.12
_ROOM_RMS = 1e-3  # at most; loud speech is at 0.08

Place = tuple[int, int]
"""Number of a clip and of a word in it."""


def make_real(folder: Path, *, material: Path, seed: int, hours: float = 1.2) -> list[Path]:
    """Shards of real speech under `folder`; shards that are there already are kept.

    Raises:
        InputError: MATERIAL_MISSING, TRAINING_EXTRA_MISSING.
    """
    count = max(1, round(hours / _SHARD_HOURS))
    paths = [folder / f"real-{number:02d}-of-{count:02d}-seed{seed}.npz" for number in range(count)]
    if all(path.exists() for path in paths):
        return paths
    clips = read_said_clips(material, timings=folder / "real-timings.json")
    for number, path in enumerate(paths):
        if path.exists():
            continue
        began_s, random = time.perf_counter(), np.random.default_rng(seed * 1000 + number)
        lines = draw_lines(clips, random=random, seconds=hours / count * 3600)
        corpus = corpus_of_utterances(lines)
        save_corpus(path, corpus=corpus)
        taken_s = time.perf_counter() - began_s
        _LOG.info("%s: %d lines, %.2f h in %.0f s", path.name, len(lines), corpus.hours, taken_s)
    return paths


def draw_lines(clips: Sequence[SaidClip], *, random: np.random.Generator, seconds: float) -> list[Utterance]:
    """New lines of old words, at least `seconds` of them."""
    places: dict[str, dict[str, list[Place]]] = {}
    for number, clip in enumerate(clips):
        for at, word in enumerate(clip.words):
            if word.good:
                places.setdefault(clip.reader, {}).setdefault(word.text, []).append((number, at))
    readers = sorted(places, key=lambda reader: -sum(map(len, places[reader].values())))
    lines: list[Utterance] = []
    total_s = 0.0
    while readers and total_s < seconds:
        few = len(readers) > 1 and random.random() < _FEW_SHARE
        reader = readers[int(random.integers(1, len(readers)))] if few else readers[0]
        samples, segments = _line(clips, places=places[reader], most=_MOST_WORDS[few], random=random)
        warp = float(np.exp(random.normal(0, _WARP)))
        lines.append(utterance(samples, rate_hz=RATE_HZ, segments=segments, voice=reader, warp=warp))
        total_s += len(lines[-1].samples) / RATE_HZ
    return lines


def _line(
    clips: Sequence[SaidClip], *, places: dict[str, list[Place]], most: int, random: np.random.Generator
) -> tuple[npt.NDArray[np.float32], list[Segment]]:
    """Stretches joined at random, of 4 to 10 s together, with the silence of the room around them."""
    texts = sorted(places)
    length = int(random.uniform(*_LINE_S) * RATE_HZ)
    samples, segments = np.zeros(_JOIN, np.float32), list[Segment]()
    while len(samples) < length:
        text = texts[int(random.integers(len(texts)))]
        number, at = places[text][int(random.integers(len(places[text])))]
        piece, phones = _stretch(clips[number], at=at, words=int(random.integers(1, most + 1)), random=random)
        if random.random() < _PAUSE_SHARE or not segments:
            pause = _room(clips[number], length=int(random.uniform(*_PAUSE_S) * RATE_HZ) + 2 * _JOIN, random=random)
            samples = _joined(samples, pause)
        start_s = (len(samples) - _JOIN) / RATE_HZ
        samples = _joined(samples, piece * np.float32(np.exp(random.normal(0, _GAIN))))
        segments += [Segment(p, a + start_s, b + start_s) for p, a, b in phones]
    samples = _joined(samples, _room(clips[number], length=int(0.3 * RATE_HZ), random=random))
    return samples, _with_silences(segments, seconds=len(samples) / RATE_HZ)


def _with_silences(segments: Sequence[Segment], *, seconds: float) -> list[Segment]:
    """The segments with SIL wherever nothing is said."""
    filled: list[Segment] = []
    at_s = 0.0
    for segment in [*segments, Segment("SIL", seconds, seconds)]:
        if segment.start_s - at_s > _LEAST_SILENCE_S:
            filled.append(Segment("SIL", at_s, segment.start_s))
        filled.append(segment)
        at_s = segment.end_s
    return filled[:-1]


def _stretch(
    clip: SaidClip, *, at: int, words: int, random: np.random.Generator
) -> tuple[npt.NDArray[np.float32], list[Segment]]:
    """Up to `words` trusted words of the clip around word `at`, with half a crossfade more on either side.

    Times of the phones count from the start of the samples.
    """
    first = last = at
    before = int(random.integers(words))
    while first > 0 and at - first < before and clip.words[first - 1].good:
        first -= 1
    while last + 1 < len(clip.words) and last - first + 1 < words and clip.words[last + 1].good:
        last += 1
    said = [segment for word in clip.words[first : last + 1] for segment in word.segments]
    start = max(0, round(said[0].start_s * RATE_HZ) - _JOIN // 2)
    end = round(said[-1].end_s * RATE_HZ) + _JOIN // 2
    start_s = start / RATE_HZ
    return clip.samples[start:end], [Segment(p, a - start_s, b - start_s) for p, a, b in said]


def _room(clip: SaidClip, *, length: int, random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Silence as the clip has it: noise with the level and the tilt of its quietest tenth of a second."""
    step = RATE_HZ // 10
    pieces = clip.samples[: len(clip.samples) // step * step].reshape(-1, step)
    quiet = pieces[int(np.square(pieces).mean(axis=1).argmin())]
    tilt = float(np.dot(quiet[1:], quiet[:-1]) / (np.dot(quiet, quiet) + 1e-12))
    noise = lfilter([1.0], [1.0, -min(max(tilt, 0.0), 0.98)], random.standard_normal(length))
    level = min(float(quiet.std()), _ROOM_RMS)  # a clip may hold no pause
    return np.asarray(noise * (level / (noise.std() + 1e-9)), np.float32)


def _joined(samples: npt.NDArray[np.float32], piece: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`samples`, then `piece`, with a crossfade of 10 ms."""
    fade = np.linspace(0, 1, _JOIN, dtype=np.float32)
    over = samples[-_JOIN:] * (1 - fade) + piece[:_JOIN] * fade
    return np.concatenate([samples[:-_JOIN], over, piece[_JOIN:]])
