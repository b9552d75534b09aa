from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from live_server import Client, Running, chunk, config, event, s16, start, status_of, voice

import visavis
from visavis.errors import InputError
from visavis.v1 import audio_pb2
from visavis_runtime.serve.gateway.server import Server

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
OPEN_SSL = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    try:
        subprocess.run(
            [*OPEN_SSL.split(), "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
             str(key), "-out", str(cert)],
            check=True, capture_output=True,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("openssl is not installed: no certificate can be made")
    return cert, key


def test_health_and_reflection(running: Running, channel: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    for name in ("", "visavis.v1.TalkService"):
        assert health.Check(health_pb2.HealthCheckRequest(service=name)).status == SERVING
    with pytest.raises(grpc.RpcError) as caught:
        health.Check(health_pb2.HealthCheckRequest(service="nothing"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    [answer] = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask]))
    assert "visavis.v1.TalkService" in [service.name for service in answer.list_services_response.service]


def test_a_server_short_of_time_is_no_place_for_new_talks_and_not_to_be_restarted(
    running: Running, channel: grpc.Channel
) -> None:
    def state(name: str) -> int:
        status: int = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=name)).status
        return status

    async def tell(refusing: bool) -> None:
        assert running.server.link.engines.on_refusing is not None
        running.server.link.engines.on_refusing(refusing)
        await asyncio.sleep(0.05)

    async def says() -> bool:
        async with visavis.Client(running.address) as client:
            return await client.health()

    names = ("visavis.v1.TalkService", "nvidia_ace.services.a2f_controller.v1.A2FControllerService")
    for refusing, expected in ((True, NOT_SERVING), (False, SERVING)):
        running.call(tell(refusing))
        assert [state(name) for name in names] == [expected] * 2
        assert state("") == SERVING
        assert asyncio.run(says()) is not refusing


