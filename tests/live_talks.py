"""Scripts for an engine in tests, and what came of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.serve.messages import Command, Feed, Frames, Notice, Report

MS = 1_000_000
Script = list[tuple[int, Command]]
Told = list[tuple[int, Report]]
Play = Callable[..., Told]
"""The fixture `play`."""


def feed(talk: int, line: str, samples: np.ndarray, *, at_ms: int, chunk: int = 640) -> Script:
    """A voice that is spoken from `at_ms` on: each chunk comes when its last sample has been said."""
    return [
        (at_ms + (i + chunk) // 16, Feed(talk, line, samples[i : i + chunk], (at_ms + (i + chunk) // 16) * MS))
        for i in range(0, samples.shape[0], chunk)
    ]


def frames_of(told: Told, talk: int = 1, *, line: str | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples [k], latents [k, 64] and arrival [k] ms of a talk's frames (of one line)."""
    own = [
        (ms, report)
        for ms, report in told
        if isinstance(report, Frames) and report.talk == talk and (line is None or report.line == line)
    ]
    if not own:
        return np.zeros(0, np.int64), np.zeros((0, 64), np.float32), np.zeros(0)
    samples = np.concatenate([report.samples for _, report in own])
    latents = np.concatenate([np.frombuffer(report.latents, np.float32).reshape(-1, 64) for _, report in own])
    return samples, latents, np.concatenate([np.full(len(report.samples), ms) for ms, report in own])


def opening(latents: np.ndarray) -> np.ndarray:
    """How far the lips are apart, [k]."""
    return latents[:, INDEX["jawOpen"]] - latents[:, INDEX["mouthClose"]]


def notices(told: Told, kind: str = "") -> list[Notice]:
    """Events of all talks, or those of one kind."""
    return [report for _, report in told if isinstance(report, Notice) and kind in ("", report.kind)]
