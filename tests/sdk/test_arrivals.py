"""What arrives is handed out once and on one clock, and acknowledged when it was read."""

from __future__ import annotations

from sdk.heard import run
from sdk.talk_face import STEP, Face

from visavis import Event, EventKind, Frame
from visavis.arrivals import Arrival, Arrivals
from visavis.errors import UnavailableError
from visavis.lines import Lines
from visavis.v1 import talk_pb2

FPS = 50


def responses(count: int) -> list[talk_pb2.TalkResponse]:
    """Events of a new talk, one every 20 ms."""
    face = Face("token", talk_pb2.Start())
    made = []
    for number in range(1, count + 1):
        made.append(face.event("WARNING", message=str(number)))
        made[-1].sequence = number
        face.sample += STEP
    return made


def waiting(arrivals: Arrivals) -> list[Arrival | None]:
    return [arrivals.inbox.get_nowait() for _ in range(arrivals.inbox.qsize())]


def frames(arrivals: Arrivals) -> list[Frame]:
    return [frame for arrival in waiting(arrivals) if arrival is not None for frame in arrival.frames]


def test_what_comes_twice_is_handed_out_once() -> None:
    async def work() -> None:
        arrivals = Arrivals(lines=Lines(sample_rate_hz=16_000))
        sent = responses(5)
        for response in [*sent[:3], *sent[1:]]:
            await arrivals.take(response)
        assert [frame.message for frame in frames(arrivals) if isinstance(frame, Event)] == ["1", "2", "3", "4", "5"]
        assert arrivals.newest == 5

    run(work())


def test_what_was_read_is_acknowledged_once() -> None:
    async def work() -> None:
        arrivals = Arrivals(lines=Lines(sample_rate_hz=16_000))
        for response in responses(3):
            await arrivals.take(response)
        assert arrivals.acknowledgement() == 0
        for arrival in waiting(arrivals)[:2]:
            assert arrival is not None
            arrivals.handed(arrival)
        assert [arrivals.acknowledgement(), arrivals.acknowledgement()] == [2, 0]

    run(work())


def test_a_new_talk_counts_anew_and_its_clock_goes_on() -> None:
    async def work() -> None:
        arrivals = Arrivals(lines=Lines(sample_rate_hz=16_000))
        before = responses(1)[0]
        before.motion.sample_indices.append(10 * STEP)
        before.motion.latents.extend([0.5] * 64)
        await arrivals.take(before)
        [early] = waiting(arrivals)
        assert early is not None
        await arrivals.restart(UnavailableError("gone", reason="BROKEN"), motion_fps=FPS)
        arrivals.handed(early)
        assert arrivals.acknowledgement() == 0, "its number is of the talk before"
        await arrivals.take(responses(1)[0])
        restarted, warned = frames(arrivals)
        assert isinstance(restarted, Event)
        assert (restarted.kind, restarted.reason) == (EventKind.RESTARTED, "BROKEN")
        assert restarted.sample == warned.sample == 11 * STEP
        assert arrivals.last_latents == [0.5] * 64

    run(work())


def test_who_has_stopped_reading_gets_nothing() -> None:
    async def work() -> None:
        arrivals = Arrivals(lines=Lines(sample_rate_hz=16_000))
        sent = responses(100)
        for response in sent[:2]:
            await arrivals.take(response)
        arrivals.stop_reading()
        for response in sent[2:]:
            await arrivals.take(response)  # does not wait for room
        arrivals.end()
        assert waiting(arrivals) == [None]

    run(work())
