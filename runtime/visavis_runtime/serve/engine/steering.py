"""Takes changes of the controls that are to come at a sample, gives the controls of now: the director's script.

What is changed stays changed; the face eases into it (`motion/controls.py`). A change for a line that is over or was
dropped is made at once, so that nobody waits for a feeling that never comes. What it does not do: it checks no ranges;
`Controls` does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from visavis.errors import LimitError
from visavis_runtime.motion.controls import Controls
from visavis_runtime.serve.engine.timeline import Timeline
from visavis_runtime.serve.messages import Steer

WISHES_MOST = 1000


class Wish(NamedTuple):
    """A change at a sample of a line, or of the talk (line "")."""

    line: str
    sample: int
    changes: tuple[tuple[str, object], ...]


class Steering:
    """The controls of one talk and what will change them."""

    def __init__(self, controls: Controls) -> None:
        self.controls = controls
        self.wishes: list[Wish] = []

    def add(self, steer: Steer) -> None:
        """A change for now or later.

        Raises:
            InputError: as `Controls` does; nothing is changed then.
            LimitError: WISHES, too many wait.
        """
        changes = tuple(steer.changes.items())
        changed = replace(self.controls, **dict(changes))
        if steer.sample is None:
            self.controls = changed
        else:
            if len(self.wishes) >= WISHES_MOST:
                raise LimitError(
                    f"{WISHES_MOST} changes of this talk wait for their sample: send them nearer to it.",
                    reason="WISHES",
                )
            self.wishes.append(Wish(steer.line, steer.sample, changes))

    def at(self, sample: int, timeline: Timeline) -> Controls:
        """The controls at this sample of the talk."""
        if not self.wishes:
            return self.controls
        later = []
        for wish in self.wishes:
            due = _due(wish, timeline)
            if due is None or due > sample:
                later.append(wish)
                continue
            self.controls = replace(self.controls, **dict(wish.changes))  # type: ignore[arg-type]
        self.wishes = later
        return self.controls

    def next_due(self, timeline: Timeline) -> int | None:
        """The sample of the talk at which the next change is due; None: none is known."""
        if not self.wishes:
            return None
        return min((due for due in (_due(wish, timeline) for wish in self.wishes) if due is not None), default=None)


def _due(wish: Wish, timeline: Timeline) -> int | None:
    """The sample of the talk at which it is due; None while its line waits."""
    if not wish.line:
        return wish.sample
    for line in timeline.queue.lines:
        if line.name == wish.line and not line.began:
            return None
    for segment in reversed(timeline.segments):
        if segment.line is not None and segment.line.name == wish.line:
            return segment.sample + wish.sample - segment.offset
    return 0
