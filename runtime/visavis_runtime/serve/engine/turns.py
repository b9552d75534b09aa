"""Takes the talks of an engine and the time, gives those that have something to hear: a batch of them at most.

Whoever was not reached in a tick comes first in the next. Bursts, which would take all the time there is, get little
beside live talks. What it does not do: it makes no motion (`batch.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from visavis_runtime.serve.engine.session import Session, Step
from visavis_runtime.serve.engine.timeline import BURST_GRAIN, GRAIN

BURSTS_BESIDE = 4 * GRAIN
"""Samples of all bursts in one tick with live talks: some milliseconds of work."""

Fail = Callable[[Session, Exception], None]
"""Closes a talk, alone."""


class Turns:
    """Whose turn it is, in an engine that steps at most `most` talks at once."""

    def __init__(self, *, most: int) -> None:
        self.most = most
        self._turn: list[int] = []
        """Numbers of talks, those first that have waited longest."""

    def take(self, sessions: Mapping[int, Session], *, now_ns: int, fail: Fail) -> list[tuple[Session, Step]]:
        """The talks that step now, with what they hear."""
        known = set(self._turn)
        self._turn = [talk for talk in self._turn if talk in sessions]
        self._turn += [talk for talk in sessions if talk not in known]
        steps: list[tuple[Session, Step]] = []
        piece = _burst_piece(sessions)
        reached = 0
        for talk in self._turn:
            if len(steps) == self.most:
                break
            reached += 1
            session = sessions[talk]
            try:
                step = session.take(now_ns, piece=piece)
            except Exception as error:
                fail(session, error)
                continue
            if step is not None:
                steps.append((session, step))
        self._turn = self._turn[reached:] + self._turn[:reached]
        return steps


def _burst_piece(sessions: Mapping[int, Session]) -> int:
    """Samples that each burst may hear in this tick: few beside live talks, which wait for the end of the tick."""
    bursts = sum(not one.spec.paced for one in sessions.values())
    return BURST_GRAIN if bursts == len(sessions) else max(GRAIN, BURSTS_BESIDE // max(1, bursts))
