"""Takes commands and the time, gives reports: many talks in slots, stepped together on one device.

Every tick takes all talks that have something to hear (at most `BATCH_MOST`, those that have waited longest first)
through one batched motion step; while a tick runs, more become due, so the busier the engine the larger its batches.
On a GPU the speech network and the pictures run there, motion first; the rest of motion stays on one core.
Pictures are drawn in the time that is left, earliest deadline first: motion is never late for a picture. A talk whose
numbers go wrong starts anew, one that fails, wherever it does, is closed, alone.
What it does not do: no transport, no waiting (`loop.py`), no protobuf.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from visavis.errors import VisavisError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.motion.speech import Speech, load_speech
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.engine.batch import BATCH_MOST, BATCH_MOST_GPU, measure_steps, step_together
from visavis_runtime.serve.engine.cost import TICK_S, Costs, Meter
from visavis_runtime.serve.engine.easel import Easel, Face
from visavis_runtime.serve.engine.session import Session
from visavis_runtime.serve.engine.turns import Turns
from visavis_runtime.serve.messages import (
    Close,
    Closed,
    Command,
    Load,
    Open,
    Opened,
    Park,
    Parked,
    Refused,
    Report,
    Shed,
    TalkSpec,
)  # fmt: skip

log = logging.getLogger(__name__)

RETRY_S = 2.0


@dataclass(frozen=True)
class EngineConfig:
    """`capacity`: share of the engine's time that may be planned."""

    device: str = "cpu"
    capacity: float = 0.8
    log: str = "text"
    """How a process of its own logs, see `logs.py`."""


