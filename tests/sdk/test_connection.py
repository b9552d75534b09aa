"""Where a client connects, what it refuses to send, and TLS with real certificates."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from live_server import Running, config
from sdk.talk_server import Script, TalkService, serving

import visavis
from visavis.connection import Connection, is_loopback
from visavis.errors import InputError, UnavailableError
from visavis.v1 import talk_pb2_grpc


@pytest.mark.parametrize(
    ("target", "loopback"),
    [
        ("127.0.0.1:8610", True), ("localhost:8610", True), ("[::1]:8610", True), ("unix:/run/visavis.sock", True),
        ("127.9.9.9:1", True), ("10.0.0.7:8610", False),
        ("faces.example.com:443", False), ("[2001:db8::1]:8610", False),
    ],
)  # fmt: skip
def test_loopback(target: str, loopback: bool) -> None:
    assert is_loopback(target) is loopback


def test_a_token_never_travels_unencrypted_to_another_machine() -> None:
    with pytest.raises(InputError, match="tls=True") as raised:
        visavis.Client("10.0.0.7:8610", token="secret")
    assert raised.value.reason == "TOKEN_PLAINTEXT"
    visavis.Client("10.0.0.7:8610", token="secret", tls=True)
    visavis.Client("127.0.0.1:8610", token="secret")


def test_files_of_tls_are_looked_for_at_once(tmp_path: Path) -> None:
    for options, reason in (
        ({"root_certificates": tmp_path / "none.pem"}, "TLS_FILE"),
        ({"client_certificate": "one.pem"}, "TLS_PAIR"),
    ):
        with pytest.raises(InputError) as raised:
            Connection("127.0.0.1:8610", **options)
        assert raised.value.reason == reason
    with pytest.raises(InputError):
        Connection("")


@pytest.mark.parametrize(
    "target",
    ["", " ", "127.0.0.1", "faces.example.com", "http://127.0.0.1:8610", "127.0.0.1:8610/", "127.0.0.1:0",
     "127.0.0.1:70000", "::1:8610", "a b:1", "dns:///x:1"],
)  # fmt: skip
def test_an_address_is_host_and_port(target: str) -> None:
    with pytest.raises(InputError, match="HOST:PORT") as raised:
        visavis.Client(target)
    assert raised.value.reason == "TARGET"


def test_a_token_may_come_out_of_a_file() -> None:
    assert Connection("127.0.0.1:1", token=" secret\r\n").metadata == (("authorization", "Bearer secret"),)
    assert Connection(" 127.0.0.1:1\n", token="\n").metadata == ()
    for token in ("two words", "line\nline", "gehe\u00efm", "nul\0"):
        with pytest.raises(InputError, match="Character") as raised:
            visavis.Client("127.0.0.1:1", token=token)
        assert raised.value.reason == "TOKEN_SHAPE"
        assert token not in str(raised.value)


def test_pictures_have_a_connection_of_their_own() -> None:
    async def work() -> None:
        connection = Connection("127.0.0.1:8610")
        assert connection.channel("motion") is connection.channel("motion")
        assert connection.channel("motion") is not connection.channel("texture")
        await connection.close()

    asyncio.run(work())


def certificate(folder: Path, *, name: str = "localhost") -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    key, made = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


@asynccontextmanager
async def serving_tls(pair: tuple[Path, Path], *, script: Script) -> AsyncIterator[str]:
    server = grpc.aio.server()
    talk_pb2_grpc.add_TalkServiceServicer_to_server(TalkService(script), server)
    credentials = grpc.ssl_server_credentials([(pair[1].read_bytes(), pair[0].read_bytes())])
    target = f"localhost:{server.add_secure_port('127.0.0.1:0', credentials)}"
    await server.start()
    try:
        yield target
    finally:
        await server.stop(0)


def test_a_talk_over_tls(tmp_path: Path) -> None:
    pair, script = certificate(tmp_path), Script()

    async def work() -> None:
        async with serving_tls(pair, script=script) as target:
            async with (
                visavis.Client(target, token="secret", root_certificates=pair[0]) as client,
                client.talk() as talk,
            ):
                await talk.finish()
            assert script.metadata["authorization"] == "Bearer secret"
            async with visavis.Client(target) as client:
                with pytest.raises(UnavailableError, match="TLS"):
                    await client.talk().__aenter__()

    asyncio.run(work())


def test_what_is_wrong_with_a_certificate_is_said(tmp_path: Path) -> None:
    ours, other = certificate(tmp_path), certificate(tmp_path, name="other.example")

    async def refused(target: str, roots: Path | None) -> str:
        async with visavis.Client(target, tls=True, root_certificates=roots) as client:
            with pytest.raises(InputError, match="root_certificates=") as raised:
                await client.talk().__aenter__()
            assert "visavis serve" not in str(raised.value)
            return raised.value.reason

    async def work() -> None:
        async with serving_tls(ours, script=Script()) as target:
            assert await refused(target, other[0]) == "TLS_UNTRUSTED"
            assert await refused(target, None) == "TLS_UNTRUSTED"
        async with serving_tls(other, script=Script()) as target:
            assert await refused(target, other[0]) == "TLS_HOST"
        async with serving(Script()) as target:
            assert await refused(target, ours[0]) == "TLS_PLAIN"

    asyncio.run(work())


def test_the_package_is_imported_without_grpc() -> None:
    script = (
        "import sys, visavis, visavis.cli; print([m for m in ('grpc', 'numpy', 'google.protobuf') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
    script = (
        "import sys, visavis; visavis.Client, visavis.blocking;"
        "print([m for m in ('torch', 'visavis_runtime') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
    assert {"Client", "Talk", "MotionFrame", "Event", "blocking", "VisavisError"} <= set(dir(visavis))
    assert not {"Any", "TYPE_CHECKING", "import_module"} & set(dir(visavis))
    for name in visavis.__all__:
        assert getattr(visavis, name) is not None


AGAIN = """
import asyncio, sys
import visavis
async def main():
    async with visavis.Client(sys.argv[1], share_stream=True) as client, client.talk():
        pass
for _ in range(8):
    asyncio.run(main())
"""


def test_one_event_loop_after_the_other_says_nothing() -> None:
    running = Running(config())
    try:
        command = [sys.executable, "-c", AGAIN, running.address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        running.stop()


@pytest.mark.parametrize("share_stream", [False, True])
def test_a_client_goes_on_in_another_event_loop(share_stream: bool, capfd: pytest.CaptureFixture[str]) -> None:
    running = Running(config())
    client = visavis.Client(running.address, share_stream=share_stream)

    async def frames() -> int:
        async with client.talk(seed=1) as talk:
            await talk.say(b"\0" * 6400)
            talk.end()
            return sum([1 async for _ in talk])

    try:
        for _ in range(2):
            assert asyncio.run(frames()) > 12
        assert capfd.readouterr().err == ""
    finally:
        running.stop()
