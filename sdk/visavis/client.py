"""The client of a Visavis server, for asyncio: talks, avatars, health. `visavis.blocking` is the same without asyncio.

```
async with visavis.Client("127.0.0.1:8610") as client:
    async with client.talk(avatar="innkeeper") as talk:
        await talk.say(audio)                     # float32 or int16 [n] at 16 kHz
        talk.end()
        async for frame in talk:
            if isinstance(frame, visavis.MotionFrame):
                print(frame.line_sample, frame["jawOpen"])
```
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from visavis.avatars import Avatars
from visavis.connection import Connection
from visavis.errors import UnknownCallError
from visavis.frames import AvatarInfo
from visavis.talk import Talk
from visavis.wishes import Control, TalkOptions

DEFAULT_TARGET = "127.0.0.1:8610"
HEALTH_METHOD, HEALTH_OF = "/grpc.health.v1.Health/Check", b"visavis.v1.TalkService"
SERVING = 1


class Client:
    """A server's address and what it asks for; connects when it is first used.

    Raises:
        InputError: TARGET (HOST:PORT), TOKEN_SHAPE, TOKEN_PLAINTEXT (a token never travels unencrypted to another
            machine), TLS_FILE, TLS_PAIR. When it connects: TLS_UNTRUSTED, TLS_HOST, TLS_PLAIN.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        token: str = "",
        tls: bool = False,
        root_certificates: str | Path | None = None,
        client_certificate: tuple[str | Path, str | Path] | None = None,
        share_stream: bool = False,
    ) -> None:
        """`tls` trusts the system's roots, `root_certificates` a PEM file; `client_certificate` = (PEM, key).

        `share_stream`: all talks of motion go over one stream, which costs both sides less the more they are; nothing
        else changes.

        White space round a token, as at the end of a file, does not matter.
        """
        self._connection = Connection(
            target, token=token, tls=tls, root_certificates=root_certificates, client_certificate=client_certificate,
            shares=share_stream,
        )  # fmt: skip
        self._avatars = Avatars(self._connection)

    async def __aenter__(self) -> Client:
        """Nothing is sent yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections; talks that are open end."""
        await self._connection.close()

    def talk(
        self,
        *,
        avatar: str = "",
        sample_rate_hz: int = 16_000,
        motion: bool = True,
        motion_fps: int = 60,
        textures: str | None = None,
        texture_fps: int = 25,
        texture_size_px: int = 512,
        jpeg_quality: int = 85,
        background: bool = True,
        audio_echo: bool = False,
        quality: str = "balanced",
        pacing: str = "paced",
        seed: int | None = None,
        control: Control | None = None,
        from_latents: npt.NDArray[np.float32] | None = None,
        reconnect_s: float = 10.0,
    ) -> Talk:
        """A talk, opened by `async with`.

        `avatar`: a name of `list_avatars`; without one there are latents only. `sample_rate_hz`: of every line, one of
        8000, 16000, 22050, 24000, 32000, 44100, 48000. `motion_fps` 20..60. `textures`: "jpeg", or "rgba" for one
        machine, at `texture_fps` 1..60 with edges of `texture_size_px`. `audio_echo`: the sound back, with the frames.
        `quality`: "fast", "balanced" or "best" (40, 80, 120 ms look-ahead). `pacing`: "paced" in the tempo of the
        audio with idle life between lines, or "burst" as fast as can be. `from_latents` [64]: the face to start from.
        `reconnect_s`: a broken talk is taken up again for so long.

        Raises:
            InputError: AUDIO_RATE, OPTION_VALUE, LATENTS_SHAPE.
        """
        options = TalkOptions(
            avatar=avatar, sample_rate_hz=sample_rate_hz, motion=motion, motion_fps=motion_fps, textures=textures,
            texture_fps=texture_fps, texture_size_px=texture_size_px, jpeg_quality=jpeg_quality,
            background=background, audio_echo=audio_echo, quality=quality, pacing=pacing, seed=seed,
            control=control or Control(), from_latents=from_latents, reconnect_s=reconnect_s,
        )  # fmt: skip
        return Talk(self._connection, options=options)

    async def create_avatar(
        self, source: str | Path | bytes, *, name: str, face: int = 0, size_px: int = 512, overwrite: bool = False
    ) -> AvatarInfo:
        """Make an avatar of a picture (PNG, JPEG, WebP), or keep a .visavis file; `source` is a path or the bytes.

        `name`: lower case letters, digits, "-" and "_". `face`: which face from the left, 1, 2, ...; 0 = the only one.

        Raises:
            InputError, PortraitError, LimitError: what is wrong with the picture. ExistsError: without `overwrite`.
        """
        return await self._avatars.create(source, name=name, face=face, size_px=size_px, overwrite=overwrite)

    async def get_avatar(self, name: str) -> AvatarInfo:
        """Raises MissingError."""
        return await self._avatars.get(name)

    async def list_avatars(self) -> list[AvatarInfo]:
        """All avatars that the server keeps."""
        return await self._avatars.list()

    async def delete_avatar(self, name: str) -> None:
        """Raises MissingError."""
        await self._avatars.delete(name)

    async def export_avatar(self, name: str, path: str | Path, *, format: str = "glb") -> Path:
        """Write the head for game engines ("glb") or the avatar itself ("visavis") to `path`.

        Raises:
            MissingError: no such avatar. InputError: OPTION_VALUE. OutputError: OUTPUT_FOLDER.
        """
        return await self._avatars.export(name, path, format=format)

    async def health(self) -> bool:
        """Whether the server takes talks: False while it warms up, is short of time or stops.

        Speaks grpc.health.v1 with hand-written messages of one field, which spares a dependency.

        Raises:
            UnavailableError: none answers.
        """
        check = self._connection.channel("call").unary_unary(HEALTH_METHOD)
        try:
            answer: bytes = await self._connection.call(check, bytes((0x0A, len(HEALTH_OF))) + HEALTH_OF)
        except UnknownCallError:
            return True  # a server without health checks that answers
        return answer == bytes((0x08, SERVING))
