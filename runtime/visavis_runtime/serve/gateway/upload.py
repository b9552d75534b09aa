"""Takes the requests of CreateAvatar, gives the header and a file that holds what came: judged while it comes.

The first request is the header, all others are pieces of the file. Its first bytes tell a `.visavis` file (a zip) from
a picture and so the limit, and nothing beyond the limit is ever written. A client that stops in the middle, or takes
longer than `UPLOAD_S`, leaves nothing. What it does not do: whether the file is good is the portrait worker's word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from visavis.errors import InputError, ProtocolError, SilentError
from visavis.v1 import avatar_pb2
from visavis_runtime.face import bundle
from visavis_runtime.face.portrait.picture import check_bytes
from visavis_runtime.serve.avatars.store import storing
from visavis_runtime.serve.gateway.wire import Requests

T = TypeVar("T")
UPLOAD_S = 300.0
ZIP = b"PK"
DEFAULT_SIZE_PX, MIN_SIZE_PX, MAX_SIZE_PX = 512, 128, 1024


async def read_header(requests: Requests) -> avatar_pb2.CreateAvatarHeader:
    """The header of an upload, with the default size put in.

    Raises:
        ProtocolError: MISSING_HEADER.
        InputError: EMPTY_MESSAGE, AVATAR_SIZE, MALFORMED.
        SilentError: UPLOAD_SLOW.
    """
    request = await _within(requests.next(), UPLOAD_S)
    kind = None if request is None else request.WhichOneof("request")
    if kind != "header":
        if request is not None and kind is None:
            raise _empty()
        raise ProtocolError("The first request of CreateAvatar must be the header.", reason="MISSING_HEADER")
    header: avatar_pb2.CreateAvatarHeader = request.header
    header.size_px = header.size_px or DEFAULT_SIZE_PX
    if not MIN_SIZE_PX <= header.size_px <= MAX_SIZE_PX or header.size_px % 2:
        raise InputError(
            f"size_px is {header.size_px}; take an even number from {MIN_SIZE_PX} to {MAX_SIZE_PX}, or 0 for"
            f" {DEFAULT_SIZE_PX}.",
            reason="AVATAR_SIZE",
        )
    return header


async def receive_file(requests: Requests, path: Path, *, count: Callable[[int], None]) -> bool:
    """Write the pieces to `path`; gives whether it is an avatar file rather than a picture.

    Args:
        requests: all that follows the header.
        path: the file to fill.
        count: called with the size of each piece before it is written; may refuse it.

    Raises:
        LimitError: IMAGE_TOO_LARGE, STORE_FULL, and what `count` raises.
        InputError: BUNDLE_UNSAFE (too large), EMPTY_MESSAGE, MALFORMED.
        ProtocolError: DUPLICATE_HEADER.
        SilentError: UPLOAD_SLOW.
    """
    return await _within(_received(requests, path, count), UPLOAD_S)


async def _received(requests: Requests, path: Path, count: Callable[[int], None]) -> bool:
    size, start = 0, b""
    with storing():
        file = path.open("wb")
    with file:
        while (request := await requests.next()) is not None:
            piece = _piece(request)
            size += len(piece)
            start = (start + piece)[: len(ZIP)] if len(start) < len(ZIP) else start
            _check_size(size, start=start)
            count(len(piece))
            with storing():
                file.write(piece)
        with storing():
            file.flush()
    return start == ZIP


def _piece(request: Any) -> bytes:
    kind = request.WhichOneof("request")
    if kind == "header":
        raise ProtocolError("A second header came; one call makes one avatar.", reason="DUPLICATE_HEADER")
    if kind is None:
        raise _empty()
    piece: bytes = request.data
    return piece


def _check_size(size: int, *, start: bytes) -> None:
    if start != ZIP:
        check_bytes(size)
    elif size > bundle.MAX_BYTES:
        raise InputError(
            f"The .visavis file has more than {bundle.MAX_BYTES} bytes, which is the limit.", reason="BUNDLE_UNSAFE"
        )


def _empty() -> InputError:
    return InputError("A request is empty: it needs a header or data.", reason="EMPTY_MESSAGE")


async def _within(work: Awaitable[T], limit_s: float) -> T:
    try:
        return await asyncio.wait_for(work, limit_s)
    except asyncio.TimeoutError as error:
        raise SilentError(
            f"The upload took more than {limit_s:g} s: send the file in one go.", reason="UPLOAD_SLOW"
        ) from error
