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
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from visavis.errors import VisavisError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.speech import Speech, load_speech
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.engine.cost import TICK_S, Costs, Meter
from visavis_runtime.serve.engine.easel import Easel, Face
from visavis_runtime.serve.engine.session import Session, Step
from visavis_runtime.serve.engine.timeline import BURST_GRAIN, GRAIN
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

BATCH_MOST, BATCH_MOST_GPU = 64, 96
"""A talk waits for the whole batch, so the time of a step bounds it: a third of that is the network on a CPU, and 96
talks without it take as long as 64 with it (docs/benchmarks/talk-gpu.md)."""
BURSTS_BESIDE = 4 * GRAIN
"""Samples of all bursts in one tick with live talks: some milliseconds of work."""
_WARM_TALKS, _WARM_STEPS = 16, 25
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
        self.batch_most = BATCH_MOST if config.device == "cpu" else BATCH_MOST_GPU
        self.costs = Costs(capacity=config.capacity)
        self.sessions: dict[int, Session] = {}
        self._report = report
        self._speech = speech
        self._talkers: dict[str, Talker] = {}
        self._easel = Easel(device=config.device)
        self._opening: dict[int, tuple[Open, Future[Face] | None]] = {}
        self._turn: list[int] = []
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
        steps = self._due(now_ns)
        for quality in {session.spec.quality for session, _ in steps}:
            self._step([(session, step) for session, step in steps if session.spec.quality == quality])
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
        """A talk that is taken up was let in before: it may have what is kept free of new ones."""
        talks = len(self.sessions) + len(self._opening)
        again = command.parked is not None
        most = 1.0 if again else self.costs.capacity
        needed, free = self.costs.of(command.spec), most - self.costs.least - self.planned
        if not talks or (needed <= free and (again or not self.meter.saturated or self.costs.light(talks))):
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

    def _due(self, now_ns: int) -> list[tuple[Session, Step]]:
        """Talks that have something to hear. Whoever was not reached in this tick comes first in the next."""
        self._turn = [talk for talk in self._turn if talk in self.sessions]
        known = set(self._turn)
        self._turn += [talk for talk in self.sessions if talk not in known]
        steps: list[tuple[Session, Step]] = []
        piece = self._burst_piece()
        reached = 0
        for talk in self._turn:
            if len(steps) == self.batch_most:
                break
            reached += 1
            session = self.sessions[talk]
            try:
                step = session.take(now_ns, piece=piece)
            except Exception as error:
                self._fail(session, error)
                continue
            if step is not None:
                steps.append((session, step))
        self._turn = self._turn[reached:] + self._turn[:reached]
        return steps

    def _burst_piece(self) -> int:
        """Samples that each burst may hear in this tick: few beside live talks, which wait for the end of the tick."""
        bursts = sum(not one.spec.paced for one in self.sessions.values())
        return BURST_GRAIN if bursts == len(self.sessions) else max(GRAIN, BURSTS_BESIDE // max(1, bursts))

    def _step(self, steps: Sequence[tuple[Session, Step]]) -> None:
        """One batched motion step, and telling of it."""
        began, cpu_began = time.perf_counter(), time.thread_time()
        talker = steps[0][0].talker
        try:
            results = talker.step_many(
                [step.samples for _, step in steps], [step.controls for _, step in steps],
                [step.state for _, step in steps],
            )  # fmt: skip
        except Exception as error:
            self._step_apart(steps, error)
            return
        seconds = time.perf_counter() - began
        self.meter.batch(len(steps))
        done_ns = time.monotonic_ns()
        for (session, _), (latents, state) in zip(steps, results, strict=True):
            try:
                session.accept(latents, state, done_ns=done_ns, step_ms=seconds * 1e3)
            except Exception as error:
                self._fail(session, error)
        self.costs.measured_motion(
            time.thread_time() - cpu_began, talk_s=sum(step.samples.shape[0] for _, step in steps) / SAMPLE_RATE_HZ
        )

    def _step_apart(self, steps: Sequence[tuple[Session, Step]], error: Exception) -> None:
        """Something in the batch is bad: find whose it is, and let the others go on."""
        if len(steps) == 1:
            self._fail(steps[0][0], error)
            return
        middle = len(steps) // 2
        self._step(steps[:middle])
        self._step(steps[middle:])

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

        Costs are the thread's CPU time on a GPU too: by CUDA's default it waits by asking again and again, not asleep.

        Raises:
            InputError: DEVICE_UNAVAILABLE.
            DamageError: the speech network is damaged.
        """
        self.talker(TalkSpec(seed=1).quality)
        assert self._speech is not None
        self._speech.prepare(self.batch_most)
        alone_s, together_s = self._step_cost_s(1), self._step_cost_s(_WARM_TALKS)
        each_s = (together_s - alone_s) / (_WARM_TALKS - 1)
        self.costs.step_s = max(0.0, alone_s - each_s)
        self.costs.motion = each_s / (GRAIN / SAMPLE_RATE_HZ)

    def _step_cost_s(self, talks: int) -> float:
        """Median CPU seconds of one step of so many."""
        talker, controls = self.talker(TalkSpec(seed=1).quality), Controls()
        states = [talker.start(seed=seed) for seed in range(talks)]
        hum = (0.1 * np.sin(np.arange(GRAIN) * 0.05)).astype(np.float32)
        taken = []
        for _ in range(_WARM_STEPS):
            began = time.thread_time()
            results = talker.step_many([hum] * talks, [controls] * talks, states)
            taken.append(time.thread_time() - began)
            states = [state for _, state in results]
        return sorted(taken)[len(taken) // 2]
