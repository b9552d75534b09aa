"""The client without asyncio: `visavis.blocking.Client`, its talks context managers and iterators.

```
with visavis.blocking.Client("127.0.0.1:8610") as client, client.talk(avatar="innkeeper") as talk:
    talk.say(audio)
    talk.end()
    for frame in talk: ...
```

Nothing is decided here: every method runs the one of the same name of `visavis.client`, `visavis.talk` or
`visavis.lines` in an event loop on a thread of its own, and has its arguments, errors and documentation.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from functools import update_wrapper
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from visavis import client as asynchronous
from visavis.frames import Frame, Ready, Summary
from visavis.lines import Line as AsyncLine
from visavis.talk import Talk as AsyncTalk

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


class _Loop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="visavis", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Not yet stopped."""
        return not self._loop.is_closed()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine; Ctrl-C here cancels it there."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """End the thread."""
        self.run(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


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
            with suppress(RuntimeError):  # Ctrl-C: it is still ending by itself
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
            self._loop.run(self._real.close())
            self._loop.stop()

    talk = _blocking_as(Talk, asynchronous.Client.talk)
    create_avatar = _blocking(asynchronous.Client.create_avatar)
    get_avatar = _blocking(asynchronous.Client.get_avatar)
    list_avatars = _blocking(asynchronous.Client.list_avatars)
    delete_avatar = _blocking(asynchronous.Client.delete_avatar)
    export_avatar = _blocking(asynchronous.Client.export_avatar)
    health = _blocking(asynchronous.Client.health)
