"""AvatarService over real gRPC: avatars are made, told about, listed, exported and deleted; cut calls leave nothing."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import avatar_server as real
import grpc
import grpc.aio
import numpy as np
import numpy.typing as npt
import pytest
from avatar_server import AvatarServer, refusal_of, requests_of, saved
from live_server import status_of
from PIL import Image

from visavis.v1 import avatar_pb2 as pb
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.serve.gateway import avatar_service, upload
from visavis_runtime.write.glb.document import read_document

pytestmark = pytest.mark.xdist_group("avatar_service")  # one server and one child for all of them

U8 = npt.NDArray[np.uint8]
TOKENS = """
[[token]]
name = "studio"
token = "s3cret"
max_avatar_bytes = 500000

[[token]]
name = "player"
token = "talker"
allow = ["talk"]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Iterator[AvatarServer]:
    with real.running(tmp_path_factory.mktemp("avatars")) as running:
        yield running


@pytest.fixture(scope="module")
def picture(astronaut: U8) -> bytes:
    return saved(Image.fromarray(astronaut[:330, 60:390]), "PNG")


@pytest.fixture(scope="module")
def made(server: AvatarServer, picture: bytes) -> pb.Avatar:
    return server.create(picture, name="astronaut")


def _wait(condition: object, *, limit_s: float = 20) -> None:
    assert callable(condition)
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_portrait_becomes_an_avatar_that_is_told_about(server: AvatarServer, made: pb.Avatar) -> None:
    data = server.store.path("astronaut").read_bytes()
    assert (made.name, made.size_px, made.size_bytes) == ("astronaut", 128, len(data))
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    limits = Avatar.load(server.store.path("astronaut")).limits
    assert made.yaw_limit_rad == pytest.approx(min(-limits.yaw[0], limits.yaw[1]), abs=1e-6)
    assert made.roll_limit_rad > 0
    assert server.stub.GetAvatar(pb.GetAvatarRequest(name="astronaut")).avatar == made


def test_names(server: AvatarServer, made: pb.Avatar) -> None:
    for name in ("", "Guard", "a b", "../x", "a/b", "a.b", "x" * 65, "é", "a\0", "a\n"):
        for call in (
            partial(server.create, b"x", name=name),
            partial(server.stub.GetAvatar, pb.GetAvatarRequest(name=name)),
            partial(server.stub.DeleteAvatar, pb.DeleteAvatarRequest(name=name)),
            partial(server.export, name, pb.EXPORT_FORMAT_VISAVIS),
        ):
            assert refusal_of(call)[:2] == ("INVALID_ARGUMENT", "AVATAR_NAME")
    for call in (
        partial(server.stub.GetAvatar, pb.GetAvatarRequest(name="nobody")),
        partial(server.stub.DeleteAvatar, pb.DeleteAvatarRequest(name="nobody")),
        partial(server.export, "nobody", pb.EXPORT_FORMAT_GLB),
    ):
        assert refusal_of(call)[:2] == ("NOT_FOUND", "AVATAR_UNKNOWN")
    assert server.refusal(b"x", name="astronaut", overwrite=False)[:2] == ("ALREADY_EXISTS", "AVATAR_EXISTS")


def test_exports_come_in_pieces_and_the_head_is_made_once(server: AvatarServer, made: pb.Avatar) -> None:
    pieces = server.export("astronaut", pb.EXPORT_FORMAT_VISAVIS)
    assert b"".join(pieces) == server.store.path("astronaut").read_bytes()
    head = server.export("astronaut", pb.EXPORT_FORMAT_GLB)
    assert max(len(piece) for piece in [*pieces, *head]) <= 256 * 1024
    assert len(head) > 1
    document, _ = read_document(b"".join(head))
    assert "Face" in {mesh["name"] for mesh in document["meshes"]}
    kept = server.store.head("astronaut")
    at = kept.stat().st_mtime_ns
    assert server.export("astronaut", pb.EXPORT_FORMAT_GLB) == head
    assert kept.stat().st_mtime_ns == at
    unset = refusal_of(server.export, "astronaut", pb.EXPORT_FORMAT_UNSPECIFIED)
    assert unset[:2] == ("INVALID_ARGUMENT", "EXPORT_FORMAT")


