"""Takes how late the gateway hears its engines, says whether the server as a whole is short of time.

Engines know what their own work takes, and nothing of a gateway that other programs leave no time to. So what they say
carries when they said it: how old that is when the gateway comes to it is how late frames leave, at the least. A server
is strained when this, or the ticks of all its engines, were too long for `STRAINED_LOOKS` looks in a row, and is so
until they have been short for `CALM_LOOKS`: one pause, however long, is one look. What it does not do: it refuses and
sheds nothing (`link.py`).
"""

from __future__ import annotations

LATE_S, CALM_S = 0.03, 0.015
"""A client's requests are read one by one, so a gateway that comes round less often than they come falls behind."""
STRAINED_LOOKS, CALM_LOOKS, TELL_LOOKS = 3, 5, 60


class Strain:
    """One server's shortness of time. `look` is to be called once a second."""

    def __init__(self) -> None:
        self.strained = False
        self.late_s = 0.0
        """How late engines were heard in the last second, on average."""
        self._late_s, self._heard = 0.0, 0
        self._against = 0
        """Looks in a row that spoke against the present state."""
        self._since = 0
        """Looks since it began."""

    def heard(self, late_s: float) -> None:
        """Something that an engine said was so old."""
        self._late_s += late_s
        self._heard += 1

    def look(self, *, saturated: bool) -> bool:
        """Judge anew; whether the state has changed. `saturated`: no engine keeps up."""
        self.late_s = self._late_s / self._heard if self._heard else 0.0
        self._late_s, self._heard = 0.0, 0
        self._since += 1
        short = saturated or self.late_s > (CALM_S if self.strained else LATE_S)
        self._against = self._against + 1 if short != self.strained else 0
        if self._against < (CALM_LOOKS if self.strained else STRAINED_LOOKS):
            return False
        self.strained, self._against, self._since = not self.strained, 0, 0
        return True

    @property
    def to_be_told(self) -> bool:
        """A minute of it has passed, or it has just begun."""
        return self.strained and self._since % TELL_LOOKS == 0
