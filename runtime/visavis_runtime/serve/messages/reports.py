"""What an engine says to the gateway: reports, in order, one talk a number. See the folder for units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Opened:
    """The talk runs. `latency_s`: `Talker.latency_s` and the tick it waits for. The talk's clock stands at `sample` (0
    for a new talk)."""

    talk: int
    look_ahead_s: float
    latency_s: float
    sample: int


@dataclass(frozen=True)
class Refused:
    """The talk cannot begin: no capacity (`retry_s`), or its avatar cannot be had. `code` is the gRPC status name."""

    talk: int
    code: str
    reason: str
    message: str
    retry_s: float = 0.0


class Frames(NamedTuple):
    """Motion of k frames of one line (or of idle life, line "")."""

    talk: int
    samples: list[int]
    """Of each frame, on the talk's clock."""
    latents: bytes
    """[k, 64] float32, frame after frame."""
    line: str
    line_samples: list[int]
    """Within the line, of each frame; empty when idle."""
    received_ns: int
    """When the newest audio they needed came in; 0 for silence made here."""
    done_ns: int


@dataclass(frozen=True)
class Picture:
    """One rendered frame, encoded; `line_sample` -1 when idle."""

    talk: int
    sample: int
    line: str
    line_sample: int
    format: str
    size_px: int
    data: bytes
    received_ns: int
    done_ns: int
    rendered_ns: int


@dataclass(frozen=True)
class Echo:
    """What the face has heard from `sample` on: 16 kHz int16 little-endian."""

    talk: int
    sample: int
    line: str
    line_sample: int
    pcm: bytes


@dataclass(frozen=True)
class Notice:
    """An event, `kind` as the names of EventType without the prefix: LINE_STARTED, UNDERRUN, DEGRADED, ..."""

    talk: int
    kind: str
    sample: int
    line: str = ""
    count: int = 0
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Eaten:
    """The face has heard so much of the line's audio that was fed (samples of the talk's queue that are gone)."""

    talk: int
    queued: int
    """Samples still waiting in all lines of the talk."""


@dataclass(frozen=True)
class Parked:
    """A talk taken out of its slot; `state` is opaque and good for Open.parked."""

    talk: int
    state: Any


@dataclass(frozen=True)
class Closed:
    """The talk is over. With an error: `code` (gRPC status name), `reason`, `message`."""

    talk: int
    underruns: int = 0
    step_ms: tuple[float, float] = (0.0, 0.0)
    """p50, p99 of the batched steps this talk was in."""
    audio_s: float = 0.0
    code: str = ""
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Load:
    """How an engine is doing, told once a second (talk -1 by convention: it is about all of them)."""

    talks: int
    picture_talks: int
    capacity: float
    """Share of one core (or GPU) that may be planned, 0..1, e.g. 0.8."""
    planned: float
    """Share that steps and talks are expected to need: the steps alone while nobody talks."""
    busy: float
    """Share that was used in the last second."""
    tick_ms: tuple[float, float]
    """p50, p99 of the last second's ticks that did work."""
    batches: Mapping[int, int] = field(default_factory=dict)
    """Batched motion steps of the last second by size rounded up to a power of two."""
    pictures: int = 0
    pictures_dropped: int = 0
    queued_s: float = 0.0
    """Audio waiting in all talks."""
    saturated: bool = False
    """Ticks took too long for most of the last second."""
    light: bool = True
    """The motion of its talks is next to nothing: if it is short of time, that is not why."""
    motion_share: float = 0.0
    """What one more talk of motion alone would plan; 0: not known."""
    talk: int = -1


Report = Opened | Refused | Frames | Picture | Echo | Notice | Eaten | Parked | Closed | Load
Said = tuple[int, list[Report]]
"""What an engine says at once, and when it did."""
