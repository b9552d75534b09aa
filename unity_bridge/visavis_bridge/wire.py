"""Takes one message of the bridge, gives its bytes, and back: a header of 96 bytes and a payload. WIRE.md is the text.

One layout serves every kind, transport and direction, so that a client in any language needs one reader: little-endian,
no padding, nothing optional. Payloads are raw numbers where they are frequent (motion, pictures, sound) and JSON where
they are rare. What it does not do: no transport, and no opinion on what a request means.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any

from visavis.errors import InputError, ProtocolError

MAGIC = b"VSVS"
VERSION = 1
HEADER = struct.Struct("<4sBBBBIIQqqqHHIQ32s")
HEADER_BYTES = HEADER.size
MESSAGE_BYTES = 8 << 20
"""The largest message either side may send."""
CHARACTER = re.compile(r"[A-Za-z0-9_-]{1,32}")
NO_LINE = -1
"""`line_sample` between lines."""


class Kind(IntEnum):
    """What a message is. 1..15 come from the bridge unasked, 16..31 are requests, 32 and 33 their answers."""

    MOTION = 1
    TEXTURE = 2
    NAMES = 3
    EVENT = 4
    SAY = 16
    AUDIO = 17
    INTERRUPT = 18
    CONTROL = 19
    AVATARS = 20
    OPEN = 21
    CLOSE = 22
    STATE = 23
    MAKE = 24
    FORGET = 25
    OK = 32
    ERROR = 33


class Codec(IntEnum):
    """What the payload is."""

    EMPTY = 0
    FLOAT32 = 1
    JSON = 2
    RGBA = 3
    JPEG = 4
    PCM_S16 = 5
    FILE = 6
    """Of MAKE: a picture as it lies on a disk (PNG, JPEG, WebP)."""


class Flags(IntFlag):
    """Bits of the header's `flags`."""

    NONE = 0
    ROWS_FROM_TOP = 1
    """Of pictures: the first row is the top one."""
    LAST = 2
    """Of SAY and AUDIO: the line is whole with this piece."""


@dataclass(frozen=True)
class Message:
    """One message; the fields are those of the header, in WIRE.md with units and ranges."""

    kind: int
    codec: int = Codec.EMPTY
    payload: bytes = b""
    flags: int = 0
    line: int = 0
    sequence: int = 0
    sample: int = 0
    line_sample: int = NO_LINE
    sent_ns: int = 0
    width_px: int = 0
    height_px: int = 0
    rate_hz: int = 0
    character: str = ""

    def header(self) -> bytes:
        """The 96 bytes before the payload."""
        return HEADER.pack(
            MAGIC, VERSION, self.kind, self.codec, self.flags, len(self.payload), self.line, self.sequence,
            self.sample, self.line_sample, self.sent_ns, self.width_px, self.height_px, self.rate_hz, 0,
            self.character.encode("ascii"),
        )  # fmt: skip

    def content(self) -> dict[str, Any]:
        """A JSON payload; an empty one is {}.

        Raises:
            InputError: REQUEST_JSON.
        """
        if not self.payload:
            return {}
        try:
            content = json.loads(self.payload)
        except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
            content = None
        if not isinstance(content, dict):
            raise InputError("The payload is not a JSON object in UTF-8: see WIRE.md.", reason="REQUEST_JSON")
        return content


def json_message(kind: int, content: Mapping[str, Any], **header: Any) -> Message:
    """A message whose payload is a JSON object."""
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Message(kind, Codec.JSON, payload, **header)


def message_of(header: bytes, payload: bytes) -> Message:
    """The message of its two parts.

    Raises:
        InputError: MESSAGE_MALFORMED: not one of ours.
        ProtocolError: WIRE_VERSION.
    """
    if len(header) != HEADER_BYTES or header[:4] != MAGIC:
        raise _malformed(f"{len(header)} bytes that do not begin with {MAGIC!r}")
    (
        _, version, kind, codec, flags, size, line, sequence,
        sample, line_sample, sent_ns, width_px, height_px, rate_hz, _, name,
    ) = HEADER.unpack(header)  # fmt: skip
    if version != VERSION:
        raise ProtocolError(
            f"The message has version {version} of the wire, this bridge speaks {VERSION}: update the older side.",
            reason="WIRE_VERSION",
        )
    if size != len(payload):
        raise _malformed(f"a header that announces {size} bytes before {len(payload)}")
    try:
        character = name.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        raise _malformed("a character's name that is not ASCII") from None
    return Message(
        kind, codec, payload, flags, line, sequence, sample, line_sample, sent_ns, width_px, height_px, rate_hz,
        character,
    )  # fmt: skip


def message_of_bytes(data: bytes) -> Message:
    """The message of header and payload in one piece, as WebSocket carries them. Raises as `message_of`."""
    return message_of(data[:HEADER_BYTES], data[HEADER_BYTES:])


def check_character(name: str) -> str:
    """Raises InputError CHARACTER_NAME."""
    if not CHARACTER.fullmatch(name):
        raise InputError(
            f"The character's name is {name!r}: take 1 to 32 letters (a-z, A-Z), digits, '-' or '_'.",
            reason="CHARACTER_NAME",
        )
    return name


def _malformed(found: str) -> InputError:
    return InputError(f"Not a message of the bridge: {found}. See WIRE.md.", reason="MESSAGE_MALFORMED")
