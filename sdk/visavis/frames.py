"""What a live talk hands out: frozen values with numpy arrays, one clock, no protobuf.

`sample` counts 16 kHz samples of the talk's clock, which never runs backwards, `line_sample` those of the line: compare
it with the play position of your sound. Names and order of `latents` are `visavis.NAMES`. What it does not do: no
decoding of JPEG, which takes an image library of your choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis.latents import INDEX

Latents = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Latency:
    """What the server took for one frame, milliseconds; 0 where a step was not needed."""

    motion_ms: float = 0.0
    """From the arrival of the newest audio the frame needed to its latents (0: silence made by the server). A line that
    comes all at once waits here for its turn."""
    render_ms: float = 0.0
    send_ms: float = 0.0
    """From the finished frame to the transport: a paced talk waits here for the frame's turn."""
    sent_ns: int = 0
    """When it was handed to the transport, on the server's monotonic clock: only differences mean something."""


@dataclass(frozen=True)
class MotionFrame:
    """One moment of the face: `latents` [64] float32, shapes 0..1, rotations in radians, places in head widths."""

    sample: int
    latents: Latents = field(repr=False)
    line: str = ""
    """Empty between lines."""
    line_sample: int = -1
    """-1 between lines."""
    latency: Latency = Latency()

    def __getitem__(self, name: str) -> float:
        """One latent by its name, e.g. `frame["jawOpen"]`. Raises KeyError."""
        return float(self.latents[INDEX[name]])


@dataclass(frozen=True)
class TextureFrame:
    """One picture of the avatar: `data` is a JPEG file, or RGBA bytes, rows from the top, straight alpha."""

    sample: int
    data: bytes = field(repr=False)
    format: str
    """"jpeg" or "rgba"."""
    width_px: int
    height_px: int
    line: str = ""
    line_sample: int = -1
    latency: Latency = Latency()

    def rgba(self) -> npt.NDArray[np.uint8]:
        """Pixels [height, width, 4] uint8, read-only, without a copy.

        Raises:
            InputError: TEXTURE_FORMAT, the picture is a JPEG; TEXTURE_SIZE, the bytes are not those of such a picture.
        """
        if self.format != "rgba":
            raise InputError(
                f"This picture is a {self.format.upper()} file: decode frame.data with Pillow or OpenCV "
                '(cv2.imdecode), or ask for textures="rgba".',
                reason="TEXTURE_FORMAT",
            )
        if len(self.data) != self.width_px * self.height_px * 4:
            raise InputError(
                f"{len(self.data)} bytes are not {self.width_px}x{self.height_px} RGBA pixels.", reason="TEXTURE_SIZE"
            )
        return np.frombuffer(self.data, np.uint8).reshape(self.height_px, self.width_px, 4)


@dataclass(frozen=True)
class AudioFrame:
    """The sound that belongs to the motion: `samples` [n] int16 mono at 16 kHz."""

    sample: int
    samples: npt.NDArray[np.int16] = field(repr=False)
    line: str = ""
    line_sample: int = -1


class EventKind(str, Enum):
    """What can happen that is neither a frame nor an error."""

    LINE_STARTED = "LINE_STARTED"
    LINE_FINISHED = "LINE_FINISHED"
    LINE_INTERRUPTED = "LINE_INTERRUPTED"
    UNDERRUN = "UNDERRUN"
    RECOVERED = "RECOVERED"
    DROPPED = "DROPPED"
    DEGRADED = "DEGRADED"
    MARKER = "MARKER"
    WARNING = "WARNING"
    GOODBYE = "GOODBYE"
    RESTARTED = "RESTARTED"
    """The server had lost the talk; a new one goes on where the face was."""
    UNKNOWN = "UNKNOWN"
    """Of a newer server."""


@dataclass(frozen=True)
class Event:
    """Something that happened at `sample`; `count`, `reason` (UPPER_SNAKE) and `message` as the kind needs them."""

    kind: EventKind
    sample: int = 0
    line: str = ""
    count: int = 0
    reason: str = ""
    message: str = ""
    """A sentence for people; of MARKER the marker's name."""


Frame: TypeAlias = MotionFrame | TextureFrame | AudioFrame | Event
"""What iterating over a talk gives."""


@dataclass(frozen=True)
class Limits:
    """What the server allows in this talk, seconds and bytes."""

    ahead_s: float = 10.0
    """Audio may run so far ahead of the face; the client keeps below it by itself."""
    idle_timeout_s: float = 30.0
    ack_timeout_s: float = 5.0
    """Frames may lie unread for so long, then the talk ends with LimitError SLOW_CONSUMER."""
    resume_s: float = 2.0
    message_bytes: int = 1 << 20
    talk_s: float = 0.0


@dataclass(frozen=True)
class Ready:
    """What the server says when a talk begins."""

    talk_id: str
    names: tuple[str, ...] = field(repr=False)
    motion_fps: int
    texture_fps: int
    look_ahead_ms: float
    latency_ms: float
    """The most audio after its own sample that a frame waits for, for audio in chunks of 20 ms."""
    seed: int
    """The same seed and audio give the same motion."""
    limits: Limits
    ai_generated: bool = True
    """Show it to the people who see the face."""
    marks: tuple[str, ...] = ()
    server_version: str = ""


@dataclass(frozen=True)
class Summary:
    """How the talk went, as the server counts."""

    motion_frames: int = 0
    texture_frames: int = 0
    dropped_frames: int = 0
    underruns: int = 0
    first_frame_ms: float = 0.0
    step_p50_ms: float = 0.0
    step_p99_ms: float = 0.0
    audio_s: float = 0.0


@dataclass(frozen=True)
class AvatarInfo:
    """An avatar that the server keeps; angles in radians are how far its head may turn to either side."""

    name: str
    size_bytes: int
    size_px: int
    sha256: str
    yaw_limit_rad: float
    pitch_limit_rad: float
    roll_limit_rad: float
    warnings: tuple[str, ...] = ()
