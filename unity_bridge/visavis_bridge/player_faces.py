"""Takes pictures of faces from engines, has the server make avatars of them, and forgets those again, no others.

The avatars of the server's owner are not ours to delete, also those that came under a name of ours since: what was made
here is known by its SHA-256. What it does not do: it keeps no list over a restart of the bridge.
"""

from __future__ import annotations

from typing import Any

from visavis import AvatarInfo, Client
from visavis.errors import ExistsError, MissingError


class PlayerFaces:
    """The avatars that engines had made over one bridge, and may have forgotten."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made: dict[str, str] = {}
        """Name -> SHA-256."""

    async def all(self) -> list[dict[str, Any]]:
        """What an engine hears of every avatar of the server."""
        avatars = await self._client.list_avatars()
        return [{"name": one.name, "size_px": one.size_px, "made": self._is_ours(one)} for one in avatars]

    async def make(self, name: str, picture: bytes) -> dict[str, Any]:
        """An avatar of a picture, which takes the server seconds; one of that name stays as it is.

        Raises:
            ExistsError: AVATAR_EXISTS. PortraitError, InputError, LimitError: what is wrong with the picture.
        """
        try:
            made = await self._client.create_avatar(picture, name=name)
        except ExistsError:
            raise ExistsError(
                f"There is an avatar {name!r} already: take another name.", reason="AVATAR_EXISTS"
            ) from None
        self._made[made.name] = made.sha256
        return {"name": made.name, "size_px": made.size_px, "warnings": list(made.warnings)}

    async def forget(self, name: str) -> None:
        """Delete an avatar that was made here. Raises MissingError AVATAR_UNKNOWN."""
        if name not in self._made or not self._is_ours(await self._client.get_avatar(name)):
            raise MissingError(
                f"This bridge has made no avatar {name!r}: delete it in the server's folder of avatars.",
                reason="AVATAR_UNKNOWN",
            )
        await self._client.delete_avatar(name)
        self._made.pop(name, None)

    def _is_ours(self, avatar: AvatarInfo) -> bool:
        return self._made.get(avatar.name) == avatar.sha256
