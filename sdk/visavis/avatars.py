"""The avatars that a server keeps: create one from a picture, look, list, delete, take it home as .glb or .visavis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import grpc.aio

from visavis.connection import Connection
from visavis.errors import InputError, OutputError
from visavis.frames import AvatarInfo
from visavis.v1 import avatar_pb2, avatar_pb2_grpc
from visavis.wire import avatar_of

PIECE_BYTES = 256 << 10
FORMATS = ("glb", "visavis")


class Avatars:
    """The avatar calls of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _stub(self) -> avatar_pb2_grpc.AvatarServiceStub:
        return avatar_pb2_grpc.AvatarServiceStub(self._connection.channel("call"))  # type: ignore[no-untyped-call]

    async def create(
        self, source: str | Path | bytes, *, name: str, face: int, size_px: int, overwrite: bool
    ) -> AvatarInfo:
        """Upload a picture or a .visavis file."""
        data = source if isinstance(source, bytes) else _read(Path(source))
        header = avatar_pb2.CreateAvatarHeader(name=name, face_number=face, size_px=size_px, overwrite=overwrite)

        async def requests() -> AsyncIterator[avatar_pb2.CreateAvatarRequest]:
            yield avatar_pb2.CreateAvatarRequest(header=header)
            for start in range(0, len(data), PIECE_BYTES):
                yield avatar_pb2.CreateAvatarRequest(data=data[start : start + PIECE_BYTES])

        answer = await self._connection.call(self._stub.CreateAvatar, requests())
        return avatar_of(answer.avatar)

    async def get(self, name: str) -> AvatarInfo:
        """One avatar."""
        answer = await self._connection.call(self._stub.GetAvatar, avatar_pb2.GetAvatarRequest(name=name))
        return avatar_of(answer.avatar)

    async def list(self) -> list[AvatarInfo]:
        """All avatars, page by page."""
        found: list[AvatarInfo] = []
        token = ""
        while True:
            request = avatar_pb2.ListAvatarsRequest(page_token=token)
            answer = await self._connection.call(self._stub.ListAvatars, request)
            found += map(avatar_of, answer.avatars)
            token = answer.next_page_token
            if not token:
                return found

    async def delete(self, name: str) -> None:
        """Forget an avatar."""
        await self._connection.call(self._stub.DeleteAvatar, avatar_pb2.DeleteAvatarRequest(name=name))

    async def export(self, name: str, path: str | Path, *, format: str) -> Path:
        """Write an avatar to a file."""
        if format not in FORMATS:
            raise InputError(f"format is {format!r}; it may be {', '.join(FORMATS)}.", reason="OPTION_VALUE")
        request = avatar_pb2.ExportAvatarRequest(name=name, format=f"EXPORT_FORMAT_{format.upper()}")
        call = self._stub.ExportAvatar(request, metadata=self._connection.metadata)
        try:
            data = b"".join([answer.data async for answer in call])
        except grpc.aio.AioRpcError as error:
            raise self._connection.error_of(error) from None
        return _write(Path(path), data=data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}): check the path of the portrait.", reason="FILE_NOT_FOUND"
        ) from None


def _write(path: Path, *, data: bytes) -> Path:
    """To a name beside it first, so that no half-written file is left."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written ({error.strerror}).", reason="OUTPUT_FOLDER") from None
    return path