def test_an_avatar_file_is_kept_as_it_is_listed_by_pages_and_deleted(server: AvatarServer, made: pb.Avatar) -> None:
    data = server.store.path("astronaut").read_bytes()
    for name in ("b", "c", "a", "a-b"):
        assert server.create(data, name=name).sha256 == made.sha256
    (server.store.folder / "broken.visavis").write_bytes(b"PK")
    told, token = [], ""
    while True:
        page = server.stub.ListAvatars(pb.ListAvatarsRequest(page_size=2, page_token=token))
        assert len(page.avatars) <= 2
        told += [avatar.name for avatar in page.avatars]
        token = page.next_page_token
        if not token:
            break
    assert told == ["a", "a-b", "astronaut", "b", "c"]
    (server.store.folder / "broken.visavis").unlink()
    assert len(server.stub.ListAvatars(pb.ListAvatarsRequest()).avatars) == 5
    for wrong in (pb.ListAvatarsRequest(page_size=-1), pb.ListAvatarsRequest(page_token="../x")):
        assert refusal_of(server.stub.ListAvatars, wrong)[0] == "INVALID_ARGUMENT"
    server.export("a", pb.EXPORT_FORMAT_GLB)
    server.export("a-b", pb.EXPORT_FORMAT_GLB)
    for name in ("a", "b", "c"):
        server.stub.DeleteAvatar(pb.DeleteAvatarRequest(name=name))
    assert server.store.names() == ["a-b", "astronaut"]
    heads = [name for name in server.files() if name.endswith(".glb")]
    assert not any(name.startswith(".heads/a.") for name in heads)
    assert any(name.startswith(".heads/a-b.") for name in heads)


def test_requests_in_the_wrong_order(server: AvatarServer, picture: bytes) -> None:
    header = pb.CreateAvatarRequest(header=pb.CreateAvatarHeader(name="npc"))
    data = pb.CreateAvatarRequest(data=picture)
    odd = pb.CreateAvatarRequest(header=pb.CreateAvatarHeader(name="npc", size_px=301))
    for requests, code, reason in (
        ([data], "FAILED_PRECONDITION", "MISSING_HEADER"),
        ([], "FAILED_PRECONDITION", "MISSING_HEADER"),
        ([header, header], "FAILED_PRECONDITION", "DUPLICATE_HEADER"),
        ([pb.CreateAvatarRequest()], "INVALID_ARGUMENT", "EMPTY_MESSAGE"),
        ([header, pb.CreateAvatarRequest()], "INVALID_ARGUMENT", "EMPTY_MESSAGE"),
        ([header], "INVALID_ARGUMENT", "IMAGE_CORRUPT"),
        ([odd, data], "INVALID_ARGUMENT", "AVATAR_SIZE"),
    ):
        assert refusal_of(server.stub.CreateAvatar, iter(requests))[:2] == (code, reason)
    garbage = server.channel.stream_unary("/visavis.v1.AvatarService/CreateAvatar")
    assert refusal_of(garbage, iter([b"\xff\xff\xff"]))[:2] == ("INVALID_ARGUMENT", "MALFORMED")


