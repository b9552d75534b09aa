"""`visavis bridge` as a process, alone and beside a server, and what it refuses."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from udp_listener import UdpListener
from unity_bridge.engine import Engine, opening, run

from visavis.cli import main
from visavis.errors import InputError
from visavis_bridge.bench.stack import free_ports
from visavis_bridge.bridge import BridgeConfig
from visavis_bridge.requests import character_of_text
from visavis_bridge.wire import Kind, Message
from visavis_runtime.commands.serve_bridge import EARLY_S

COMMAND = [sys.executable, "-m", "visavis.cli"]


@contextmanager
def bridge_process(*arguments: str, until: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command, and what it printed up to a line with `until`."""
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            printed = ""
            while until not in printed:
                line = process.stdout.readline()
                assert line, process.communicate(timeout=10)
                printed += line
            yield process, printed
        finally:
            process.kill()


def ports_of(printed: str) -> tuple[int, ...]:
    found = re.search(r"engines on \S+:(\d+) .*motion: \S+:(\d+), pictures: \S+:(\d+), .*:(\d+)", printed, re.DOTALL)
    assert found, printed
    return tuple(map(int, found.groups()))


def test_the_command_begins_characters_and_ends_cleanly(server: str) -> None:
    async def work(ports: tuple[int, ...]) -> None:
        async with Engine(ports, "guard/motion") as engine:
            assert len(await engine.listen(lambda message: message.sequence > 20)) > 5

    arguments = ("bridge", "--server", server, "--listen", "127.0.0.1:0", "--character", "guard,seed=3,motion_fps=30")
    with bridge_process(*arguments, until="WebSocket") as (process, printed):
        run(work(ports_of(printed)))
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[1] == ""
        assert process.returncode == 0


def test_the_command_sends_to_apps_without_a_plugin(server: str) -> None:
    with UdpListener() as unreal, UdpListener() as vrm, UdpListener() as mocap:
        arguments = (
            "bridge", "--server", server, "--listen", "127.0.0.1:0", "--character", "guard,seed=3,motion_fps=30",
            "--live-link", unreal.address, "--vmc", vrm.address, "--vmc-clips", "presets",
            "--ifacialmocap", mocap.address,
        )  # fmt: skip
        with bridge_process(*arguments, until="WebSocket"):
            assert b"guard" in unreal.take(3)[-1]
            assert any(packet.startswith(b"#bundle") for packet in vrm.take(3))
            assert b"eyeBlink_L" in mocap.take(3)[-1]


@pytest.mark.parametrize(("flag", "number"), [("--bridge", signal.SIGINT), ("--web", signal.SIGKILL)])
def test_a_server_brings_its_bridge_and_takes_it_along(flag: str, number: signal.Signals) -> None:
    async def talks(ports: tuple[int, ...]) -> None:
        async with Engine(ports, "guard/motion") as engine:
            assert (await engine.ask(opening())).kind == Kind.OK
            await engine.listen(lambda message: message.sequence > 5)

    async def gone(ports: tuple[int, ...]) -> None:
        async with Engine(ports) as engine:
            await engine.send(Message(Kind.STATE).header(), b"")
            with pytest.raises(TimeoutError):
                await engine.told(within_s=0.5)

    arguments = ("serve", "--listen", "127.0.0.1:0", "--metrics-listen", "", "--engines", "1", flag)
    with bridge_process(*arguments, "--bridge-listen", "127.0.0.1:0", until="WebSocket") as (process, printed):
        ports = ports_of(printed)
        run(talks(ports))
        page = http.client.HTTPConnection("127.0.0.1", ports[3], timeout=20)
        page.request("GET", "/page.js")
        assert page.getresponse().status == (200 if flag == "--web" else 426)
        page.close()
        process.send_signal(number)
        process.communicate(timeout=15)  # ends when the bridge has closed its end of stdout too
        run(gone(ports))


def test_a_server_whose_bridge_cannot_begin_ends_and_says_why() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "visavis.cli", "serve", "--listen", "127.0.0.1:0", "--metrics-listen", ""]
        command += ["--engines", "1", "--bridge", "--bridge-listen", f"127.0.0.1:{taken.getsockname()[1]}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "--bridge-listen" in done.stderr
    assert "LISTEN_TAKEN" in done.stderr
    assert "Fatal" not in done.stderr


def test_a_bridge_that_dies_beside_its_server_is_started_again() -> None:
    first = free_ports(4)
    arguments = ("serve", "--listen", "127.0.0.1:0", "--metrics-listen", "", "--engines", "1", "--bridge")
    with bridge_process(*arguments, "--bridge-listen", f"127.0.0.1:{first}", until="WebSocket") as (process, _):
        time.sleep(EARLY_S + 0.5)
        os.kill(child_of(process.pid, command="bridge"), signal.SIGKILL)

        async def talks() -> None:
            async with Engine(tuple(range(first, first + 4)), "guard/motion") as engine:
                assert (await engine.ask(opening())).kind == Kind.OK

        run(talks())


def child_of(pid: int, *, command: str) -> int:
    """The child of a process that runs a command of visavis."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and command.encode() in words:
                return int(entry.name)
    raise AssertionError(f"no child of {pid} runs {command}")


@pytest.mark.parametrize(
    ("listen", "reason"),
    [("0.0.0.0:8611", "LISTEN_UNSAFE"), ("8611", "LISTEN_ADDRESS"), ("127.0.0.1:65535", "LISTEN_ADDRESS")],
)
def test_addresses_that_are_refused(listen: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bridge", "--listen", listen]) == 1
    assert capsys.readouterr().err.endswith(f"[{reason}]\n")


def test_another_address_is_a_choice() -> None:
    assert BridgeConfig(listen="0.0.0.0:8611", allow_remote=True).address == ("0.0.0.0", 8611)


def test_a_taken_port_is_one_line(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    import zmq

    with zmq.Context() as context, context.socket(zmq.PUB) as other:
        port = other.bind_to_random_port("tcp://127.0.0.1")
        assert main(["bridge", "--server", server, "--listen", f"127.0.0.1:{port}"]) == 1
    assert capsys.readouterr().err.endswith("[LISTEN_TAKEN]\n")


def test_a_character_of_the_command_line() -> None:
    name, options = character_of_text("guard,avatar=guard,textures=rgba,texture_fps=60,background=false,seed=3")
    assert (name, options.avatar, options.textures, options.texture_fps) == ("guard", "guard", "rgba", 60)
    assert (options.background, options.seed) == (False, 3)
    for text, reason in (("guard,avatr=x", "OPTION_KEY"), ("guard,seed=x", "OPTION_VALUE")):
        with pytest.raises(InputError) as raised:
            character_of_text(text)
        assert raised.value.reason == reason
