"""`visavis bench talk | chaos | soak`: the live server under load, measured from outside."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from rich.console import Console

from visavis.errors import InputError

Show = Callable[..., None]
CHUNKS_MS = (20, 40)


def register(benches: argparse._SubParsersAction[argparse.ArgumentParser], *, show: Show) -> None:
    """Add the three benches; `show` prints figures."""
    talk = benches.add_parser("talk", help="live talks over gRPC: how many, how late, at what cost")
    talk.add_argument("--sessions", type=int, default=100, metavar="N", help="talks with motion at 60 Hz (100)")
    talk.add_argument("--textures", type=int, default=0, metavar="M", help="talks with JPEG of 512 px at 25 Hz (0)")
    talk.add_argument("--seconds", type=float, default=30.0, metavar="S", help="measured, after the ramp (30)")
    talk.add_argument("--chunk-ms", type=int, choices=CHUNKS_MS, default=40, help="sound in one message (40)")
    talk.add_argument("--shared", action="store_true", help="100 talks to a stream (TalkMany), not one")
    talk.add_argument(
        "--find", action="store_true", help="find the most sessions with p99 lateness <= 40 ms, none lost"
    )
    talk.add_argument("--server", default="", metavar="HOST:PORT", help="a server that runs (else one is started)")
    talk.add_argument("--json", action="store_true", help="print one JSON object")
    talk.set_defaults(run=lambda arguments: _run_talk(arguments, show=show))

    chaos = benches.add_parser("chaos", help="clients killed, server told to stop, in mid-line: who misses what")
    chaos.add_argument("--sessions", type=int, default=100, metavar="N", help="talks (100)")
    chaos.add_argument("--kill", type=int, default=30, metavar="K", help="of them in processes that are killed (30)")
    chaos.add_argument("--seconds", type=float, default=6.0, metavar="S", help="before and after the kill (6)")
    chaos.add_argument("--shared", action="store_true", help="the talks of a client process share a stream")
    chaos.add_argument("--json", action="store_true", help="print one JSON object")
    chaos.set_defaults(run=lambda arguments: _run_chaos(arguments, show=show))

    soak = benches.add_parser("soak", help="talks that come and go for long: memory, slots, statuses")
    soak.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    soak.add_argument("--sessions", type=int, default=30, metavar="N", help="visitors at a time (30)")
    soak.add_argument("--json", action="store_true", help="print one JSON object")
    soak.set_defaults(run=lambda arguments: _run_soak(arguments, show=show))


def _run_talk(arguments: argparse.Namespace, *, show: Show) -> int:
    from visavis_runtime.bench.talk import TalkLoad, bench_server, measure_talks
    from visavis_runtime.bench.talk_most import find_most

    _check(arguments.sessions >= 0 and arguments.textures >= 0, "--sessions and --textures count talks: take 0 or more")
    _check(arguments.sessions + arguments.textures > 0, "no talk is asked for: give --sessions or --textures")
    _check(arguments.seconds >= 2, f"--seconds is {arguments.seconds:g}; take 2 or more")
    load = TalkLoad(arguments.sessions, arguments.textures, arguments.seconds, arguments.chunk_ms, arguments.shared)
    with bench_server(textures=load.textures > 0, address=arguments.server) as (address, server, avatars):

        def measure(one: TalkLoad) -> dict[str, Any]:
            return measure_talks(one, address=address, server=server, avatars=avatars)

        figures = find_most(load, measure=measure, told=_tell) if arguments.find else measure(load)
    show(figures, title="live talks over gRPC", as_json=arguments.json)
    return 0


def _run_chaos(arguments: argparse.Namespace, *, show: Show) -> int:
    from visavis_runtime.bench.talk_chaos import measure_chaos

    _check(0 < arguments.kill < arguments.sessions, "--kill is some of the --sessions: take at least 1, not all")
    figures = measure_chaos(
        sessions=arguments.sessions, killed=arguments.kill, seconds=arguments.seconds, shared=arguments.shared
    )
    show(figures, title="clients killed, server told to stop", as_json=arguments.json)
    return 0


def _run_soak(arguments: argparse.Namespace, *, show: Show) -> int:
    from visavis_runtime.bench.talk_soak import measure_soak

    _check(arguments.minutes > 0 and arguments.sessions > 0, "--minutes and --sessions: take more than 0")
    figures = measure_soak(minutes=arguments.minutes, sessions=arguments.sessions, told=_tell)
    show(figures, title="talks that come and go", as_json=arguments.json)
    return 0


def _tell(sentence: str) -> None:
    Console(stderr=True, highlight=False).print(sentence)


def _check(fits: bool, fault: str) -> None:
    if not fits:
        raise InputError(f"{fault}.", reason="OPTION_VALUE")
