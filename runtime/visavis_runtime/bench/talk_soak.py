"""`visavis bench soak`: a server for half an hour under visitors that come and go; does it grow, does it forget a slot?

Every half minute it tells the memory of each process of the server, the talks the visitors hold and the slots the
server holds. Memory counts from `WARM_SHARE` of the time on: the median of the first quarter after that against the
median of the last. Slots that are left a while after the last visitor is gone are stuck. What it does not do: it tells
nothing about lateness (`talk.py`).
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from visavis_runtime.bench.talk import bench_server, machine, sample_voices
from visavis_runtime.bench.talk_server import BenchServer
from visavis_runtime.bench.talk_visits import VisitPlan, Visits, latest, run_visits

TELL_S = 30.0
WARM_SHARE = 0.2
SETTLE_S = 4.0
"""Longer than a broken talk can be taken up, and than engines take to tell their slots."""
VISITORS_PER_CLIENT = 40


def measure_soak(
    *, minutes: float, sessions: int, pictures: bool = True, tell_s: float = TELL_S, told: Callable[[str], None]
) -> dict[str, Any]:
    """`sessions` visitors at a time for so many minutes; `told` hears a line every `tell_s`."""
    with bench_server(textures=pictures) as (address, server, avatars):
        assert server is not None
        end_ns = time.monotonic_ns() + int(minutes * 60e9)
        shares = [min(VISITORS_PER_CLIENT, sessions - at) for at in range(0, sessions, VISITORS_PER_CLIENT)]
        plans = [VisitPlan(address, sample_voices(), avatars, share, i, end_ns) for i, share in enumerate(shares)]
        visits, courses = _watch(server, plans=plans, tell_s=tell_s, told=told)
        time.sleep(SETTLE_S)
        stuck = int(server.gauge("talks") + server.gauge("engine_talks"))
        restarts = int(server.gauge("engine_restarts_total"))
        complaints = [line for line in server.log.splitlines() if " ERROR " in line or "Traceback" in line]
    growth = {name: _growth_percent(course) for name, course in courses.items()}
    return {
        "minutes": minutes,
        "sessions": sessions,
        "visits": sum(sum(one.done.values()) for one in visits),
        "visits_by_kind": dict(sum((one.done for one in visits), Counter())),
        "refused": sum(one.refused for one in visits),
        "unexpected": dict(sum((one.unexpected for one in visits), Counter())),
        "stuck_slots": stuck,
        "engine_restarts": restarts,
        "errors_in_log": len(complaints),
        "rss_mb": {name: round(course[-1], 1) for name, course in courses.items()},
        "rss_growth_percent": growth,
        "machine": machine(),
    }


def _watch(
    server: BenchServer, *, plans: list[VisitPlan], tell_s: float, told: Callable[[str], None]
) -> tuple[list[Visits], dict[str, list[float]]]:
    """Run the visits; gives how they ended and the memory of each process over time."""
    context = multiprocessing.get_context("spawn")
    pipes = []
    processes = []
    for plan in plans:
        ours, theirs = context.Pipe(duplex=False)
        processes.append(context.Process(target=run_visits, args=(theirs, plan), daemon=True))
        processes[-1].start()
        theirs.close()
        pipes.append(ours)
    visits = [Visits() for _ in plans]
    courses: dict[str, list[float]] = {}
    began = next_tell = time.monotonic()
    while latest(pipes, visits):
        time.sleep(0.5)
        if time.monotonic() < next_tell:
            continue
        next_tell += tell_s
        for name, megabytes in server.memory_mb().items():
            courses.setdefault(name, []).append(megabytes)
        memory = ", ".join(f"{name} {course[-1]:.1f} MB" for name, course in courses.items())
        told(
            f"{time.monotonic() - began:6.0f} s  {memory}; open {sum(one.open for one in visits)}, "
            f"connected {server.gauge('talks'):.0f}, slots {server.gauge('engine_talks'):.0f}, "
            f"visits {sum(sum(one.done.values()) for one in visits)}"
        )
    for process in processes:
        process.join()
    return visits, courses


def _growth_percent(course: list[float]) -> float | None:
    """Of the median of the last quarter over that of the first one after the warm-up; None of too few values."""
    warm = course[int(len(course) * WARM_SHARE) :]
    quarter = len(warm) // 4
    if not quarter:
        return None
    before, after = statistics.median(warm[:quarter]), statistics.median(warm[-quarter:])
    return round(100 * (after / before - 1), 2)
