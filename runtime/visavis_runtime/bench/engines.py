"""Takes a number of engines that share one device and some talks, gives how they carry them side by side.

Each is a process, as in the server. They wait for one another and then run in real time, because they share the device
and the machine; one engine alone is measured in this process (`engine.py`).
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from statistics import mean, median
from typing import Any

from visavis.errors import InputError, UnavailableError
from visavis_runtime.bench.engine import measure_engine


def measure_engines(talks: int, *, engines: int = 1, **options: Any) -> dict[str, Any]:
    """The figures of `measure_engine`, whose `options` they are, with `engines`.

    The tick at p99, the frames and the share of real time are those of the engine that did worst.

    Raises:
        InputError: as `measure_engine`.
        UnavailableError: ENGINE_START when one of several ended without figures.
    """
    if not 1 <= engines <= max(1, talks):
        raise InputError(f"There are {engines} engines for {talks} talks; take 1 to {talks}.", reason="OPTION_VALUE")
    if engines == 1:
        return {"engines": 1, **measure_engine(talks, **options)}
    spawn = multiprocessing.get_context("spawn")
    pipes = []
    for number in range(engines):
        ours, theirs = spawn.Pipe()
        share = len(range(number, talks, engines))
        spawn.Process(target=_measure, args=(theirs, share, options), daemon=True).start()
        theirs.close()
        pipes.append(ours)
    try:
        for pipe in pipes:
            pipe.recv()
        for pipe in pipes:
            pipe.send(None)
        return _together([pipe.recv() for pipe in pipes])
    except EOFError as error:
        raise UnavailableError(
            "An engine ended without figures; see the lines above for the reason.", reason="ENGINE_START"
        ) from error


def _measure(pipe: Connection, talks: int, options: dict[str, Any]) -> None:
    """The body of one process."""

    def ready() -> None:
        pipe.send(None)
        pipe.recv()

    pipe.send(measure_engine(talks, ready=ready, **options))


def _together(each: list[dict[str, Any]]) -> dict[str, Any]:
    def all_of(name: str) -> list[Any]:
        return [figures[name] for figures in each]

    return {
        **each[0],
        "engines": len(each),
        "talks": sum(all_of("talks")),
        "frames_per_s_per_talk": min(all_of("frames_per_s_per_talk")),
        "tick_p50_ms": round(median(all_of("tick_p50_ms")), 2),
        "tick_p99_ms": max(all_of("tick_p99_ms")),
        "batch_median": median(all_of("batch_median")),
        "share_of_real_time": max(all_of("share_of_real_time")),
        "share_network": round(mean(all_of("share_network")), 4),
        "share_rest": round(mean(all_of("share_rest")), 4),
        "talks_at_80_percent": sum(all_of("talks_at_80_percent")),
    }
