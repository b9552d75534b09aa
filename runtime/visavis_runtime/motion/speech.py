"""Takes a voice, gives the mouth: ARKit curves, closures and a speaking measure at 100 Hz, streaming.

Samples -> mel power (`audio.features`) -> level-independent features (`audio.level`) -> network (`speech_net`) -> a
3-frame smoothing -> curves (`articulation`). Frame t belongs to sample 160 t. It comes out once the audio up to its
look-ahead is in: 40, 80 or 120 ms by quality, plus half an analysis window (12.5 ms).

A sound that the network does not take for speech moves the mouth little (`_trust`); one whose spectrum
stands still does not either (`liveliness`). How wide the mouth opens follows the `effort` of the voice; its loudness
moves nothing.

All state is one value, so a talk can be replayed, forked and cut into any chunks: 20 ms pieces and the whole file give
the same curves. Every array of it has the streams as its first axis, and a stream alone is a batch of one: many voices
step in one call (`step_many`) through the very same lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis.latents import ARKIT_NAMES
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
from visavis_runtime.motion.effort import EffortState, follow_effort, start_effort, voice_bands
from visavis_runtime.motion.liveliness import TYPICAL, alive_share, band_change, follow_liveliness
from visavis_runtime.motion.phones import PHONE_INDEX
from visavis_runtime.motion.speech_net import MODEL, Answers, NetState, SpeechNet, load_speech_net
from visavis_runtime.motion.streams import Stream, alone, groups, join, part
from visavis_runtime.motion.targets import CHANNELS, CLOSURES

FloatArray = npt.NDArray[np.float32]

QUALITIES: tuple[str, ...] = ("fast", "balanced", "best")
_SMOOTHING = (0.25, 0.5, 0.25)
_DOUBT, _TRUST = 0.30, 0.70
_FORGET = 0.03  # of trust per frame: a pause of a few tenths of a second changes nothing
_MOST = 1e3  # a sloppy caller's scale still works, NaN and infinity do not
_AHEAD = 1  # frames that the smoothing waits for
_ROW = len(CHANNELS) + len(CLOSURES) + 4
_CLOSURES_END = len(CHANNELS) + len(CLOSURES)
_SPEAKING, _CHANGE, _VOICE = _CLOSURES_END, _CLOSURES_END + 1, _CLOSURES_END + 2
"""Columns of a row after channels and closures: probability of speech; and, of the newest frame heard, change of the
spectrum and the two bands of the voice."""
BANDS = 64
_SILENCE_FRAMES = 100
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


class SpeechState(NamedTuple):
    """Where b streams stand that step together: samples heard, frames given, and the state of every stage.

    `waiting [b, 0..1, 66]` are features and voice bands that do not fill a step of the network yet. Streams that can
    step together agree in the shapes of all arrays and in `unanswered`.
    """

    samples: npt.NDArray[np.int64]
    frames: npt.NDArray[np.int64]
    features: FeatureState
    level: LevelState
    waiting: FloatArray
    net: NetState
    unanswered: int
    rows: FloatArray
    mouth: _MouthState


class _MouthState(NamedTuple):
    """What the next frame of the mouth needs of the last: `shut [b, 2]`, `trust [b]`, `lively [b]`, effort, and the
    `shape [b, 64]` of the last spectrum."""

    shut: FloatArray
    trust: npt.NDArray[np.float64]
    shape: FloatArray
    lively: FloatArray
    effort: EffortState


@dataclass(frozen=True)
class Speech:
    """A loaded speech model at one quality; make it with `load_speech`. Nothing in it changes.

    `silence` is the state of the network after `_SILENCE_FRAMES` of nothing.
    """

    net: SpeechNet
    head: int
    silence: NetState

    def at(self, quality: str) -> Speech:
        """The same network at another quality. Raises InputError OPTION_UNKNOWN."""
        return replace(self, head=_head(quality))

    def prepare(self, streams: int) -> None:
        """Do beforehand what the first batches of up to so many live streams would wait for; little on a CPU."""
        self.net.network.prepare(streams)

    @property
    def lookahead_s(self) -> float:
        """Audio after a frame's own time that it needs, without the half window of `HALF_WINDOW_S`."""
        return (self.net.wait_frames(self.head) + _AHEAD) / FRAME_RATE_HZ

    @property
    def latency_s(self) -> float:
        """Look-ahead and half window together."""
        return self.lookahead_s + HALF_WINDOW_S

    def samples_for(self, row: int) -> int:
        """Samples that must have been fed before the mouth of row `row` comes out."""
        heard = row + _AHEAD + self.net.delays[self.head]
        steps = heard // self.net.step_frames + 1
        return samples_to_flush(0, frames=steps * self.net.step_frames)

    def start(self) -> Stream:
        """State of one stream before its first sample."""
        one = (1,)
        batch = SpeechState(
            samples=np.zeros(one, np.int64),
            frames=np.zeros(one, np.int64),
            features=start_features(streams=one),
            level=start_level(streams=one),
            waiting=np.zeros((1, 0, BANDS + 2), np.float32),
            net=self.silence,
            unanswered=self.net.delays[self.head],
            rows=np.zeros((1, 0, _ROW), np.float32),
            mouth=_MouthState(
                shut=np.zeros((1, len(CLOSURES)), np.float32),
                trust=np.zeros(one),
                shape=np.zeros((1, BANDS), np.float32),
                lively=np.full(one, TYPICAL, np.float32),
                effort=start_effort(streams=one),
            ),
        )
        return Stream(batch, row=0)

    def step(self, samples: FloatArray, state: Stream) -> tuple[Mouth, Stream]:
        """Mouth of the frames that `samples [n] float32, 16 kHz mono, -1..1` complete; n may be 0.

        Raises:
            InputError: SAMPLES_UNFIT for whole numbers, NaN, infinities or values far beyond 1; `state` stays good.
        """
        return self.step_many([samples], [state])[0]

    def step_many(
        self, samples: Sequence[FloatArray] | FloatArray, states: Sequence[Stream]
    ) -> list[tuple[Mouth, Stream]]:
        """What `step` gives for each of b streams and its `samples[i] [n]`, at a fraction of the cost.

        Streams that stand at the same part of a frame and get equally many samples share one call; live streams fed
        with the same chunks do.

        Raises:
            InputError: SAMPLES_UNFIT as in `step`, and when there are not samples for every state.
        """
        if len(samples) != len(states):
            raise InputError(
                f"There are {len(samples)} rows of samples for {len(states)} streams: give one for each.",
                reason="SAMPLES_UNFIT",
            )
        given: list[tuple[Mouth, Stream] | None] = [None] * len(states)
        for group in groups(states, keys=[one.shape for one in samples]):
            mouths, after = self._advance(np.stack([samples[i] for i in group]), join([states[i] for i in group]))
            for row, (number, state) in enumerate(zip(group, part(after), strict=True)):
                given[number] = Mouth(*(array[row] for array in mouths)), state
        return [one for one in given if one is not None]

    def finish(self, state: Stream) -> tuple[Mouth, Stream]:
        """Mouth of the frames still waiting for look-ahead, as if silence followed: ceil(samples / 160) in all."""
        heard, given = (int(counts[state.row]) for counts in (state.batch.samples, state.batch.frames))
        total = frame_count(heard)
        silence = samples_to_flush(heard, frames=total + self.net.wait_frames(self.head) + _AHEAD)
        mouth, after = self.step(np.zeros(silence, np.float32), state)
        return Mouth(*(array[: total - given] for array in mouth)), after

    def _advance(self, samples: FloatArray, state: SpeechState) -> tuple[Mouth, SpeechState]:
        """Step b streams with `samples [b, n]`; the arrays of the mouth are [b, t, ...]."""
        _check(samples, axes=2)
        power, features = mel_power(samples, state=state.features)
        normal, level = normalise(power, state=state.level)
        ready = np.concatenate([state.waiting, np.concatenate([normal, voice_bands(power)], axis=-1)], axis=1)
        whole = ready.shape[1] - ready.shape[1] % self.net.step_frames
        ready, waiting = ready[:, :whole], ready[:, whole:]
        heard = np.ascontiguousarray(ready[..., :BANDS])
        answers, net = self.net.step(heard, head=self.head, state=state.net)
        change, shape = band_change(heard, last=state.mouth.shape)
        rows = _rows_of_answers(answers, change=change, voice=ready[..., BANDS:])
        early = min(state.unanswered, whole)  # answers about the time before the stream
        rows = rows[:, early:]
        if state.rows.shape[1] == 0:
            rows = np.concatenate([rows[:, :1], rows], axis=1)  # what stands before frame 0
        rows = np.concatenate([state.rows, rows], axis=1)
        mouth, kept = _mouth_of_rows(rows, state=state.mouth)
        count = mouth.speaking.shape[1]
        return mouth, SpeechState(
            samples=state.samples + samples.shape[1],
            frames=state.frames + count,
            features=features,
            level=level,
            waiting=waiting,
            net=net,
            unanswered=state.unanswered - early,
            rows=rows[:, count:],
            mouth=kept._replace(shape=shape),
        )


