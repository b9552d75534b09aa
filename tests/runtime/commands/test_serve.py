from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from live_server import Client, chunk, event, s16, start, voice

from visavis.cli import main
from visavis_runtime.commands.serve import ENVIRONMENT

COMMAND = [sys.executable, "-m", "visavis.cli", "serve", "--metrics-listen", ""]


@contextmanager
def _server(*flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address."""
    others = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    with subprocess.Popen(
        [*COMMAND, "--listen", "127.0.0.1:0", *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**others, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            assert re.search(r" INFO serve: starting \d engines? on cpu; ", process.stderr.readline())
            banner = [process.stdout.readline() for _ in range(4)]
            found = re.search(r"serves on (\S+) ", banner[0])
            assert found, process.communicate(timeout=10)
            assert "avatars" in banner[1]
            assert re.search(r"an estimate: room for about [1-9]\d* talks", banner[2])
            assert "Ctrl-C" in banner[3]
            yield process, found[1]
        finally:
            process.kill()


def test_the_configuration_in_force_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "visavis.toml"
    path.write_text("[server]\nmax_talks = 5\n")
    assert main(["serve", "--config", str(path), "--drain-s", "2.5", "--print-config"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("[server]\n")
    assert "max_talks = 5\n" in printed
    assert "drain_s = 2.5\n" in printed


def test_an_unsafe_address_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--listen", "0.0.0.0:8610"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("[LISTEN_UNSAFE]")
    assert "--tls-cert" in line


def test_a_signal_lets_the_line_end_and_the_exit_is_clean() -> None:
    with _server("--engines", "1") as (process, address), grpc.insecure_channel(address) as channel:
        client = Client(channel)
        client.send(start=start())
        client.send(audio=chunk(s16(voice(1.0))))
        client.until(lambda one: event(one) == "LINE_STARTED")
        process.send_signal(signal.SIGTERM)
        client.until(lambda one: event(one) == "GOODBYE")
        client.half_close()
        rest = client.rest()
        assert "LINE_FINISHED" in [event(one) for one in rest]
        assert rest[-1].summary.dropped_frames == 0
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "")
        assert [line.split()[1] for line in err.splitlines()] == ["INFO"] * 3, "began, stopping, ended"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells of children and threads")
def test_an_engine_computes_in_one_thread() -> None:
    with _server("--engines", "1") as (process, _):
        children = [
            child for task in Path(f"/proc/{process.pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]  # fmt: skip
        engines = [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
        assert len(engines) == 1
        assert b"\0OMP_NUM_THREADS=1\0" in b"\0" + Path(f"/proc/{engines[0]}/environ").read_bytes()


def test_a_second_signal_ends_at_once() -> None:
    with _server("--engines", "1") as (process, address), grpc.insecure_channel(address) as channel:
        client = Client(channel)
        client.send(start=start())
        client.send(audio=chunk(s16(voice(20.0))))
        client.until(lambda one: event(one) == "LINE_STARTED")
        process.send_signal(signal.SIGINT)
        client.until(lambda one: event(one) == "GOODBYE")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert process.returncode == 1
        assert "Traceback" not in err + out


CHILDREN = """
import asyncio, sys
import grpc.aio
from visavis_runtime.commands.serve import _loop_runner

async def echo(_, context):
    while await context.read() is not grpc.aio.EOF:
        await context.write(bytes(1000))

async def talk(channel):
    call = channel.stream_stream("/x/y")()
    while True:
        await call.write(bytes(500))
        await call.read()
        await asyncio.sleep(0.002)

async def work():
    server = grpc.aio.server()
    handler = grpc.stream_stream_rpc_method_handler(echo)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("x", {"y": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    talks = [asyncio.ensure_future(talk(channel)) for _ in range(20)]
    pipe = asyncio.subprocess.PIPE
    for _ in range(80):
        child = await asyncio.create_subprocess_exec("/bin/sh", "-c", "echo up", stdin=pipe, stdout=pipe)
        print((await child.stdout.readline()).decode().strip(), flush=True)
        await child.wait()
    for one in talks:
        one.cancel()
    return 0

sys.exit(_loop_runner()(work()))
"""


def test_programs_that_the_server_starts_come_up() -> None:
    """Eighty of them beside busy streams: without the server's environment some end with SIGSEGV."""
    ran = subprocess.run(
        [sys.executable, "-c", CHILDREN], env=os.environ | ENVIRONMENT, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert ran.stdout.split() == ["up"] * 80, ran.stderr
