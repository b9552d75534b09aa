"""Scores a speech network on speech it never heard: visemes, closures, mouth curves, and how still it stays in silence.

Runs the exported network as the runtime does, level control included, as one stream. Closures are counted as events: a
reference closure counts as found when a full closure (strength 1) overlaps it within 30 ms, a detected one as right
when it overlaps a reference. Real recordings come with phone timings of a forced aligner (`*.phone.json`), whose own
errors count against the network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile

from visavis_runtime.audio.level import normalise, start_level
from visavis_runtime.motion.closing import closure_strengths
from visavis_runtime.motion.phones import PHONE_INDEX, VISEME_INDEX, Segment
from visavis_runtime.motion.speech_net import Answers, SpeechNet
from visavis_runtime.training.labels import Corpus, Utterance, utterance

_TOLERANCE_FRAMES = 3
_FULL, _REFERENCE = 0.99, 0.9


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
    viseme = np.array(VISEME_INDEX)
    padded = np.pad(answers.closures, ((1, 1), (0, 0)), mode="edge")
    strengths = closure_strengths(padded, last=np.zeros(2, np.float32))
    full, wanted_shut = strengths >= _FULL, corpus.closures >= _REFERENCE
    bilabial = event_shares(full[:, 0], wanted_shut[:, 0])
    labiodental = event_shares(full[:, 1], wanted_shut[:, 1])
    jaw, wanted = answers.channels[:, 0], corpus.channels[:, 0].astype(np.float32)
    moving = len(jaw) > 1 and jaw.std() > 0 and wanted.std() > 0
    return Scores(
        _share(heard[speech] == spoken[speech]),
        _share(viseme[heard[speech]] == viseme[spoken[speech]]),
        *bilabial,
        *labiodental,
        float(np.corrcoef(jaw, wanted)[0, 1]) if moving else float("nan"),
        float(np.clip(jaw, 0, 1).mean()),
    )


def event_shares(found: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Recall and precision of runs of True that overlap within the tolerance."""
    return _overlap(wanted, near=_widened(found)), _overlap(found, near=_widened(wanted))


def recordings(folder: Path) -> list[Utterance]:
    """Recordings in `folder` that have phone timings (`NAME.phone.json` beside `NAME.wav` or `.flac`)."""
    found = []
    for timings in sorted(folder.glob("*.phone.json")):
        name = timings.name.removesuffix(".phone.json")
        sound = next(path for path in (folder / f"{name}.wav", folder / f"{name}.flac") if path.exists())
        samples, rate_hz = soundfile.read(sound, dtype="float32", always_2d=True)
        segments = _segments(json.loads(timings.read_text("utf-8")))
        found.append(utterance(samples.mean(axis=1), rate_hz=int(rate_hz), segments=segments, voice=name))
    return found


def _answers(net: SpeechNet, *, head: int, corpus: Corpus) -> Answers:
    """Answers of every frame of the corpus, aligned with it."""
    power = np.exp(corpus.log_power.astype(np.float32))
    late = net.delays[head]
    behind = late + (len(power) + late) % net.step_frames
    power = np.concatenate([power, np.zeros((behind, power.shape[1]), np.float32)])
    features, _ = normalise(power[None], state=start_level(streams=(1,)))
    answers, _ = net.step(features, head=head, state=net.start())
    return Answers(*(part[0, late : late + len(corpus.phones)] for part in answers))


def _segments(described: dict[str, Any]) -> list[Segment]:
    phones = [phone for word in described["w"] for phone in word.get("w", [word])]
    return [
        Segment(p["t"] if p["t"] in PHONE_INDEX else "SIL", float(p["b"]), float(p["b"]) + float(p["d"]))
        for p in phones
    ]


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
