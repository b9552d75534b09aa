"""What the gateway says to an engine: commands, in order, one talk a number. See the folder for units."""

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
