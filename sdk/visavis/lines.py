"""What is to be said: the lines of one talk, how far each was sent and how far the face has come.

A server may have to hear a line again: after a broken connection from where it had come (`rewind`), after a restart
from where the face was (`restart`). `next_request` decides what is sent next: lines in their order, in pieces of 40 ms,
never further ahead of the face than the server allows. Positions are samples of a line at the talk's own rate unless
`sample` stands in the name. What it does not do: no transport.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from visavis.errors import InputError
from visavis.frames import Event, EventKind
from visavis.latents import SAMPLE_RATE_HZ
from visavis.line import WIDTH, Cue, Line
from visavis.v1 import audio_pb2, talk_pb2
from visavis.wire import control_message
from visavis.wishes import Control

CHUNK_S = 0.04
READ_AHEAD_S = 1.0
"""An iterator of audio is asked for so much before it is sent."""
ID_CHARS = 128


class Lines:
    """The lines of one talk, in their order."""

    def __init__(self, *, sample_rate_hz: int) -> None:
        self.rate_hz = sample_rate_hz
        self.ahead_s = 10.0
        self.holding = False
        """The server stops: lines that have not begun wait for the next one."""
        self.changed = asyncio.Event()
        self.control = Control()
        """Every wish so far, as one."""
        self._lines: dict[str, Line] = {}
        self._ids: set[str] = set()

    @property
    def open(self) -> list[Line]:
        """Lines that the face has not finished."""
        return list(self._lines.values())

    def add(self, line_id: str, *, wait: Callable[[asyncio.Future[bool]], Awaitable[bool]]) -> Line:
        """Queue a line. Raises InputError LINE_TWICE, LINE_ID."""
        line_id = line_id or f"line-{len(self._ids) + 1}"
        if len(line_id) > ID_CHARS:
            raise InputError(
                f"The id of the line has {len(line_id)} characters; {ID_CHARS} are allowed.", reason="LINE_ID"
            )
        if line_id in self._ids:
            raise InputError(f"The line {line_id!r} was said already: give every line its own id.", reason="LINE_TWICE")
        self._ids.add(line_id)
        line = self._lines[line_id] = Line(line_id, wait=wait)
        return line

    async def feed(self, line: Line, pieces: AsyncIterator[bytes]) -> None:
        """Take a line's pieces as they come, a second ahead of what is sent. Raises what `pieces` does."""
        try:
            async for pcm in pieces:
                line.add(pcm)
                self.changed.set()
                while line.length - line.sent > READ_AHEAD_S * self.rate_hz and not line.over:
                    await asyncio.sleep(CHUNK_S)
                if line.over or line.dropped:
                    break
        finally:
            line.complete = True
            self.changed.set()

    def find(self, line: Line | str) -> Line:
        """Raises InputError LINE_UNKNOWN."""
        found = self._lines.get(line if isinstance(line, str) else line.id)
        if found is None:
            shown = line if isinstance(line, str) else line.id
            raise InputError(f"The line {shown!r} is over or was never said: say it first.", reason="LINE_UNKNOWN")
        return found

    def next_request(self) -> talk_pb2.TalkRequest | None:
        """What to send now; None: wait for `changed`. It counts as sent from here on."""
        room = round(self.ahead_s * self.rate_hz) - sum(max(0, line.sent - line.played) for line in self.open)
        for line in self.open:
            if line.dropped:
                continue
            if line.sent > line.base:
                for cue in line.cues:
                    if not cue.sent:
                        cue.sent = True
                        return self._cue_request(line, cue=cue)
            if line.end_sent:
                continue
            if self.holding and line.sent == line.base:
                return None
            piece = line.piece(min(round(CHUNK_S * self.rate_hz), max(0, room)))
            if piece:
                at = line.sent - line.base
                line.sent += len(piece) // WIDTH
                return talk_pb2.TalkRequest(audio=audio_pb2.AudioChunk(line_id=line.id, sample_index=at, pcm=piece))
            if not line.complete or line.sent < line.length:
                return None
            if line.sent == line.base:  # not a sample to be said
                self._over(line, whole=True)
                continue
            line.end_sent = True
            return talk_pb2.TalkRequest(end_of_line=audio_pb2.EndOfLine(line_id=line.id))
        return None

    def _cue_request(self, line: Line, *, cue: Cue) -> talk_pb2.TalkRequest:
        at = max(0, cue.sample - line.base)
        if cue.control is not None:
            return talk_pb2.TalkRequest(control=control_message(cue.control, at_sample=at, line=line.id))
        return talk_pb2.TalkRequest(marker=audio_pb2.Marker(line_id=line.id, sample_index=at, name=cue.name))

    def interrupt(self) -> bool:
        """Drop every line; whether the server has to know."""
        told = False
        for line in self.open:
            if line.sent > line.base:
                line.dropped = True
                told = True
            else:
                self._over(line, whole=False)
        return told

    def moved(self, line_id: str, *, line_sample: int) -> None:
        """A frame has come that belongs to sample `line_sample` (16 kHz, from the line's very first) of a line."""
        line = self._lines.get(line_id)
        if line is None or line_sample < 0:
            return
        line.started = True
        line.heard_until(line_sample * self.rate_hz // SAMPLE_RATE_HZ)
        for cue in list(line.cues):
            if cue.control is not None and cue.sent and cue.sample <= line.played:
                line.cues.remove(cue)
                self.control = cue.control.over(self.control)
        self.changed.set()

    def sample_base(self, line_id: str) -> int:
        """16 kHz samples to add to the server's samples of this line."""
        line = self._lines.get(line_id)
        return line.base * SAMPLE_RATE_HZ // self.rate_hz if line is not None else 0

    def happened(self, event: Event) -> bool:
        """Take notice of an event; False: it was told before."""
        line = self._lines.get(event.line)
        if event.kind is EventKind.LINE_STARTED and line is not None:
            first, line.told = not line.told, True
            return first
        if event.kind is EventKind.MARKER and line is not None:
            found = next((cue for cue in line.cues if cue.name and cue.name == event.message), None)
            if found is not None:
                line.cues.remove(found)
            return found is not None
        if line is not None and event.kind in (EventKind.LINE_FINISHED, EventKind.LINE_INTERRUPTED):
            self._over(line, whole=event.kind is EventKind.LINE_FINISHED)
        return True

    def _over(self, line: Line, *, whole: bool) -> None:
        line.close(whole=whole)
        self._lines.pop(line.id, None)
        self.changed.set()

    def rewind(self, received: Mapping[str, int]) -> bool:
        """The talk was taken up: go on where the server's hearing ended. Returns whether to say Interrupt again.

        The server names the line that is open there. A line before it has come in whole, and so has one whose frames
        have; any other is sent again, of which a server drops what it has.
        """
        dropped = [line.id for line in self.open if line.dropped]
        later = any(line.sent > line.base for line in self.open if not line.dropped)
        # Said again only where it cannot hit a line that was said after it.
        interrupt = bool(dropped) and (not later or any(line_id in received for line_id in dropped))
        known_later = False
        for line in reversed(self.open):
            if line.id in received:
                line.sent = line.base + received[line.id]
                line.end_sent = False
                known_later = True
            elif not (known_later or line.started):
                line.sent, line.end_sent = line.base, False
                if line.dropped:
                    self._over(line, whole=False)
            for cue in line.cues:
                cue.sent = False
        self.changed.set()
        return interrupt

    def restart(self) -> list[Event]:
        """The talk was lost: say again what the face had not said. Returns what the lost talk could not tell."""
        told = []
        for line in self.open:
            if line.dropped or (line.complete and line.played >= line.length):
                whole = not line.dropped
                kind = EventKind.LINE_FINISHED if whole else EventKind.LINE_INTERRUPTED
                told.append(Event(kind, line=line.id))
                self._over(line, whole=whole)
                continue
            line.base = line.sent = line.played
            line.end_sent = False
            line.cues = [cue for cue in line.cues if cue.sample >= line.base]
            for cue in line.cues:
                cue.sent = False
        self.holding = False
        self.changed.set()
        return told

    def fail(self, error: Exception) -> None:
        """The talk is over: nothing more will be said."""
        for line in self.open:
            line.fail(error)
        self._lines.clear()
        self.changed.set()
