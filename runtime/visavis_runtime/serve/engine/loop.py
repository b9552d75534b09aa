"""Runs one engine: takes commands out of a pipe, ticks, puts reports into it. The body of a thread or a process.

Ticks come every 5 to 20 ms while there are talks (`Costs.tick_s`), so that talks that become due together are stepped
together; what a tick gives is sent in one piece. The loop ends when the pipe does. What it does not do: it decides
nothing.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from multiprocessing.connection import Connection

from visavis.errors import VisavisError
from visavis.memory import collect_rarely, keep_freed_memory
from visavis_runtime.serve.engine.slots import Engine, EngineConfig
from visavis_runtime.serve.logs import set_up
from visavis_runtime.serve.messages import Command, Report

log = logging.getLogger(__name__)

_ASLEEP_S = 0.25
LOAD_EVERY_S = 1.0


def run_engine(pipe: Connection, config: EngineConfig) -> None:
    """Serve until the other end of the pipe is closed. The first thing sent is a Load: the engine is warm."""
    reports: list[Report] = []
    engine = Engine(config, report=reports.append)
    try:
        engine.warm_up()
        pipe.send((time.monotonic_ns(), [engine.load()]))
        _serve(pipe, engine, reports)
    except (EOFError, OSError):
        return  # the gateway is gone, and with it everybody who could listen
    except VisavisError as error:
        log.error("the engine stops: %s", error)
    finally:
        pipe.close()


def run_engine_process(pipe: Connection, config: EngineConfig) -> None:
    """The same in a process of its own: signals are the gateway's business, and one core is enough."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    keep_freed_memory()
    set_up(config.log)
    threading.current_thread().name = f"engine-{os.getpid()}"
    run_engine(pipe, config)


def _serve(pipe: Connection, engine: Engine, reports: list[Report]) -> None:
    collect_rarely()  # talks are trees of tuples
    next_load = time.monotonic() + LOAD_EVERY_S
    while True:
        began = time.monotonic()
        wait_s = 0.0 if engine.busy else _ASLEEP_S
        while pipe.poll(wait_s):
            commands: list[Command] = pipe.recv()
            now_ns = time.monotonic_ns()
            for command in commands:
                engine.obey(command, now_ns=now_ns)
            wait_s = 0.0
        worked = engine.tick(now_ns=time.monotonic_ns()) if engine.busy else False
        if time.monotonic() >= next_load:
            reports.append(engine.load())
            next_load = time.monotonic() + LOAD_EVERY_S
        if reports:
            pipe.send((time.monotonic_ns(), reports))
            reports.clear()
        left = engine.tick_s - (time.monotonic() - began)
        if engine.busy and left > 0 and not (worked and engine.drawing):
            time.sleep(left)
