"""What is sent next, and from where after a broken connection: decided without any transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from visavis.frames import Event, EventKind
from visavis.line import Cue, Line
from visavis.lines import Lines
from visavis.wishes import Control


async def never(done: asyncio.Future[bool]) -> bool:
    return await done


def said(lines: Lines, line_id: str, samples: int, *, complete: bool = True) -> Line:
    line = lines.add(line_id, wait=never)
    line.add(np.arange(samples, dtype="<i2").tobytes())
    line.complete = complete
    return line


def drain(lines: Lines) -> list[str]:
    """What would be sent now, one word a request."""
    words = []
    while (request := lines.next_request()) is not None:
        kind = request.WhichOneof("request")
        content = getattr(request, str(kind))
        at = f"{content.sample_index}+{len(content.pcm) // 2}" if kind == "audio" else ""
        words.append(f"{kind} {content.line_id} {at}".strip())
    return words


def with_lines(work: Callable[[Lines], None], *, rate_hz: int = 16_000) -> None:
    async def inside() -> None:
        work(Lines(sample_rate_hz=rate_hz))

    asyncio.run(inside())


def test_lines_go_out_in_their_order_with_their_cues() -> None:
    def work(lines: Lines) -> None:
        said(lines, "a", 1000).cues.append(Cue(5, name="here"))
        said(lines, "b", 640)
        assert drain(lines) == [
            "audio a 0+640", "marker a", "audio a 640+360", "end_of_line a", "audio b 0+640", "end_of_line b",
        ]  # fmt: skip

    with_lines(work)


def test_a_line_that_still_comes_in_holds_up_the_next() -> None:
    def work(lines: Lines) -> None:
        first = said(lines, "a", 100, complete=False)
        said(lines, "b", 100)
        assert drain(lines) == ["audio a 0+100"]
        first.complete = True
        assert drain(lines) == ["end_of_line a", "audio b 0+100", "end_of_line b"]

    with_lines(work)


def test_nothing_goes_further_ahead_than_allowed() -> None:
    def work(lines: Lines) -> None:
        lines.ahead_s = 0.1
        line = said(lines, "a", 48_000)
        drain(lines)
        assert line.sent == 4_800
        lines.moved("a", line_sample=1_600)  # at 16 kHz
        drain(lines)
        assert line.sent == 9_600

    with_lines(work, rate_hz=48_000)


def test_after_a_break_the_open_line_goes_on_where_it_was_heard() -> None:
    def work(lines: Lines) -> None:
        said(lines, "a", 1280)
        said(lines, "b", 1280)
        said(lines, "c", 640)
        drain(lines)
        assert not lines.rewind({"b": 700})
        assert drain(lines) == ["audio b 700+580", "end_of_line b", "audio c 0+640", "end_of_line c"]

    with_lines(work)


def test_an_interrupt_is_said_again_only_where_it_hits_nothing_new() -> None:
    def work(lines: Lines) -> None:
        said(lines, "a", 1280)
        drain(lines)
        assert lines.interrupt()
        assert lines.rewind({"a": 640})
        said(lines, "b", 640)
        drain(lines)
        assert not lines.rewind({"b": 320})

    with_lines(work)


def test_after_a_restart_the_rest_is_said() -> None:
    def work(lines: Lines) -> None:
        first, second = said(lines, "a", 6_400), said(lines, "b", 640)
        first.cues += [Cue(100, name="past"), Cue(5_000, name="to come")]
        drain(lines)
        lines.moved("a", line_sample=6_000)
        first.cues[1].sample = 6_100
        assert lines.restart() == []
        assert lines.sample_base("a") == 6_000
        assert drain(lines) == ["audio a 0+400", "marker a", "end_of_line a", "audio b 0+640", "end_of_line b"]
        lines.moved("b", line_sample=640)
        assert [event.kind for event in lines.restart()] == [EventKind.LINE_FINISHED]
        assert second.over
        assert not first.over

    with_lines(work)


def test_what_was_told_is_not_told_again() -> None:
    def work(lines: Lines) -> None:
        said(lines, "a", 640).cues.append(Cue(0, name="x"))
        started, marker = Event(EventKind.LINE_STARTED, line="a"), Event(EventKind.MARKER, line="a", message="x")
        assert [lines.happened(event) for event in (started, marker, started, marker)] == [True, True, False, False]

    with_lines(work)


def test_a_wish_of_a_word_that_was_said_becomes_the_wish_of_the_talk() -> None:
    def work(lines: Lines) -> None:
        said(lines, "a", 6_400).cues.append(Cue(1_000, control=Control(head_gain=0.0)))
        drain(lines)
        lines.moved("a", line_sample=900)
        assert lines.control == Control()
        lines.moved("a", line_sample=1_100)
        assert lines.control == Control(head_gain=0.0)

    with_lines(work)
