"""Avatars through the client and the real service: made, told about, taken home, forgotten."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import avatar_server
import pytest

from visavis import Client
from visavis.errors import ExistsError, InputError, MissingError, OutputError
from visavis_runtime.face.avatar import Avatar

PORTRAIT = Path(__file__).resolve().parents[2] / "samples" / "portraits" / "innkeeper.png"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with avatar_server.running(tmp_path_factory.mktemp("avatars")) as running:
        yield running.target


def test_an_avatar_from_its_portrait_to_its_end(target: str, tmp_path: Path) -> None:
    async def work() -> None:
        async with Client(target) as client:
            made = await client.create_avatar(PORTRAIT, name="innkeeper", size_px=128)
            assert (made.name, made.size_px) == ("innkeeper", 128)
            assert 0 < made.yaw_limit_rad < 1
            assert await client.get_avatar("innkeeper") == made
            with pytest.raises(ExistsError):
                await client.create_avatar(PORTRAIT.read_bytes(), name="innkeeper", size_px=128)

            home = await client.export_avatar("innkeeper", tmp_path / "a.visavis", format="visavis")
            assert hashlib.sha256(home.read_bytes()).hexdigest() == made.sha256
            assert Avatar.load(home).limits.yaw[1] > 0
            head = await client.export_avatar("innkeeper", tmp_path / "a.glb")
            assert head.read_bytes()[:4] == b"glTF"
            with pytest.raises(OutputError):
                await client.export_avatar("innkeeper", tmp_path / "nowhere" / "a.glb")
            assert sorted(path.name for path in tmp_path.iterdir()) == ["a.glb", "a.visavis"]

            await client.create_avatar(home, name="copy")
            assert [avatar.name for avatar in await client.list_avatars()] == ["copy", "innkeeper"]
            await client.delete_avatar("copy")
            with pytest.raises(MissingError):
                await client.get_avatar("copy")

    asyncio.run(work())


def test_what_cannot_be_used_is_said(target: str, tmp_path: Path) -> None:
    async def work() -> None:
        async with Client(target) as client:
            with pytest.raises(InputError) as raised:
                await client.create_avatar(b"no picture at all", name="npc")
            assert raised.value.reason.startswith("IMAGE")
            with pytest.raises(InputError, match="check the path"):
                await client.create_avatar(tmp_path / "none.png", name="npc")
            with pytest.raises(InputError, match="glb, visavis"):
                await client.export_avatar("npc", tmp_path / "a.fbx", format="fbx")
            with pytest.raises(MissingError):
                await client.export_avatar("nobody", tmp_path / "a.glb")
            assert list(tmp_path.iterdir()) == []

    asyncio.run(work())


def test_a_refusal_reaches_a_client_that_is_still_sending(target: str) -> None:
    """gRPC for Python takes a refusal in the middle of its writing for an error of its own."""

    async def work() -> None:
        async with Client(target) as client:
            await client.create_avatar(PORTRAIT, name="there", size_px=128)
            for _ in range(10):
                with pytest.raises(ExistsError):
                    await client.create_avatar(bytes(6 << 20), name="there", size_px=128)

    asyncio.run(work())
