"""Takes what one talk has sent and what its client acknowledges, says how far the client is behind.

gRPC accepts minutes of motion for a client that reads nothing, so a client is measured by its own acknowledgements,
less the time that the quickest of them took (the way there and back), and by writes that do not come back. What was
sent is kept until it is acknowledged, for a client that takes the talk up; of pictures only the newest. What it does
not do: it draws no conclusion (`outbox.py`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from visavis_runtime.serve.gateway.responses import Response

SLOW_S = 0.5
_SLOW_NS = int(SLOW_S * 1e9)
_TRIP_MOST_NS = 1_000_000_000
"""No way there and back takes longer; whoever acknowledges later than that is slow."""


class Sent:
    """A response that has been sent and not acknowledged; `response` is None for a picture that is not the newest."""

    __slots__ = ("response", "sample", "sent_ns", "sequence")

    def __init__(self, response: Response, *, sequence: int, sent_ns: int, sample: int) -> None:
        """`sample`: up to where of the talk it goes; -1: nowhere."""
        self.response: Response | None = response
        self.sequence, self.sent_ns, self.sample = sequence, sent_ns, sample


class Unread:
    """What was sent and has not been acknowledged. `on_read` hears to which sample the client has read."""

    def __init__(self, *, on_read: Callable[[int], None]) -> None:
        self.listening = True
        """Whether acknowledgements are being read."""
        self._on_read = on_read
        self._sent: deque[Sent] = deque()
        self._since_ns = 0
        """Nobody is behind by what was before."""
        self._trip_ns = 0
        """The quickest acknowledgement on this connection; 0: none yet."""
        self._write_ns = 0
        """When the write began that has not come back; 0: none."""

    def add(self, sent: Sent) -> None:
        """It goes out now."""
        self._sent.append(sent)

    def write(self) -> None:
        """A write begins."""
        self._write_ns = time.monotonic_ns()

    def wrote(self) -> int:
        """It has come back; gives when it began."""
        began_ns, self._write_ns = self._write_ns, 0
        if not self.listening and self._sent and self._sent[-1].sample >= 0:
            self._on_read(self._sent[-1].sample)
        return began_ns

    def acknowledge(self, sequence: int) -> int:
        """The client has read everything up to here; gives when the oldest of it was sent, 0: that was known."""
        if not self._sent or self._sent[0].sequence > sequence:
            return 0
        oldest_ns = self._sent[0].sent_ns
        trip_ns = time.monotonic_ns() - self._forget(sequence)
        self._trip_ns = min(self._trip_ns or _TRIP_MOST_NS, trip_ns)
        return oldest_ns

    def _forget(self, sequence: int) -> int:
        """Keep no longer what has been read; gives when the newest of it was sent."""
        sample, sent_ns = -1, 0
        while self._sent and self._sent[0].sequence <= sequence:
            sent = self._sent.popleft()
            sample, sent_ns = max(sample, sent.sample), sent.sent_ns
        if sample >= 0:
            self._on_read(sample)
        return sent_ns

    def listen(self, listening: bool) -> None:
        """Whether acknowledgements are being read; while they are not, what is written counts as read."""
        self.listening, self._since_ns = listening, time.monotonic_ns()
        if not listening and self._sent:
            self._on_read(max(sent.sample for sent in self._sent))

    def excuse(self) -> None:
        """This process stood still and has heard nobody: how far the client is behind counts from now on."""
        self._since_ns = time.monotonic_ns()
        self._write_ns = self._since_ns if self._write_ns else 0

    def forgive(self, silent_ns: int) -> None:
        """The engine has said nothing for so long: nobody acknowledges what is not sent."""
        if self._sent:
            self._since_ns = max(self._sent[0].sent_ns, self._since_ns) + silent_ns

    def reopen(self, *, last_sequence: int) -> deque[Sent]:
        """Another connection takes over, whose client has everything up to `last_sequence`; gives what it lacks."""
        self._forget(last_sequence)
        lacking = deque(sent for sent in self._sent if sent.response is not None)
        self._sent.clear()
        self.listening, self._since_ns, self._write_ns, self._trip_ns = True, time.monotonic_ns(), 0, 0
        return lacking

    def behind_s(self) -> float:
        """How far the client is behind."""
        return self.behind_ns(time.monotonic_ns()) * 1e-9

    def behind_ns(self, now_ns: int) -> int:
        """Since when a write hangs, or the oldest response waits to be acknowledged."""
        behind = now_ns - self._write_ns if self._write_ns else 0
        if self.listening and self._sent:
            behind = max(behind, now_ns - max(self._sent[0].sent_ns, self._since_ns))
        return behind

    def is_slow(self, now_ns: int) -> bool:
        """The client is behind by more than `SLOW_S`."""
        return self.took_long(self.behind_ns(now_ns))

    def took_long(self, taken_ns: int) -> bool:
        """Whether no client that reads takes so long."""
        return taken_ns > _SLOW_NS + self._trip_ns
