"""Takes a configuration, gives the engines of a server: started, looked at once a second, and replaced when they end.

An engine that says nothing for long is stuck and is ended, with its talks. When the server as a whole is short of time
(`strain.py`), pictures come half as often, and while many talk new talks are refused. What it does not do: it knows no
talks (`link.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from visavis.errors import UnavailableError, VisavisError
from visavis_runtime.serve.config import ServerConfig, engine_count
from visavis_runtime.serve.engine.slots import EngineConfig
from visavis_runtime.serve.engine_pipe import EnginePipe
from visavis_runtime.serve.messages import Load, Report, Shed
from visavis_runtime.serve.strain import Strain

log = logging.getLogger(__name__)

RESTART_S = 0.5
STUCK_S = 10.0
"""An engine tells of its load every second."""
LOOK_S = 1.0


class Engines:
    """The engines of one server. `on_reports` hears what they say, `on_lost` of each that has died."""

    def __init__(
        self, config: ServerConfig, *, on_reports: Callable[[EnginePipe, list[Report]], None],
        on_lost: Callable[[EnginePipe], None],
    ) -> None:  # fmt: skip
        self.pipes: list[EnginePipe] = []
        self.restarts = 0
        self.on_restart: Callable[[], None] | None = None
        self.on_refusing: Callable[[bool], None] | None = None
        """Hears when the server begins and ceases to refuse new talks for want of time."""
        self.strain = Strain()
        self._config = config
        self._engine_config = EngineConfig(device=config.device, capacity=config.capacity, log=config.log)
        self._on_reports, self._on_lost = on_reports, on_lost
        self._started = self._stopping = self._refused = False
        self._watching: asyncio.Task[None] | None = None

    @property
    def loads(self) -> list[Load]:
        """The latest load of every engine that runs."""
        return [pipe.load for pipe in self.pipes if pipe.load is not None]

    @property
    def refuses(self) -> bool:
        """Whether it is too short of time for new talks. While only few talk, one more changes nothing."""
        return self.strain.strained and not all(load.light for load in self.loads)

    @property
    def up(self) -> list[EnginePipe]:
        """Those that run.

        Raises:
            UnavailableError: WARMING_UP or ENGINE_RESTART when none does.
        """
        up = [pipe for pipe in self.pipes if pipe.load is not None]
        if not up and not self._started:
            raise UnavailableError("The server is still warming up; try again.", reason="WARMING_UP", retry_s=0.2)
        if not up:
            raise gone()
        return up

    async def start(self) -> None:
        """Start the engines and wait until they are warm.

        Raises:
            UnavailableError: ENGINE_START when one does not come up.
        """
        self.pipes = [self._pipe(number) for number in range(engine_count(self._config))]
        await asyncio.gather(*(pipe.start() for pipe in self.pipes))
        self._started = True
        self._watching = asyncio.ensure_future(self._watch())

    async def stop(self) -> None:
        """End them; talks that are left get no more reports."""
        self._stopping = True
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*(pipe.stop() for pipe in self.pipes))

    async def _watch(self) -> None:
        """End engines that have said nothing for long: they are stuck, and their talks with them.

        Counted in looks, not by the clock: a gateway that stood still has not been listening.
        """
        silent_s: dict[EnginePipe, tuple[float, float]] = {}
        while True:
            await asyncio.sleep(LOOK_S)
            self._judge()
            before, silent_s = silent_s, {}
            for pipe in self.pipes:
                heard_s, so_long_s = before.get(pipe, (pipe.heard_s, 0.0))
                so_long_s = so_long_s + LOOK_S if heard_s == pipe.heard_s else 0.0
                silent_s[pipe] = pipe.heard_s, so_long_s
                if pipe.load is not None and so_long_s > STUCK_S:
                    log.error("engine %d has not answered for %g s and is ended", pipe.number, STUCK_S)
                    pipe.load = None
                    pipe.kill()

    def _judge(self) -> None:
        """Whether the server is short of time, and what follows from it."""
        loads, strain = self.loads, self.strain
        changed = strain.look(saturated=bool(loads) and all(load.saturated for load in loads))
        if changed:
            for pipe in self.pipes:
                pipe.send(Shed(strain.strained))
        if self.refuses != self._refused:
            self._refused = self.refuses
            if self.on_refusing is not None:
                self.on_refusing(self._refused)
        if strain.to_be_told:
            log.warning(
                "the server is short of time (%d talks, engines are heard %.0f ms late and take %.0f ms a step): %s"
                "pictures come half as often; does something else take the processors?",
                sum(load.talks for load in loads), strain.late_s * 1e3,
                max((load.tick_ms[0] for load in loads), default=0.0),
                "new talks are refused and " if self._refused else "",
            )  # fmt: skip
        elif changed:
            log.info("the server has time again")

    def _hear(self, pipe: EnginePipe, reports: list[Report], late_s: float) -> None:
        """Reports of one engine, in order; `late_s` ago it made them."""
        self.strain.heard(late_s)
        self._on_reports(pipe, reports)

    def _lost(self, pipe: EnginePipe) -> None:
        """An engine died: another one is started in its place."""
        if self._stopping:
            return
        self.restarts += 1
        if self.on_restart is not None:
            self.on_restart()
        talks = pipe.load.talks if pipe.load is not None else 0
        log.error("engine %d died with %d talks; starting another", pipe.number, talks)
        self._on_lost(pipe)
        pipe.load = None
        asyncio.get_running_loop().create_task(self._restart(pipe))

    async def _restart(self, pipe: EnginePipe) -> None:
        fresh = self._pipe(pipe.number)
        self.pipes[self.pipes.index(pipe)] = fresh
        while not self._stopping:
            try:
                await fresh.start()
            except VisavisError as error:
                log.error("engine %d does not start: %s", pipe.number, error)
                await asyncio.sleep(RESTART_S)
            else:
                if self.strain.strained:
                    fresh.send(Shed(True))
                return

    def _pipe(self, number: int) -> EnginePipe:
        return EnginePipe(
            number, self._engine_config, process=self._config.engine_process, on_reports=self._hear, on_lost=self._lost
        )


def gone() -> UnavailableError:
    """An engine has ended with its talks."""
    return UnavailableError(
        "The engine of this talk stopped and is started again; resume, or start the talk anew.",
        reason="ENGINE_RESTART", retry_s=1.0,
    )  # fmt: skip
