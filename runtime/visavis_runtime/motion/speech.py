"""Takes a voice, gives the mouth: ARKit curves, closures and a speaking measure at 100 Hz, streaming.

Samples -> mel power (`audio.features`) -> level-independent features (`audio.level`) -> network (`speech_net`) -> the
mouth (`mouth`). Frame t belongs to sample 160 t. It comes out once the audio up to its
look-ahead is in: 40, 80 or 120 ms by quality, plus half an analysis window (12.5 ms).

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
from visavis_runtime.motion.effort import voice_bands
from visavis_runtime.motion.liveliness import band_change
from visavis_runtime.motion.mouth import AHEAD, ROW, Mouth, MouthState, mouth_of_rows, rows_of_answers, start_mouth
from visavis_runtime.motion.speech_net import MODEL, NetState, SpeechNet, load_speech_net
from visavis_runtime.motion.streams import Stream, alone, groups, join, part

FloatArray = npt.NDArray[np.float32]

QUALITIES: tuple[str, ...] = ("fast", "balanced", "best")
_MOST = 1e3  # a sloppy caller's scale still works, NaN and infinity do not
BANDS = 64
_SILENCE_FRAMES = 100


class SpeechState(NamedTuple):
    """Where b streams stand that step together: samples heard, frames given, and the state of every stage.

    `waiting [b, 0..1, 66]` are features and voice bands that do not fill a step of the network yet; `shape [b, 64]` is
    the last spectrum; `rows [b, 0..2, 15]` are answers whose neighbours are not in. Streams that can step together
    agree in the shapes of all arrays and in `unanswered`.
    """

    samples: npt.NDArray[np.int64]
    frames: npt.NDArray[np.int64]
    features: FeatureState
    level: LevelState
    waiting: FloatArray
    net: NetState
    unanswered: int
    rows: FloatArray
    shape: FloatArray
    mouth: MouthState


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
        return (self.net.wait_frames(self.head) + AHEAD) / FRAME_RATE_HZ

    @property
    def latency_s(self) -> float:
        """Look-ahead and half window together."""
        return self.lookahead_s + HALF_WINDOW_S

    def samples_for(self, row: int) -> int:
        """Samples that must have been fed before the mouth of row `row` comes out."""
        heard = row + AHEAD + self.net.delays[self.head]
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
            rows=np.zeros((1, 0, ROW), np.float32),
            shape=np.zeros((1, BANDS), np.float32),
            mouth=start_mouth(),
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
        silence = samples_to_flush(heard, frames=total + self.net.wait_frames(self.head) + AHEAD)
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
        change, shape = band_change(heard, last=state.shape)
        rows = rows_of_answers(answers, change=change, voice=ready[..., BANDS:])
        early = min(state.unanswered, whole)  # answers about the time before the stream
        rows = rows[:, early:]
        if state.rows.shape[1] == 0:
            rows = np.concatenate([rows[:, :1], rows], axis=1)  # what stands before frame 0
        rows = np.concatenate([state.rows, rows], axis=1)
        mouth, kept = mouth_of_rows(rows, state=state.mouth)
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
            shape=shape,
            mouth=kept,
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
