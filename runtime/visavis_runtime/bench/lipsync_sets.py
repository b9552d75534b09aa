"""Gives the clips that `bench lipsync` scores on, set by set, and says what is missing and why.

`real`: recordings of readers that training never heard, phones from their own timings or from an aligner. `flite` and
`espeak`: voices kept out of training, with exact timings, reading lines drawn here from a fixed seed. `lips`: the clips
of measured lips kept out of every fit; `grid`: the same clips with aligned phones. Training may hear other clips of
their reader, so these two show the articulation and many real closures, not new voices.

Long recordings are cut at pauses into clips of a line's length, each of which starts a stream of its own, as lines of
dialogue do. It reads and speaks; it does not score.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr

from visavis.errors import InputError, VisavisError
from visavis_runtime.audio.features import RATE_HZ
from visavis_runtime.motion.phones import BILABIAL, Segment
from visavis_runtime.motion.speech_net import MODEL
from visavis_runtime.reference import flite
from visavis_runtime.reference.align import Aligner, open_aligner
from visavis_runtime.reference.espeak import Espeak, Spoken, open_espeak
from visavis_runtime.reference.lines import english_line
from visavis_runtime.reference.lips import SAID, read_lips, read_sound
from visavis_runtime.reference.lips import Clip as LipsClip
from visavis_runtime.reference.recordings import TRAINING_READERS, read_recordings
from visavis_runtime.reference.voices import ENGLISH_VOICES, HELD_OUT_FLITE_VOICE, HELD_OUT_VARIANTS
from visavis_runtime.write.progress import progress

LEAST_CLOSURES, QUICK_CLOSURES = 300, 60
"""Sounds of p, b, m that the lines of each synthesiser must hold."""

QUICK_LIPS = 20
SEED = 71
_CUT_ABOVE_S, _LEAST_CLIP_S, _CUT_PAUSE_S = 12.0, 4.0, 0.2
_PEAK = 0.5
_TAIL_S, _HISS = 0.8, 2.5e-4


class Clip(NamedTuple):
    """`samples [n] float32, 16 kHz` said by `speaker`, with the phones that were said."""

    name: str
    speaker: str
    samples: npt.NDArray[np.float32]
    segments: tuple[Segment, ...]


class Sets(NamedTuple):
    """`spoken`: clips with known phones by set; `lips`: clips with measured lips; `missing`: reason by what is not
    there; `left_out`: recordings not scored because training heard their reader."""

    spoken: dict[str, tuple[Clip, ...]]
    lips: tuple[LipsClip, ...]
    missing: dict[str, str]
    left_out: tuple[str, ...]


def read_sets(material: Path | None, *, quick: bool, model: Path = MODEL) -> Sets:
    """Every set that can be had here.

    Raises:
        InputError: NOTHING_TO_MEASURE where there is neither material nor a synthesiser.
    """
    missing: dict[str, str] = {}
    closures = QUICK_CLOSURES if quick else LEAST_CLOSURES
    with progress("Getting voices", total=5, unit="sets") as advance:
        real, left_out = _real(material, known=readers_trained_on(model), missing=missing)
        advance(1)
        lips = _lips(material, most=QUICK_LIPS if quick else None, missing=missing)
        advance(1)
        grid = _grid(() if quick else lips, missing=missing)
        advance(1)
        flite_clips = _enough("flite", _flite_lines, closures=closures, missing=missing)
        advance(1)
        espeak_clips = _enough("espeak", _espeak_lines, closures=closures, missing=missing)
        advance(1)
    spoken = {"real": real, "flite": flite_clips, "espeak": espeak_clips, "grid": grid}
    spoken = {name: clips for name, clips in spoken.items() if clips}
    if not spoken and not lips:
        raise InputError(
            "there is nothing to measure on: " + "; ".join(f"{name}: {why}" for name, why in missing.items()),
            reason="NOTHING_TO_MEASURE",
        )
    return Sets(spoken, lips, missing, left_out)


def readers_trained_on(model: Path = MODEL) -> frozenset[str]:
    """Readers whose recordings the network was trained on, from the file that describes it."""
    described = json.loads(model.with_suffix(".json").read_text("utf-8"))
    return frozenset(described.get("readers_trained_on", TRAINING_READERS))


def cut_at_pauses(clip: Clip) -> list[Clip]:
    """`clip`, or its parts of at least 4 s, cut in the middle of pauses, if it is longer than 12 s."""
    length_s = len(clip.samples) / RATE_HZ
    if length_s <= _CUT_ABOVE_S:
        return [clip]
    cuts_s = [0.0]
    for phone, start_s, end_s in clip.segments:
        middle_s = (start_s + end_s) / 2
        far = min(middle_s - cuts_s[-1], length_s - middle_s) >= _LEAST_CLIP_S
        if phone == "SIL" and end_s - start_s >= _CUT_PAUSE_S and far:
            cuts_s.append(middle_s)
    return [_part(clip, a, b) for a, b in zip(cuts_s, [*cuts_s[1:], length_s], strict=True)]


def _part(clip: Clip, start_s: float, end_s: float) -> Clip:
    inside = [
        Segment(s.phone, max(s.start_s, start_s) - start_s, min(s.end_s, end_s) - start_s)
        for s in clip.segments
        if s.end_s > start_s and s.start_s < end_s
    ]
    samples = clip.samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    return Clip(f"{clip.name}@{start_s:.1f}", clip.speaker, samples, tuple(inside))


def _real(
    material: Path | None, *, known: frozenset[str], missing: dict[str, str]
) -> tuple[tuple[Clip, ...], tuple[str, ...]]:
    try:
        recordings = read_recordings(_named(material), align=False)
    except VisavisError as error:
        missing["real"] = str(error)
        return (), ()
    clips: list[Clip] = []
    left_out = []
    aligner: Aligner | None = None
    for recording in recordings:
        if recording.speaker in known:
            left_out.append(recording.name)
            continue
        try:
            segments = recording.segments
            if not segments:
                aligner = aligner or open_aligner(scored=False)
                segments = aligner.align(recording.samples, transcript=recording.transcript).segments
        except VisavisError as error:
            missing[recording.name] = str(error)
            continue
        clips += cut_at_pauses(Clip(recording.name, recording.speaker, recording.samples, segments))
    return tuple(clips), tuple(left_out)


def _lips(material: Path | None, *, most: int | None, missing: dict[str, str]) -> tuple[LipsClip, ...]:
    try:
        return read_lips(_named(material) / "lips_grid_s1").held_out[:most]
    except VisavisError as error:
        missing["lips"] = str(error)
        return ()


def _named(material: Path | None) -> Path:
    if material is None:
        raise InputError(
            "no folder of recordings is named; name it with --material or VISAVIS_MATERIAL.", reason="MATERIAL_MISSING"
        )
    return material


def _grid(lips: tuple[LipsClip, ...], *, missing: dict[str, str]) -> tuple[Clip, ...]:
    clips: list[Clip] = []
    if not lips:
        return ()
    try:
        aligner = open_aligner(pronounced=SAID, scored=False)
    except VisavisError as error:
        missing["grid"] = str(error)
        return ()
    for clip in lips:
        samples = read_sound(clip)
        try:
            segments = aligner.align(samples, transcript=clip.transcript).segments
        except VisavisError as error:
            missing[clip.name] = str(error)
        else:
            clips.append(Clip(clip.name, "grid-s1", samples, segments))
    return tuple(clips)


def _enough(
    name: str, lines: Callable[[], Iterator[Clip]], *, closures: int, missing: dict[str, str]
) -> tuple[Clip, ...]:
    """Lines until they hold `closures` sounds of p, b, m."""
    taken: list[Clip] = []
    try:
        for clip in lines():
            taken.append(clip)
            closures -= sum(segment.phone in BILABIAL for segment in clip.segments)
            if closures <= 0:
                break
    except VisavisError as error:
        missing[name] = str(error)
        return ()
    return tuple(taken)


def _flite_lines() -> Iterator[Clip]:
    random_ = random.Random(SEED)
    while True:
        stretch, pitch = random_.uniform(0.85, 1.2), random_.uniform(0.85, 1.25)
        spoken = flite.speak(english_line(random_), voice=HELD_OUT_FLITE_VOICE, stretch=stretch, pitch_factor=pitch)
        if spoken.segments:
            yield _clip_of_spoken(spoken, voice=HELD_OUT_FLITE_VOICE)


def _espeak_lines() -> Iterator[Clip]:
    random_ = random.Random(SEED + 1)
    espeak: Espeak = open_espeak()
    variants = sorted(HELD_OUT_VARIANTS & set(espeak.variants()))
    while True:
        voice = f"{random_.choice(ENGLISH_VOICES)}+{random_.choice(variants)}"
        speed, pitch = random_.randint(120, 200), random_.randint(20, 80)
        spoken = espeak.speak(english_line(random_), voice=voice, words_per_minute=speed, pitch=pitch)
        if spoken.segments:
            yield _clip_of_spoken(spoken, voice=voice)


def _clip_of_spoken(spoken: Spoken, *, voice: str) -> Clip:
    """The line at 16 kHz and the common peak, then faint hiss, so that the mouth after the last word is seen too."""
    samples = soxr.resample(spoken.samples, spoken.rate_hz, RATE_HZ) if spoken.rate_hz != RATE_HZ else spoken.samples
    peak = max(float(np.abs(samples).max(initial=0.0)), 1e-6)
    hiss = np.random.default_rng(SEED).standard_normal(round(_TAIL_S * RATE_HZ)) * _HISS
    whole = np.concatenate([samples * (_PEAK / peak), hiss])
    silence = Segment("SIL", spoken.segments[-1].end_s, len(whole) / RATE_HZ)
    return Clip(voice, voice, whole.astype(np.float32), (*spoken.segments, silence))
