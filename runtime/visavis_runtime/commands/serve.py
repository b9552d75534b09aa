"""`visavis serve`: live talks over gRPC, for games."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from visavis_runtime.commands.serve_bridge import Beside
    from visavis_runtime.serve.config import ServerConfig
    from visavis_runtime.serve.gateway.server import Server

ENVIRONMENT = {
    # An engine is one thread. Those of BLAS, which it would start for every core, wait for each other by spinning.
    "OMP_NUM_THREADS": "1",
    # uvloop forks to start a program, and what gRPC does in a fork ends one in thirty of them (SIGSEGV, measured).
    "GRPC_ENABLE_FORK_SUPPORT": "0",
}
"""Of the server and its children; set before gRPC and NumPy are imported."""
KEPT = ("OMP_NUM_THREADS",)
"""What the user may have set otherwise."""
FLAGS: dict[str, tuple[type, str, str]] = {
    "listen": (str, "HOST:PORT", "address of the gRPC services (127.0.0.1:8610)"),
    "ace_listen": (str, "HOST:PORT", "a second address for ACE clients, which expect port 52000"),
    "metrics_listen": (str, "HOST:PORT", "address of the Prometheus page (127.0.0.1:9464); empty: none"),
    "avatars": (Path, "FOLDER", "folder of .visavis files"),
    "device": (str, "DEVICE", "cpu, or cuda for an NVIDIA GPU (cpu)"),
    "engines": (int, "N", "engines side by side (as many as pay here)"),
    "max_talks": (int, "N", "talks at a time (as many as the measured cost allows)"),
    "capacity": (float, "SHARE", "share of an engine's time that may be planned (0.8)"),
    "tls_cert": (Path, "FILE", "certificate chain of the server, PEM"),
    "tls_key": (Path, "FILE", "its key, PEM"),
    "tls_client_ca": (Path, "FILE", "authority that signs the clients' certificates, PEM"),
    "tokens": (Path, "FILE", "tokens that may call, TOML"),
    "log": (str, "FORM", "text or json (text)"),
    "drain_s": (float, "S", "how long lines under way are finished after a signal (30)"),
}
EPILOG = """\
All settings can be written into the [server] table of visavis.toml (--config), or given as VISAVIS_SERVER_LISTEN and so
on; --print-config shows what is in force. Any address but loopback needs --tls-cert, --tls-key and --tokens (or
--tls-client-ca). Ctrl-C or SIGTERM finishes the lines under way and ends; a second one ends at once.
"""

log = logging.getLogger(__name__)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `visavis serve`."""
    parser = subparsers.add_parser(
        "serve", help="serve live talks over gRPC", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="visavis.toml with a [server] table")
    parser.add_argument("--print-config", action="store_true", help="print the settings in force as TOML, and end")
    for name, (kind, metavar, text) in FLAGS.items():
        parser.add_argument("--" + name.replace("_", "-"), type=kind, metavar=metavar, help=text)
    parser.add_argument("--bridge", action="store_true", help="run `visavis bridge` too, for engines here")
    parser.add_argument(
        "--web", action="store_true", help="run the bridge with its page for browsers, and print the link"
    )
    parser.add_argument("--bridge-listen", default="", metavar="HOST:PORT", help="of the bridge (127.0.0.1:8611)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    os.environ.update(ENVIRONMENT | {name: os.environ[name] for name in KEPT if name in os.environ})
    from visavis_runtime.config import toml_of
    from visavis_runtime.serve.config import load_server_config

    arguments.bridge |= arguments.web
    flags = {name: getattr(arguments, name) for name in FLAGS}
    config = load_server_config(arguments.config, environment=os.environ, flags=flags)
    if arguments.print_config:
        print(toml_of(config, table="server"), end="")
        return 0
    _say_that_it_starts(config)
    from visavis_runtime.commands.serve_bridge import bridge_beside, check_bridge
    from visavis_runtime.serve.gateway.server import serve

    bridges: list[Beside] = []
    with ExitStack() as beside:

        def started(server: Server) -> None:
            _banner(server)
            if arguments.bridge:
                host = config.listen.rpartition(":")[0]
                bridge = bridge_beside(f"{host}:{server.ports[0]}", listen=arguments.bridge_listen, web=arguments.web)
                bridges.append(beside.enter_context(bridge))

        if arguments.bridge:
            check_bridge(config)
        status = _loop_runner()(serve(config, started=started))
    return status or int(any(bridge.failed for bridge in bridges))


def _loop_runner() -> Callable[[Coroutine[Any, Any, int]], int]:
    """What runs a coroutine as a program: uvloop, where it can be had (not on Windows)."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.run
    return uvloop.run


def _say_that_it_starts(config: ServerConfig) -> None:
    """At once: what follows, imports too, takes up to half a minute on a busy machine."""
    from visavis_runtime.serve.config import engine_count
    from visavis_runtime.serve.gateway.access import check_address
    from visavis_runtime.serve.logs import set_up

    for address in filter(None, (config.listen, config.ace_listen)):
        check_address(address, config=config)
    set_up(config.log)
    count = engine_count(config)
    log.info("starting %d engine%s on %s; they warm up for some seconds", count, "s" * (count > 1), config.device)


def _banner(server: Server) -> None:
    """What to know when it runs, on stdout."""
    config = server.config
    hosts = [address.rpartition(":")[0] for address in server.addresses]
    where = ", ".join(f"{host}:{port}" for host, port in zip(hosts, server.ports, strict=True))
    avatars = len(list(config.avatars.glob("*.visavis"))) if config.avatars.is_dir() else 0
    print(f"visavis serves on {where} ({'TLS' if config.tls_cert else 'plain text'}).")
    print(f"  avatars: {avatars} in {config.avatars}")
    engines = f"engines: {len(server.link.loads)} on {config.device}"
    print(f"  an estimate: room for about {server.room} talks of motion alone, each admitted by measure; {engines}")
    if server.metrics.port:
        print(f"  metrics: {config.metrics_listen.rpartition(':')[0]}:{server.metrics.port}")
    print("  Ctrl-C finishes the lines under way and stops; a second one stops at once.", flush=True)
