"""Takes a configuration, gives a running server: engines, services, health, reflection, and the orderly way out.

Health says SERVING when the engines are warm, and NOT_SERVING from the first signal on; then no new talk begins, lines
under way are finished, and the process ends. A second signal ends it at once. The services that begin talks are
NOT_SERVING too while there is no time for new talks; the server as a whole ("") is not:
nobody shall restart it for that.
What it does not do: the services' own work.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from visavis.errors import InputError
from visavis.memory import collect_rarely, keep_freed_memory
from visavis_runtime.serve.ace.names import TALK_SERVICE
from visavis_runtime.serve.ace.service import AceService, add_ace_service
from visavis_runtime.serve.avatars.store import AvatarStore
from visavis_runtime.serve.avatars.worker import PortraitWorker
from visavis_runtime.serve.config import ServerConfig, split_address
from visavis_runtime.serve.gateway.access import Access, check_address, credentials_of
from visavis_runtime.serve.gateway.avatar_service import add_avatar_service
from visavis_runtime.serve.gateway.talk_service import DESCRIPTOR, TalkService
from visavis_runtime.serve.gateway.watch import Watch
from visavis_runtime.serve.gateway.wire import TRANSPORT_BYTES, add_service
from visavis_runtime.serve.link import EngineLink
from visavis_runtime.serve.logs import set_up
from visavis_runtime.serve.metrics import Metrics, check_metrics_address

GRACE_S = 0.5
"""Calls that end nothing by themselves (health watches) get so long at the end."""
LAST_WORDS_S = 0.3
"""A connection that closes while its client still writes takes along what the client has not read yet."""
OPTIONS = (
    ("grpc.so_reuseport", 0),  # a taken port is an error, not a share of somebody else's calls
    ("grpc.max_receive_message_length", TRANSPORT_BYTES),
    ("grpc.max_send_message_length", -1),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 0),  # a client that pings more often than that is no enemy
)
BEGINS_TALKS = DESCRIPTOR.full_name, TALK_SERVICE
"""Services."""
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING

log = logging.getLogger(__name__)


class Server:
    """One server process. `ports` of the addresses it listens on, once started, main address first."""

    def __init__(self, config: ServerConfig) -> None:
        """Raises InputError LISTEN_UNSAFE, TOKENS_FILE, TLS_FILE."""
        self.addresses = [config.listen, *filter(None, [config.ace_listen])]
        for address in self.addresses:
            check_address(address, config=config)
        check_metrics_address(config)
        self.config = config
        self.ports: list[int] = []
        self.link = EngineLink(config)
        self.talks: TalkService
        self.metrics = Metrics()
        self._watch = Watch(self.metrics)
        self._avatars = AvatarStore(config.avatars)
        self._worker = PortraitWorker()
        self.ace: AceService
        self._credentials = credentials_of(config)
        self._access = Access(config, on_refused=self.metrics.call_refused)
        self._health: Any = None
        self._telling: set[asyncio.Future[None]] = set()
        self._server: Any = None

    @property
    def room(self) -> int:
        """About how many more talks of motion alone the engines would take."""
        fitting = (max(0.0, load.capacity - load.planned) / max(load.motion_share, 1e-6) for load in self.link.loads)
        room = int(sum(fitting))
        return min(room, self.config.max_talks) if self.config.max_talks else room

    async def start(self) -> None:
        """Listen, warm up, then say SERVING.

        Raises:
            InputError: LISTEN_TAKEN, METRICS_TAKEN, AVATAR_FOLDER.
            UnavailableError: ENGINE_START.
        """
        self._avatars.open()
        self._server = server = grpc.aio.server(options=OPTIONS)
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        self.talks = TalkService(self.config, link=self.link, avatars=self._avatars, watch=self._watch)
        self.link.on_load, self.link.engines.on_restart = self.metrics.engine_load, self.metrics.engine_restarted
        self.link.engines.on_refusing = self._tell_refusing
        self.metrics.watch_avatars(lambda: len(self._avatars.names()))
        self.metrics.watch_parked(lambda: len(self.talks.parking))
        self.metrics.watch_strain(self.link.engines.strain)
        self.ace = AceService(self.config, link=self.link, watch=self._watch)
        names = [*self._add_services(), health.SERVICE_NAME]
        reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), server)
        # Reflection would promise files that there are none of.
        names += add_ace_service(server, self.ace, access=self._access)
        for name in ("", *names):
            await self._health.set(name, NOT_SERVING)
        self.ports = [self._listen(address) for address in self.addresses]
        self.metrics.start(self.config)
        await server.start()
        await self.link.engines.start()
        self.talks.start()
        self._watch.start(lambda: self.talks.talks)
        for name in ("", *names):
            await self._health.set(name, SERVING)

    async def stop(self, *, drain_s: float = 0.0) -> None:
        """Finish the lines under way, at most for `drain_s`, and end everything."""
        await self._health.enter_graceful_shutdown()
        try:
            held = bool(self.talks.talks)
            await asyncio.gather(self.talks.drain(within_s=drain_s), self.ace.drain(within_s=drain_s))
            if held:
                await asyncio.sleep(LAST_WORDS_S)
        finally:
            self.talks.stop()
            await self._server.stop(GRACE_S if drain_s else 0)
            await self.link.engines.stop()
            await self._stop_others()

    async def abandon(self) -> None:
        """End everything at once; also what has only half begun."""
        if self._server is not None:
            self.talks.stop()
            await self._server.stop(None)
        await self.link.engines.stop()
        await self._stop_others()

    def _tell_refusing(self, refusing: bool) -> None:
        for name in BEGINS_TALKS:
            telling = asyncio.ensure_future(self._health.set(name, NOT_SERVING if refusing else SERVING))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def _stop_others(self) -> None:
        self._watch.stop()
        await asyncio.to_thread(self.metrics.stop)
        await self._worker.stop()

    def _add_services(self) -> list[str]:
        """All that need a caller; gives their full names."""
        add_service(
            self._server, self.talks, descriptor=DESCRIPTOR, access=self._access, permit="talk",
            message_bytes=self.config.message_bytes,
        )  # fmt: skip
        avatars = add_avatar_service(
            self._server, store=self._avatars, worker=self._worker, access=self._access,
            message_bytes=self.config.message_bytes,
        )  # fmt: skip
        return [DESCRIPTOR.full_name, avatars]

    def _listen(self, address: str) -> int:
        try:
            if not _is_free(address):
                port = 0
            elif self._credentials is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, self._credentials)
        except RuntimeError:
            port = 0
        if not port:
            _, wanted = split_address(address)
            raise InputError(
                f"{address} cannot be listened on: is port {wanted} taken (by another visavis serve), or the address "
                "not of this machine? Choose another with --listen; a second server beside one takes for example "
                '--listen 127.0.0.1:9610 --metrics-listen "" --bridge-listen 127.0.0.1:9611.',
                reason="LISTEN_TAKEN",
            )
        return int(port)


def _is_free(address: str) -> bool:
    """Whether somebody may listen there. gRPC tells as well, but in lines of its own on stderr."""
    host, port = split_address(address)
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return False
    for family, kind, protocol, _, place in places:
        with suppress(OSError), socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":  # there it would mean to share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            return True
    return False


async def serve(config: ServerConfig, *, started: Callable[[Server], None]) -> int:
    """Run until a signal comes; gives the exit status. `started` is called once it serves.

    Raises:
        InputError: LISTEN_UNSAFE, TOKENS_FILE, TLS_FILE, LISTEN_TAKEN.
        UnavailableError: ENGINE_START.
    """
    keep_freed_memory()
    loop = asyncio.get_running_loop()
    signals: asyncio.Queue[int] = asyncio.Queue()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, signals.put_nowait, number)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt
            break
    server = Server(config)
    set_up(config.log)
    try:
        await server.start()
    except BaseException:
        await server.abandon()
        raise
    gc.collect()
    collect_rarely()
    started(server)
    await signals.get()
    log.info("stopping: lines under way are finished, for at most %g s", config.drain_s)
    drained = asyncio.ensure_future(server.stop(drain_s=config.drain_s))
    again = asyncio.ensure_future(signals.get())
    await asyncio.wait({drained, again}, return_when=asyncio.FIRST_COMPLETED)
    if drained.done():
        again.cancel()
        drained.result()
        return 0
    drained.cancel()
    await server.abandon()
    return 1
