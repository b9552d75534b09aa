"""Takes the plan of a client, gives a process that carries it out: its records, and the CPU time it cost.

A client is a process of its own, so that a busy one does not make the others late, and so that one can be killed
(`talk_chaos.py`). What it does not do: it speaks to no server (`talk_load.py` does, inside the process).
"""

from __future__ import annotations

import multiprocessing

from visavis.errors import UnavailableError
from visavis_runtime.bench.talk_load import run_client
from visavis_runtime.bench.talk_record import Plan, Record
from visavis_runtime.bench.talk_server import cpu_s


class Client:
    """One client process at work."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self.talks = len(plan.talks)
        self._pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=run_client, args=(theirs, plan), daemon=True)
        self._process.start()
        theirs.close()

    def cpu_s(self) -> float:
        """CPU seconds so far; 0 where there is no /proc."""
        return cpu_s(self._process.pid or 0)

    def records(self) -> list[Record]:
        """What its talks went through, once they are over. Raises UnavailableError BENCH_CLIENT."""
        try:
            found: list[Record] = self._pipe.recv()
        except EOFError as error:
            raise UnavailableError("A client of the bench died; see the lines above.", reason="BENCH_CLIENT") from error
        self._process.join()
        return found

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.join()
