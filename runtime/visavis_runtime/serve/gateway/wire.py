"""Takes a service as its descriptor and one coroutine a call, gives gRPC what it needs to serve it.

Every call of every service goes the same way: who calls (`access.py`), may they, are the bytes a message, the
coroutine, and every error as a status (`status.py`). gRPC answers bytes that are no message, or one too large, with
words of its own and an unhelpful status; so requests are parsed here by a function that never raises: it gives
`Malformed`, and the call ends as any other error does.

A refusal that meets a client in the middle of its writing is lost: gRPC's asyncio client tells an error of its own. So
who uploads is heard out first, for a moment.

A call is `async call(request or Requests, context, caller)` and returns its response; a call that streams writes with
`context.write` and returns nothing. What it does not do: no meaning of any message.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from visavis.errors import InputError, LimitError, VisavisError
from visavis_runtime.serve.gateway.access import Access
from visavis_runtime.serve.gateway.status import abort

TRANSPORT_BYTES = 8 << 20
"""Largest message that gRPC lets in at all: a call may hold so much memory before anybody looks at it. Each service has
its own, smaller limit, and up to here says so in our words; beyond, gRPC does in its own, without a reason."""

HEAR_OUT_S, HEAR_OUT_MOST_S, HEAR_OUT_BYTES = 2.0, 15.0, 64 << 20
"""As much as the largest file that may be uploaded."""
LIVE_BYTES_PER_S = 300_000
"""Whoever sends more than any live voice has (144 kHz PCM16) sends a file: it has an end, and answers are read then."""

Call = Callable[[Any, Any, Any], Any]


class Malformed(NamedTuple):
    """What a request became that is none."""

    error: VisavisError


class Service(Protocol):
    """What has calls by their names in the protos."""

    @property
    def calls(self) -> Mapping[str, Call]:
        """One coroutine function a call; those that are missing are UNIMPLEMENTED."""


class Requests:
    """The requests of a streaming call, one after the other."""

    def __init__(self, context: Any) -> None:
        self._read = context.read
        self._ended = False

    async def next(self) -> Any:
        """The next request, or None when the client has closed its side (or is gone).

        Raises:
            InputError: MALFORMED.
            LimitError: MESSAGE_TOO_LARGE.
        """
        request = grpc.aio.EOF if self._ended else await self._read()
        if request is grpc.aio.EOF:
            self._ended = True
            return None
        return _checked(request)

    async def hear_out(self, *, within_s: float) -> None:
        """Let a refused client say what it has to, at most `HEAR_OUT_BYTES` in so long; nothing of it is kept.

        A file may take longer, `HEAR_OUT_MOST_S` at most: its client would not hear of an error that comes earlier.
        """
        began_s, size = time.monotonic(), 0
        with contextlib.suppress(Exception):  # a second error is no matter
            while not self._ended and size < HEAR_OUT_BYTES:
                until_s = began_s + min(HEAR_OUT_MOST_S, max(within_s, size / LIVE_BYTES_PER_S))
                request = await asyncio.wait_for(self._read(), until_s - time.monotonic())
                self._ended = request is grpc.aio.EOF
                size += request.ByteSize() if hasattr(request, "ByteSize") else 0


def add_service(
    server: Any, service: Service, *, descriptor: ServiceDescriptor, access: Access, permit: str, message_bytes: int
) -> None:
    """Serve `service` on `server`, before its start. `permit`: what a token must allow, see `access.PERMITS`."""
    handlers = {
        method.name: handler_of(
            service.calls[method.name],
            request=GetMessageClass(method.input_type),
            response=GetMessageClass(method.output_type),
            streams=(method.client_streaming, method.server_streaming),
            access=access,
            permit=permit,
            message_bytes=message_bytes,
        )
        for method in descriptor.methods
        if method.name in service.calls
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(descriptor.full_name, handlers),))


def parser_of(message: type[Any], *, message_bytes: int) -> Callable[[bytes], Any]:
    """A function that gives the message of some bytes, or Malformed."""
    parse = message.FromString
    name = message.DESCRIPTOR.name

    def request_of(data: bytes) -> Any:
        if len(data) > message_bytes:
            return Malformed(
                LimitError(
                    f"A request has {len(data)} bytes; {message_bytes} are allowed: send smaller pieces.",
                    reason="MESSAGE_TOO_LARGE",
                )
            )
        try:
            return parse(data)
        except DecodeError:
            return Malformed(
                InputError(
                    f"{len(data)} bytes came that are no {name}: is the client made from the same protos?",
                    reason="MALFORMED",
                )
            )

    return request_of


def handler_of(
    call: Call,
    *,
    request: type[Any],
    response: type[Any],
    streams: tuple[bool, bool],
    access: Access,
    permit: str,
    message_bytes: int,
    hear_out_s: float = 0.0,
) -> Any:
    """What gRPC serves a call with; `streams`: whether the client and the server stream.

    `hear_out_s`: how long a client that streams may go on before it is told of an error; an upload always may.
    """
    client_streams, server_streams = streams
    if client_streams and not server_streams:
        hear_out_s = HEAR_OUT_S

    async def guarded(given: Any, context: Any) -> Any:
        requests = Requests(context) if client_streams else None
        try:
            caller = access.admit(context, permit=permit)
            return await call(requests or _checked(given), context, caller)
        except (asyncio.CancelledError, grpc.aio.AbortError):
            raise
        except Exception as error:  # every error becomes a status here and nowhere else
            if requests and hear_out_s:
                await requests.hear_out(within_s=hear_out_s)
            await _end(context, error)

    return _KINDS[streams](
        guarded,
        request_deserializer=parser_of(request, message_bytes=message_bytes),
        response_serializer=response.SerializeToString,
    )


async def _end(context: Any, error: Exception) -> None:
    """Send the status, unless the client has gone meanwhile: then nobody wants to know, the log neither."""
    try:
        await abort(context, error)
    except grpc.aio.AbortError:
        raise
    except Exception:
        raise asyncio.CancelledError from None


def _checked(request: Any) -> Any:
    if type(request) is Malformed:
        raise request.error
    return request


_KINDS: dict[tuple[bool, bool], Callable[..., Any]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}
