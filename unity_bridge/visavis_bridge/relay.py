"""The characters of a bridge, and an answer to every request. The only place that sees all of them.

Whoever carries messages is an `Outlet`: it gets all that everybody may hear and hands on what its engines ask. An
answer is OK or ERROR and echoes the request's number; nothing that comes in can raise. Begin and end of a line go to
everybody and, reliably, to the engine that says it. What it does not do: no sockets.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from visavis import Client
from visavis.errors import InputError, LimitError, MissingError, UnknownCallError, VisavisError
from visavis_bridge.character import Character, Sink
from visavis_bridge.player_faces import PlayerFaces
from visavis_bridge.requests import CharacterOptions, control_of
from visavis_bridge.spoken import Tell
from visavis_bridge.wire import Codec, Flags, Kind, Message, check_character, json_message

CHARACTERS_MOST = 100
TICK_S = 0.25
BEAT_S = 1.0

log = logging.getLogger(__name__)


class Outlet(Protocol):
    """A transport: takes what all engines may hear, never waits."""

    def publish(self, message: Message) -> None:
        """One message to whoever listens to its topic."""


class Relay:
    """`open` characters, `answer` requests; `run` while it is needed."""

    def __init__(self, client: Client, *, sinks: Sequence[Sink] = ()) -> None:
        self.outlets: list[Outlet] = []
        self.counts: Counter[str] = Counter()
        """What went wrong: "malformed" messages, "textures_dropped" and "motion_dropped" for slow readers."""
        self._client = client
        self._sinks = sinks
        self._characters: dict[str, Character] = {}
        self._faces = PlayerFaces(client)
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._requests: dict[int, Callable[[Message, Tell], Awaitable[Message]]] = {
            Kind.SAY: self._say, Kind.AUDIO: self._audio, Kind.INTERRUPT: self._interrupt,
            Kind.CONTROL: self._control, Kind.AVATARS: self._avatars, Kind.OPEN: self._open,
            Kind.CLOSE: self._close, Kind.STATE: self._state, Kind.MAKE: self._make,
            Kind.FORGET: self._forget,
        }  # fmt: skip

    async def run(self) -> None:
        """Keep time for the characters; ends by being cancelled."""
        beat_s = 0.0
        while True:
            await asyncio.sleep(TICK_S)
            beats = time.monotonic() - beat_s >= BEAT_S - TICK_S / 2
            beat_s = time.monotonic() if beats else beat_s
            for character in list(self._characters.values()):
                await character.tick()
                if beats:
                    character.beat()

    async def stop(self) -> None:
        """End every talk."""
        for name in list(self._characters):
            await self.close(name)

    def publish(self, message: Message) -> None:
        """To everybody."""
        for outlet in self.outlets:
            outlet.publish(message)

    def find(self, name: str) -> Character | None:
        """The character of this name that is open now."""
        return self._characters.get(name)

    def open(self, name: str, *, options: CharacterOptions, said: int = 0) -> Character:
        """Begin a character; `said`: lines that were said under its name.

        Raises:
            InputError: CHARACTER_NAME. LimitError: CHARACTERS.
        """
        check_character(name)
        if len(self._characters) >= CHARACTERS_MOST:
            raise LimitError(f"{CHARACTERS_MOST} characters are open: close one first.", reason="CHARACTERS")
        character = Character(
            name, client=self._client, options=options, publish=self.publish, sinks=self._sinks, said=said
        )  # fmt: skip
        self._characters[name] = character
        self._lives[name] = asyncio.create_task(character.run())
        return character

    async def close(self, name: str) -> None:
        """End a character, if there is one of this name."""
        self._characters.pop(name, None)
        life = self._lives.pop(name, None)
        if life is not None:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)

    # --- requests ----------------------------------------------------------------------------------------------------

    async def answer(self, request: Message, *, tell: Tell) -> Message:
        """What comes of a request; `tell` reaches the engine that asks."""
        echo = {"character": request.character, "sequence": request.sequence}
        try:
            if request.kind not in self._requests:
                raise UnknownCallError(
                    f"There is no request of kind {request.kind}: update the bridge or see WIRE.md.",
                    reason="KIND_UNKNOWN",
                )
            return await self._requests[request.kind](request, tell)
        except VisavisError as error:
            return error_message(error, **echo)
        except Exception:
            log.exception("a request of kind %d failed", request.kind)
            return error_message(
                VisavisError("The bridge failed; its log tells more.", reason="INTERNAL"), **echo
            )  # fmt: skip

    def _find(self, request: Message) -> Character:
        check_character(request.character)
        if request.character not in self._characters:
            raise MissingError(
                f"No character {request.character!r} is open: send OPEN first, or start the bridge with "
                f"--character {request.character}.",
                reason="CHARACTER_UNKNOWN",
            )
        return self._characters[request.character]

    async def _say(self, request: Message, tell: Tell) -> Message:
        character = self._find(request)
        _check_sound(request)
        async with character.asking:
            line = await character.say(
                request.payload, rate_hz=request.rate_hz, last=bool(request.flags & Flags.LAST), tell=tell
            )
        return _ok(request, line=line)

    async def _audio(self, request: Message, tell: Tell) -> Message:
        character = self._find(request)
        _check_sound(request)
        async with character.asking:
            await character.add(request.line, request.payload, last=bool(request.flags & Flags.LAST))
        return _ok(request, line=request.line)

    async def _interrupt(self, request: Message, tell: Tell) -> Message:
        character = self._find(request)
        async with character.asking:
            await character.interrupt()
        return _ok(request)

    async def _control(self, request: Message, tell: Tell) -> Message:
        character = self._find(request)
        wish = control_of(request.content())
        async with character.asking:
            await character.control(wish, line=request.line, line_sample=request.line_sample)
        return _ok(request, line=request.line)

    async def _avatars(self, request: Message, tell: Tell) -> Message:
        return _ok(request, {"avatars": await self._faces.all()})

    async def _make(self, request: Message, tell: Tell) -> Message:
        if request.codec != Codec.FILE:
            raise InputError(
                f"The picture has the codec {request.codec}; send {Codec.FILE} (a PNG, JPEG or WebP file).",
                reason="PICTURE_FORMAT",
            )
        return _ok(request, await self._faces.make(request.character, request.payload))

    async def _forget(self, request: Message, tell: Tell) -> Message:
        await self._faces.forget(request.character)
        return _ok(request)

    async def _open(self, request: Message, tell: Tell) -> Message:
        """Begin a character, or another one of this name if what is given differs from what it is."""
        wanted = request.content()
        name = check_character(request.character)
        current = self.find(name)
        said = 0
        if current is not None:
            options = current.options.changed(wanted)
            if options == current.options:
                return _ok(request, current.state())
            await self.close(name)
            said = current.said
        else:
            options = CharacterOptions().changed(wanted)
        character = self.open(name, options=options, said=said)
        async with character.asking:
            failure = await asyncio.shield(character.tried)
        if failure is not None and not failure.retryable:
            if self._characters.get(name) is character:
                await self.close(name)
            raise failure
        return _ok(request, character.state())

    async def _close(self, request: Message, tell: Tell) -> Message:
        character = self._find(request)
        await self.close(character.name)
        return _ok(request)

    async def _state(self, request: Message, tell: Tell) -> Message:
        if request.character:
            return _ok(request, self._find(request).state())
        told = {"characters": list(self._characters), "counts": dict(self.counts), "cpu_s": time.process_time()}
        return _ok(request, told)


def _ok(request: Message, content: dict[str, Any] | None = None, *, line: int = 0) -> Message:
    echo = {"character": request.character, "sequence": request.sequence, "line": line}
    if content is None:
        return Message(Kind.OK, **echo)  # type: ignore[arg-type]
    return json_message(Kind.OK, content, **echo)


def error_message(error: VisavisError, **echo: Any) -> Message:
    """An answer that says what went wrong: `reason` for programs, `message` for people."""
    content = {"reason": error.reason, "message": str(error), "code": error.code, "retryable": error.retryable}
    return json_message(Kind.ERROR, content, **echo)


def _check_sound(request: Message) -> None:
    if request.codec != Codec.PCM_S16 and (request.payload or request.codec != Codec.EMPTY):
        raise InputError(
            f"The sound has the codec {request.codec}; send {Codec.PCM_S16} (int16 mono, little-endian).",
            reason="AUDIO_FORMAT",
        )
