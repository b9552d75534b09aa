"""Takes the speech model and some voice, gives what a live stream of it costs and how late its mouth is.

CPU time of one thread, never wall time. `rtf` is core per stream at 40 ms chunks, `rtf_batch_64` the same of 64 voices
that step together. Latency is what a live stream adds
up to: look-ahead, half an analysis window, a chunk of 20 ms to wait for and the computing of it. The sound card and the
renderer add their own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visavis_runtime.audio.features import RATE_HZ
from visavis_runtime.bench.lipsync_figures import Figure, Statistic, figures, share
from visavis_runtime.motion.speech import Speech

LIVE_CHUNK, SHORT_CHUNK = RATE_HZ // 25, RATE_HZ // 50
HEARD_S = 12.0
BATCH, BATCH_S = 64, 2.2
_PIECE_S = 1.0
_WARM_UP = 5

Samples = npt.NDArray[np.float32]


def cost_figures(speech: Speech, *, voices: Sequence[Samples]) -> dict[str, Figure]:
    """`rtf`, `rtf_batch_64`, `compute_ms` (of one 20 ms chunk) and `latency_ms`, n in chunks; no voices give nothing.

    Pieces of a second are what the intervals draw from.
    """
    if not voices:
        return {}
    voice = np.resize(np.concatenate(list(voices)), int(HEARD_S * RATE_HZ))
    live_s, short_s = (_chunk_costs(speech, voice=voice, chunk=chunk) for chunk in (LIVE_CHUNK, SHORT_CHUNK))
    fixed_ms = 1000 * (speech.latency_s + SHORT_CHUNK / RATE_HZ)
    rows = [
        {
            "rtf": np.array([live.sum(), live.size * LIVE_CHUNK / RATE_HZ, live.size]),
            "compute_ms": np.array([1000 * short.sum(), short.size, short.size]),
            "latency_ms": np.array([fixed_ms * short.size + 1000 * short.sum(), short.size, short.size]),
        }
        for live, short in zip(live_s, short_s, strict=True)
    ]
    together = [
        {"rtf_batch_64": np.array([spent.sum() / BATCH, spent.size * LIVE_CHUNK / RATE_HZ, spent.size])}
        for spent in _batch_costs(speech, voice=voice)
    ]
    mean = Statistic(share, lambda row: row[2])
    names = ("rtf", "rtf_batch_64", "compute_ms", "latency_ms")
    return figures([*rows, *together], statistics=dict.fromkeys(names, mean))


def _chunk_costs(speech: Speech, *, voice: Samples, chunk: int) -> list[npt.NDArray[np.float64]]:
    """CPU seconds of every chunk, by pieces of a second; the first chunks warm up and are not counted."""
    state = speech.start()
    spent_s = []
    for at in range(0, len(voice), chunk):
        began_s = time.process_time()
        _, state = speech.step(voice[at : at + chunk], state)
        spent_s.append(time.process_time() - began_s)
    return _pieces(spent_s, chunk=chunk)


def _batch_costs(speech: Speech, *, voice: Samples) -> list[npt.NDArray[np.float64]]:
    """CPU seconds of every step of 64 voices, each at another place of `voice`, by pieces of a second."""
    starts = np.linspace(0, len(voice), BATCH, endpoint=False).astype(int)
    voices = np.stack([np.roll(voice, -start)[: round(BATCH_S * RATE_HZ)] for start in starts])
    states = [speech.start() for _ in voices]
    spent_s = []
    for at in range(0, voices.shape[1], LIVE_CHUNK):
        began_s = time.process_time()
        states = [state for _, state in speech.step_many(voices[:, at : at + LIVE_CHUNK], states)]
        spent_s.append(time.process_time() - began_s)
    return _pieces(spent_s, chunk=LIVE_CHUNK)


def _pieces(spent_s: list[float], *, chunk: int) -> list[npt.NDArray[np.float64]]:
    counted = np.array(spent_s[_WARM_UP:])
    return np.array_split(counted, max(1, round(len(counted) * chunk / RATE_HZ / _PIECE_S)))