@pytest.mark.parametrize("way", ["cancel", "connection"])
def test_an_upload_that_is_cut_leaves_nothing(server: AvatarServer, made: pb.Avatar, picture: bytes, way: str) -> None:
    channel = grpc.insecure_channel(server.target, options=[("grpc.use_local_subchannel_pool", 1)])
    go_on = threading.Event()

    def half() -> Iterator[pb.CreateAvatarRequest]:
        header, *pieces = requests_of(picture, name="cut")
        yield header
        yield pb.CreateAvatarRequest(data=pieces[0].data[: len(pieces[0].data) // 2])
        go_on.wait(20)

    call = real.AvatarServiceStub(channel).CreateAvatar.future(half())
    _wait(lambda: any(name.startswith(".incoming") for name in server.files()))
    call.cancel() if way == "cancel" else channel.close()
    _wait(lambda: not any(name.startswith(".incoming") for name in server.files()))
    go_on.set()
    channel.close()
    assert "cut" not in server.store.names()


def test_slow_uploads_end_and_only_so_many_run_at_once(
    server: AvatarServer, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "UPLOAD_S", 1.5)
    monkeypatch.setattr(avatar_service, "UPLOADS", 1)
    go_on = threading.Event()

    def slow() -> Iterator[pb.CreateAvatarRequest]:
        yield from list(requests_of(picture, name="slow"))[:2]
        go_on.wait(20)

    call = server.stub.CreateAvatar.future(slow())
    _wait(lambda: any(name.startswith(".incoming") for name in server.files()))
    assert server.refusal(picture)[:2] == ("RESOURCE_EXHAUSTED", "UPLOADS")
    assert refusal_of(call.result)[:2] == ("DEADLINE_EXCEEDED", "UPLOAD_SLOW")
    go_on.set()
    assert not any(name.startswith(".incoming") for name in server.files())


def test_every_refusal_reaches_a_client_that_is_still_sending(
    server: AvatarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gRPC's asyncio client takes a refusal in the middle of its writing for an error of its own."""

    async def ending(target: str, *, token: str, size: int) -> tuple[str, str]:
        metadata = [("authorization", f"Bearer {token}")] if token else []
        async with grpc.aio.insecure_channel(target) as channel:
            call = real.AvatarServiceStub(channel).CreateAvatar(requests_of(bytes(size), name="npc"), metadata=metadata)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            return status_of(caught.value)

    def endings(target: str, *, token: str = "", size: int = 6 << 20) -> set[tuple[str, str]]:
        return {asyncio.run(ending(target, token=token, size=size)) for _ in range(8)}

    (tmp_path / "tokens.toml").write_text(TOKENS)
    with real.running(tmp_path / "avatars", tokens=tmp_path / "tokens.toml") as guarded:
        assert endings(guarded.target) == {("UNAUTHENTICATED", "TOKEN_MISSING")}
        assert endings(guarded.target, token="talker") == {("PERMISSION_DENIED", "PERMIT")}
        assert endings(guarded.target, token="s3cret") == {("RESOURCE_EXHAUSTED", "AVATAR_BYTES")}
    assert endings(server.target, size=50_000_000) == {("RESOURCE_EXHAUSTED", "IMAGE_TOO_LARGE")}
    monkeypatch.setattr(avatar_service, "UPLOADS", 0)
    assert endings(server.target) == {("RESOURCE_EXHAUSTED", "UPLOADS")}


def test_a_call_that_is_cancelled_while_it_is_worked_on_leaves_nothing(
    server: AvatarServer, made: pb.Avatar, picture: bytes
) -> None:
    call = server.stub.CreateAvatar.future(requests_of(picture, name="cut"))
    _wait(lambda: sum(name.startswith(".incoming") for name in server.files()) == 2)
    call.cancel()
    _wait(lambda: not any(name.startswith(".incoming") for name in server.files()))
    assert "cut" not in server.store.names()
    assert server.refusal(b"x", name="cut")[1] == "IMAGE_CORRUPT", "the next one is served"


def test_tokens_have_permits_and_a_limit_of_bytes(server: AvatarServer, made: pb.Avatar, tmp_path: Path) -> None:
    data = server.store.path("astronaut").read_bytes()
    assert 250_000 < len(data) < 500_000
    (tmp_path / "tokens.toml").write_text(TOKENS)
    with real.running(tmp_path / "avatars", tokens=tmp_path / "tokens.toml") as guarded:

        def create(token: str) -> pb.Avatar:
            metadata = [("authorization", f"Bearer {token}")] if token else []
            requests = requests_of(data, name="npc", overwrite=True)
            return guarded.stub.CreateAvatar(requests, metadata=metadata, timeout=60).avatar

        assert refusal_of(create, "")[0] == "UNAUTHENTICATED"
        assert refusal_of(create, "talker")[:2] == ("PERMISSION_DENIED", "PERMIT")
        assert create("s3cret").sha256 == made.sha256
        assert refusal_of(create, "s3cret")[:2] == ("RESOURCE_EXHAUSTED", "AVATAR_BYTES")
        assert guarded.files() == ["npc.visavis"]
