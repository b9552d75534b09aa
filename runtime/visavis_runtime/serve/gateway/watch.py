"""Takes what the gateway tells of talks and engines, gives counts (`metrics.py`) and lines of the log (`logs.py`).

A talk makes two lines, one when it begins and one when its connection ends, an ACE clip one at its end; refusals are
counted and only logged for debugging, since they come in floods. What went out is counted once a second, from what each
talk counts anyway, so that a message costs nothing here. What it does not do: it changes nothing about a talk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from visavis_runtime.serve.gateway.talk import LiveTalk
from visavis_runtime.serve.logs import about
from visavis_runtime.serve.metrics import Metrics

COUNT_S = 1.0

log = logging.getLogger(__name__)


class _Seen(NamedTuple):
    """What of a talk has been counted."""

    frames: int = 0
    pictures: int = 0
    dropped: int = 0
    answered: bool = False


class Watch:
    """What `TalkService` and `AceService` tell, counted and logged."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._seen: WeakKeyDictionary[LiveTalk, _Seen] = WeakKeyDictionary()
        self._clock: asyncio.Task[None] | None = None

    def start(self, talks: Callable[[], Iterable[LiveTalk]]) -> None:
        """Count what goes out in all `talks` from now on."""
        self._clock = asyncio.ensure_future(self._count_all(talks))

    def stop(self) -> None:
        """Count no more."""
        if self._clock is not None:
            self._clock.cancel()

    def began(self, talk: LiveTalk, *, resumed: bool) -> None:
        """It has a slot."""
        self._metrics.talk_admitted(resumed=resumed)
        spec = talk.spec
        pictures = f"{spec.pictures.size_px} px at {spec.pictures.fps}/s" if spec.pictures else "none"
        self._log(talk).info(
            "talk %s: motion at %d/s, %s, pictures: %s", "resumed" if resumed else "began", spec.motion_fps,
            spec.quality, pictures,
        )  # fmt: skip

    def refused(self, reason: str) -> None:
        """It has none."""
        self._metrics.talk_refused(reason)
        log.debug("talk refused", extra={"reason": reason})

    def ended(self, talk: LiveTalk, reason: str) -> None:
        """Its connection is over."""
        self._count(talk)
        summary = talk.summary
        self._metrics.talk_ended(
            reason,
            underruns=summary.underruns if summary else 0,
            step_ms=summary.step_p50_ms if summary else 0.0,
        )
        outbox = talk.outbox
        self._log(talk, reason=reason).info(
            "talk ended: %d frames, %d pictures, %d dropped", outbox.motion_frames, outbox.texture_frames,
            outbox.dropped_frames,
        )  # fmt: skip

    def clip_began(self) -> None:
        """An ACE clip has a slot."""
        self._metrics.clip_began()

    def clip_ended(self, reason: str, *, number: int, caller: str, frames: int) -> None:
        """An ACE clip that had a slot is over; a clip is one line of the log."""
        self._metrics.clip_ended(reason, frames=frames)
        about(log, talk=number, caller=caller, reason=reason).info("ACE clip ended: %d frames", frames)

    def _log(self, talk: LiveTalk, *, reason: str = "") -> logging.LoggerAdapter[logging.Logger]:
        number = talk.opened.talk if talk.opened is not None else None
        return about(log, talk=number, caller=talk.caller.name, reason=reason)

    async def _count_all(self, talks: Callable[[], Iterable[LiveTalk]]) -> None:
        while True:
            await asyncio.sleep(COUNT_S)
            for talk in talks():
                self._count(talk)

    def _count(self, talk: LiveTalk) -> None:
        """What has changed since the last time."""
        outbox, seen = talk.outbox, self._seen.get(talk, _Seen())
        answered = outbox.first_voice_ns > 0
        now = _Seen(outbox.motion_frames, outbox.texture_frames, outbox.dropped_frames, answered)
        self._metrics.sent(
            frames=now.frames - seen.frames, pictures=now.pictures - seen.pictures, dropped=now.dropped - seen.dropped
        )
        if answered and not seen.answered:
            self._metrics.first_frame((outbox.first_voice_ns - talk.intake.heard_ns) * 1e-6)
        self._seen[talk] = now
