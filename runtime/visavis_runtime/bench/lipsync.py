"""Takes the speech model, gives how well the mouth follows voices: every figure with its number and 95 % interval.

The sets (`lipsync_sets`) are heard under the grid of conditions (`lipsync_conditions`), each clip as a stream from its
start; evidence is taken from the output curves (`lipsync_evidence`, `lipsync_measured`). Beside it stand the floors, a
loudness-only mouth and the output for another clip, and Rhubarb Lip Sync where it is installed; and as a ceiling the
mouth that the phone table draws when it is told the phones.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from visavis_runtime.audio.features import RATE_HZ, frame_count
from visavis_runtime.bench.lipsync_bursts import burst_figures
from visavis_runtime.bench.lipsync_conditions import CONDITIONS, QUICK, Samples, Scene
from visavis_runtime.bench.lipsync_cost import cost_figures
from visavis_runtime.bench.lipsync_evidence import STATISTICS, evidence_of_track, with_loss
from visavis_runtime.bench.lipsync_figures import Evidence, Figure, figures
from visavis_runtime.bench.lipsync_floors import shortened, track_of_loudness, wrong_pairs
from visavis_runtime.bench.lipsync_measured import MEASURED_STATISTICS, evidence_of_lips
from visavis_runtime.bench.lipsync_rhubarb import ABSENT, find_rhubarb, track_of_rhubarb
from visavis_runtime.bench.lipsync_sets import Clip, Sets, read_sets
from visavis_runtime.bench.lipsync_track import Track, track_of_segments, track_of_speech
from visavis_runtime.motion.speech import Speech, load_speech
from visavis_runtime.motion.speech_net import MODEL
from visavis_runtime.reference.lips import Clip as LipsClip
from visavis_runtime.reference.lips import read_sound
from visavis_runtime.write.progress import Advance, progress

GRID_CLIPS = 24
"""Clips of a synthesised set that hear the disturbed conditions; the clean one is heard by all."""

EXAMPLE_S = 5.0
CEILING = "phone_table"
Figures = dict[str, Figure]


class Example(NamedTuple):
    """One clip to draw: the output's track and that of the phone table."""

    clip: Clip
    track: Track
    reference: Track


class Result(NamedTuple):
    """Everything measured.

    `spoken[set][condition]`, `floors[set][floor]` (clean voice), `lips` and `lips_floors[floor]` by figure name;
    `bursts` by kind of sound; `cost` of one stream and of 64; `sets` what was scored; `notes` what could not be done.
    """

    sets: Sets
    quality: str
    spoken: dict[str, dict[str, Figures]]
    floors: dict[str, dict[str, Figures]]
    lips: Figures
    lips_floors: dict[str, Figures]
    bursts: Figures
    cost: Figures
    example: Example | None
    notes: tuple[str, ...]


def measure_lipsync(material: Path | None, *, quality: str = "balanced", quick: bool = False,
                    model: Path = MODEL) -> Result:  # fmt: skip
    """Figures of one look-ahead of the model; `quick` scores a few clips under three conditions.

    Raises:
        InputError: NOTHING_TO_MEASURE, or RHUBARB_FAILED.
        DamageError: the model or the measured lips are damaged.
    """
    speech = load_speech(quality=quality, path=model)
    sets = read_sets(material, quick=quick, model=model)
    rhubarb = find_rhubarb()
    names = QUICK if quick else tuple(CONDITIONS)
    clips = {name: _by_condition(name, clips, conditions=names) for name, clips in sets.spoken.items()}
    total = sum(len(part) for by in clips.values() for part in by.values()) + len(sets.lips)
    if rhubarb:
        total += sum(len(part) for part in sets.spoken.values()) + len(sets.lips)
    others = [(clip.speaker, clip.samples) for part in sets.spoken.values() for clip in part]
    spoken: dict[str, dict[str, Figures]] = {}
    floors: dict[str, dict[str, Figures]] = {}
    with progress("Listening", total=total, unit="clips") as advance:
        for name, by_condition in clips.items():
            spoken[name] = {}
            plain: list[Evidence] = []
            for condition, heard in by_condition.items():
                tracks = _tracks(speech, clips=heard, condition=condition, others=others, advance=advance)
                found = _evidence_of_tracks(tracks, clips=heard)
                if condition != "clean":
                    found = [with_loss(one, clean=clean) for one, clean in zip(found, plain, strict=False)]
                spoken[name][condition] = figures(found, statistics=STATISTICS)
                if condition == "clean":
                    plain = found
                    floors[name] = _floors(tracks, clips=heard, rhubarb=rhubarb, advance=advance)
        lips, lips_floors = _lips(speech, sets=sets, rhubarb=rhubarb, advance=advance)
    notes = () if rhubarb else (ABSENT,)
    bursts = burst_figures(speech, voices=[samples for _, samples in others], quick=quick)
    example = _example(speech, sets=sets)
    cost = cost_figures(speech, voices=[clip.samples for part in sets.spoken.values() for clip in part])
    return Result(sets, quality, spoken, floors, lips, lips_floors, bursts, cost, example, notes)


