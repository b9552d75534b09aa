"""What cannot begin: Starts that are refused, with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from live_server import Client, start

from visavis.errors import InputError
from visavis.v1 import talk_pb2, texture_pb2
from visavis_runtime.serve.avatars.store import AvatarStore
from visavis_runtime.serve.gateway.start import beginning_of

FIRST: list[tuple[str, dict[str, Any], str, str]] = [
    ("no Start", {"ping": talk_pb2.Ping(id=1)}, "FAILED_PRECONDITION", "MISSING_HEADER"),
    ("another version", {"start": start(protocol_version=2)}, "FAILED_PRECONDITION", "PROTOCOL_VERSION"),
    ("no audio form", {"start": talk_pb2.Start()}, "INVALID_ARGUMENT", "AUDIO_FORMAT"),
    ("an unknown encoding", {"start": start(encoding=9)}, "INVALID_ARGUMENT", "AUDIO_FORMAT"),
    ("rate 0", {"start": start(rate=0)}, "INVALID_ARGUMENT", "AUDIO_RATE"),
    ("rate 11025", {"start": start(rate=11_025)}, "INVALID_ARGUMENT", "AUDIO_RATE"),
    ("rate 192000", {"start": start(rate=192_000)}, "INVALID_ARGUMENT", "AUDIO_RATE"),
    ("no channel", {"start": start(channels=0)}, "INVALID_ARGUMENT", "AUDIO_CHANNELS"),
    ("six channels", {"start": start(channels=6)}, "INVALID_ARGUMENT", "AUDIO_CHANNELS"),
    ("10 frames a second", {"start": start(motion_fps=10)}, "INVALID_ARGUMENT", "FPS_RANGE"),
    ("an unknown quality", {"start": start(quality=9)}, "INVALID_ARGUMENT", "START_VALUE"),
    ("an unknown pacing", {"start": start(pacing=9)}, "INVALID_ARGUMENT", "START_VALUE"),
    ("nothing to send", {"start": start(motion_off=True)}, "INVALID_ARGUMENT", "NOTHING_ASKED"),
    ("63 latents", {"start": start(from_latents=[0.0] * 63)}, "INVALID_ARGUMENT", "LATENTS"),
    ("latents that are none", {"start": start(from_latents=[float("nan")] * 64)}, "INVALID_ARGUMENT", "LATENTS"),
    ("no such avatar", {"start": start(avatar="nobody")}, "NOT_FOUND", "AVATAR_UNKNOWN"),
    ("a path for an avatar", {"start": start(avatar="../etc/passwd")}, "INVALID_ARGUMENT", "AVATAR_NAME"),
    ("pictures of nobody", {"start": start(texture=talk_pb2.TextureOptions())}, "INVALID_ARGUMENT", "START_VALUE"),
    (
        "a gain of 9", {"start": start(control=talk_pb2.Control(lip_gain=9))}, "INVALID_ARGUMENT", "CONTROL_RANGE",
    ),
    (
        "an unknown token", {"start": start(resume=talk_pb2.Resume(token="x"))}, "FAILED_PRECONDITION",
        "RESUME_UNKNOWN",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "status", "reason"), [row[1:] for row in FIRST], ids=[row[0] for row in FIRST])
def test_what_cannot_begin(client: Client, request_: dict[str, Any], status: str, reason: str) -> None:
    client.send(**request_)
    assert client.refusal() == (status, reason)


def test_textures_out_of_range(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("avatars")
    (folder / "npc.visavis").write_bytes(b"")
    avatars = AvatarStore(folder)
    for field, value in (("fps", 61), ("size_px", 126), ("size_px", 301), ("jpeg_quality", 101), ("format", 7)):
        options = talk_pb2.TextureOptions(**{field: value})  # type: ignore[arg-type]
        with pytest.raises(InputError, match=rf"\b{value}\b.* (allowed|known)"):
            beginning_of(start(avatar="npc", texture=options), avatars=avatars)
    pictures = beginning_of(start(avatar="npc", texture=talk_pb2.TextureOptions()), avatars=avatars).spec.pictures
    assert pictures is not None
    assert (pictures.format, pictures.fps, pictures.size_px, pictures.jpeg_quality) == ("jpeg", 25, 512, 85)
    assert texture_pb2.TEXTURE_FORMAT_RGBA == 2