def load_speech(
    *, quality: str = "balanced", path: Path = MODEL, device: str = "cpu", backend: str | None = None
) -> Speech:
    """The speech model of this package at quality "fast", "balanced" or "best" (look-ahead 40, 80, 120 ms).

    `device` and `backend` are those of `load_speech_net`: onnxruntime on "cpu", torch on "cuda" or "cuda:1".

    Raises:
        InputError: OPTION_UNKNOWN for another quality, DEVICE_UNAVAILABLE when there is no such device.
        DamageError: the model file is damaged.
    """
    head = _head(quality)
    net = load_speech_net(path, device=device, backend=backend)
    return Speech(net, head=head, silence=_after_silence(net))


def _after_silence(net: SpeechNet) -> NetState:
    """What the network remembers of a silent room, in arrays. To one that remembers nothing at all the hiss before the
    first word is as new as a voice, and it would part the lips."""
    nothing, _ = normalise(np.zeros((1, _SILENCE_FRAMES, BANDS), np.float32), state=start_level(streams=(1,)))
    _, state = net.step(nothing, head=0, state=net.start())
    arrays: NetState = alone(Stream(state, row=0)).batch
    return arrays


def _head(quality: str) -> int:
    if quality not in QUALITIES:
        raise InputError(
            f"quality is {quality!r} but must be one of {', '.join(QUALITIES)}; choose one of them.",
            reason="OPTION_UNKNOWN",
        )
    return QUALITIES.index(quality)