def test_a_drain_loses_no_frame_and_lets_the_open_line_end() -> None:
    running = Running(config())
    channel = grpc.insecure_channel(running.address)
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
    assert next(watch).status == SERVING
    pcm = s16(voice(2.0))
    speaking, idle = Client(channel), Client(channel)
    for client in (speaking, idle):
        client.send(start=start())
        client.read()
    speaking.send(audio=chunk(pcm[: len(pcm) // 2]))
    responses = speaking.until(lambda one: event(one) == "LINE_STARTED")
    stopping = threading.Thread(target=lambda: running.stop(drain_s=20))
    stopping.start()
    assert next(watch).status == NOT_SERVING
    rest_of_idle = idle.rest()
    assert [event(one) for one in rest_of_idle if event(one)] == ["GOODBYE"]
    assert rest_of_idle[-1].HasField("summary")
    late = Client(channel)
    late.send(start=start())
    assert late.refusal() == ("UNAVAILABLE", "DRAINING")
    responses += speaking.until(lambda one: event(one) == "GOODBYE")
    speaking.send(audio=chunk(pcm[len(pcm) // 2 :]))
    speaking.send(end_of_line=audio_pb2.EndOfLine(line_id="a"))
    speaking.send(audio=chunk(pcm, line="b"))
    responses += speaking.rest()
    stopping.join(20)
    assert not stopping.is_alive()
    assert [event(one) for one in responses if event(one)] == ["LINE_STARTED", "GOODBYE", "LINE_FINISHED"]
    spoken = [sample for one in responses for sample in one.motion.line_sample_indices]
    assert len(spoken) in {120, 121}
    summary = responses[-1].summary
    assert (summary.dropped_frames, summary.underruns) == (0, 0)
    assert summary.audio_s == pytest.approx(2.0, abs=0.01)


def test_a_drain_has_an_end() -> None:
    running = Running(config())
    with grpc.insecure_channel(running.address) as channel:
        client = Client(channel)
        client.send(start=start())
        client.send(audio=chunk(s16(voice(5.0))))
        client.until(lambda one: event(one) == "LINE_STARTED")
        running.call(running.server.stop(drain_s=0.3), timeout_s=10)
        assert client.refusal() == ("UNAVAILABLE", "DRAINING")


def test_tls_and_tokens(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    cert, key = certificate
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(
        '[[token]]\nname = "one"\ntoken = "first"\nmax_talks = 1\n'
        '[[token]]\nname = "two"\ntoken = "second"\n[[token]]\nname = "old"\ntoken = "third"\nexpires = 2020-01-01\n'
        '[[token]]\nname = "maker"\ntoken = "fourth"\nallow = ["avatars"]\n'
    )
    running = Running(config(listen="0.0.0.0:0", tls_cert=cert, tls_key=key, tokens=tokens))
    address = f"localhost:{running.server.ports[0]}"
    counted = running.server.metrics.registry.get_sample_value
    try:
        with grpc.secure_channel(address, grpc.ssl_channel_credentials(cert.read_bytes())) as channel:
            health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
            assert health.status == SERVING
            for token, expected in (
                (None, ("UNAUTHENTICATED", "TOKEN_MISSING")),
                ("wrong", ("UNAUTHENTICATED", "TOKEN_UNKNOWN")),
                ("third", ("UNAUTHENTICATED", "TOKEN_EXPIRED")),
                ("fourth", ("PERMISSION_DENIED", "PERMIT")),
            ):
                client = _client(channel, token)
                client.send(start=start())
                assert client.refusal() == expected
                assert counted("visavis_calls_refused_total", {"reason": expected[1]}) == 1
            first = _client(channel, "first")
            first.send(start=start())
            ticket = first.read().ready.resume_token
            second = _client(channel, "first")
            second.send(start=start())
            assert second.refusal() == ("RESOURCE_EXHAUSTED", "MAX_TALKS")
            thief = _client(channel, "second")
            thief.send(start=start(resume={"token": ticket}))
            assert thief.refusal() == ("FAILED_PRECONDITION", "RESUME_UNKNOWN")
            first.half_close()
            assert first.rest()[-1].HasField("summary")
        with grpc.insecure_channel(address) as channel:
            plain = Client(channel)
            plain.send(start=start())
            with pytest.raises(grpc.RpcError) as caught:
                plain.rest()
            assert status_of(caught.value)[0] == "UNAVAILABLE"
    finally:
        running.stop()


def _client(channel: grpc.Channel, token: str | None) -> Client:
    metadata: Any = None if token is None else (("authorization", f"Bearer {token}"),)
    return Client(channel, metadata=metadata)


def test_unsafe_addresses_and_wrong_files_never_begin(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    for fields, reason in (
        ({"listen": "0.0.0.0:0"}, "LISTEN_UNSAFE"),
        ({"tls_cert": nonsense, "tls_key": nonsense}, "TLS_FILE"),
        ({"ace_listen": "0.0.0.0:0"}, "LISTEN_UNSAFE"),
        ({"tokens": tmp_path / "none.toml"}, "TOKENS_FILE"),
        ({"tls_cert": tmp_path / "none.pem", "tls_key": tmp_path / "none.pem"}, "TLS_FILE"),
    ):
        with pytest.raises(InputError) as caught:
            Server(config(**fields))
        assert caught.value.reason == reason


def test_a_taken_port_is_one_clear_line(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=str(port)) as caught:
            Running(config(listen=f"127.0.0.1:{port}"))
        assert caught.value.reason == "LISTEN_TAKEN"
    assert capfd.readouterr().err == ""


def test_certificates_of_clients(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    running = Running(config(tls_cert=cert, tls_key=key, tls_client_ca=cert))
    address = f"localhost:{running.server.ports[0]}"
    root, own = cert.read_bytes(), (key.read_bytes(), cert.read_bytes())
    try:
        with grpc.secure_channel(address, grpc.ssl_channel_credentials(root, *own)) as channel:
            client = Client(channel)
            client.send(start=start())
            client.read()
            [talk] = running.server.talks.talks
            assert talk.caller.name == "localhost"
            client.half_close()
            client.rest()
        with grpc.secure_channel(address, grpc.ssl_channel_credentials(root)) as channel:
            stranger = Client(channel)
            stranger.send(start=start())
            assert stranger.refusal()[0] == "UNAVAILABLE"
    finally:
        running.stop()
