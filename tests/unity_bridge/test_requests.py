"""What engines ask for wrongly is answered with a reason and a sentence."""

from __future__ import annotations

import pytest
from unity_bridge.engine import bridged, opening, run, say

from visavis_bridge.wire import Codec, Kind, Message, json_message


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (Message(Kind.STATE, character="nobody"), "CHARACTER_UNKNOWN"),
        (Message(Kind.INTERRUPT, character="a b"), "CHARACTER_NAME"),
        (opening(avatar="no-such"), "AVATAR_UNKNOWN"),
        (opening(avatr="guard"), "OPTION_KEY"),
        (opening(texture_fps="fast"), "OPTION_VALUE"),
        (Message(Kind.OPEN, Codec.JSON, b"[1]", character="guard"), "REQUEST_JSON"),
        (Message(99, character="guard"), "KIND_UNKNOWN"),
        (Message(Kind.MAKE, Codec.FILE, b"no picture", character="A B"), "AVATAR_NAME"),
        (Message(Kind.FORGET, character="guard"), "AVATAR_UNKNOWN"),
    ],
)
def test_a_refusal_says_why(server: str, request_: Message, reason: str) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            answer = await engine.ask(request_)
            assert answer.kind == Kind.ERROR
            assert answer.content()["reason"] == reason
            assert answer.content()["message"].endswith((".", "?"))

    run(work())


def test_what_an_open_character_refuses(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            await engine.ask(opening())
            for request, reason in (
                (say(b"abc"), "AUDIO_ALIGNMENT"),
                (say(b"ab", rate_hz=0), "AUDIO_RATE"),
                (Message(Kind.SAY, Codec.JPEG, b"ab", character="guard"), "AUDIO_FORMAT"),
                (Message(Kind.AUDIO, Codec.PCM_S16, b"ab", line=9, character="guard"), "LINE_UNKNOWN"),
                (json_message(Kind.CONTROL, {"gaze": "left"}, character="guard"), "OPTION_VALUE"),
                (json_message(Kind.CONTROL, {"head_gain": 9}, character="guard"), "CONTROL_RANGE"),
            ):
                assert (await engine.ask(request)).content()["reason"] == reason
            assert (await engine.ask(Message(Kind.CLOSE, character="guard"))).kind == Kind.OK
            assert (await engine.ask(say(b""))).content()["reason"] == "CHARACTER_UNKNOWN"

    run(work())
