"""`visavis talk --server`: the motion and the pictures of a talk made by a running server, for the same files.

The latents come in a burst, as fast as they can be made. Pictures come in the tempo of the voice, because a server may
leave out pictures of a burst; each frame of a video takes the picture that is nearest to it. A portrait is kept on the
server under a name made of its content, so that it is uploaded once. What it does not do: nothing of the files.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from visavis import Control, Event, EventKind, MotionFrame, TextureFrame, blocking
from visavis.connection import is_loopback
from visavis.errors import DeniedError, InputError, MissingError, UnavailableError
from visavis.latents import SAMPLE_RATE_HZ, sample_of_frame
from visavis.vocabulary import REGIONS
from visavis_runtime.config import TalkConfig
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.timing import frame_count
from visavis_runtime.write.glb.export import Look
from visavis_runtime.write.talk import Pictures, Rows, Talk

NAME = re.compile(r"[a-z0-9_-]{1,64}")
JPEG_QUALITY = 95
ROWS_AT_ONCE = 240


def check_options(arguments: argparse.Namespace) -> None:
    """Raises InputError OPTION_SERVER for an option that only means something without a server."""
    for name in ("face", "device", "rest"):
        if getattr(arguments, name) is not None:
            raise InputError(
                f"--{name} is not known to servers: leave it out, or make the talk here without --server.",
                reason="OPTION_SERVER",
            )
    if (arguments.client_cert is None) != (arguments.client_key is None):
        raise InputError("A certificate has a key: give both --client-cert and --client-key.", reason="OPTION_SERVER")


def client_of(arguments: argparse.Namespace) -> blocking.Client:
    """The client that the options ask for; TLS wherever the wire leaves this machine. Raises what `Client` raises."""
    target: str = arguments.server
    pair = arguments.client_cert, arguments.client_key
    return blocking.Client(
        target, token=os.environ.get("VISAVIS_TOKEN", "") if arguments.token is None else arguments.token,
        tls=not is_loopback(target), root_certificates=arguments.ca,
        client_certificate=None if arguments.client_cert is None else pair,
    )  # fmt: skip


@contextmanager
def connect(arguments: argparse.Namespace, *, talk: Talk, config: TalkConfig, look: Look) -> Iterator[FarTalk]:
    """A talk on the server that the options name. Raises UnavailableError, and what `Client` raises."""
    with client_of(arguments) as client:
        if not client.health():
            raise UnavailableError(
                f"The server at {arguments.server} takes no talks just now: try again in a moment.",
                reason="NOT_SERVING",
            )
        far = FarTalk(client, talk=talk, quality=config.quality, look=look)
        try:
            yield far
        finally:
            far.close()


class FarTalk:
    """One talk made by a server: its latents, and once `seen_as` a face, its pictures (a `Screen`)."""

    def __init__(self, client: blocking.Client, *, talk: Talk, quality: str, look: Look) -> None:
        self.look = look
        self._client = client
        self._talk = talk
        self._quality = quality
        self._name = ""
        self._pictures: Iterator[TextureFrame] | None = None
        self._last: TextureFrame | None = None
        self._next: TextureFrame | None = None

    def latents(self, fps: int) -> Iterator[Rows]:
        """Latents [k, 64] chunk by chunk, `frame_count` of the voice in all."""
        left = frame_count(self._talk.clip.samples.shape[0], fps=fps)
        rows: list[Rows] = []
        with self._open(fps=fps, pictures=False) as talk:
            talk.say(self._talk.clip.samples)
            talk.end()
            for frame in talk:
                _tell(frame)
                if isinstance(frame, MotionFrame) and frame.line:
                    rows.append(frame.latents)
                if len(rows) in (left, ROWS_AT_ONCE):
                    yield np.stack(rows)
                    left -= len(rows)
                    rows = []
                if left == 0:
                    return
        raise UnavailableError(f"The server left out the last {left - len(rows)} frames.", reason="FRAMES_MISSING")

    def seen_as(self, face: Path | None) -> FarTalk:
        """Show this portrait or avatar file, which is uploaded if the server does not keep it, or an avatar of it.

        Raises:
            MissingError: no avatar of that name.
            InputError: FACE_MISSING, FILE_NOT_FOUND, and whatever is wrong with the picture.
        """
        if face is None:
            raise InputError(
                "This result shows a face: name a portrait before the audio, or --avatar NAME.", reason="FACE_MISSING"
            )
        if not face.exists() and NAME.fullmatch(str(face)):
            self._name = str(face)
            with suppress(DeniedError):  # a token for talks alone may not ask; the talk will say
                self._client.get_avatar(self._name)
            return self
        if not face.is_file():
            raise InputError(f"{face} is not a file: check the path of the face.", reason="FILE_NOT_FOUND")
        data = face.read_bytes()
        size_px = min(max(self._talk.size_px, 512), 1024)
        self._name = "file-" + hashlib.sha256(data).hexdigest()[:24] + f"-{size_px}"
        try:
            self._client.get_avatar(self._name)
        except MissingError:
            made = self._client.create_avatar(data, name=self._name, size_px=size_px)
            for warning in made.warnings:
                print(f"visavis: {warning}", file=sys.stderr)
        return self

    @cached_property
    def avatar(self) -> Avatar:
        """The face, fetched from the server."""
        with tempfile.TemporaryDirectory() as folder:
            return Avatar.load(self._client.export_avatar(self._name, Path(folder) / "a.visavis", format="visavis"))

    def draw(self, latents: Rows, *, frames: npt.NDArray[np.integer], fps: int) -> Pictures:
        """The server's pictures [k, H, W, 4] that are nearest to these frames; the latents are the server's own."""
        if self._pictures is None:
            self._pictures = self._stream(fps=fps)
            self._next = next(self._pictures, None)
        return np.stack([_pixels(self._nearest(sample_of_frame(int(frame), fps=fps))) for frame in frames])

    def _nearest(self, sample: int) -> TextureFrame:
        assert self._pictures is not None
        while self._next is not None and (self._last is None or self._nearer(sample)):
            self._last, self._next = self._next, next(self._pictures, None)
        if self._last is None:
            raise UnavailableError("The server sent no pictures of this line: see its log.", reason="NO_PICTURES")
        return self._last

    def _nearer(self, sample: int) -> bool:
        assert self._last is not None
        assert self._next is not None
        return abs(self._next.line_sample - sample) <= abs(self._last.line_sample - sample)

    def _stream(self, *, fps: int) -> Iterator[TextureFrame]:
        with self._open(fps=fps, pictures=True) as talk:
            talk.say(self._talk.clip.samples)
            talk.end()
            for frame in talk:
                _tell(frame)
                if isinstance(frame, TextureFrame) and frame.line:
                    yield frame

    def _open(self, *, fps: int, pictures: bool) -> blocking.Talk:
        return self._client.talk(
            avatar=self._name if pictures else "", sample_rate_hz=SAMPLE_RATE_HZ, motion=not pictures,
            motion_fps=fps, textures="jpeg" if pictures else None, texture_fps=fps, texture_size_px=self._talk.size_px,
            jpeg_quality=JPEG_QUALITY, quality=self._quality, pacing="burst",
            seed=self._talk.seed, control=_wish(self._talk.controls),
        )  # fmt: skip

    def close(self) -> None:
        """End what was not read to its end."""
        if self._pictures is not None:
            self._pictures.close()  # type: ignore[attr-defined]


def _wish(controls: Controls) -> Control:
    return Control(
        gaze=controls.gaze_rad, distance=controls.distance, emotion=controls.emotion, head_gain=controls.head_gain,
        lip_gain=controls.lip_gain, blink_rate=controls.blink_rate,
        regions=None if set(controls.regions) == set(REGIONS) else controls.regions,
    )  # fmt: skip


def _pixels(picture: TextureFrame) -> npt.NDArray[np.uint8]:
    """RGBA of a JPEG."""
    pixels = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA), np.uint8)


def _tell(frame: object) -> None:
    if isinstance(frame, Event) and frame.kind in (EventKind.WARNING, EventKind.DEGRADED, EventKind.RESTARTED):
        print(f"visavis: {frame.message} [{frame.reason}]", file=sys.stderr)