def check_samples(samples: FloatArray) -> None:
    """Raises InputError SAMPLES_UNFIT for samples [n] that no stream can be fed with."""
    _check(samples, axes=1)


def _check(samples: FloatArray, *, axes: int) -> None:
    """One bad sample would stay in the memory of a stream for good."""
    if samples.ndim != axes:
        wrong = f"have the shape {samples.shape[axes - 1 :]}"
    elif not np.issubdtype(samples.dtype, np.floating):
        wrong = f"are {samples.dtype}, which is no -1..1 scale"
    elif samples.size and not np.abs(samples).max() <= _MOST:
        wrong = f"reach {np.abs(samples).max():g}, which is no sound"
    else:
        return
    raise InputError(
        f"The samples {wrong}; a voice is float32 at 16 kHz, -1..1, one number for each sample.", reason="SAMPLES_UNFIT"
    )


def _rows_of_answers(answers: Answers, *, change: FloatArray, voice: FloatArray) -> FloatArray:
    """`[b, t, 15] float32`: nine channels, two closure probabilities, then the columns from `_SPEAKING` on."""
    speaking = 1.0 - answers.phones[..., PHONE_INDEX["SIL"], None]
    return np.concatenate([answers.channels, answers.closures, speaking, change[..., None], voice], axis=-1)


def _mouth_of_rows(rows: FloatArray, *, state: _MouthState) -> tuple[Mouth, _MouthState]:
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
    kept = _MouthState(closures[:, -1], trusted[:, -1], state.shape, lively[:, -1], effort)
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
