"""Takes what the network says of each frame, gives the mouth of that frame: ARKit curves, closures, speaking.

Answers -> a 3-frame smoothing -> trust and liveliness -> the effort of the voice -> curves (`articulation`). A sound
that the network does not take for speech moves the mouth little (`_trust`); one whose spectrum stands still does not
either (`liveliness`). How wide the mouth opens follows the `effort` of the voice; its loudness moves nothing.

Every array has the streams as its first axis. It does not hear anything itself: `speech` does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES
from visavis_runtime.motion.articulation import curves_of_channels
from visavis_runtime.motion.closing import closure_strengths
from visavis_runtime.motion.effort import EffortState, follow_effort, start_effort
from visavis_runtime.motion.liveliness import TYPICAL, alive_share, follow_liveliness
from visavis_runtime.motion.phones import PHONE_INDEX
from visavis_runtime.motion.speech_net import Answers
from visavis_runtime.motion.targets import CHANNELS, CLOSURES

FloatArray = npt.NDArray[np.float32]

AHEAD = 1
"""Frames that the smoothing waits for."""
_SMOOTHING = (0.25, 0.5, 0.25)
_DOUBT, _TRUST = 0.30, 0.70
_FORGET = 0.03  # of trust per frame: a pause of a few tenths of a second changes nothing
ROW = len(CHANNELS) + len(CLOSURES) + 4
"""Numbers that say all of one frame."""
_CLOSURES_END = len(CHANNELS) + len(CLOSURES)
_SPEAKING, _CHANGE, _VOICE = _CLOSURES_END, _CLOSURES_END + 1, _CLOSURES_END + 2
"""Columns of a row after channels and closures: probability of speech; and, of the newest frame heard, change of the
spectrum and the two bands of the voice."""
_FOLLOW = {"jaw": 1.0, "upper": 1.0, "lower": 1.0, "wide": 0.3}
_OPENING = np.array([_FOLLOW.get(name, 0.0) for name in CHANNELS], np.float32)
"""Share of the effort that each channel follows."""


class Mouth(NamedTuple):
    """Mouth of t frames at 100 Hz.

    `curves [t, 52] float32, 0..1` ARKit, only speech columns filled; `closures [t, 2] float32` bilabial and
    labiodental, 1 = must be shut or touch (for `articulation.enforce_closures`); `speaking [t] float32, 0..1`.
    """

    curves: FloatArray
    closures: FloatArray
    speaking: FloatArray


class MouthState(NamedTuple):
    """What the next frame of b mouths needs of the last: `shut [b, 2]`, `trust [b]`, `lively [b]` and effort."""

    shut: FloatArray
    trust: npt.NDArray[np.float64]
    lively: FloatArray
    effort: EffortState


def start_mouth() -> MouthState:
    """State of one stream [1, ...] before its first frame."""
    return MouthState(
        shut=np.zeros((1, len(CLOSURES)), np.float32),
        trust=np.zeros(1),
        lively=np.full(1, TYPICAL, np.float32),
        effort=start_effort(streams=(1,)),
    )


def rows_of_answers(answers: Answers, *, change: FloatArray, voice: FloatArray) -> FloatArray:
    """`[b, t, 15] float32`: nine channels, two closure probabilities, then the columns from `_SPEAKING` on."""
    speaking = 1.0 - answers.phones[..., PHONE_INDEX["SIL"], None]
    return np.concatenate([answers.channels, answers.closures, speaking, change[..., None], voice], axis=-1)


def mouth_of_rows(rows: FloatArray, *, state: MouthState) -> tuple[Mouth, MouthState]:
    """Smoothed mouth of every row of `[b, t, 15]` that has a neighbour on both sides, and the state at its end."""
    streams = len(rows)
    if rows.shape[1] < 3:
        empty = (np.zeros((streams, 0, *shape), np.float32) for shape in ((len(ARKIT_NAMES),), (len(CLOSURES),), ()))
        return Mouth(*empty), state
    before, now, after = (np.float32(weight) for weight in _SMOOTHING)
    seen = rows[..., : _SPEAKING + 1]
    smooth = before * seen[:, :-2] + now * seen[:, 1:-1] + after * seen[:, 2:]
    closures = closure_strengths(rows[..., len(CHANNELS) : _CLOSURES_END], last=state.shut)
    # Label smoothing keeps the network off 0 and 1.
    believed = np.minimum(np.maximum((smooth[..., _SPEAKING] - 0.05) / 0.9, 0.0), 1.0)
    lively = follow_liveliness(rows[:, 1:-1, _CHANGE], speaking=believed, last=state.lively)
    alive = alive_share(lively)
    speaking = believed * alive
    gain, effort = follow_effort(rows[:, 1:-1, _VOICE:], speaking=speaking, state=state.effort)
    trusted = _trust(speaking, last=state.trust)
    channels = smooth[..., : len(CHANNELS)] * (_smooth_step(trusted) * alive)[..., None]
    channels *= 1.0 + (gain - 1.0)[..., None] * _OPENING
    curves = curves_of_channels(channels.reshape(-1, len(CHANNELS))).reshape(streams, -1, len(ARKIT_NAMES))
    kept = MouthState(closures[:, -1], trusted[:, -1], lively[:, -1], effort)
    return Mouth(curves, closures, speaking), kept


def _trust(speaking: FloatArray, *, last: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Follows `speaking [b, t]` up at once and down slowly: steady tones that look a little like a vowel never reach
    it."""
    ramp = _FORGET * np.arange(1, speaking.shape[1] + 1)
    wanted = speaking + ramp
    wanted[:, 0] = np.maximum(wanted[:, 0], last)
    return np.asarray(np.maximum.accumulate(wanted, axis=1) - ramp)


def _smooth_step(trust: npt.NDArray[np.float64]) -> FloatArray:
    share = np.minimum(np.maximum((trust - _DOUBT) / (_TRUST - _DOUBT), 0.0), 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)
