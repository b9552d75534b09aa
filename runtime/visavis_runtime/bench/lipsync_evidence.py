"""Takes the track of a mouth and the phones that were spoken, gives the evidence for each figure of lip sync.

What a viewer sees is judged, not what a network meant: lips are shut where the aperture of the output is below 15 % of
the clip's own 95th percentile and the lower lip is not at the teeth. A p, b or m counts as found when that happens
within 30 ms of it. A run of shut lips is right when it meets a p, b or m within 30 ms; one that only meets a pause is
neither right nor wrong (`closure_precision`), or right (`closure_precision_with_pauses`). A mouth that never opens
finds every closure: read recall beside `vowel_open`.

The 30 ms, the 15 % and the vowel sets are those of the project's targets. References are aligned phones, with the
aligner's own errors; lag and jerk are against the project's phone table and favour models trained on it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from visavis_runtime.bench.lipsync_figures import (
    LAGS,
    Array,
    Evidence,
    Statistic,
    best_lag_ms,
    difference,
    root_ratio,
    root_share,
    share,
)
from visavis_runtime.bench.lipsync_track import Track, track_of_segments
from visavis_runtime.motion.phones import BILABIAL, LABIODENTAL, PHONE_INDEX, Segment

Flags = npt.NDArray[np.bool_]

SHUT_SHARE = 0.15
TOLERANCE = 3
"""Frames of 10 ms."""

OPEN_VOWELS = frozenset(("AA", "AE", "AH", "AO", "EH", "AY", "AW"))
WIDE_OPEN, NARROW = frozenset(("AA", "AE", "AO", "AW", "AY")), frozenset(("IY", "IH", "UW", "UH"))
SPREAD, ROUND = frozenset(("IY", "EY")), frozenset(("UW", "OW", "W"))

_PAUSE_S = 0.1
_SILENCE_S, _AWAY_S = 0.3, 0.15
_STILL_RANGE = 1e-6

STATISTICS: Mapping[str, Statistic] = {
    "viseme_accuracy": Statistic(share, lambda row: row[1]),
    "viseme_accuracy_lost": Statistic(share, lambda row: row[1]),
    "closure_recall": Statistic(share, lambda row: row[1]),
    "closure_precision": Statistic(share, lambda row: row[1]),
    "closure_precision_with_pauses": Statistic(share, lambda row: row[1]),
    "labiodental_recall": Statistic(share, lambda row: row[1]),
    "labiodental_precision": Statistic(share, lambda row: row[1]),
    "vowel_open": Statistic(share, lambda row: row[1]),
    "wide_narrow_gap": Statistic(difference, lambda row: row[1] + row[3]),
    "spread_round_sign": Statistic(share, lambda row: row[1]),
    "silence_std": Statistic(root_share, lambda row: row[2]),
    "lag_ms": Statistic(best_lag_ms, lambda row: row[-1]),
    "jerk_ratio": Statistic(root_ratio, lambda row: row[2]),
}
"""What each figure is made of: frames, sounds, runs, pairs, silences or clips."""


def evidence_of_track(track: Track, *, segments: tuple[Segment, ...]) -> dict[str, Array]:
    """Rows for `STATISTICS` of one clip: what `track` did while `segments` were spoken."""
    frames = len(track.aperture)
    wanted = track_of_segments(segments, frames=frames)
    shut = shut_lips(track)
    rows = {
        "closure_recall": _found(shut, segments=segments, phones=BILABIAL),
        "labiodental_recall": _found(track.bite, segments=segments, phones=LABIODENTAL),
        "labiodental_precision": _right_runs(track.bite, right=_frames_of(segments, LABIODENTAL, frames=frames)),
        "vowel_open": _open_vowels(track, segments=segments),
        "wide_narrow_gap": _gap(track, segments=segments),
        "silence_std": silence(track, segments=segments),
        "lag_ms": correlations(track.aperture, reference=wanted.aperture),
        "jerk_ratio": _jerk(track, reference=wanted),
        **_precision(shut, segments=segments),
    }
    if track.visemes is not None and wanted.visemes is not None:
        spoken = _frames_of(segments, frozenset(PHONE_INDEX) - {"SIL"}, frames=frames)
        right = track.visemes[spoken] == wanted.visemes[spoken]
        rows["viseme_accuracy"] = np.array([right.sum(), right.size], np.float64)
    if track.width is not None:
        rows["spread_round_sign"] = _spread_before_round(track.width, segments=segments)
    return rows


def with_loss(evidence: Evidence, *, clean: Evidence) -> Evidence:
    """`evidence` of a disturbed clip with what it lost against the same clip clean: pairs tell more than two means."""
    name = "viseme_accuracy"
    if name not in evidence or name not in clean:
        return evidence
    (hits, frames), (clean_hits, _) = evidence[name], clean[name]
    return {**evidence, f"{name}_lost": np.array([clean_hits - hits, frames])}


def shut_lips(track: Track) -> Flags:
    """Frames whose aperture is below 15 % of the clip's 95th percentile, lower lip away from the teeth."""
    return np.asarray((track.aperture <= SHUT_SHARE * _full(track)) & ~track.bite)


def correlations(curve: npt.NDArray[np.float32], *, reference: npt.NDArray[np.float32]) -> Array:
    """Row (correlations of `curve` with `reference` at lags -20..20 frames, 1); zeros where one of them stands still.

    The value at lag k compares `curve[i + k]` with `reference[i]`.
    """
    count = len(curve) - 2 * LAGS
    row = np.zeros(2 * LAGS + 2)
    if count < 2 * LAGS:
        return row
    middle = reference[LAGS : LAGS + count].astype(np.float64)
    for lag in range(2 * LAGS + 1):
        part = curve[lag : lag + count].astype(np.float64)
        if part.std() > 0 and middle.std() > 0:
            row[lag] = np.corrcoef(part, middle)[0, 1]
    row[-1] = 1.0
    return row


