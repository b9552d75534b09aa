"""Takes the records of probes, gives when each answered its voice: the first frame that its silent twin does not show.

A probe is a talk of its own while the load runs: it lives a moment and then hears a voice that begins at once. Its twin
has the same seed and hears silence for as long; it is made here with the same step functions, sample by sample where
the probe stood, so nothing but the voice can tell them apart. The first frame of the probe with a curve of jaw, mouth
or tongue more than `APART` from the twin's is the answer. What it does not do: it runs after the load, not beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, SAMPLE_RATE_HZ
from visavis_runtime.bench.talk_record import Record
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.talker import Talker

F32 = npt.NDArray[np.float32]
APART = 1e-4
LOUD = 0.01
"""Of full scale (-40 dB): from there on a sample is voice."""
SPEECH = tuple(i for i, name in enumerate(ARKIT_NAMES) if name.startswith(("jaw", "mouth", "tongue")))
_PIECE = SAMPLE_RATE_HZ // 50


def first_frames_ms(records: Sequence[Record]) -> list[float]:
    """Milliseconds from the moment the first sample was spoken, which is loud, to the arrival of the answer.

    Probes that were refused or gave no answer are left out.
    """
    probes = [record for record in records if record.latents and record.lines and _line_start(record) is not None]
    answers = []
    for record, twin in zip(probes, _twins(probes), strict=True):
        samples = np.array(record.samples, np.int64)
        shown = np.concatenate([np.array(part, np.float32) for part in record.latents]).reshape(samples.size, -1)
        frames = np.rint(samples * record.fps / SAMPLE_RATE_HZ).astype(int)
        known = frames < twin.shape[0]
        apart = np.abs(shown[known][:, SPEECH] - twin[frames[known]][:, SPEECH]).max(axis=1) > APART
        if apart.any():
            arrived = np.repeat(np.array(record.arrived_ns, np.int64), np.array(record.counts, np.int64))
            answers.append(float(arrived[int(np.argmax(apart))] - record.lines[0][0]) * 1e-6)
    return answers


def trimmed(voice: npt.NDArray[np.int16], *, length: int) -> npt.NDArray[np.int16]:
    """`length` samples of a voice from its first loud one on."""
    first = int(np.argmax(np.abs(voice.astype(np.int32)) > LOUD * 32768))
    return voice[first : first + length]


def _line_start(record: Record) -> int | None:
    """Sample of the talk at which its line began; None: it never did."""
    counts = np.array(record.counts, np.int64)
    spoken = np.flatnonzero(np.repeat(np.array(record.line_numbers, np.int64), counts) >= 0)
    if not spoken.size:
        return None
    return int(record.samples[spoken[0]] - record.line_samples[spoken[0]])


def _twins(records: Sequence[Record]) -> list[F32]:
    """Frames [k, 64] of every twin, from its frame 0 on."""
    talker = Talker(load_speech(), fps=60)
    states = [talker.start(seed=one.plan.seed, fps=one.fps, mouth_open=False) for one in records]
    starts = [_line_start(one) or 0 for one in records]
    until = [one.samples[-1] + SAMPLE_RATE_HZ // 4 for one in records]
    shown: list[list[F32]] = [[] for _ in records]
    heard, opened = [0] * len(records), [False] * len(records)
    while any(at < end for at, end in zip(heard, until, strict=True)):
        pieces = []
        for i in range(len(records)):
            if heard[i] >= starts[i] and not opened[i]:
                states[i], opened[i] = talker.open_mouth(states[i], at_sample=starts[i]), True
            piece = _PIECE if opened[i] else min(_PIECE, starts[i] - heard[i])
            pieces.append(np.zeros(piece, np.float32))
            heard[i] += piece
        for i, (frames, state) in enumerate(talker.step_many(pieces, [Controls()] * len(records), states)):
            shown[i].append(frames)
            states[i] = state
    return [np.concatenate(frames) for frames in shown]
