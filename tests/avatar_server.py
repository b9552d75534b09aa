"""A real AvatarService on a free port of localhost, in an event loop of its own thread, and pictures to send to it."""

from __future__ import annotations

import asyncio
import io
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from PIL import Image

from visavis.errors import REASON_KEY
from visavis.v1 import avatar_pb2 as pb
from visavis.v1.avatar_pb2_grpc import AvatarServiceStub
from visavis_runtime.serve.avatars.store import AvatarStore
from visavis_runtime.serve.avatars.worker import PortraitWorker, WorkLimits
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.access import Access
from visavis_runtime.serve.gateway.avatar_service import add_avatar_service

PIECE_BYTES = 256 * 1024


class AvatarServer:
    """The server's parts, and calls of a client; refusals come as (status name, reason, sentence)."""

    def __init__(self, store: AvatarStore, worker: PortraitWorker, port: int) -> None:
        self.store, self.worker = store, worker
        self.target = f"127.0.0.1:{port}"
        self.channel = grpc.insecure_channel(self.target)
        self.stub = AvatarServiceStub(self.channel)

    def create(self, data: bytes, **header: Any) -> pb.Avatar:
        header.setdefault("name", "npc")
        header.setdefault("overwrite", True)
        header.setdefault("size_px", 128)
        return self.stub.CreateAvatar(requests_of(data, **header), timeout=60).avatar

    def refusal(self, data: bytes, **header: Any) -> tuple[str, str, str]:
        return refusal_of(self.create, data, **header)

    def export(self, name: str, form: pb.ExportFormat) -> list[bytes]:
        return [r.data for r in self.stub.ExportAvatar(pb.ExportAvatarRequest(name=name, format=form), timeout=60)]

    def files(self) -> list[str]:
        """What lies in the folder and below it."""
        folder = self.store.folder
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def requests_of(data: bytes, **header: Any) -> Iterator[pb.CreateAvatarRequest]:
    yield pb.CreateAvatarRequest(header=pb.CreateAvatarHeader(**header))
    for at in range(0, len(data), PIECE_BYTES):
        yield pb.CreateAvatarRequest(data=data[at : at + PIECE_BYTES])


def refusal_of(call: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[str, str, str]:
    try:
        call(*arguments, **named)
    except grpc.RpcError as error:
        reasons = [value for key, value in error.trailing_metadata() if key == REASON_KEY]
        return error.code().name, reasons[0] if reasons else "", error.details()
    raise AssertionError("the call was not refused")


@contextmanager
def running(folder: Path, *, tokens: Path | None = None) -> Iterator[AvatarServer]:
    store = AvatarStore(folder)
    store.open()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[Any, PortraitWorker, int]:
        worker = PortraitWorker(WorkLimits(niceness=0))  # or other tests beside this one would starve it
        server = grpc.aio.server()
        access = Access(ServerConfig(tokens=tokens))
        add_avatar_service(server, store=store, worker=worker, access=access, message_bytes=1 << 20)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, worker, port

    def wait(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    server, worker, port = wait(start())
    client = AvatarServer(store, worker, port)
    try:
        yield client
    finally:
        client.channel.close()
        wait(server.stop(0))
        wait(worker.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def png_of_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def zipped(entries: list[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A zip of these entries, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()
