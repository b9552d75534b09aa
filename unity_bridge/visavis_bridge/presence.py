"""Whether one character has a face just now: takes the signs of its server, publishes READY and AWAY when that changes.

A server from which no frame has come for `AWAY_S` counts as away, although its talk may yet be taken up. What it does
not do: it takes nothing up (`character.py`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from visavis_bridge.messages import Messages
from visavis_bridge.wire import Message

AWAY_S = 1.0
"""Without a frame for so long the server counts as away."""

log = logging.getLogger(__name__)


class Presence:
    """Of the character `name`, whose events are made by `messages`. Samples are those of its clock."""

    def __init__(self, name: str, *, messages: Messages, publish: Callable[[Message], None]) -> None:
        self._name = name
        self._messages = messages
        self._publish = publish
        self.live = False
        self.trouble = ""
        """Why it is away, a reason in UPPER_SNAKE."""
        self._frame_s = 0.0

    def seen(self, *, sample: int) -> None:
        """A frame has come, or a talk has begun."""
        self._frame_s = time.monotonic()
        if not self.live:
            self.live, self.trouble = True, ""
            self._publish(self._messages.happened("READY", sample=sample))

    def lost(self, reason: str, *, message: str, sample: int) -> None:
        """It is away for this reason, which is told once."""
        if self.live or self.trouble != reason:
            self.trouble = reason
            self.live = False
            log.warning("%s is away: %s [%s]", self._name, message, reason)
            self._publish(self._messages.happened("AWAY", sample=sample, reason=reason, message=message))

    def look(self, *, sample: int) -> None:
        """Notice a server that is silent."""
        if self.live and time.monotonic() - self._frame_s > AWAY_S:
            message = f"No frame came for {AWAY_S:g} s: it is taken up again."
            self.lost("SERVER_SILENT", message=message, sample=sample)
