"""Whatever picture is uploaded: every row about pictures of the list of bad input, over real gRPC."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import avatar_server as real
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from avatar_server import AvatarServer, png_of_header, saved, zipped
from PIL import Image

from visavis.v1 import avatar_pb2 as pb
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.serve.gateway.wire import HEAR_OUT_BYTES

pytestmark = [pytest.mark.xdist_group("upload"), pytest.mark.usefixtures("nothing_stays")]

U8 = npt.NDArray[np.uint8]
GROWTH_BYTES = 50_000_000


def test_no_face(server: AvatarServer) -> None:
    blank = saved(Image.new("RGB", (300, 300), (200, 180, 160)), "PNG")
    assert server.refusal(blank)[:2] == ("FAILED_PRECONDITION", "FACE_NOT_FOUND")


def test_two_faces_are_chosen_from_by_number_from_the_left(server: AvatarServer, astronaut: U8) -> None:
    small = cv2.resize(astronaut, (420, 420), interpolation=cv2.INTER_AREA)
    small[..., 1:] //= 2  # reddish
    both = saved(Image.fromarray(np.hstack([np.pad(small, ((0, 92), (0, 0), (0, 0))), astronaut])), "PNG")
    code, reason, sentence = server.refusal(both)
    assert (code, reason) == ("FAILED_PRECONDITION", "FACE_AMBIGUOUS")
    assert "1: " in sentence
    assert "2: " in sentence
    assert "by its number" in sentence
    redness = []
    for number in (1, 2):
        server.create(both, face_number=number)
        picture = Avatar.load(server.store.path("npc")).picture.astype(float)
        redness.append(picture[..., 0].mean() / picture[..., 2].mean())
    assert redness[0] > 1.5 * redness[1]
    assert server.refusal(both, face_number=3)[:2] == ("FAILED_PRECONDITION", "FACE_INDEX")


def test_turned_and_small_faces_are_told_with_their_measure(server: AvatarServer, astronaut: U8) -> None:
    upside_down = saved(Image.fromarray(np.ascontiguousarray(astronaut[::-1, ::-1])), "PNG")
    assert server.refusal(upside_down)[:2] == ("FAILED_PRECONDITION", "FACE_POSE")
    small = saved(Image.fromarray(cv2.resize(astronaut, (300, 300), interpolation=cv2.INTER_AREA)), "PNG")
    code, reason, sentence = server.refusal(small)
    assert (code, reason) == ("FAILED_PRECONDITION", "FACE_SMALL")
    assert "96" in sentence


@pytest.mark.material
def test_a_profile(server: AvatarServer, material: Path) -> None:
    """Girl with a Pearl Earring, turned by a little more than the limit."""
    code, reason, sentence = server.refusal((material / "portraits" / "painting_s10.jpg").read_bytes())
    assert (code, reason) == ("FAILED_PRECONDITION", "FACE_POSE")
    assert "35" in sentence


def test_tiny_pictures(server: AvatarServer) -> None:
    tiny = saved(Image.new("RGB", (127, 400)), "PNG")
    assert server.refusal(tiny)[:2] == ("INVALID_ARGUMENT", "IMAGE_TOO_SMALL")


def _rss_peak_reset(pid: int | str) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _memory(pid: int | str, field: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(field))


@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are read from /proc")
def test_bombs_are_refused_before_memory_is_spent(server: AvatarServer) -> None:
    server.refusal(b"warm")
    webp = bytes(4) + (16_000).to_bytes(3, "little") * 2
    bombs = [
        png_of_header(12_000, 12_000),
        png_of_header(2**31 - 1, 2**31 - 1),
        b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + webp,
        saved(Image.new("L", (8_000, 8_000)), "PNG"),
    ]
    child = server.worker.child_pid
    assert child is not None
    before = {}
    for pid in ("self", child):
        _rss_peak_reset(pid)
        before[pid] = _memory(pid, "VmRSS:")
    for data in bombs:
        assert server.refusal(data)[:2] == ("RESOURCE_EXHAUSTED", "IMAGE_TOO_LARGE")
    for pid, rss in before.items():
        assert _memory(pid, "VmHWM:") - rss < GROWTH_BYTES
    assert server.worker.child_pid == child


@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are read from /proc")
@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        (b"\x89PNG", 20_000_000, ("RESOURCE_EXHAUSTED", "IMAGE_TOO_LARGE")),
        (b"PK\x03\x04", 64 << 20, ("INVALID_ARGUMENT", "BUNDLE_UNSAFE")),
    ],
    ids=["picture", "bundle"],
)
def test_an_endless_upload_is_stopped_at_its_limit(
    server: AvatarServer, start: bytes, limit: int, expected: tuple[str, str]
) -> None:
    sent = 0

    def endless() -> Iterator[pb.CreateAvatarRequest]:
        nonlocal sent
        yield pb.CreateAvatarRequest(header=pb.CreateAvatarHeader(name="endless"))
        while sent < 40 * limit:
            sent += len(piece)
            yield pb.CreateAvatarRequest(data=piece)

    piece = start + bytes(500_000)
    _rss_peak_reset("self")
    before = _memory("self", "VmRSS:")
    assert real.refusal_of(server.stub.CreateAvatar, endless(), timeout=60)[:2] == expected
    assert sent < limit + HEAR_OUT_BYTES + 20_000_000
    assert _memory("self", "VmHWM:") - before < GROWTH_BYTES


def test_all_kinds_of_pixels_are_taken(server: AvatarServer, photo: Image.Image) -> None:
    clear = photo.copy()
    clear.putalpha(Image.linear_gradient("L").resize(photo.size).point(lambda level: 255 if level > 20 else 0))
    cmyk = server.create(saved(photo.convert("CMYK"), "JPEG", quality=95))
    made = [cmyk, server.create(saved(clear, "WEBP", lossless=True))]
    assert all(avatar.size_px == 128 and avatar.yaw_limit_rad > 0 for avatar in made)
    assert any("CMYK" in warning for warning in cmyk.warnings)
    blank = Image.new("RGB", (300, 300), (200, 180, 160))
    wide = Image.fromarray(np.full((300, 300), 40_000, np.uint16))
    for kind in (blank.convert("L"), blank.convert("1"), blank.convert("P"), wide):
        assert server.refusal(saved(kind, "PNG"))[1] == "FACE_NOT_FOUND", "it was decoded and looked at"


def test_eight_orientations_give_the_same_landmarks_and_no_place(
    server: AvatarServer, bundle: dict[str, bytes], photo: Image.Image, astronaut: U8
) -> None:
    """All eight by the refusal of two faces, which tells their places; one way round by the whole file."""
    both = Image.fromarray(np.hstack([astronaut, astronaut]))
    assert len({server.refusal(_turned(both, orientation)) for orientation in range(1, 9)}) == 1
    server.create(_turned(photo, 7))
    turned = server.store.path("npc").read_bytes()
    assert turned == server.store.path("good").read_bytes(), "all is the same: landmarks, mesh, layers"
    assert b"SecretCamera" not in turned


def _turned(image: Image.Image, orientation: int) -> bytes:
    """A file that shows `image`, stored turned, with an EXIF block that says so and more."""
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's Transpose that each orientation has to be stored with
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    stored = image if orientation == 1 else image.transpose(Image.Transpose(undo[orientation]))
    return saved(stored, "PNG", exif=exif)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_animations(server: AvatarServer, form: str) -> None:
    frames = [Image.new("RGB", (150, 150), colour) for colour in ("red", "blue")]
    moving = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
    assert server.refusal(moving)[:2] == ("INVALID_ARGUMENT", "IMAGE_ANIMATED")


def test_what_is_no_picture_or_a_damaged_one(server: AvatarServer, photo: Image.Image) -> None:
    wholes = [saved(photo, form) for form in ("PNG", "JPEG", "WEBP")]
    flipped = bytearray(wholes[0])
    flipped[len(flipped) // 2] ^= 0x10
    damaged = [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x93NUMPY\x01\0v\0{'descr': '|O'}",
        b"\x80\x04\x95pickle.",
        bytes(flipped),
        png_of_header(200, 200),
        *(whole[: len(whole) * share // 10] for whole in wholes for share in (1, 5, 9)),
        *(whole + b"\n<!DOCTYPE html><script>x()</script>" for whole in wholes),
    ]
    for data in damaged:
        assert server.refusal(data)[:2] == ("INVALID_ARGUMENT", "IMAGE_CORRUPT"), data[:40]
    assert server.refusal(wholes[0] + zipped([("a", b"b")]))[1] == "IMAGE_CORRUPT", "a zip behind a picture"
