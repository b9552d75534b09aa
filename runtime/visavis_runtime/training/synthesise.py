"""Makes the speech and the sounds that the network learns from, in shards that can be made again from their seed.

Three kinds: espeak-ng (many voices, accents and languages, formant synthesis), flite (three voices from recordings of
people, which sound human), and sounds that are not speech. Some voices are kept out of training and make the held-out
set: flite's `kal16` and a few espeak-ng variants. Every line is also played a little faster or slower (pitch and
formants move together), the cheap way to more vocal tracts.

The same seed gives the same lines by the same voices; espeak-ng keeps state between lines, so its timings may move by a
few milliseconds from run to run.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from visavis_runtime.audio.features import RATE_HZ
from visavis_runtime.reference import flite, sounds
from visavis_runtime.reference.espeak import Espeak, open_espeak
from visavis_runtime.reference.lines import LANGUAGES, english_line, foreign_line
from visavis_runtime.reference.voices import ENGLISH_VOICES, HELD_OUT_FLITE_VOICE, HELD_OUT_VARIANTS
from visavis_runtime.training.labels import Corpus, Utterance, corpus_of_utterances, load_corpus, save_corpus, utterance

_LOG = logging.getLogger(__name__)

_words = str.split  # reads better than a quoted list

_WHISPERED_VARIANTS = _words("whisper whisperf")
_WHISPERED_SHARE = 0.04
_ODD_VARIANTS = frozenset(_words("croak Demonic UniRobot whisper whisperf"))
_FOREIGN_VOICES = {"es": ("es", "es-419"), "pt": ("pt", "pt-br")}
_ENGLISH_SHARE = 0.65
_SOUND_S = 8.0
_SHARD_HOURS = 1.0


class Kinds(NamedTuple):
    """Hours of each kind of training sound."""

    espeak: float
    flite: float
    sounds: float


def make_corpus(folder: Path, *, kinds: Kinds, seed: int) -> list[Path]:
    """Shards of training sound under `folder`; shards that are there already are kept.

    Raises:
        InputError: espeak-ng or flite is missing or refuses a voice.
    """
    paths = []
    for kind, hours in kinds._asdict().items():
        count = max(1, round(hours / _SHARD_HOURS))
        for number in range(count):
            path = folder / f"{kind}-{number:02d}-of-{count:02d}-seed{seed}.npz"
            paths.append(make_shard(path, kind=kind, hours=hours / count, seed=seed * 1000 + number))
    return paths


def make_held_out(folder: Path, *, minutes: float, seed: int) -> dict[str, Corpus]:
    """Speech of voices that training never hears, by source."""
    paths = {
        kind: make_shard(folder / f"{kind}-seed{seed}.npz", kind=kind, hours=minutes / 60, seed=seed + 7)
        for kind in ("held-out-espeak", "held-out-flite", "held-out-sounds")
    }
    return {kind.removeprefix("held-out-"): load_corpus(path) for kind, path in paths.items()}


def make_shard(path: Path, *, kind: str, hours: float, seed: int) -> Path:
    """One file of one kind of sound, at least `hours` long."""
    if path.exists():
        return path
    began_s, total_s = time.perf_counter(), 0.0
    utterances = []
    for spoken in _stream(kind, seed=seed):
        utterances.append(spoken)
        total_s += len(spoken.samples) / RATE_HZ
        if total_s >= hours * 3600:
            break
    save_corpus(path, corpus=corpus_of_utterances(utterances))
    taken_s = time.perf_counter() - began_s
    _LOG.info("%s: %d utterances, %.2f h in %.0f s", path.name, len(utterances), total_s / 3600, taken_s)
    return path


def _stream(kind: str, *, seed: int) -> Iterator[Utterance]:
    held_out = kind.startswith("held-out-")
    if kind.endswith("espeak"):
        return _espeak_lines(seed, held_out=held_out)
    return _flite_lines(seed, held_out=held_out) if kind.endswith("flite") else _sound_stream(seed)


def _espeak_lines(seed: int, *, held_out: bool) -> Iterator[Utterance]:
    random_ = random.Random(seed)
    espeak = open_espeak()
    variants = [
        v for v in espeak.variants() if " " not in v and v not in _ODD_VARIANTS and v not in _WHISPERED_VARIANTS
    ]
    variants = [v for v in variants if (v in HELD_OUT_VARIANTS) == held_out]
    while True:
        spoken = _espeak_line(espeak, random_=random_, variants=variants, held_out=held_out)
        if len(spoken.samples) > RATE_HZ // 2 and spoken.segments:
            yield spoken


def _espeak_line(espeak: Espeak, *, random_: random.Random, variants: list[str], held_out: bool) -> Utterance:
    if held_out or random_.random() < _ENGLISH_SHARE:
        voice, text = random_.choice(ENGLISH_VOICES), english_line(random_)
    else:
        language = random_.choice(LANGUAGES)
        voice = random_.choice(_FOREIGN_VOICES.get(language, (language,)))
        text = foreign_line(random_, language=language)
    if held_out or random_.random() < 0.93:
        whispered = not held_out and random_.random() < _WHISPERED_SHARE
        voice += "+" + random_.choice(_WHISPERED_VARIANTS if whispered else variants)
    warp = 1.0 if held_out else float(np.exp(random_.gauss(0, 0.09)))
    speech = espeak.speak(
        text,
        voice=voice,
        words_per_minute=round(random_.uniform(110, 230) / warp),
        pitch=round(random_.uniform(15, 85)),
        range_=round(random_.uniform(20, 95)),
    )
    return utterance(speech.samples, rate_hz=speech.rate_hz, segments=speech.segments, voice=voice, warp=warp)


def _flite_lines(seed: int, *, held_out: bool) -> Iterator[Utterance]:
    random_ = random.Random(seed)
    while True:
        voice = HELD_OUT_FLITE_VOICE if held_out else random_.choice(flite.VOICES)
        warp = 1.0 if held_out else float(np.exp(random_.gauss(0, 0.12)))
        speech = flite.speak(
            english_line(random_),
            voice=voice,
            stretch=random_.uniform(0.75, 1.3) * warp,
            pitch_factor=float(np.exp(random_.gauss(0, 0.18))) / warp**0.5,
        )
        if speech.segments:
            yield utterance(speech.samples, rate_hz=speech.rate_hz, segments=speech.segments, voice=voice, warp=warp)


def _sound_stream(seed: int) -> Iterator[Utterance]:
    random_ = np.random.default_rng(seed)
    makers = {"music": sounds.music, "noise": sounds.noise, "swells": sounds.swells, "knocks": sounds.knocks}
    while True:
        name = str(random_.choice(list(makers), p=[0.42, 0.18, 0.3, 0.1]))
        samples = makers[name](random_, seconds=_SOUND_S)
        yield utterance(samples, rate_hz=RATE_HZ, segments=(), voice=name)
