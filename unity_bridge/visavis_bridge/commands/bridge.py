"""`visavis bridge`: characters for the engines of this machine."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from visavis.errors import InputError

if TYPE_CHECKING:
    from visavis_bridge.bridge import Bridge, BridgeConfig
    from visavis_bridge.udp import UdpSender

TOKEN = "VISAVIS_TOKEN"
EVERYWHERE = ("0.0.0.0", "[::]")
EPILOG = f"""\
Engines open characters by themselves; --character begins one before, so that it is warm:
  visavis bridge --character guard,avatar=guard,textures=rgba,texture_fps=60,seed=3
Keys: avatar, textures (rgba, jpeg), texture_fps, texture_size_px, jpeg_quality, background, motion_fps, quality, seed.
A token for the server is taken from the variable {TOKEN}. Wire and messages: unity_bridge/WIRE.md.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `visavis bridge`."""
    parser = subparsers.add_parser(
        "bridge", help="carry live talks into game engines and browsers", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("--server", default="127.0.0.1:8610", metavar="HOST:PORT", help="the Visavis server (127.0.0.1:8610)")
    add("--tls", action="store_true", help="the server speaks TLS; the system's certificates are trusted")
    add("--ca", type=Path, metavar="FILE", help="trust this authority for the server, PEM")
    add(
        "--listen", default="127.0.0.1:8611", metavar="HOST:PORT",
        help="address of the requests; motion, pictures and WebSocket take the three ports above (127.0.0.1:8611)",
    )  # fmt: skip
    add("--allow-remote", action="store_true", help="listen beyond this machine, without passwords or encryption")
    add("--origin", action="append", default=[], metavar="URL", help="a web page's origin that may connect; repeatable")
    add("--web", action="store_true", help="serve a page for browsers on the WebSocket's port")
    add("--character", action="append", default=[], metavar="NAME[,KEY=VALUE...]", help="begin a character; repeatable")
    add("--live-link", metavar="HOST[:11111]", help="send every character to Unreal's Live Link Face")
    add("--vmc", metavar="HOST[:39539]", help="send the speaking character to a VRM app (VMC)")
    add(
        "--vmc-clips", default="all", metavar="KIND",
        help="for --vmc: all, arkit (avatars made for perfect sync) or presets (A I U E O) (all)",
    )  # fmt: skip
    add("--ifacialmocap", metavar="HOST[:49983]", help="send the speaking character to an iFacialMocap receiver")
    add("--with-parent", action="store_true", help=argparse.SUPPRESS)  # ends when stdin does
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Relay until a signal comes."""
    try:
        import soxr  # noqa: F401
        import websockets  # noqa: F401
        import zmq  # noqa: F401
    except ModuleNotFoundError as missing:
        raise InputError(
            f"visavis bridge needs the package {missing.name}: install it with `pip install 'visavis[bridge]'`.",
            reason="EXTRA_MISSING",
        ) from None
    from visavis.memory import keep_freed_memory
    from visavis_bridge.bridge import BridgeConfig
    from visavis_bridge.requests import character_of_text

    config = BridgeConfig(
        listen=arguments.listen,
        allow_remote=arguments.allow_remote,
        origins=arguments.origin,
        characters=dict(map(character_of_text, arguments.character)),
        web=arguments.web,
    )
    keep_freed_memory()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    return asyncio.run(_bridge(config, arguments=arguments))


async def _bridge(config: BridgeConfig, *, arguments: argparse.Namespace) -> int:
    from visavis import Client
    from visavis_bridge.bridge import Bridge

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, told.set)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt
            break
    if arguments.with_parent:
        # In a thread that may be left waiting: stdin of another process cannot be awaited everywhere.
        import threading

        def watch() -> None:
            while os.read(sys.stdin.fileno(), 4096):  # unbuffered: a buffer that a thread holds ends Python badly
                pass
            loop.call_soon_threadsafe(told.set)

        threading.Thread(target=watch, daemon=True).start()
    token = os.environ.get(TOKEN, "")
    with contextlib.ExitStack() as stack:
        sinks = [stack.enter_context(sender) for sender in _senders(arguments)]
        async with (
            Client(
                arguments.server, token=token, tls=arguments.tls, root_certificates=arguments.ca, share_stream=True
            ) as client,
            Bridge(config, client=client, sinks=sinks) as bridge,
        ):
            _banner(bridge, config=config, server=arguments.server)
            ends = [asyncio.ensure_future(told.wait()), asyncio.ensure_future(bridge.failed())]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
    return 0


def _senders(arguments: argparse.Namespace) -> list[UdpSender]:
    """What carries faces to apps that speak none of ours. Raises InputError ADDRESS, CLIPS."""
    from visavis_bridge.ifacialmocap import ifacialmocap_sender
    from visavis_bridge.live_link import live_link_sender
    from visavis_bridge.vmc import vmc_sender

    senders = []
    if arguments.live_link:
        senders.append(live_link_sender(arguments.live_link))
    if arguments.vmc:
        senders.append(vmc_sender(arguments.vmc, clips=arguments.vmc_clips))
    if arguments.ifacialmocap:
        senders.append(ifacialmocap_sender(arguments.ifacialmocap))
    return senders


def _banner(bridge: Bridge, *, config: BridgeConfig, server: str) -> None:
    """What to know when it runs, on stdout."""
    host = config.listen.rpartition(":")[0]
    requests, motion, pictures, web = bridge.ports
    print(f"visavis bridge carries {server} to engines on {host}:{requests} (ZMTP).")
    print(f"  motion: {host}:{motion}, pictures: {host}:{pictures}, WebSocket: ws://{host}:{web}")
    if config.web:
        here = "127.0.0.1" if host in EVERYWHERE else host
        print(f"  Open this page in a browser: http://{here}:{web}/")
    if config.allow_remote:
        print("  WARNING: everybody who reaches this address may see, steer and open characters; nothing is encrypted.")
    print("  Ctrl-C stops.", flush=True)
