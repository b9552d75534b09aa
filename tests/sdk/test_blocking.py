"""The client without asyncio: the same talk as an iterator and a context manager."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from sdk.heard import kinds_of, motion_of, ramp
from sdk.talk_server import Script, serving

import visavis
from visavis import EventKind, MotionFrame, blocking
from visavis.errors import InputError, UnavailableError


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    """A server in a thread of its own."""
    loop, address, stop = asyncio.new_event_loop(), [""], asyncio.Event()
    up = threading.Event()

    async def serve() -> None:
        async with serving(Script(pace_s=0.001)) as bound:
            address[0] = bound
            up.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(10)
    yield address[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)


def test_a_talk_without_asyncio(target: str) -> None:
    with blocking.Client(target) as client, client.talk(seed=5) as talk:
        assert talk.ready.seed == 5
        line = talk.say(ramp(20))
        talk.mark(line.id, 3200, "here")
        talk.control(head_gain=0.5)
        talk.end()
        frames = list(talk)
        assert line.finished()
        assert talk.summary is not None
    assert len(motion_of(frames)) == 20
    assert kinds_of(frames) == [EventKind.LINE_STARTED, EventKind.MARKER, EventKind.LINE_FINISHED]


def test_a_loop_may_be_left_and_entered_again(target: str) -> None:
    with blocking.Client(target) as client, client.talk() as talk:
        talk.say(iter([ramp(10), ramp(10)]))
        talk.end()
        first = next(frame for frame in talk if isinstance(frame, MotionFrame))
        rest = motion_of(list(talk))
        assert [first.line_sample, *(frame.line_sample for frame in rest)] == [320 * j for j in range(20)]


def test_another_thread_may_interrupt(target: str) -> None:
    with blocking.Client(target) as client, client.talk() as talk:
        line = talk.say(ramp(3000))
        threading.Timer(0.2, talk.interrupt).start()
        assert not line.finished()
        talk.finish()


def test_two_threads_do_not_share_frames(target: str) -> None:
    heard: list[object] = []

    def read(talk: blocking.Talk) -> None:
        try:
            heard.append(len(motion_of(list(talk))))
        except InputError as error:
            heard.append(error.reason)

    with blocking.Client(target) as client, client.talk() as talk:
        talk.say(ramp(200))
        talk.end()
        threads = [threading.Thread(target=read, args=(talk,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
    assert "TALK_READ_TWICE" in heard


def test_errors_are_the_same(target: str, free_port: int) -> None:
    with blocking.Client(f"127.0.0.1:{free_port}") as client:
        with pytest.raises(UnavailableError, match="visavis serve"):
            client.talk().__enter__()
        with pytest.raises(UnavailableError):
            client.list_avatars()
    with blocking.Client(target) as client, client.talk() as talk, pytest.raises(InputError):
        talk.say(b"odd")
    client.close()  # twice is once


def test_nothing_is_missing_and_documented_alike() -> None:
    for ours, theirs in (
        (blocking.Client, visavis.Client),
        (blocking.Talk, visavis.Talk),
        (blocking.Line, visavis.Line),
    ):
        names = {name for name, value in vars(theirs).items() if not name.startswith("_") and callable(value)}
        assert names - {"add", "piece", "heard_until", "fail"} - set(dir(ours)) - {"close"} == set()
    assert blocking.Talk.say.__doc__ == visavis.Talk.say.__doc__
    assert list(inspect.signature(blocking.Client.talk).parameters) == list(
        inspect.signature(visavis.Client.talk).parameters
    )


def test_a_client_closed_under_its_talks_lets_their_threads_go(target: str) -> None:
    reasons: list[str] = []

    def read(talk: blocking.Talk) -> None:
        try:
            for _ in talk:
                pass
        except UnavailableError as error:
            reasons.append(error.reason)

    client = blocking.Client(target)
    talks = [client.talk().__enter__() for _ in range(3)]
    for talk in talks:
        talk.say(ramp(5000))
    threads = [threading.Thread(target=read, args=(talk,)) for talk in talks]
    for thread in threads:
        thread.start()
    client.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert reasons == ["CLIENT_CLOSED"] * 3
    with pytest.raises(UnavailableError, match="make another"):
        talks[0].say(ramp(2))


def test_many_clients_one_after_the_other_say_nothing(target: str, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(40):
        with blocking.Client(target) as client, client.talk():
            pass
    assert "Traceback" not in capfd.readouterr().err


FORK = """
import os, sys
import visavis
client = visavis.blocking.Client(sys.argv[1])
talk = client.talk().__enter__()
if os.fork() == 0:
    try:
        talk.end()
    except visavis.UnavailableError as error:
        print(error.reason, flush=True)
    client.close()
    try:
        visavis.blocking.Client(sys.argv[1]).health()
    except visavis.UnavailableError as error:
        print(error.reason, flush=True)
    os._exit(0)
os.wait()
talk.end()
print(len(list(talk)), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked on Windows")
def test_a_client_that_came_along_in_a_fork_says_so(target: str) -> None:
    # gRPC's own handlers of forks end one child in 25 by SIGSEGV, before or after it could say anything.
    quiet = {**os.environ, "GRPC_ENABLE_FORK_SUPPORT": "0"}
    command = [sys.executable, "-c", FORK, target]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=quiet)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["CLIENT_FORKED", "CLIENT_FORKED", "0"]
