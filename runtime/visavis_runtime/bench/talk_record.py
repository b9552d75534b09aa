"""What a client of the bench is told to do (`Plan`, `TalkPlan`) and what it tells of it (`Record`).

Plain data, because both cross from process to process: `talk.py` makes plans, `talk_load.py` carries them out and fills
records, `talk_figures.py` and `talk_twin.py` read them. Times are ns of time.monotonic_ns, which all processes of a
machine share. What it does not do: it computes nothing.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

RATE_HZ = 16_000
NS_PER_SAMPLE = 62_500


@dataclass(frozen=True)
class TalkPlan:
    """One talk: when it opens and when it falls silent (ns of time.monotonic_ns)."""

    kind: str
    """motion, texture or probe."""
    seed: int
    open_ns: int
    end_ns: int
    first_line: int = 0
    """Which of the voices it begins with."""
    phase_ns: int = 0
    avatar: str = ""


@dataclass(frozen=True)
class Plan:
    """What one client process does; `voices` are lines, 16 kHz mono S16LE; `chunk` in samples."""

    address: str
    voices: tuple[bytes, ...]
    chunk: int
    talks: tuple[TalkPlan, ...]
    shared: bool = False
    """All its talks share a stream (TalkMany)."""


@dataclass
class Record:
    """What one talk went through."""

    plan: TalkPlan
    status: str = "CANCELLED"
    reason: str = ""
    latency_ms: float = 0.0
    fps: int = 0
    ready: bool = False
    lines: list[tuple[int, int]] = field(default_factory=list)
    """When each line's first sample was spoken (ns), and how many samples it has sent; line ids count from 0."""
    ended: int = 0
    """Lines that were sent to their end."""
    arrived_ns: array[int] = field(default_factory=lambda: array("q"))
    """Of every message with motion."""
    counts: array[int] = field(default_factory=lambda: array("q"))
    """Frames in it."""
    line_numbers: array[int] = field(default_factory=lambda: array("q"))
    """Its line; -1: idle life."""
    samples: array[int] = field(default_factory=lambda: array("q"))
    """Of every frame, on the talk's clock."""
    line_samples: array[int] = field(default_factory=lambda: array("q"))
    """Of every frame, within its line; -1: idle life."""
    pictures: list[tuple[int, int, int]] = field(default_factory=list)
    """Arrival (ns), line and sample within it, of every texture."""
    latents: list[array[float]] = field(default_factory=list)
    dropped: int = 0
    underruns: int = 0
    finished: int = 0
    """Lines that the server says are finished."""
    goodbye_in_line: bool = False
    """The server said goodbye while a line was open."""
    sent_late_ns: array[int] = field(default_factory=lambda: array("q"))
    """How late this client was with every chunk."""
    summary_frames: int = -1