def _example(speech: Speech, *, sets: Sets) -> Example | None:
    """The first clip of the first set, cut to what a picture can show."""
    clips = next(iter(sets.spoken.values()), ())
    if not clips:
        return None
    clip = clips[0]._replace(samples=clips[0].samples[: round(EXAMPLE_S * RATE_HZ)])
    clip = clip._replace(segments=tuple(s for s in clip.segments if s.end_s <= EXAMPLE_S))
    track = track_of_speech(speech, samples=clip.samples)
    return Example(clip, track, track_of_segments(clip.segments, frames=len(track.aperture)))


def _by_condition(name: str, clips: Sequence[Clip], *, conditions: Sequence[str]) -> dict[str, Sequence[Clip]]:
    few = clips if name == "real" else clips[:GRID_CLIPS]
    return {condition: clips if condition == "clean" else few for condition in conditions}


def _tracks(speech: Speech, *, clips: Sequence[Clip], condition: str, others: Sequence[tuple[str, Samples]],
            advance: Advance) -> list[Track]:  # fmt: skip
    tracks = []
    for clip in clips:
        seed = zlib.crc32(f"{condition} {clip.name} {len(clip.samples)}".encode())
        voices = [samples for speaker, samples in others if speaker != clip.speaker]
        heard = CONDITIONS[condition](clip.samples, Scene(np.random.default_rng(seed), voices))
        tracks.append(track_of_speech(speech, samples=heard))
        advance(1)
    return tracks


def _evidence_of_tracks(tracks: Sequence[Track], *, clips: Sequence[Clip]) -> list[Evidence]:
    return [evidence_of_track(track, segments=clip.segments) for track, clip in zip(tracks, clips, strict=True)]


def _floors(tracks: Sequence[Track], *, clips: Sequence[Clip], rhubarb: str | None, advance: Advance
            ) -> dict[str, Figures]:  # fmt: skip
    wrong = []
    for a, b in wrong_pairs([len(track.aperture) for track in tracks]):
        frames = min(len(tracks[a].aperture), len(tracks[b].aperture))
        wrong.append(evidence_of_track(shortened(tracks[a], frames=frames), segments=clips[b].segments))
    found = {
        CEILING: figures(_evidence_of_tracks([_ideal(clip) for clip in clips], clips=clips), statistics=STATISTICS),
        "loudness": figures(
            _evidence_of_tracks([track_of_loudness(clip.samples) for clip in clips], clips=clips), statistics=STATISTICS
        ),
        "shuffled": figures(wrong, statistics=STATISTICS),
    }
    if rhubarb:
        mouths = _rhubarb_tracks(rhubarb, voices=[clip.samples for clip in clips], advance=advance)
        found["rhubarb"] = figures(_evidence_of_tracks(mouths, clips=clips), statistics=STATISTICS)
    return found


def _ideal(clip: Clip) -> Track:
    return track_of_segments(clip.segments, frames=frame_count(len(clip.samples)))


def _rhubarb_tracks(program: str, *, voices: Sequence[Samples], advance: Advance) -> list[Track]:
    tracks = []
    for voice in voices:
        tracks.append(track_of_rhubarb(program, samples=voice))
        advance(1)
    return tracks


def _lips(speech: Speech, *, sets: Sets, rhubarb: str | None, advance: Advance
          ) -> tuple[Figures, dict[str, Figures]]:  # fmt: skip
    """Figures on the measured lips, and their floors; with aligned phones also what the phone table draws of them."""
    clips = sets.lips
    voices = [read_sound(clip) for clip in clips]
    tracks = []
    for voice in voices:
        tracks.append(track_of_speech(speech, samples=voice))
        advance(1)

    def scored(mouths: Sequence[Track], reference: Sequence[LipsClip]) -> Figures:
        evidence = [evidence_of_lips(track, clip=clip) for track, clip in zip(mouths, reference, strict=True)]
        return figures(evidence, statistics=MEASURED_STATISTICS)

    def scored_in_own_unit(mouths: Sequence[Track]) -> Figures:
        return {name: figure for name, figure in scored(mouths, clips).items() if name != "amplitude_ratio"}

    if not clips:
        return {}, {}
    floors = {}
    said = {clip.name: clip for clip in sets.spoken.get("grid", ())}
    if said:
        told = [clip for clip in clips if clip.name in said]
        floors[CEILING] = scored([_ideal(said[clip.name]) for clip in told], told)
    floors |= {
        "loudness": scored_in_own_unit([track_of_loudness(voice) for voice in voices]),
        "shuffled": scored(tracks, [*clips[1:], *clips[:1]]),
    }
    if rhubarb:
        floors["rhubarb"] = scored_in_own_unit(_rhubarb_tracks(rhubarb, voices=voices, advance=advance))
    return scored(tracks, clips), floors
