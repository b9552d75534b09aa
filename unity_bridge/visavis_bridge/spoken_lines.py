"""The lines of one character by their numbers: which wait for the face, and what happened to each last.

Numbers are never given twice, so that engines can ask for a line that is over (`last_events`, some are kept). What it
does not do: it tells nobody, and says nothing; the sound of one line is in `spoken.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from visavis.errors import LimitError, MissingError
from visavis_bridge.spoken import Spoken, Tell

LINES_MOST = 32
ENDS_KEPT = 16


class SpokenLines:
    """Of the character `name`, which has had `said` lines before."""

    def __init__(self, name: str, *, said: int) -> None:
        self._name = name
        self.said = said
        """Lines up to now, of those before it too: engines that are still there keep the numbers of theirs."""
        self.last_events: dict[int, str] = {}
        self._open: dict[int, Spoken] = {}

    def __iter__(self) -> Iterator[Spoken]:
        """Lines that are not over; the loop may end them."""
        return iter(list(self._open.values()))

    async def begin(self, pcm: bytes, *, rate_hz: int, last: bool, tell: Tell) -> Spoken:
        """The next line with its first sound, which is to be added when the talk has it.

        Raises:
            InputError, LimitError: as `Spoken`. LimitError: LINES_QUEUED.
        """
        if len(self._open) >= LINES_MOST:
            raise LimitError(
                f"{LINES_MOST} lines of {self._name} wait: interrupt, or say more later.", reason="LINES_QUEUED"
            )
        spoken = Spoken(self.said + 1, rate_hz=rate_hz, tell=tell)
        await spoken.feed(pcm, last=last)
        self.said += 1
        return spoken

    def add(self, spoken: Spoken) -> None:
        """It waits for the face."""
        self._open[spoken.number] = spoken
        self.last_events[spoken.number] = "QUEUED"
        while len(self.last_events) > ENDS_KEPT + LINES_MOST:
            del self.last_events[next(iter(self.last_events))]

    def find(self, number: int) -> Spoken:
        """Raises MissingError LINE_UNKNOWN."""
        if number not in self._open:
            raise MissingError(
                f"The line {number} of {self._name} is over or was never said: say it first.", reason="LINE_UNKNOWN"
            )
        return self._open[number]

    def happened(self, number: int, name: str) -> Spoken | None:
        """Note an event of a line; the line, if it is not over."""
        spoken = self._open.get(number)
        if spoken is not None:
            self.last_events[number] = name
        return spoken

    def end(self, number: int, name: str) -> Spoken | None:
        """The line is over with this event, once: None if it was before."""
        spoken = self.happened(number, name)
        self._open.pop(number, None)
        return spoken
