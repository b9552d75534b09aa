"""Takes the requests of one talk after its Start, gives commands for its engine: the checks and the lines in a row.

One line is open at a time; audio of another one ends it. Lines that are over are remembered by name and length, so that
what a client sends twice (after a broken connection) is nothing, and a name that is used again is an error. What it
does not do: acknowledgements and pings (`talk.py`), no audio (`sound.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from visavis.errors import InputError, LimitError, ProtocolError
from visavis.latents import SAMPLE_RATE_HZ
from visavis.v1 import audio_pb2, talk_pb2
from visavis_runtime.motion.controls import Controls
from visavis_runtime.serve.gateway.sound import LineSound, PcmFormat, Warned
from visavis_runtime.serve.gateway.start import changes_of
from visavis_runtime.serve.messages import Command, EndLine, Feed, Interrupt, Mark, Signal, Steer

NAME_CHARS = 128
MARKERS_MOST = 1000
"""Of the open line and those that have not begun."""
SAMPLE_MOST = 1 << 40
"""Far beyond the longest talk, and far below what overflows."""
_CUT = -1


class Intake:
    """What has come in of one talk. `send` gets the commands, `warn` what the client should know with its line."""

    def __init__(
        self,
        form: PcmFormat,
        *,
        ahead_most_s: float,
        send: Callable[[Command], None],
        warn: Callable[[str, Warned], None],
    ) -> None:
        self.talk = 0
        """The engine's number for this talk; another one after it was parked."""
        self.queued = 0
        """Samples (16 kHz) that wait to be heard, as far as is known here."""
        self.heard_ns = 0
        """When the first audio came in; 0: none yet."""
        self.line = ""
        """The open line; "" between lines."""
        self.empty_chunks = 0
        self.closing = False
        """No new line may begin."""
        self._form = form
        self._ahead_most = int(ahead_most_s * SAMPLE_RATE_HZ)
        self._send, self._warn = send, warn
        self._sound: LineSound | None = None
        self._over: dict[str, int] = {}
        """Lines that are over and their lengths at the talk's own rate; cut ones have `_CUT`."""
        self._markers: dict[str, list[tuple[int, str]]] = {}
        """Of lines that have not begun."""
        self._marked = 0
        self._bad_chunks = 0
        self._told_stereo = False
        self._takers: dict[str, Callable[[Any, int], None]] = {
            "audio": self._audio, "end_of_line": self._end_of_line, "marker": self._marker, "control": self._control,
            "interrupt": self._interrupt,
        }  # fmt: skip

    def take(self, kind: str, request: Any, *, now_ns: int) -> None:
        """One request, by the name of its field in TalkRequest.

        Raises:
            InputError: LINE_ID, MARKER, those of `sound.py` and of `Controls`.
            OrderError: OUT_OF_ORDER.
            ProtocolError: LINE_ENDED.
            LimitError: AUDIO_AHEAD, MARKERS.
        """
        self._takers[kind](request, now_ns)

    @property
    def received(self) -> tuple[str, int] | None:
        """The open line and how many of its samples have come in, at the talk's own rate."""
        return None if self._sound is None else (self.line, self._sound.received)

    def end_line(self, now_ns: int) -> None:
        """All of the open line is in."""
        if self._sound is None:
            return
        self._feed(self._sound.end(), now_ns=now_ns)
        self._tell_warnings()
        self._send(EndLine(self.talk, self.line))
        self._leave(self._sound.received)

    def drop(self, line: str) -> None:
        """A line that came in and was not taken shall not be heard: an interrupt follows. Raises InputError LINE_ID."""
        if line != self.line and _line_id(line) not in self._over:
            self._over[line] = _CUT
            self._send(EndLine(self.talk, line))

    def _audio(self, chunk: audio_pb2.AudioChunk, now_ns: int) -> None:
        if not chunk.pcm:
            self.empty_chunks += 1
            return
        sample = _index(chunk)
        if (self._sound is None or chunk.line_id != self.line) and not self._begin(chunk, sample=sample, now_ns=now_ns):
            return
        sound = self._sound
        assert sound is not None
        if not self.heard_ns:
            self.heard_ns = now_ns
        samples = sound.step(chunk.pcm, sample=sample)
        if sound.warnings:
            self._tell_warnings()
        self._feed(samples, now_ns=now_ns)
        if self._markers:
            self._tell_markers()

    def _begin(self, chunk: audio_pb2.AudioChunk, *, sample: int | None, now_ns: int) -> bool:
        """Another line; False if this is a piece of one that is over, sent again."""
        line = _line_id(chunk.line_id)
        length = self._over.get(line)
        if length is not None:
            end = None if sample is None else sample + len(chunk.pcm) // self._form.frame_bytes
            if length == _CUT or (end is not None and end <= length):
                return False
            raise ProtocolError(
                f"Audio came for the line {line!r}, which is over: a line has a name of its own.", reason="LINE_ENDED"
            )
        if self.closing:
            return False
        self.end_line(now_ns)
        self.line = line
        self._sound = LineSound(self._form, bad_chunks=self._bad_chunks)
        if self._form.channels == 2 and not self._told_stereo:
            self._told_stereo = True
            self._warn(line, Warned("AUDIO_STEREO", "The sound has two channels; they are mixed to one for the lips."))
        return True

    def _feed(self, samples: Signal, *, now_ns: int) -> None:
        count = samples.shape[0]
        if not count:
            return
        if self.queued + count > self._ahead_most:
            raise LimitError(
                f"The audio is {(self.queued + count) / SAMPLE_RATE_HZ:.0f} s ahead of the face; "
                f"{self._ahead_most / SAMPLE_RATE_HZ:.0f} s are allowed: send it more slowly.",
                reason="AUDIO_AHEAD",
            )
        self.queued += count
        self._send(Feed(self.talk, self.line, samples.tobytes(), now_ns))

    def _end_of_line(self, end: audio_pb2.EndOfLine, now_ns: int) -> None:
        if end.line_id == self.line and self.line:
            self.end_line(now_ns)
        elif _line_id(end.line_id) not in self._over and not self.closing:
            self.end_line(now_ns)
            self._over[end.line_id] = 0
            self._warn(end.line_id, Warned("AUDIO_EMPTY", "The line ended without any sound."))
            self._send(EndLine(self.talk, end.line_id))

    def _marker(self, marker: audio_pb2.Marker, now_ns: int) -> None:
        line = _line_id(marker.line_id)
        if not 0 < len(marker.name) <= NAME_CHARS or not 0 <= marker.sample_index <= SAMPLE_MOST:
            raise InputError(
                f"A marker needs a name of 1 to {NAME_CHARS} characters at a sample from 0; "
                f"it has {len(marker.name)} characters at {marker.sample_index}.",
                reason="MARKER",
            )
        if line in self._over:
            if self._over[line] != _CUT:  # all of it is in, but the face may not be there yet
                self._send(Mark(self.talk, line, self._at_16khz(marker.sample_index), marker.name))
            return
        self._marked += 1
        if self._marked > MARKERS_MOST:
            raise LimitError(f"More than {MARKERS_MOST} markers wait: send them later.", reason="MARKERS")
        self._markers.setdefault(line, []).append((marker.sample_index, marker.name))
        if line == self.line:
            self._tell_markers()

    def _control(self, control: talk_pb2.Control, now_ns: int) -> None:
        changes = changes_of(control)
        Controls(**changes)  # its own checks
        sample = _index(control)
        if sample is not None and control.line_id:
            sample = self._at_16khz(sample)
        self._send(Steer(self.talk, changes, sample, control.line_id))

    def _interrupt(self, request: talk_pb2.Interrupt, now_ns: int) -> None:
        if self._sound is not None:
            self._leave(_CUT)
        self.queued = 0
        self._markers.clear()
        self._marked = 0
        self._send(Interrupt(self.talk))

    def _leave(self, length: int) -> None:
        assert self._sound is not None
        self._bad_chunks = self._sound.bad_chunks
        self._over[self.line] = length
        self._marked = sum(map(len, self._markers.values()))
        self.line, self._sound = "", None

    def _tell_markers(self) -> None:
        for sample, name in self._markers.pop(self.line, ()):
            self._send(Mark(self.talk, self.line, self._at_16khz(sample), name))

    def _tell_warnings(self) -> None:
        assert self._sound is not None
        for warned in self._sound.warnings:
            self._warn(self.line, warned)
        self._sound.warnings.clear()

    def _at_16khz(self, sample: int) -> int:
        return sample * SAMPLE_RATE_HZ // self._form.rate_hz


def _line_id(line: str) -> str:
    if not 0 < len(line) <= NAME_CHARS:
        raise InputError(
            f"line_id has {len(line)} characters; 1 to {NAME_CHARS} are allowed: name every line.", reason="LINE_ID"
        )
    return line


def _index(request: Any) -> int | None:
    """The sample index of a request, None where it is unset."""
    if not request.HasField("sample_index"):
        return None
    sample: int = request.sample_index
    if abs(sample) > SAMPLE_MOST:
        raise InputError(f"sample_index is {sample}: count samples from 0.", reason="SAMPLE_INDEX")
    return sample
