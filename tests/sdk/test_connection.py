"""Where a client connects, what it refuses to send, and TLS with real certificates."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from sdk.talk_server import Script, TalkService

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


def test_pictures_have_a_connection_of_their_own() -> None:
    async def work() -> None:
        connection = Connection("127.0.0.1:8610")
        assert connection.channel("motion") is connection.channel("motion")
        assert connection.channel("motion") is not connection.channel("texture")
        await connection.close()

    asyncio.run(work())


def test_a_talk_over_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip

    async def work() -> None:
        server, script = grpc.aio.server(), Script()
        talk_pb2_grpc.add_TalkServiceServicer_to_server(TalkService(script), server)
        credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
        target = f"localhost:{server.add_secure_port('127.0.0.1:0', credentials)}"
        await server.start()
        async with (
            visavis.Client(target, token="secret", root_certificates=certificate) as client,
            client.talk() as talk,
        ):
            await talk.finish()
        assert script.metadata["authorization"] == "Bearer secret"
        async with visavis.Client(target) as client:
            with pytest.raises(UnavailableError, match="TLS"):
                await client.talk().__aenter__()
        await server.stop(0)

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
    assert set(visavis.__all__) <= {*dir(visavis), *visavis._LATE, "blocking"}
    for name in visavis.__all__:
        assert getattr(visavis, name) is not None
