"""Takes the frames and events of a talk, gives the messages that engines read; and the topics they go under.

Topics are `CHARACTER/motion`, `CHARACTER/texture`, `CHARACTER/names` and `CHARACTER/event`: a subscription to `guard/`
is all of one character, one to `guard/motion` is what a face of blend shapes needs. Sequences count per character and
kind from 1, so that a reader sees what it has missed. What it does not do: no sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from visavis import Event, MotionFrame, TextureFrame
from visavis_bridge.wire import Codec, Flags, Kind, Message, json_message

TOPICS = {Kind.MOTION: "motion", Kind.TEXTURE: "texture", Kind.NAMES: "names", Kind.EVENT: "event"}
_CODECS = {"rgba": Codec.RGBA, "jpeg": Codec.JPEG}


def topic_of(message: Message) -> bytes:
    """What subscribers filter by."""
    return f"{message.character}/{TOPICS[Kind(message.kind)]}".encode("ascii")


class Messages:
    """The messages of one character, numbered."""

    def __init__(self, character: str) -> None:
        self._character = character
        self._counts: Counter[Kind] = Counter()

    def _header(self, kind: Kind, *, line: int, sample: int) -> dict[str, Any]:
        self._counts[kind] += 1
        return {"character": self._character, "sequence": self._counts[kind], "line": line, "sample": sample}

    def motion(self, frame: MotionFrame, *, rate_hz: int, base: int = 0) -> Message:
        """64 float32: `visavis.NAMES`. `base`: sample at which the talk of this frame began."""
        payload = frame.latents.astype("<f4", copy=False).tobytes()
        return Message(
            Kind.MOTION, Codec.FLOAT32, payload, line_sample=frame.line_sample, sent_ns=frame.latency.sent_ns,
            rate_hz=rate_hz, **self._header(Kind.MOTION, line=line_number(frame.line), sample=base + frame.sample),
        )  # fmt: skip

    def texture(self, frame: TextureFrame, *, rate_hz: int, base: int = 0) -> Message:
        """A JPEG file, or RGBA of straight alpha, rows from the top without gaps."""
        return Message(
            Kind.TEXTURE, _CODECS[frame.format], frame.data, flags=Flags.ROWS_FROM_TOP, line_sample=frame.line_sample,
            sent_ns=frame.latency.sent_ns, width_px=frame.width_px, height_px=frame.height_px, rate_hz=rate_hz,
            **self._header(Kind.TEXTURE, line=line_number(frame.line), sample=base + frame.sample),
        )  # fmt: skip

    def names(self, state: Mapping[str, Any], *, line: int, sample: int) -> Message:
        """What a late joiner has to know."""
        return json_message(Kind.NAMES, state, **self._header(Kind.NAMES, line=line, sample=sample))

    def event(self, event: Event, *, base: int = 0) -> Message:
        """Something that has happened in the talk."""
        return self.happened(
            event.kind.value, line=line_number(event.line), sample=base + event.sample, count=event.count,
            reason=event.reason, message=event.message,
        )  # fmt: skip

    def happened(self, name: str, *, line: int = 0, sample: int = 0, **content: Any) -> Message:
        """Something that has happened, by its name; what is empty is left out."""
        said = {"event": name, **{key: value for key, value in content.items() if value}}
        return json_message(Kind.EVENT, said, **self._header(Kind.EVENT, line=line, sample=sample))


def line_number(line: str) -> int:
    """The number of a line by its id in the talk; 0 between lines."""
    return int(line) if line else 0
