"""Takes a voice, gives what a viewer sees of a mouth at 100 Hz: how far and how wide it is open, and the bite of f.

`track_of_speech` runs the shipped model as a live stream does, in chunks from the first sample on (their size changes
nothing but the cost), and puts the curves through the hard closure constraint. Aperture and width are read off the rig,
not off single curves, so every mouth that can be drawn can be scored. Visemes are the posteriors of the same network
over the same samples (streaming equals the whole).

A track says nothing of right or wrong: see `lipsync_evidence`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX, NAMES
from visavis_runtime.audio.features import RATE_HZ, frame_count, mel_power, samples_to_flush, start_features
from visavis_runtime.audio.level import normalise, start_level
from visavis_runtime.motion.articulation import curves_of_channels, enforce_closures
from visavis_runtime.motion.mouth import Mouth
from visavis_runtime.motion.phones import PHONE_INDEX, VISEME_INDEX, Segment
from visavis_runtime.motion.speech import Speech
from visavis_runtime.motion.targets import targets_of_segments
from visavis_runtime.reference.lips_score import aperture_and_width

FloatArray = npt.NDArray[np.float32]

CHUNK = RATE_HZ // 5
_BITE = 0.42
"""Of `mouthRollLower`: half-way between the most that shut lips take (0.3) and a lip at the teeth (0.55)."""


class Track(NamedTuple):
    """A mouth over t frames at 100 Hz, frame i at i / 100 s.

    `aperture [t] float32` gap of the inner lips and `width [t] float32` of the mouth, both against rest, in any unit;
    `bite [t] bool` lower lip at the upper teeth; `visemes [t] int64` numbers of the 15 visemes heard. A mouth that
    knows no width or visemes has None.
    """

    aperture: FloatArray
    width: FloatArray | None
    bite: npt.NDArray[np.bool_]
    visemes: npt.NDArray[np.int64] | None


def track_of_speech(speech: Speech, *, samples: FloatArray) -> Track:
    """Mouth of the model on `samples [n] float32, 16 kHz`, streamed from its start state."""
    mouths: list[Mouth] = []
    state = speech.start()
    for at in range(0, len(samples), CHUNK):
        mouth, state = speech.step(samples[at : at + CHUNK], state)
        mouths.append(mouth)
    mouths.append(speech.finish(state)[0])
    curves, closures, _ = (np.concatenate(part) for part in zip(*mouths, strict=True))
    return _track_of_curves(curves, closures=closures)._replace(visemes=_visemes_heard(speech, samples=samples))


def track_of_segments(segments: tuple[Segment, ...], *, frames: int) -> Track:
    """Mouth that the project's own phone table asks for: the reference of lag and jerk on speech with known phones."""
    wanted = targets_of_segments(segments, frames=frames)
    seen = _track_of_curves(curves_of_channels(wanted.channels), closures=wanted.closures)
    return seen._replace(visemes=np.array(VISEME_INDEX)[wanted.phones])


def jaw_of_speech(speech: Speech, *, samples: FloatArray) -> FloatArray:
    """`jawOpen [t]` of the model on a sound, closures enforced."""
    mouth, state = speech.step(samples, speech.start())
    rest, _ = speech.finish(state)
    latents = _latents(np.concatenate([mouth.curves, rest.curves]))
    return enforce_closures(latents, np.concatenate([mouth.closures, rest.closures]))[:, INDEX["jawOpen"]]


def _track_of_curves(curves: FloatArray, *, closures: FloatArray) -> Track:
    latents = enforce_closures(_latents(curves), closures)
    aperture, width = aperture_and_width(latents[:, : len(ARKIT_NAMES)])
    bite = latents[:, INDEX["mouthRollLower"]] >= _BITE
    return Track(aperture, width, bite, None)


def _latents(curves: FloatArray) -> FloatArray:
    return np.pad(curves, ((0, 0), (0, len(NAMES) - curves.shape[1])))


def _visemes_heard(speech: Speech, *, samples: FloatArray) -> npt.NDArray[np.int64]:
    """Viseme with the most probability in each frame; phones of one viseme add up."""
    frames, late = frame_count(len(samples)), speech.net.delays[speech.head]
    whole = frames + late + (frames + late) % speech.net.step_frames
    padded = np.pad(samples, (0, samples_to_flush(len(samples), frames=whole)))
    power, _ = mel_power(padded, state=start_features())
    features, _ = normalise(power[None, :whole], state=start_level(streams=(1,)))
    answers, _ = speech.net.step(features, head=speech.head, state=speech.net.start())
    phones = answers.phones[0, late : late + frames]
    gather = np.zeros((len(PHONE_INDEX), max(VISEME_INDEX) + 1), np.float32)
    gather[np.arange(len(VISEME_INDEX)), VISEME_INDEX] = 1.0
    return np.asarray((phones @ gather).argmax(axis=1), np.int64)