def runs(flags: Flags) -> npt.NDArray[np.int64]:
    """[r, 2] first frame of each run of True and the frame after it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return np.asarray(edges.reshape(-1, 2), np.int64)


def _full(track: Track) -> float:
    return float(np.quantile(track.aperture, 0.95)) if len(track.aperture) else 0.0


def _frame(time_s: float) -> int:
    return round(time_s * 100)


def _frames_of(segments: tuple[Segment, ...], phones: frozenset[str], *, frames: int, least_s: float = 0.0) -> Flags:
    flags = np.zeros(frames, bool)
    for phone, start_s, end_s in segments:
        if phone in phones and end_s - start_s >= least_s - 1e-9:
            flags[_frame(start_s) : max(_frame(end_s), _frame(start_s) + 1)] = True
    return flags


def _found(seen: Flags, *, segments: tuple[Segment, ...], phones: frozenset[str]) -> Array:
    hits = [
        bool(seen[max(0, _frame(start_s) - TOLERANCE) : _frame(end_s) + TOLERANCE].any())
        for phone, start_s, end_s in segments
        if phone in phones
    ]
    return np.array([sum(hits), len(hits)], np.float64)


def _widened(flags: Flags) -> Flags:
    return np.asarray(np.convolve(flags, np.ones(2 * TOLERANCE + 1), mode="same") > 0.5)


def _right_runs(seen: Flags, *, right: Flags) -> Array:
    near = _widened(right)
    hits = [bool(near[start:end].any()) for start, end in runs(seen)]
    return np.array([sum(hits), len(hits)], np.float64)


def _precision(shut: Flags, *, segments: tuple[Segment, ...]) -> dict[str, Array]:
    bilabial = _widened(_frames_of(segments, BILABIAL, frames=len(shut)))
    voiced = _frames_of(segments, frozenset(PHONE_INDEX) - {"SIL"}, frames=len(shut))
    silence = runs(~voiced)
    pause = np.zeros(len(shut), bool)
    for start, end in silence:
        pause[start:end] = end - start >= _PAUSE_S * 100 or start == 0 or end == len(shut)
    pause = _widened(pause)
    hits = np.array([bilabial[start:end].any() for start, end in runs(shut)], bool)
    rests = np.array([pause[start:end].any() for start, end in runs(shut)], bool) & ~hits
    return {
        "closure_precision": np.array([hits.sum(), (~rests).sum()], np.float64),
        "closure_precision_with_pauses": np.array([(hits | rests).sum(), hits.size], np.float64),
    }


def _middle(curve: npt.NDArray[np.float32], segment: Segment) -> float:
    """Mean over the middle half of a phone, at least one frame."""
    quarter_s = (segment.end_s - segment.start_s) / 4
    first = min(_frame(segment.start_s + quarter_s), len(curve) - 1)
    return float(curve[first : max(first + 1, _frame(segment.end_s - quarter_s))].mean())


def _within(segments: tuple[Segment, ...], phones: frozenset[str], *, frames: int) -> list[Segment]:
    return [segment for segment in segments if segment.phone in phones and _frame(segment.end_s) <= frames]


def _open_vowels(track: Track, *, segments: tuple[Segment, ...]) -> Array:
    frames = len(track.aperture)
    vowels = _within(segments, OPEN_VOWELS, frames=frames)
    middles = [min(_frame((v.start_s + v.end_s) / 2), frames - 1) for v in vowels]
    return np.array([(track.aperture[middles] > SHUT_SHARE * _full(track)).sum(), len(middles)], np.float64)


def _gap(track: Track, *, segments: tuple[Segment, ...]) -> Array:
    row = np.zeros(4)
    full = max(_full(track), _STILL_RANGE)
    for at, phones in ((0, WIDE_OPEN), (2, NARROW)):
        values = [_middle(track.aperture, v) / full for v in _within(segments, phones, frames=len(track.aperture))]
        row[at : at + 2] = sum(values), len(values)
    return row


def _spread_before_round(width: npt.NDArray[np.float32], *, segments: tuple[Segment, ...]) -> Array:
    spread, rounded = (
        np.array([_middle(width, v) for v in _within(segments, phones, frames=len(width))])
        for phones in (SPREAD, ROUND)
    )
    right = spread[:, None] > rounded[None, :]
    return np.array([right.sum(), right.size], np.float64)


def silence(track: Track, *, segments: tuple[Segment, ...]) -> Array:
    """Row (squared movement in silence over the squared speaking range, frames, silences)."""
    voiced = _frames_of(segments, frozenset(PHONE_INDEX) - {"SIL"}, frames=len(track.aperture))
    row = np.zeros(3)
    if not voiced.any():
        return row
    low, high = np.quantile(track.aperture[voiced], (0.05, 0.95))
    away = _frame(_AWAY_S)
    for start, end in runs(~voiced):
        if end - start < _frame(_SILENCE_S):
            continue
        inner = track.aperture[start + (away if start > 0 else 0) : end - (away if end < len(voiced) else 0)]
        if len(inner) > 1 and high > low:
            row += inner.var(dtype=np.float64) * len(inner) / (high - low) ** 2, len(inner), 1
    return row


def _jerk(track: Track, *, reference: Track) -> Array:
    """Row (mean squared third difference over the squared 95th percentile, the same of the reference, 1)."""
    squares = [
        float((np.diff(t.aperture.astype(np.float64), n=3) ** 2).mean()) / max(_full(t), _STILL_RANGE) ** 2
        for t in (track, reference)
        if len(t.aperture) > 3
    ]
    return np.array([*squares, 1.0]) if len(squares) == 2 else np.zeros(3)
