"""Takes a voice, gives the mouth: ARKit curves, closures and a speaking measure at 100 Hz, streaming.

Samples -> mel power (`audio.features`) -> level-independent features (`audio.level`) -> network (`speech_net`) -> a
3-frame smoothing -> curves (`articulation`). Frame t belongs to sample 160 t. It comes out once the audio up to its
look-ahead is in: 40, 80 or 120 ms by quality, plus half an analysis window (12.5 ms).

A sound that the network does not take for speech moves the mouth little (`_trust`); one whose spectrum
stands still does not either (`liveliness`).

All state is one value, so a talk can be replayed, forked and cut into any chunks: 20 ms pieces and the whole file give
the same curves. Loudness moves nothing: an open vowel opens the jaw whether whispered near the microphone or shouted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.audio.features import (
    FRAME_RATE_HZ,
    HALF_WINDOW_S,
    FeatureState,
    frame_count,
    mel_power,
    samples_to_flush,
    start_features,
)
from visavis_runtime.audio.level import LevelState, normalise, start_level
from visavis_runtime.motion.articulation import curves_of_channels
from visavis_runtime.motion.closing import closure_strengths
from visavis_runtime.motion.liveliness import TYPICAL, alive_share, band_change, follow_liveliness
from visavis_runtime.motion.phones import PHONE_INDEX
from visavis_runtime.motion.speech_net import MODEL, Answers, NetState, SpeechNet, load_speech_net
from visavis_runtime.motion.targets import CHANNELS, CLOSURES

FloatArray = npt.NDArray[np.float32]

QUALITIES: tuple[str, ...] = ("fast", "balanced", "best")
_SMOOTHING = (0.25, 0.5, 0.25)
_DOUBT, _TRUST = 0.30, 0.70
_FORGET = 0.03  # of trust per frame: a pause of a few tenths of a second changes nothing
_AHEAD = 1  # frames that the smoothing waits for
_ROW = len(CHANNELS) + len(CLOSURES) + 2
_SPEAKING, _CHANGE = -2, -1
"""Last columns of a row: probability of speech, change of the spectrum."""
BANDS = 64


class Mouth(NamedTuple):
    """Mouth of t frames at 100 Hz.

    `curves [t, 52] float32, 0..1` ARKit, only speech columns filled; `closures [t, 2] float32` bilabial and
    labiodental, 1 = must be shut or touch (for `articulation.enforce_closures`); `speaking [t] float32, 0..1`.
    """

    curves: FloatArray
    closures: FloatArray
    speaking: FloatArray


class SpeechState(NamedTuple):
    """Where a stream stands: samples heard, frames given, and the state of every stage.

    `waiting [0..1, 64]` are features that do not fill a step of the network yet.
    """

    samples: int
    frames: int
    features: FeatureState
    level: LevelState
    waiting: FloatArray
    net: NetState
    unanswered: int
    rows: FloatArray
    shut: FloatArray
    trust: float
    shape: FloatArray
    lively: float


@dataclass(frozen=True)
class Speech:
    """A loaded speech model at one quality; make it with `load_speech`. Nothing in it changes."""

    net: SpeechNet
    head: int

    @property
    def lookahead_s(self) -> float:
        """Audio after a frame's own time that it needs, without the half window of `HALF_WINDOW_S`."""
        return (self.net.wait_frames(self.head) + _AHEAD) / FRAME_RATE_HZ

    @property
    def latency_s(self) -> float:
        """Look-ahead and half window together."""
        return self.lookahead_s + HALF_WINDOW_S

    def start(self) -> SpeechState:
        """State before the first sample."""
        return SpeechState(
            samples=0,
            frames=0,
            features=start_features(),
            level=start_level(streams=(1,)),
            waiting=np.zeros((0, BANDS), np.float32),
            net=self.net.start(),
            unanswered=self.net.delays[self.head],
            rows=np.zeros((0, _ROW), np.float32),
            shut=np.zeros(len(CLOSURES), np.float32),
            trust=0.0,
            shape=np.zeros(BANDS, np.float32),
            lively=TYPICAL,
        )

    def step(self, samples: FloatArray, state: SpeechState) -> tuple[Mouth, SpeechState]:
        """Mouth of the frames that `samples [n] float32, 16 kHz mono, -1..1` complete; n may be 0."""
        power, features = mel_power(samples, state=state.features)
        normal, level = normalise(power[None], state=state.level)
        ready = np.concatenate([state.waiting, normal[0]])
        whole = len(ready) - len(ready) % self.net.step_frames
        ready, waiting = ready[:whole], ready[whole:]
        answers, net = self.net.step(ready[None], head=self.head, state=state.net)
        change, shape = band_change(ready, last=state.shape)
        rows = np.hstack([_rows_of_answers(answers), change[:, None]])
        early = min(state.unanswered, len(rows))  # answers about the time before the stream
        rows = rows[early:]
        if len(state.rows) == 0 and len(rows) > 0:
            rows = np.concatenate([rows[:1], rows])  # what stands before frame 0
        rows = np.concatenate([state.rows, rows])
        mouth, trust, lively = _mouth_of_rows(rows, state=state)
        count = len(mouth.speaking)
        next_state = SpeechState(
            samples=state.samples + len(samples),
            frames=state.frames + count,
            features=features,
            level=level,
            waiting=waiting,
            net=net,
            unanswered=state.unanswered - early,
            rows=rows[count:],
            shut=mouth.closures[-1] if count else state.shut,
            trust=trust,
            shape=shape,
            lively=lively,
        )
        return mouth, next_state

    def finish(self, state: SpeechState) -> tuple[Mouth, SpeechState]:
        """Mouth of the frames still waiting for look-ahead, as if silence followed: ceil(samples / 160) in all."""
        total = frame_count(state.samples)
        silence = samples_to_flush(state.samples, frames=total + self.net.wait_frames(self.head) + _AHEAD)
        mouth, after = self.step(np.zeros(silence, np.float32), state)
        missing = total - state.frames
        return Mouth(*(part[:missing] for part in mouth)), after


