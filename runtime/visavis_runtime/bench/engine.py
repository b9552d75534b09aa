"""Takes a device and a number of talks, gives how one engine alone carries them: 60 Hz, voices in chunks of 40 ms.

The talks' phases are spread evenly. The clock is made: a tick takes as long as it really takes, and the wait for the
next one takes no time, so that ten seconds of ten talks are measured in less than one, and an engine that is too slow
falls behind as it would live. On a CPU time is that of the one thread, so that other programs do not count; on a GPU it
is the wall clock, for the thread waits. What it does not do: no transport, no pictures.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np

from visavis.errors import InputError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.bench.motion import CHUNK_SAMPLES, FPS, Samples, toy_voice
from visavis_runtime.motion.speech import Speech, load_speech
from visavis_runtime.motion.speech_net import FloatArray, NetState, Network
from visavis_runtime.serve.engine.slots import Engine, EngineConfig
from visavis_runtime.serve.messages import Feed, Frames, Open, Report, TalkSpec

SETTLE_S = 1.0
"""Runs before anything is counted: talks begin, memory is claimed."""
VOICE_S = 10.0
NS = 1_000_000_000
Clock = Callable[[], float]


@dataclass
class Timed:
    """A network that counts its time."""

    network: Network
    clock: Clock
    seconds: float = 0.0

    def __call__(self, features: FloatArray, state: NetState, *, head: int) -> tuple[FloatArray, NetState]:
        """See `Network`."""
        began = self.clock()
        given = self.network(features, state, head=head)
        self.seconds += self.clock() - began
        return given

    def prepare(self, streams: int) -> None:
        """See `Network`."""
        self.network.prepare(streams)


@dataclass
class _Counted:
    """What ticks took, in s, and what came of them."""

    ticks: list[float] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    frames: int = 0


def measure_engine(
    talks: int, *, device: str = "cpu", quality: str = "balanced", duration_s: float = 10.0, backend: str | None = None,
    ready: Callable[[], object] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Ticks (commands and motion), the share of real time that they need, and the network's part of it.

    `talks_at_80_percent` is what this engine could plan at that cost. `frames_per_s_per_talk` is 60 where it kept up.
    With `ready`, which is called before the first tick, the clock is the real one: others run beside it (`engines.py`).

    Raises:
        InputError: OPTION_VALUE, OPTION_UNKNOWN, DEVICE_UNAVAILABLE.
    """
    if talks < 1 or not 0 < duration_s <= 3600:
        raise InputError(
            f"There are {talks} talks of {duration_s:g} s; take at least one, and up to an hour.", reason="OPTION_VALUE"
        )
    speech = load_speech(quality=quality, device=device, backend=backend)
    network = Timed(speech.net.network, time.thread_time if device == "cpu" else time.perf_counter)
    reports: list[Report] = []
    engine = _engine(speech, network, device=device, reports=reports)
    for talk in range(talks):
        engine.obey(Open(talk, TalkSpec(seed=talk, quality=quality, motion_fps=FPS)), now_ns=0)
    run = _Run(engine, reports, talks, clock=network.clock, live=ready is not None)
    gc.freeze()  # as an engine that serves does
    if ready is not None:
        ready()
    run.until(SETTLE_S)
    network.seconds = 0.0
    began_s, counted = run.now_ns / NS, run.until(SETTLE_S + duration_s)
    gc.unfreeze()
    lasted_s = run.now_ns / NS - began_s
    took_s = sum(counted.ticks)
    return {
        "device": device,
        "talks": talks,
        "duration_s": round(lasted_s, 2),
        "chunk_ms": 1000 * CHUNK_SAMPLES // SAMPLE_RATE_HZ,
        "frames_per_s_per_talk": round(counted.frames / talks / lasted_s, 2),
        "tick_p50_ms": round(1e3 * median(counted.ticks), 2),
        "tick_p99_ms": round(1e3 * sorted(counted.ticks)[math.ceil(0.99 * len(counted.ticks)) - 1], 2),
        "batch_median": median(counted.batches),
        "share_of_real_time": round(took_s / lasted_s, 4),
        "share_network": round(network.seconds / lasted_s, 4),
        "share_rest": round((took_s - network.seconds) / lasted_s, 4),
        "talks_at_80_percent": int(0.8 * talks * lasted_s / took_s),
    }


def _engine(speech: Speech, network: Timed, *, device: str, reports: list[Report]) -> Engine:
    timed = replace(speech, net=replace(speech.net, network=network))
    engine = Engine(EngineConfig(device=device, capacity=math.inf), report=reports.append, speech=timed)
    engine.warm_up()
    return engine


class _Run:
    """The engine, its voices and its clock."""

    def __init__(self, engine: Engine, reports: list[Report], talks: int, *, clock: Clock, live: bool) -> None:
        self.now_ns = 0
        self._clock, self._live = clock, live
        self._engine, self._reports = engine, reports
        self._voice = np.resize(toy_voice(duration_s=VOICE_S), 2 * int(VOICE_S * SAMPLE_RATE_HZ))
        self._next_ns = [(1 + talk / talks) * CHUNK_SAMPLES * NS / SAMPLE_RATE_HZ for talk in range(talks)]
        self._fed = [0] * talks

    def until(self, end_s: float) -> _Counted:
        """Tick until then."""
        counted = _Counted()
        while self.now_ns < end_s * NS:
            began = self._clock()
            self._feed()
            worked = self._engine.tick(now_ns=self.now_ns)
            took_s = self._clock() - began
            if worked:
                counted.ticks.append(took_s)
            frames = [len(report.samples) for report in self._reports if isinstance(report, Frames)]
            counted.frames += sum(frames)
            if frames:
                counted.batches.append(len(frames))
            self._reports.clear()
            wait_s = max(0.0, self._engine.tick_s - took_s)
            if self._live:
                time.sleep(wait_s)
            self.now_ns += int(NS * (took_s + wait_s))
        return counted

    def _feed(self) -> None:
        """The chunks that have been said by now."""
        for talk, at_ns in enumerate(self._next_ns):
            while at_ns <= self.now_ns:
                self._engine.obey(Feed(talk, "a", self._chunk(talk), self.now_ns), now_ns=self.now_ns)
                at_ns += CHUNK_SAMPLES * NS / SAMPLE_RATE_HZ
            self._next_ns[talk] = at_ns

    def _chunk(self, talk: int) -> Samples:
        """Every talk hears another part of the voice, over and over."""
        once = len(self._voice) // 2
        first = (once * talk // len(self._fed) + self._fed[talk]) % once
        self._fed[talk] += CHUNK_SAMPLES
        return self._voice[first : first + CHUNK_SAMPLES]
