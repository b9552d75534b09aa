"""The client without asyncio: `visavis.blocking.Client`, its talks context managers and iterators.

```
with visavis.blocking.Client("127.0.0.1:8610") as client, client.talk(avatar="innkeeper") as talk:
    talk.say(audio)
    talk.end()
    for frame in talk: ...
```

Nothing is decided here: every method runs the one of the same name of `visavis.client`, `visavis.talk` or
`visavis.line` in an event loop on a thread of their own, and has its arguments, errors and documentation.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import update_wrapper
from types import TracebackType
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from visavis import client as asynchronous
from visavis.connection import forked
from visavis.errors import UnavailableError
from visavis.frames import Frame, Ready, Summary
from visavis.line import Line as AsyncLine
from visavis.talk import Talk as AsyncTalk

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


class _Thread:
    """The event loop of all blocking clients of a process, on a thread that never ends.

    gRPC's asyncio hands what happens in one loop to another that may be closed by then; so there is one, and it stays.
    """

    _loop: ClassVar[asyncio.AbstractEventLoop | None] = None
    _process = 0
    _starting = threading.Lock()

    @classmethod
    def loop(cls) -> asyncio.AbstractEventLoop:
        """It, started when it is first asked for, and anew in a process that was forked."""
        with cls._starting:
            if cls._loop is None or cls._process != os.getpid():
                cls._loop, cls._process = asyncio.new_event_loop(), os.getpid()
                threading.Thread(target=cls._loop.run_forever, name="visavis", daemon=True).start()
            return cls._loop


class _Loop:
    """What one client runs in that loop."""

    def __init__(self) -> None:
        self._loop = _Thread.loop()
        self._running: set[Future[Any]] = set()
        self._stopped = threading.Event()
        self._process = os.getpid()

    @property
    def running(self) -> bool:
        """Not yet stopped, and of this process: a fork takes no threads along."""
        return not self._stopped.is_set() and self._process == os.getpid()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine; Ctrl-C here cancels it there.

        Raises:
            UnavailableError: CLIENT_CLOSED, CLIENT_FORKED.
        """
        if not self.running:
            work.close()
            raise _closed() if self._stopped.is_set() else forked()
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._running.add(future)
        try:
            return future.result()
        except BaseException as error:
            future.cancel()
            if self._stopped.is_set() and isinstance(error, CancelledError | asyncio.CancelledError):
                raise _closed() from None
            raise
        finally:
            self._running.discard(future)

    def stop(self, last: Coroutine[Any, Any, None]) -> None:
        """End what other threads still wait for, and run the last there is."""
        self._stopped.set()
        for future in tuple(self._running):
            future.cancel()
        asyncio.run_coroutine_threadsafe(last, self._loop).result()


def _closed() -> UnavailableError:
    return UnavailableError("The client was closed: make another one.", reason="CLIENT_CLOSED")


class _Wrapped:
    """A value of the asynchronous client and the loop that it lives on."""

    def __init__(self, real: Any, loop: _Loop) -> None:
        self._real = real
        self._loop = loop


def _blocking(method: Callable[Concatenate[Any, P], Awaitable[T]]) -> Callable[Concatenate[Any, P], T]:
    """The method of the same name, waited for."""

    def call(self: _Wrapped, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async def work() -> T:
            return await method(self._real, *args, **kwargs)

        return self._loop.run(work())

    update_wrapper(call, method)
    return call


def _blocking_as(
    kind: Callable[[Any, _Loop], S], method: Callable[Concatenate[Any, P], Any]
) -> Callable[Concatenate[Any, P], S]:
    """The method of the same name, its result made blocking."""

    def call(self: _Wrapped, /, *args: P.args, **kwargs: P.kwargs) -> S:
        async def work() -> Any:
            real = method(self._real, *args, **kwargs)
            return await real if asyncio.iscoroutine(real) else real

        return kind(self._loop.run(work()), self._loop)

    update_wrapper(call, method)
    return call


class Line(_Wrapped):
    """One line of a talk."""

    _real: AsyncLine

    @property
    def id(self) -> str:
        """Its name in frames and events."""
        return self._real.id

    finished = _blocking(AsyncLine.finished)


class Talk(_Wrapped):
    """A talk: `with client.talk(...) as talk`, then `for frame in talk`; methods may be called from other threads."""

    _real: AsyncTalk

    def __enter__(self) -> Talk:
        """Open the talk; `ready` is known afterwards."""
        self._loop.run(self._real.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the talk; what was not said is dropped."""
        if self._loop.running:
            self.close()

    @property
    def ready(self) -> Ready:
        """What the server said."""
        return self._real.ready

    @property
    def summary(self) -> Summary | None:
        """How the talk went; None before its end."""
        return self._real.summary

    say = _blocking_as(Line, AsyncTalk.say)
    interrupt = _blocking(AsyncTalk.interrupt)
    control = _blocking(AsyncTalk.control)
    mark = _blocking(AsyncTalk.mark)
    finish = _blocking(AsyncTalk.finish)
    close = _blocking(AsyncTalk.close)

    def end(self) -> None:
        """No more lines come: iteration ends when everything queued has been said."""

        async def work() -> None:
            self._real.end()

        self._loop.run(work())

    def __iter__(self) -> Iterator[Frame]:
        """Frames and events in order, until the talk is over."""
        frames: Any = self._real.__aiter__()
        over = object()

        async def following() -> Any:
            return await anext(frames, over)

        try:
            while (frame := self._loop.run(following())) is not over:
                yield frame
        finally:
            with suppress(
                RuntimeError, UnavailableError
            ):  # Ctrl-C: it is still ending by itself; or the client is closed
                self._loop.run(frames.aclose())


class Client(_Wrapped):
    """A server's address and what it asks for, see `visavis.Client`; close it, or use `with`."""

    _real: asynchronous.Client

    def __init__(self, target: str = asynchronous.DEFAULT_TARGET, **options: Any) -> None:
        """The arguments of `visavis.Client`."""
        super().__init__(asynchronous.Client(target, **options), _Loop())

    def __enter__(self) -> Client:
        """Nothing is sent yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections; talks that are open end."""
        if self._loop.running:
            self._loop.stop(self._real.close())

    talk = _blocking_as(Talk, asynchronous.Client.talk)
    create_avatar = _blocking(asynchronous.Client.create_avatar)
    get_avatar = _blocking(asynchronous.Client.get_avatar)
    list_avatars = _blocking(asynchronous.Client.list_avatars)
    delete_avatar = _blocking(asynchronous.Client.delete_avatar)
    export_avatar = _blocking(asynchronous.Client.export_avatar)
    health = _blocking(asynchronous.Client.health)
