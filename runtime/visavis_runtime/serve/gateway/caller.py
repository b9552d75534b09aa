"""Somebody who may call: what they may, and what they have used of it since the server started.

What it does not do: no quotas over restarts, no accounts; a proxy before the server can do more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timezone

from visavis.errors import AccessError, CapacityError, DeniedError, LimitError

PERMITS = ("talk", "avatars", "ace")
"""What a token may allow: live talks, making and deleting avatars, the ACE service."""
BUSY_RETRY_S = 1.0


@dataclass
class Caller:
    """Somebody who may call, with what they may and what they have used. 0: no limit."""

    name: str
    max_talks: int = 0
    max_seconds: float = 0.0
    max_avatar_bytes: int = 0
    allow: frozenset[str] = frozenset(PERMITS)
    expires: datetime | None = None
    avatar_bytes: int = 0
    _ended_s: float = 0.0
    _began: dict[int, float] = field(default_factory=dict)

    def check(self, permit: str) -> None:
        """Raises AccessError TOKEN_EXPIRED, DeniedError PERMIT."""
        if self.expires is not None and datetime.now(timezone.utc) >= self.expires:
            raise AccessError(f"The token of {self.name!r} has expired: ask for a new one.", reason="TOKEN_EXPIRED")
        if permit not in self.allow:
            raise DeniedError(
                f"The token of {self.name!r} allows {', '.join(sorted(self.allow)) or 'nothing'}, not {permit}.",
                reason="PERMIT",
            )

    def begin_talk(self, number: int, *, kept: int | None = 0) -> float:
        """Count a talk; gives the seconds it may last (inf: no limit). `end_talk` must follow.

        `kept`: places that are kept for talks whose connection broke; None: it takes one of these up.

        Raises:
            CapacityError: MAX_TALKS.
            LimitError: QUOTA.
        """
        if self.max_talks and kept is not None and len(self._began) + kept >= self.max_talks:
            raise CapacityError(
                f"{self.name!r} holds {len(self._began) + kept} talks; {self.max_talks} at once are allowed: end one "
                "first.",
                reason="MAX_TALKS",
                retry_s=BUSY_RETRY_S,
            )
        left_s = self.seconds_left
        if left_s <= 0:
            raise LimitError(
                f"{self.name!r} has used up its {self.max_seconds:g} s of talks: ask for a larger limit.",
                reason="QUOTA",
            )
        self._began[number] = time.monotonic()
        return left_s

    def end_talk(self, number: int) -> None:
        """The talk is over; a second call does nothing."""
        began = self._began.pop(number, None)
        if began is not None:
            self._ended_s += time.monotonic() - began

    @property
    def seconds_left(self) -> float:
        """Of talks, with those that run counted up to now."""
        if not self.max_seconds:
            return float("inf")
        now = time.monotonic()
        return self.max_seconds - self._ended_s - sum(now - began for began in self._began.values())

    def take_avatar_bytes(self, count: int) -> None:
        """Count an upload. Raises LimitError AVATAR_BYTES."""
        if self.max_avatar_bytes and self.avatar_bytes + count > self.max_avatar_bytes:
            raise LimitError(
                f"{self.name!r} may upload {self.max_avatar_bytes} bytes of avatars and has used {self.avatar_bytes}.",
                reason="AVATAR_BYTES",
            )
        self.avatar_bytes += count
