"""Opens the stream of a talk: a gRPC call of its own, or a number on a call that many talks share.

gRPC's price is by the message, so a client that drives many faces pays a fraction for all of them in one
(`Client(share_stream=True)`); talks with pictures keep their own. What talks write within `GATHER_S` leaves together; a
talk alone waits for nobody. A talk on a shared call sees what it would see on its own: the same answers, errors and
end. When the call breaks, it breaks for every talk on it, and each takes itself up on the next one. Nothing here holds
up the others for a talk whose user does not read: the server, which hears no acknowledgement, sends it no more.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TypeAlias

import grpc

from visavis.connection import Connection
from visavis.errors import ProtocolError, UnavailableError, error_of_status
from visavis.stream import Stream
from visavis.v1 import talk_pb2, talk_pb2_grpc

OPEN_S = 10.0
"""A server begins within this time, or is none."""
GATHER_S = 0.002
"""After a message the next one waits so long for others."""
BATCH_BYTES, BATCH_REQUESTS = 256 << 10, 500
"""Talks wait for the next message when one has so much."""
FIRST_BYTES = 8 << 10
"""As much until a server has said, in its first Ready, what it allows."""
REQUEST_BYTES = 16
"""What a request costs beside its bytes."""
_CODES = {code.value[0]: code.name for code in grpc.StatusCode}


class NumberedStream:
    """One talk on a shared call; has what a `Stream` has."""

    def __init__(self, number: int, call: SharedCall) -> None:
        self._number, self._call = number, call
        self._arrived: deque[talk_pb2.TalkResponse] = deque()
        self._over = False
        self._error: BaseException | None = None
        self._awake = asyncio.Event()
        self.last_read_s = self.last_write_s = time.monotonic()

    def take(self, response: talk_pb2.TalkResponse) -> None:
        """What came for this talk."""
        self._arrived.append(response)
        self._awake.set()

    def end(self, error: BaseException | None) -> None:
        """Nothing more comes."""
        self._over, self._error = True, error
        self._awake.set()

    async def read(self) -> talk_pb2.TalkResponse | None:
        """The next response, None at the end. Raises what `Stream.read` does."""
        while not self._arrived:
            if self._error is not None:
                raise self._error
            if self._over:
                return None
            self._awake.clear()
            await self._awake.wait()
        self.last_read_s = time.monotonic()
        return self._arrived.popleft()

    async def write(self, request: talk_pb2.TalkRequest) -> bool:
        """Whether the stream took it; waits while the server does not read."""
        self.last_write_s = time.monotonic()
        return await self._call.write(self._number, request)

    async def close_writing(self) -> None:
        """Nothing more will be written."""
        await self._call.write(self._number, done=True)

    def give_up(self) -> None:
        """Take the connection for broken, for all."""
        self._call.give_up()

    def cancel(self) -> None:
        """End the talk."""
        self._call.leave(self._number)


class SharedCall:
    """A call of TalkService.TalkMany with the talks on it; it ends with the last of them."""

    def __init__(self, connection: Connection) -> None:
        stub = talk_pb2_grpc.TalkServiceStub(connection.channel("motion"))  # type: ignore[no-untyped-call]
        self._stream: Stream[talk_pb2.TalkManyRequest, talk_pb2.TalkManyResponse] = Stream(
            stub.TalkMany(metadata=connection.metadata), connection=connection
        )
        self.over = False
        """No talk can begin on it."""
        self._streams: dict[int, NumberedStream] = {}
        self._last_number = 0
        self._batch = talk_pb2.TalkManyRequest()
        self._batch_bytes, self._most_bytes = 0, FIRST_BYTES
        self._awake, self._room = asyncio.Event(), asyncio.Event()
        self._tasks = asyncio.create_task(self._read()), asyncio.create_task(self._send())

    def begin(self) -> NumberedStream:
        """A talk's place on this call."""
        self._last_number += 1
        self._streams[self._last_number] = stream = NumberedStream(self._last_number, self)
        return stream

    async def write(self, number: int, request: talk_pb2.TalkRequest | None = None, *, done: bool = False) -> bool:
        """Put a request of a talk into the next message; whether it will be sent."""
        size = REQUEST_BYTES + (request.ByteSize() if request is not None else 0)
        while self._batch_bytes + size > self._most_bytes and self._batch_bytes and not self.over:
            self._room.clear()
            await self._room.wait()
        if self.over or number not in self._streams:
            return False
        self._batch.requests.add(talk=number, request=request, done=done)
        self._batch_bytes += max(size, BATCH_BYTES // BATCH_REQUESTS)
        self._awake.set()
        return True

    def leave(self, number: int) -> None:
        """A talk wants nothing more."""
        stream = self._streams.pop(number, None)
        if stream is None:
            return
        stream.end(asyncio.CancelledError())
        self._batch.requests.add(talk=number, cancelled=True)
        self._awake.set()
        if not self._streams:
            self._finish()

    def give_up(self) -> None:
        """Take the connection for broken."""
        self._stream.give_up()

    async def _read(self) -> None:
        error: BaseException = UnavailableError("The server has ended the stream of this talk.", reason="BROKEN")
        try:
            while (message := await self._stream.read()) is not None:
                for numbered in message.responses:
                    self._take(numbered)
        except BaseException as raised:  # each talk is told, with this one's own words
            error = raised
        for stream in self._streams.values():
            stream.end(error)
        self._finish()

    def _take(self, numbered: talk_pb2.NumberedResponse) -> None:
        stream = self._streams.get(numbered.talk)
        if stream is None:
            return
        if numbered.HasField("response"):
            if numbered.response.HasField("ready"):
                self._most_bytes = min(BATCH_BYTES, numbered.response.ready.limits.message_bytes or BATCH_BYTES)
            stream.take(numbered.response)
        if numbered.HasField("end"):
            end = numbered.end
            code = _CODES.get(end.code, "UNKNOWN")
            stream.end(
                error_of_status(code, message=end.message, reason=end.reason, retry_s=end.retry_ms / 1e3)
                if end.code
                else None
            )
            del self._streams[numbered.talk]
            if not self._streams:
                self._finish()

    async def _send(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            batch, self._batch, self._batch_bytes = self._batch, talk_pb2.TalkManyRequest(), 0
            self._room.set()
            if not await self._stream.write(batch):
                return  # the reading knows why
            await asyncio.sleep(GATHER_S)

    def _finish(self) -> None:
        self.over = True
        self._room.set()
        self._stream.cancel()
        for task in self._tasks:
            task.cancel()


TalkStream: TypeAlias = Stream[talk_pb2.TalkRequest, talk_pb2.TalkResponse] | NumberedStream


async def open_stream(
    connection: Connection, start: talk_pb2.TalkRequest, *, pictures: bool
) -> tuple[TalkStream, talk_pb2.Ready]:
    """A new stream and its Ready.

    Raises:
        UnavailableError: no server, or NO_ANSWER.
        ProtocolError: NO_READY.
        VisavisError: what the server says.
    """
    shares = connection.shares and not pictures  # pictures are large, and would hold up the motion of others
    stream = shared_call(connection).begin() if shares else _own_call(connection, pictures=pictures)
    try:
        response = await asyncio.wait_for(_first_answer(stream, start), OPEN_S)
    except asyncio.TimeoutError:
        stream.cancel()
        raise UnavailableError(
            f"{connection.target} did not answer for {OPEN_S:g} s: is it a Visavis server?", reason="NO_ANSWER"
        ) from None
    except asyncio.CancelledError:
        stream.cancel()
        raise
    if response is None or response.WhichOneof("response") != "ready":
        stream.cancel()
        raise ProtocolError(
            "The server did not begin with Ready: it is not a Visavis server of this version.", reason="NO_READY"
        )
    return stream, response.ready


def _own_call(connection: Connection, *, pictures: bool) -> TalkStream:
    stub = talk_pb2_grpc.TalkServiceStub(  # type: ignore[no-untyped-call]
        connection.channel("texture" if pictures else "motion")
    )
    return Stream(stub.Talk(metadata=connection.metadata), connection=connection)


def shared_call(connection: Connection) -> SharedCall:
    """The shared call of a connection, a new one if there is none that goes on."""
    call: SharedCall | None = connection.shared
    if call is None or call.over:
        connection.shared = call = SharedCall(connection)
    return call


async def _first_answer(stream: TalkStream, start: talk_pb2.TalkRequest) -> talk_pb2.TalkResponse | None:
    await stream.write(start)
    return await stream.read()
