"""Takes the calls of AvatarService, gives avatars: made from portraits, told about, listed, deleted, exported.

Uploads go to a temporary file (`upload.py`), the portrait worker's child process makes or checks the avatar from it,
and only then does it get its name (`avatar_store.py`): a call that is cut anywhere leaves nothing. Errors and callers
are dealt with in `wire.py`. What it does not do: whose an avatar is is not kept; all are open to all who may call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from visavis.errors import CapacityError, InputError, VisavisError
from visavis.v1 import avatar_pb2 as pb
from visavis_runtime.serve.avatars.store import AvatarStore, StoredAvatar, checked_name
from visavis_runtime.serve.avatars.worker import PortraitWorker
from visavis_runtime.serve.gateway.access import Access
from visavis_runtime.serve.gateway.upload import read_header, receive_file
from visavis_runtime.serve.gateway.wire import Call, Requests, add_service
from visavis_runtime.serve.logs import about

UPLOADS = 16
"""Uploads at once: each may hold 64 MB of the disk while it lasts."""
PIECE_BYTES = 256 * 1024
PAGE_DEFAULT, PAGE_MOST = 100, 1000

log = logging.getLogger(__name__)


def add_avatar_service(
    server: Any, *, store: AvatarStore, worker: PortraitWorker, access: Access, message_bytes: int
) -> str:
    """Serve the avatars of `store` (opened) on `server`, before its start; gives the service's full name."""
    descriptor = pb.DESCRIPTOR.services_by_name["AvatarService"]
    service = AvatarService(store, worker=worker)
    add_service(server, service, descriptor=descriptor, access=access, permit="avatars", message_bytes=message_bytes)
    return str(descriptor.full_name)


class AvatarService:
    """The calls by their names in the protos; each raises VisavisError."""

    def __init__(self, store: AvatarStore, *, worker: PortraitWorker) -> None:
        self._store = store
        self._worker = worker
        self._uploads = 0
        self._heads = asyncio.Lock()

    @property
    def calls(self) -> Mapping[str, Call]:
        """What `wire.add_service` serves."""
        return {
            "CreateAvatar": self.create, "GetAvatar": self.get, "ListAvatars": self.list_, "DeleteAvatar": self.delete,
            "ExportAvatar": self.export,
        }  # fmt: skip

    async def create(self, requests: Requests, context: Any, caller: Any) -> pb.CreateAvatarResponse:
        """Make an avatar of an upload."""
        if self._uploads >= UPLOADS:
            raise CapacityError(
                f"{self._uploads} uploads are under way: try again in a moment.", reason="UPLOADS", retry_s=5.0
            )
        self._uploads += 1
        try:
            return await self._created(requests, caller)
        finally:
            self._uploads -= 1

    async def _created(self, requests: Requests, caller: Any) -> pb.CreateAvatarResponse:
        header = await read_header(requests)
        self._store.check_free(header.name, overwrite=header.overwrite)
        self._worker.check_room()
        with ExitStack() as files:
            made = upload = files.enter_context(self._store.incoming())
            if await receive_file(requests, upload, count=caller.take_avatar_bytes):
                await self._worker.check(upload)
            else:
                made = files.enter_context(self._store.incoming())
                await self._worker.build(upload, made, size_px=header.size_px, face_number=header.face_number)
            self._store.put(header.name, made, overwrite=header.overwrite)
        about(log, caller=caller.name).info("avatar %s made", header.name)
        return pb.CreateAvatarResponse(avatar=await self._avatar(header.name))

    async def get(self, request: pb.GetAvatarRequest, context: Any, caller: Any) -> pb.GetAvatarResponse:
        """Tell about one avatar."""
        return pb.GetAvatarResponse(avatar=await self._avatar(request.name))

    async def list_(self, request: pb.ListAvatarsRequest, context: Any, caller: Any) -> pb.ListAvatarsResponse:
        """Tell about avatars by name, a page at a time; the token is the last name told."""
        if request.page_size < 0:
            raise InputError(f"page_size is {request.page_size}; take 0 or more.", reason="PAGE_SIZE")
        after = checked_name(request.page_token) if request.page_token else ""
        most = min(request.page_size or PAGE_DEFAULT, PAGE_MOST)
        names = [name for name in self._store.names() if name > after]
        avatars = await asyncio.to_thread(self._told, names[:most])
        more = names[most - 1] if len(names) > most else ""
        return pb.ListAvatarsResponse(avatars=avatars, next_page_token=more)

    async def delete(self, request: pb.DeleteAvatarRequest, context: Any, caller: Any) -> pb.DeleteAvatarResponse:
        """Remove an avatar; talks that use it go on."""
        self._store.delete(request.name)
        about(log, caller=caller.name).info("avatar %s deleted", request.name)
        return pb.DeleteAvatarResponse()

    async def export(self, request: pb.ExportAvatarRequest, context: Any, caller: Any) -> None:
        """Send an avatar as a file."""
        path = self._store.path(request.name)
        if request.format == pb.EXPORT_FORMAT_GLB:
            path = await self._head(request.name)
        elif request.format != pb.EXPORT_FORMAT_VISAVIS:
            raise InputError(
                f"The format {request.format} is unknown: take EXPORT_FORMAT_GLB or EXPORT_FORMAT_VISAVIS.",
                reason="EXPORT_FORMAT",
            )
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                await context.write(pb.ExportAvatarResponse(data=piece))

    async def _head(self, name: str) -> Path:
        """The native head of an avatar, made once."""
        async with self._heads:
            head = await asyncio.to_thread(self._store.head, name)
            if not head.exists():
                with self._store.incoming() as made:
                    await self._worker.head(self._store.path(name), made)
                    made.replace(head)
            return head

    async def _avatar(self, name: str) -> pb.Avatar:
        return message_of(await asyncio.to_thread(self._store.info, name))

    def _told(self, names: list[str]) -> list[pb.Avatar]:
        """What is known about the avatars; files that are none are left out."""
        avatars = []
        for name in names:
            try:
                avatars.append(message_of(self._store.info(name)))
            except VisavisError:
                continue
        return avatars


def message_of(stored: StoredAvatar) -> pb.Avatar:
    """An avatar as the protos tell it."""
    return pb.Avatar(
        name=stored.name,
        size_bytes=stored.size_bytes,
        size_px=stored.size_px,
        sha256=stored.sha256,
        yaw_limit_rad=stored.yaw_rad,
        pitch_limit_rad=stored.pitch_rad,
        roll_limit_rad=stored.roll_rad,
        warnings=stored.warnings,
    )
