"""Scores a speech network on speech it never heard: visemes, closures, mouth curves, and how still it stays in silence.

Runs the exported network as the runtime does, level control included, as one stream. Closures are counted as events: a
reference closure counts as found when a full closure (strength 1) overlaps it within 30 ms, a detected one as right
when it overlaps a reference. Real recordings come with phone times of a forced aligner, whose own errors count against
the network. What a viewer would see, with intervals and floors, is measured by `visavis bench lipsync`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.audio.features import RATE_HZ
from visavis_runtime.audio.level import normalise, start_level
from visavis_runtime.motion.closing import closure_strengths
from visavis_runtime.motion.phones import PHONE_INDEX, VISEME_INDEX
from visavis_runtime.motion.speech_net import Answers, SpeechNet
from visavis_runtime.reference.recordings import TRAINING_READERS, read_recordings
from visavis_runtime.training.labels import Corpus, Utterance, utterance

_TOLERANCE_FRAMES = 3
_FULL, _REFERENCE = 0.99, 0.9
_VISEME_OF_PHONE = np.eye(max(VISEME_INDEX) + 1, dtype=np.float32)[list(VISEME_INDEX)]


class Scores(NamedTuple):
    """Shares of frames that are speech (`phones`, `visemes`), shares of closure events (recall and precision of
    bilabial and labiodental ones), the correlation of the jaw curve, and the mean jaw of all frames."""

    phones: float
    visemes: float
    bilabial_recall: float
    bilabial_precision: float
    labiodental_recall: float
    labiodental_precision: float
    jaw_correlation: float
    mean_jaw: float


def score(net: SpeechNet, *, head: int, corpus: Corpus) -> Scores:
    """Scores of one look-ahead on a corpus, heard as one stream."""
    answers = _answers(net, head=head, corpus=corpus)
    heard = answers.phones.argmax(axis=-1)
    spoken = corpus.phones.astype(np.int64)
    speech = spoken != PHONE_INDEX["SIL"]
    visemes_heard = (answers.phones @ _VISEME_OF_PHONE).argmax(axis=-1)  # phones of one viseme add up
    padded = np.pad(answers.closures, ((1, 1), (0, 0)), mode="edge")
    strengths = closure_strengths(padded, last=np.zeros(2, np.float32))
    full, wanted_shut = strengths >= _FULL, corpus.closures >= _REFERENCE
    bilabial = event_shares(full[:, 0], wanted_shut[:, 0])
    labiodental = event_shares(full[:, 1], wanted_shut[:, 1])
    jaw, wanted = answers.channels[:, 0], corpus.channels[:, 0].astype(np.float32)
    moving = len(jaw) > 1 and jaw.std() > 0 and wanted.std() > 0
    return Scores(
        _share(heard[speech] == spoken[speech]),
        _share(visemes_heard[speech] == np.array(VISEME_INDEX)[spoken[speech]]),
        *bilabial,
        *labiodental,
        float(np.corrcoef(jaw, wanted)[0, 1]) if moving else float("nan"),
        float(np.clip(jaw, 0, 1).mean()),
    )


def event_shares(found: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Recall and precision of runs of True that overlap within the tolerance."""
    return _overlap(wanted, near=_widened(found)), _overlap(found, near=_widened(wanted))


def strangers(material: Path) -> list[Utterance]:
    """Recordings of readers that training never hears, in `material` (see `reference.recordings`).

    Raises:
        InputError: MATERIAL_MISSING, TRAINING_EXTRA_MISSING, ALIGNMENT_FAILED.
    """
    return [
        utterance(found.samples, rate_hz=RATE_HZ, segments=found.segments, voice=found.name)
        for found in read_recordings(material)
        if found.speaker not in TRAINING_READERS
    ]


def _answers(net: SpeechNet, *, head: int, corpus: Corpus) -> Answers:
    """Answers of every frame of the corpus, aligned with it."""
    power = np.exp(corpus.log_power.astype(np.float32))
    late = net.delays[head]
    behind = late + (len(power) + late) % net.step_frames
    power = np.concatenate([power, np.zeros((behind, power.shape[1]), np.float32)])
    features, _ = normalise(power[None], state=start_level(streams=(1,)))
    answers, _ = net.step(features, head=head, state=net.start())
    return Answers(*(part[0, late : late + len(corpus.phones)] for part in answers))


def _widened(runs: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    kernel = np.ones(2 * _TOLERANCE_FRAMES + 1)
    return np.asarray(np.convolve(runs, kernel, mode="same") > 0.5)


def _overlap(runs: npt.NDArray[np.bool_], *, near: npt.NDArray[np.bool_]) -> float:
    """Share of the runs of True in `runs` that meet a True of `near`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], runs, [False]]).astype(np.int8)))
    met = [bool(near[start:end].any()) for start, end in edges.reshape(-1, 2)]
    return _share(np.array(met))


def _share(flags: npt.NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
