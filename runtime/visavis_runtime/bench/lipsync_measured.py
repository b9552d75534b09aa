"""Takes the track of a mouth and the measured lips of the man who spoke, gives the evidence for each figure.

Both curves are compared at 100 Hz (the pictures are interpolated). `_1s` means that a moving mean over one second was
taken off first, which leaves the syllables. Correlations are at the one lag that suits all clips best: a best lag per
clip would lift every score, that of chance too. Even so a mouth of the wrong clip scores well above zero, because every
sentence of this corpus has the same frame: read these beside the shuffled floor.

A short closure is a run of pictures with an aperture below 15 % of the clip's 95th percentile, at most 200 ms long and
not at an edge of the clip. It is hit when the output is shut within 40 ms; a short closure of the output is false when
the measured lips are open around it. Lips at the teeth count as shut on both sides here, as the gap shows them. These
are the rules of `reference.lips_score`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from visavis_runtime.bench.lipsync_evidence import Flags, correlations, runs, silence
from visavis_runtime.bench.lipsync_figures import (
    Array,
    Statistic,
    best_correlation,
    best_lag_ms,
    root_ratio,
    root_share,
    share,
)
from visavis_runtime.bench.lipsync_track import Track
from visavis_runtime.motion.phones import Segment
from visavis_runtime.reference.lips import Clip
from visavis_runtime.reference.lips_score import LONGEST_SHORT_S, NEAR_S, SHUT_SHARE

FloatArray = npt.NDArray[np.float32]

TREND_FRAMES = 101
"""Frames of 10 ms."""

PICTURES_HZ = 25

_CLIPS = -1
MEASURED_STATISTICS: Mapping[str, Statistic] = {
    "aperture_r": Statistic(best_correlation, lambda row: row[_CLIPS]),
    "aperture_r_1s": Statistic(best_correlation, lambda row: row[_CLIPS]),
    "width_r": Statistic(best_correlation, lambda row: row[_CLIPS]),
    "width_r_1s": Statistic(best_correlation, lambda row: row[_CLIPS]),
    "lag_ms": Statistic(best_lag_ms, lambda row: row[_CLIPS]),
    "short_closure_hit": Statistic(share, lambda row: row[1]),
    "short_closure_false": Statistic(share, lambda row: row[1]),
    "amplitude_ratio": Statistic(share, lambda row: row[2]),
    "silence_std": Statistic(root_share, lambda row: row[2]),
    "jerk_ratio": Statistic(root_ratio, lambda row: row[2]),
}
"""n counts clips, closures or silences."""


def evidence_of_lips(track: Track, *, clip: Clip) -> dict[str, Array]:
    """Rows for `MEASURED_STATISTICS` of one clip; nothing for a clip whose lips were hardly seen."""
    if clip.seen.mean() < 0.9:
        return {}
    frames = min(len(track.aperture), int(clip.t_s[-1] * 100))
    grid_s = np.arange(frames) / 100
    aperture, width = (_on_grid(clip, curve, grid_s=grid_s) for curve in (clip.aperture, clip.width))
    own = track.aperture[:frames]
    inside = clip.seen & (clip.t_s >= 0) & (clip.t_s <= grid_s[-1])
    pictured, seen = np.interp(clip.t_s[inside], grid_s, own), clip.aperture[inside].astype(np.float64)
    level = correlations(_without_trend(own), reference=_without_trend(aperture))
    rows = {
        "aperture_r": correlations(own, reference=aperture),
        "aperture_r_1s": level,
        "lag_ms": level,
        "amplitude_ratio": np.array([_range(own), _range(aperture), 1.0]),
        "silence_std": silence(track, segments=_speech_of_words(clip)),
        "jerk_ratio": _jerk(pictured, measured=seen),
        **_short_closures(pictured, measured=seen),
    }
    if track.width is not None:
        own_width = track.width[:frames]
        rows["width_r"] = correlations(own_width, reference=width)
        rows["width_r_1s"] = correlations(_without_trend(own_width), reference=_without_trend(width))
    return rows


def _on_grid(clip: Clip, curve: FloatArray, *, grid_s: Array) -> FloatArray:
    return np.interp(grid_s, clip.t_s[clip.seen], curve[clip.seen]).astype(np.float32)


def _without_trend(curve: FloatArray) -> FloatArray:
    """Less its moving mean over a second; at the ends the mean is of what there is."""
    window = np.ones(TREND_FRAMES)
    half = TREND_FRAMES // 2
    trend = np.convolve(curve, window)[half : half + len(curve)]
    return np.asarray(curve - trend / np.convolve(np.ones(len(curve)), window)[half : half + len(curve)], np.float32)


def _range(curve: FloatArray | Array) -> float:
    low, high = np.quantile(curve, (0.05, 0.95))
    return float(high - low)


def _shut(curve: Array) -> Flags:
    return np.asarray(curve <= SHUT_SHARE * np.quantile(curve, 0.95))


def _short_closures(own: Array, *, measured: Array) -> dict[str, Array]:
    """Both at the pictures."""
    return {
        "short_closure_hit": _met(_short_runs(_shut(measured)), flags=_shut(own), want=True),
        "short_closure_false": _met(_short_runs(_shut(own)), flags=_shut(measured), want=False),
    }


def _short_runs(flags: Flags) -> npt.NDArray[np.int64]:
    found = runs(flags)
    inner = (found[:, 0] > 0) & (found[:, 1] < len(flags))
    return found[inner & (found[:, 1] - found[:, 0] - 1 <= LONGEST_SHORT_S * PICTURES_HZ)]


def _met(spans: npt.NDArray[np.int64], *, flags: Flags, want: bool) -> Array:
    near = round(NEAR_S * PICTURES_HZ)
    met = [bool(flags[max(0, start - near) : end + near].any()) == want for start, end in spans]
    return np.array([sum(met), len(met)], np.float64)


def _speech_of_words(clip: Clip) -> tuple[Segment, ...]:
    """The spoken words as one vowel each: where he speaks is all that is asked."""
    return tuple(Segment("AH", w.start_s, w.end_s) for w in clip.words if w.text not in ("sil", "sp"))


def _jerk(own: Array, *, measured: Array) -> Array:
    """Row (mean squared third difference over the squared range, the same of the measured lips, 1)."""
    squares = [float((np.diff(c, n=3) ** 2).mean()) / max(_range(c), 1e-6) ** 2 for c in (own, measured)]
    return np.array([*squares, 1.0])