def load_speech(*, quality: str = "balanced", path: Path = MODEL) -> Speech:
    """The speech model of this package at quality "fast", "balanced" or "best" (look-ahead 40, 80, 120 ms).

    Raises:
        InputError: OPTION_UNKNOWN for another quality.
        DamageError: the model file is damaged.
    """
    if quality not in QUALITIES:
        raise InputError(
            f"quality is {quality!r} but must be one of {', '.join(QUALITIES)}; choose one of them.",
            reason="OPTION_UNKNOWN",
        )
    return Speech(load_speech_net(path), head=QUALITIES.index(quality))


def _rows_of_answers(answers: Answers) -> FloatArray:
    """`[t, 12] float32`: nine channels, two closure probabilities, probability of speech."""
    speaking = 1.0 - answers.phones[..., PHONE_INDEX["SIL"], None]
    return np.asarray(np.concatenate([answers.channels, answers.closures, speaking], axis=-1)[0], np.float32)


def _mouth_of_rows(rows: FloatArray, *, state: SpeechState) -> tuple[Mouth, float, float]:
    """Smoothed mouth of every row that has a neighbour on both sides; trust and liveliness at its end."""
    if len(rows) < 3:
        nothing = Mouth(np.zeros((0, 52), np.float32), np.zeros((0, 2), np.float32), np.zeros(0, np.float32))
        return nothing, state.trust, state.lively
    before, now, after = (np.float32(weight) for weight in _SMOOTHING)
    smooth = before * rows[:-2] + now * rows[1:-1] + after * rows[2:]
    closures = closure_strengths(rows[:, len(CHANNELS) : _SPEAKING], last=state.shut)
    # Label smoothing keeps the network off 0 and 1.
    believed = np.minimum(np.maximum((smooth[:, _SPEAKING] - 0.05) / 0.9, 0.0), 1.0)
    lively = follow_liveliness(rows[1:-1, _CHANGE], speaking=believed, last=state.lively)
    alive = alive_share(lively)
    speaking = believed * alive
    trusted = _trust(speaking, last=state.trust)
    channels = smooth[:, : len(CHANNELS)] * (_smooth_step(trusted) * alive)[:, None]
    return Mouth(curves_of_channels(channels), closures, speaking), float(trusted[-1]), float(lively[-1])


def _trust(speaking: FloatArray, *, last: float) -> npt.NDArray[np.float64]:
    """Follows `speaking` up at once and down slowly: steady tones that look a little like a vowel never reach it."""
    ramp = _FORGET * np.arange(1, len(speaking) + 1)
    wanted = speaking + ramp
    wanted[0] = max(wanted[0], last)
    return np.asarray(np.maximum.accumulate(wanted) - ramp)


def _smooth_step(trust: npt.NDArray[np.float64]) -> FloatArray:
    share = np.minimum(np.maximum((trust - _DOUBT) / (_TRUST - _DOUBT), 0.0), 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)
