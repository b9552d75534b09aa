"""What the gateway and an engine say to each other: plain values, in order, one talk a number.

The gateway (`gateway/`) speaks gRPC with clients and knows no motion; an engine (`engine.py`) steps many talks at once
and knows no transport. They may live in one process or two (`link.py`), so everything here is data that can be sent.
`Feed` and `Frames`, of which there are thousands a second, are tuples of bytes and numbers: arrays in dataclasses cost
six times as much on the way.
Sample indices count 16 kHz samples; times are nanoseconds of `time.monotonic_ns`. What it does not do: no protobuf
(`gateway/requests.py` and `gateway/responses.py` translate), no decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.controls import Controls

Signal = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PictureSpec:
    """Pictures of one talk: "jpeg" or "rgba", edge in pixels, pictures a second."""

    avatar: Path
    format: str = "jpeg"
    fps: int = 25
    size_px: int = 512
    jpeg_quality: int = 85
    background: bool = True


@dataclass(frozen=True)
class TalkSpec:
    """What a talk is to be; checked by the gateway."""

    seed: int
    motion_fps: int = 60
    quality: str = "balanced"
    paced: bool = True
    """In the tempo of the audio with idle life between lines; else as fast as it can, and no idle life."""
    echo: bool = False
    pictures: PictureSpec | None = None
    controls: Controls = field(default_factory=Controls)
    from_latents: Signal | None = None
    """[64]: the face starts from here and leaves within 300 ms."""


# --- gateway -> engine: commands -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """Begin a talk; answered by Opened or Refused. `parked` continues a talk that was parked."""

    talk: int
    spec: TalkSpec
    parked: Any = None


class Feed(NamedTuple):
    """Samples of a line; another `line` than the last one queues a new line."""

    talk: int
    line: str
    samples: bytes | Signal
    """[n] float32 16 kHz mono, or their bytes."""
    received_ns: int


@dataclass(frozen=True)
class EndLine:
    """All of this line has been fed."""

    talk: int
    line: str


@dataclass(frozen=True)
class Mark:
    """Tell (Notice MARKER) when the face gets to this sample of the line."""

    talk: int
    line: str
    sample: int
    name: str


@dataclass(frozen=True)
class Steer:
    """Change controls (fields of Controls by name) at a sample of a line, of the talk (line ""), or now (None)."""

    talk: int
    changes: Mapping[str, Any]
    sample: int | None = None
    line: str = ""


@dataclass(frozen=True)
class Interrupt:
    """Drop what is queued and shut the mouth."""

    talk: int


@dataclass(frozen=True)
class Finish:
    """Play what is queued, then close: the answer is Closed."""

    talk: int


@dataclass(frozen=True)
class Close:
    """Free the slot now; nothing more is said about this talk."""

    talk: int


@dataclass(frozen=True)
class Park:
    """Free the slot and hand the talk back as Parked, to be opened again."""

    talk: int


@dataclass(frozen=True)
class Read:
    """The client has read everything up to this sample of the talk. A burst runs at most `BURST_AHEAD_S` further."""

    talk: int
    sample: int


@dataclass(frozen=True)
class PicturesWanted:
    """Whether the client keeps up with pictures; while it does not, none are drawn."""

    talk: int
    wanted: bool


@dataclass(frozen=True)
class Shed:
    """Whether all pictures come half as often (talk -1 by convention: it is about all talks)."""

    halved: bool
    talk: int = -1


Command = Open | Feed | EndLine | Mark | Steer | Interrupt | Finish | Close | Park | Read | PicturesWanted | Shed


# --- engine -> gateway: reports --------------------------------------------------------------------------------------


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
