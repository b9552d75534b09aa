"""Takes motion latents, gives the UDP packets of the Live Link Face app, version 6, which every Unreal project reads.

One packet per frame, all big-endian: u8 version 6; device id and subject, each an i32 length and ASCII bytes; frame
number i32, sub-frame f32, rate 60/1 as two i32; u8 61; 61 f32 (`visavis.live_link`). The frame number is the talk's
clock at 60 a second, so packets of a slower talk keep their time. The subject is the character's name: many characters
share one port. What it does not do: Epic's newer protocol with a control connection.

Sources: JimWest/PyLiveLinkFace; Epic's AppleARKitLiveLinkSource.
"""

from __future__ import annotations

import struct
import uuid
from functools import lru_cache

import numpy.typing as npt

from visavis.frames import MotionFrame
from visavis.latents import SAMPLE_RATE_HZ
from visavis.live_link import COUNT, live_link_values
from visavis_bridge.udp import UdpSender

PORT = 11111
VERSION = 6
RATE_HZ = 60
LONGEST_SUBJECT = 64
_VALUES = struct.Struct(f">ifiiB{COUNT}f")
_DEVICES = uuid.UUID("5b2f1f6e-8d0c-4e1c-9a55-76697361766a")
"""Namespace of device ids: the same subject is the same device, on every machine."""


def packets(latents: npt.ArrayLike, *, subject: str, sample: int) -> list[bytes]:
    """The packet of one frame: latents [64], the talk's clock in samples at 16 kHz; 306 bytes and the subject."""
    frame, rest = divmod(sample * RATE_HZ, SAMPLE_RATE_HZ)
    values = live_link_values(latents).tolist()
    return [_header(subject) + _VALUES.pack(frame, rest / SAMPLE_RATE_HZ, RATE_HZ, 1, COUNT, *values)]


def subject_of(character: str) -> str:
    """The name Unreal shows: ASCII without spaces, at most 64 characters."""
    shown = "".join(c if c.isascii() and c.isprintable() and c != " " else "_" for c in character.strip())
    return shown[:LONGEST_SUBJECT] or "Visavis"


@lru_cache(maxsize=256)
def _header(subject: str) -> bytes:
    name = subject_of(subject).encode("ascii")
    device = str(uuid.uuid5(_DEVICES, subject)).upper().encode("ascii")
    return struct.pack(f">Bi{len(device)}si{len(name)}s", VERSION, len(device), device, len(name), name)


def _pack(character: str, frame: MotionFrame) -> list[bytes]:
    return packets(frame.latents, subject=character, sample=frame.sample)


def live_link_sender(address: str) -> UdpSender:
    """Sends every character as a subject to HOST[:11111]. Raises InputError ADDRESS."""
    return UdpSender(address, port=PORT, pack=_pack)