class Engine:
    """Some talks of one device. `report` hears everything, in order; `speech` None: loaded for the device."""

    def __init__(self, config: EngineConfig, *, report: Callable[[Report], None], speech: Speech | None = None) -> None:
        self.config = config
        self.costs = Costs(capacity=config.capacity)
        self.sessions: dict[int, Session] = {}
        self._report = report
        self._speech = speech
        self._talkers: dict[str, Talker] = {}
        self._easel = Easel(device=config.device)
        self._opening: dict[int, tuple[Open, Future[Face] | None]] = {}
        self._turns = Turns(most=BATCH_MOST if config.device == "cpu" else BATCH_MOST_GPU)
        self._halved = False
        self.meter = Meter()
        self.tick_s = TICK_S
        """From one tick to the next, as of the last `load`."""

    def talker(self, quality: str) -> Talker:
        """The talker of a quality; all of them share one network."""
        if self._speech is None:
            self._speech = load_speech(device=self.config.device)
        if quality not in self._talkers:
            self._talkers[quality] = Talker(self._speech.at(quality), fps=60)
        return self._talkers[quality]

    @property
    def planned(self) -> float:
        """Share of the engine that its talks are expected to need."""
        specs = [session.spec for session in self.sessions.values()]
        return sum(self.costs.of(spec) for spec in [*specs, *(one.spec for one, _ in self._opening.values())])

    @property
    def busy(self) -> bool:
        """Whether there is anybody to tick for."""
        return bool(self.sessions or self._opening)

    @property
    def drawing(self) -> bool:
        """Whether pictures wait to be drawn."""
        return any(one.pictures is not None and bool(one.pictures.waiting) for one in self.sessions.values())

    def obey(self, command: Command, *, now_ns: int) -> None:
        """Do what the gateway says; commands for talks that are gone are forgotten."""
        if isinstance(command, Open):
            self._open(command, now_ns=now_ns)
            return
        if isinstance(command, Close):
            self._forget(command.talk)
            return
        if isinstance(command, Shed):
            self._shed(halved=command.halved)
            return
        session = self.sessions.get(command.talk)
        if session is None:
            return
        if isinstance(command, Park):
            self._forget(command.talk)
            self._report(Parked(command.talk, session))
            return
        try:
            session.obey(command)
        except Exception as error:
            self._fail(session, error)

    def tick(self, *, now_ns: int) -> bool:
        """One round; returns whether there was anything to do."""
        began, cpu_began = time.perf_counter(), time.thread_time()
        self._seat(now_ns=now_ns)
        steps = self._turns.take(self.sessions, now_ns=now_ns, fail=self._fail)
        for quality in {session.spec.quality for session, _ in steps}:
            alike = [(session, step) for session, step in steps if session.spec.quality == quality]
            step_together(alike, meter=self.meter, costs=self.costs, fail=self._fail)
        stepped = time.perf_counter()
        drawn = self._easel.draw(self.sessions, report=self._report, costs=self.costs, fail=self._fail)
        self.meter.pictures += drawn
        for session in [one for one in self.sessions.values() if one.over]:
            self._forget(session.talk)
            self._report(session.closed())
        if steps or drawn:
            self.meter.tick(
                stepped_s=stepped - began if steps else 0.0, cpu_s=time.thread_time() - cpu_began,
                bursting=any(not one.spec.paced for one, _ in steps),
            )  # fmt: skip
        return bool(steps) or drawn > 0

    def load(self) -> Load:
        """How it went since the last call."""
        tick_ms, batches, pictures = self.meter.take()
        planned = self.planned
        self.tick_s = self.costs.tick_s(planned)
        sessions = list(self.sessions.values())
        return Load(
            talks=len(sessions), picture_talks=sum(one.pictures is not None for one in sessions),
            capacity=self.costs.capacity, planned=self.costs.least + planned, busy=self.meter.busy, tick_ms=tick_ms,
            batches=batches, pictures=pictures, pictures_dropped=sum(one.take_dropped() for one in sessions),
            queued_s=sum(one.timeline.queue.queued for one in sessions) / SAMPLE_RATE_HZ,
            saturated=self.meter.saturated, light=self.costs.light(len(sessions)), motion_share=self.costs.motion,
        )  # fmt: skip

    def _open(self, command: Open, *, now_ns: int) -> None:
        refused = self._refusal(command)
        if refused is not None:
            self._report(refused)
            return
        face = self._easel.begin(command.spec.pictures, quality=command.spec.quality)
        self._opening[command.talk] = (command, face)
        self._seat(now_ns=now_ns)

    def _refusal(self, command: Open) -> Refused | None:
        talks = len(self.sessions) + len(self._opening)
        if self.costs.admit(
            command.spec, talks=talks, planned=self.planned, saturated=self.meter.saturated,
            again=command.parked is not None,
        ):  # fmt: skip
            return None
        return Refused(
            command.talk, "RESOURCE_EXHAUSTED", "CAPACITY",
            f"The server is full ({talks} talks); try again in {RETRY_S:g} s"
            + (", or ask for no pictures." if command.spec.pictures else "."),
            retry_s=RETRY_S,
        )  # fmt: skip

    def _seat(self, *, now_ns: int) -> None:
        """Talks whose face is loaded begin."""
        for talk, (command, face) in list(self._opening.items()):
            if face is not None and not face.done():
                continue
            del self._opening[talk]
            try:
                if face is not None:
                    self._easel.seat(talk, face.result())
                session = self._session(command, now_ns=now_ns)
            except VisavisError as error:
                self._report(Refused(talk, error.code, error.reason, str(error)))
                continue
            except Exception as error:
                log.error("talk %d cannot begin", talk, exc_info=error)
                self._report(
                    Refused(talk, "INTERNAL", "TALK_FAILED", "This talk cannot begin here; see the server's log.")
                )
                continue
            self.sessions[talk] = session
            if session.pictures is not None:
                session.pictures.halve(self._halved)
            talker = session.talker
            latency_s = talker.latency_s(command.spec.motion_fps) + TICK_S
            self._report(Opened(talk, talker.speech.lookahead_s, latency_s, session.timeline.position))

    def _shed(self, *, halved: bool) -> None:
        """Whether all pictures come half as often."""
        self._halved = halved
        for session in self.sessions.values():
            if session.pictures is not None:
                session.pictures.halve(halved)

    def _session(self, command: Open, *, now_ns: int) -> Session:
        talker = self.talker(command.spec.quality)
        if command.parked is None:
            return Session(command.talk, command.spec, talker=talker, now_ns=now_ns, report=self._report)
        session: Session = command.parked
        session.attach(command.talk, talker=talker, report=self._report, now_ns=now_ns)
        return session

    def _fail(self, session: Session, error: Exception) -> None:
        self._forget(session.talk)
        if isinstance(error, VisavisError):
            closed = Closed(session.talk, code=error.code, reason=error.reason, message=str(error))
        else:
            log.error("talk %d failed", session.talk, exc_info=error)
            closed = Closed(
                session.talk, code="INTERNAL", reason="TALK_FAILED",
                message="This talk failed inside the server and was closed; start it again.",
            )  # fmt: skip
        self._report(closed)

    def _forget(self, talk: int) -> None:
        self.sessions.pop(talk, None)
        self._opening.pop(talk, None)
        self._easel.leave(talk)

    def warm_up(self) -> None:
        """Load what talks need, and measure what motion costs here, so that the first are admitted by measure.

        Raises:
            InputError: DEVICE_UNAVAILABLE.
            DamageError: the speech network is damaged.
        """
        talker = self.talker(TalkSpec(seed=1).quality)
        assert self._speech is not None
        self._speech.prepare(self._turns.most)
        measure_steps(talker, costs=self.costs)
