"""Takes what many talks hear, gives each its motion: one batched step, and what such steps cost here.

Something bad in a batch is found by halves, so that only the talk whose it is is closed. What it does not do: it
chooses no talks (`turns.py`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.engine.cost import Costs, Meter
from visavis_runtime.serve.engine.session import Session, Step
from visavis_runtime.serve.engine.timeline import GRAIN
from visavis_runtime.serve.engine.turns import Fail

BATCH_MOST, BATCH_MOST_GPU = 64, 96
"""A talk waits for the whole batch, so the time of a step bounds it: a third of that is the network on a CPU, and 96
talks without it take as long as 64 with it (docs/benchmarks/talk-gpu.md)."""
_WARM_TALKS, _WARM_STEPS = 16, 25


def step_together(steps: Sequence[tuple[Session, Step]], *, meter: Meter, costs: Costs, fail: Fail) -> None:
    """One batched motion step of talks of one quality, and telling of it."""
    began, cpu_began = time.perf_counter(), time.thread_time()
    talker = steps[0][0].talker
    try:
        results = talker.step_many(
            [step.samples for _, step in steps], [step.controls for _, step in steps], [step.state for _, step in steps]
        )
    except Exception as error:
        if len(steps) == 1:
            fail(steps[0][0], error)
            return
        middle = len(steps) // 2
        for half in (steps[:middle], steps[middle:]):
            step_together(half, meter=meter, costs=costs, fail=fail)
        return
    seconds = time.perf_counter() - began
    meter.batch(len(steps))
    done_ns = time.monotonic_ns()
    for (session, _), (latents, state) in zip(steps, results, strict=True):
        try:
            session.accept(latents, state, done_ns=done_ns, step_ms=seconds * 1e3)
        except Exception as error:
            fail(session, error)
    costs.measured_motion(
        time.thread_time() - cpu_began, talk_s=sum(step.samples.shape[0] for _, step in steps) / SAMPLE_RATE_HZ
    )


def measure_steps(talker: Talker, *, costs: Costs) -> None:
    """What steps and talks cost here, before anybody comes.

    Costs are the thread's CPU time on a GPU too: by CUDA's default it waits by asking again and again, not asleep.
    """
    alone_s, together_s = _step_cost_s(talker, talks=1), _step_cost_s(talker, talks=_WARM_TALKS)
    each_s = (together_s - alone_s) / (_WARM_TALKS - 1)
    costs.step_s = max(0.0, alone_s - each_s)
    costs.motion = each_s / (GRAIN / SAMPLE_RATE_HZ)


def _step_cost_s(talker: Talker, *, talks: int) -> float:
    """Median CPU seconds of one step of so many."""
    controls = Controls()
    states = [talker.start(seed=seed) for seed in range(talks)]
    hum = (0.1 * np.sin(np.arange(GRAIN) * 0.05)).astype(np.float32)
    taken = []
    for _ in range(_WARM_STEPS):
        began = time.thread_time()
        results = talker.step_many([hum] * talks, [controls] * talks, states)
        taken.append(time.thread_time() - began)
        states = [state for _, state in results]
    return sorted(taken)[len(taken) // 2]
