"""Takes audio that came in far ahead of its face, gives it out again in order: so what a client says after it is heard.

A client may send a minute of sound at once and interrupt it a moment later. If the gateway stopped reading while the
engine has enough, the interruption would wait behind the sound; so it reads on, and holds the sound here. What it does
not do: it holds no more than `HELD_BYTES` (and one request); then nothing is read until there is room.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

HELD_BYTES = 2 << 20
"""A minute of 16 bit at 16 kHz."""
REQUEST_BYTES = 256
"""What a request costs beside its sound."""


class Late(NamedTuple):
    """A request with its field's name (audio or end_of_line) and when it came (ns)."""

    kind: str
    request: Any
    now_ns: int


class Held:
    """The audio of one talk that waits for its engine."""

    def __init__(self) -> None:
        self._queue: deque[Late] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Nothing more is to be read."""
        return self._bytes > HELD_BYTES

    @property
    def lines(self) -> list[str]:
        """The lines in it, in order."""
        return list(dict.fromkeys(late.request.line_id for late in self._queue))

    def put(self, late: Late) -> None:
        """The newest."""
        self._queue.append(late)
        self._bytes += _cost(late)

    def take(self) -> Late:
        """The oldest."""
        late = self._queue.popleft()
        self._bytes -= _cost(late)
        return late

    def clear(self) -> None:
        """It was interrupted, or will be sent again."""
        self._queue.clear()
        self._bytes = 0


def _cost(late: Late) -> int:
    return REQUEST_BYTES + (len(late.request.pcm) if late.kind == "audio" else 0)
