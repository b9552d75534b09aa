"""Takes an address and values, gives the bytes of an OSC 1.0 message; and messages in bundles of a bounded size.

Strings end with a zero and are padded to four bytes, numbers are big-endian; a bundle is `#bundle`, a time tag (1 means
at once) and each message after its length. What it does not do: types other than int, float and str.

Source: The Open Sound Control 1.0 Specification (Wright 2002).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache

_BUNDLE = b"#bundle\0" + struct.pack(">Q", 1)
_TAGS = {int: "i", float: "f", str: "s"}
_CODES = {int: ">i", float: ">f"}


@lru_cache(maxsize=1024)
def text(value: str) -> bytes:
    """A string: UTF-8, a zero, padding."""
    data = value.encode()
    return data + b"\0" * (4 - len(data) % 4)


def message(address: str, *values: int | float | str) -> bytes:
    """One message; `values` are exactly int, float or str."""
    tags = "," + "".join(_TAGS[type(value)] for value in values)
    parts = [text(v) if isinstance(v, str) else struct.pack(_CODES[type(v)], v) for v in values]
    return text(address) + text(tags) + b"".join(parts)


def bundles(messages: Iterable[bytes], *, most_bytes: int) -> list[bytes]:
    """The messages in order, in as few bundles of at most `most_bytes` as that takes."""
    done: list[bytes] = []
    parts, size = [_BUNDLE], len(_BUNDLE)
    for one in messages:
        if size + 4 + len(one) > most_bytes and len(parts) > 1:
            done.append(b"".join(parts))
            parts, size = [_BUNDLE], len(_BUNDLE)
        parts += [struct.pack(">i", len(one)), one]
        size += 4 + len(one)
    return [*done, b"".join(parts)]
