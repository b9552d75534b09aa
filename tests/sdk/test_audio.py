"""Sound of every kind becomes the same samples of the wire, or is refused with a reason; in a talk too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sdk.heard import frames_of, loud, motion_of, ramp, run
from sdk.talk_server import Script, serving

from visavis import Client
from visavis.audio import check_kind, is_whole, pcm_of, pieces_of
from visavis.errors import InputError

INT16 = np.array([0, 1, -1, 12_345, -32_768, 32_767], np.int16)


@pytest.mark.parametrize(
    "sound",
    [
        INT16, INT16.reshape(-1, 1), np.stack([INT16, INT16], axis=1), INT16.tobytes(), bytearray(INT16.tobytes()),
        INT16.astype(np.float32) / 32_768, INT16.astype(np.float64) / 32_768, INT16.astype(">i2"),
    ],
    ids=["int16", "column", "stereo", "bytes", "bytearray", "float32", "float64", "swapped"],
)  # fmt: skip
def test_every_kind_is_the_same_sound(sound: Any) -> None:
    assert is_whole(sound)
    assert pcm_of(sound) == INT16.astype("<i2").tobytes()


def test_two_channels_are_mixed_and_loud_samples_clipped() -> None:
    stereo = np.array([[0.5, -0.5], [0.25, 0.75], [3.0, 3.0], [-3.0, -3.0]], np.float32)
    assert np.frombuffer(pcm_of(stereo), "<i2").tolist() == [0, 16_384, 32_767, -32_768]


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (b"abc", "AUDIO_ALIGNMENT"),
        (np.zeros((10, 6), np.float32), "AUDIO_CHANNELS"),
        (np.zeros((2, 2, 2), np.float32), "AUDIO_CHANNELS"),
        (np.array([0.0, np.nan], np.float32), "AUDIO_NOT_FINITE"),
        (np.zeros(4, np.uint8), "AUDIO_FORMAT"),
        (np.zeros(4, np.int32), "AUDIO_FORMAT"),
        (0.5, "AUDIO_FORMAT"),
    ],
)
def test_what_is_no_sound_is_refused(sound: Any, reason: str) -> None:
    with pytest.raises(InputError) as raised:
        pcm_of(sound)
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (7, "AUDIO_FORMAT"), ("line.wav", "AUDIO_FORMAT"), (Path("line.wav"), "AUDIO_FORMAT"),
        (b"RIFF\0\0\0\0WAVEfmt ", "AUDIO_CONTAINER"), (b"fLaC\0\0", "AUDIO_CONTAINER"),
        (bytearray(b"OggS\0\0"), "AUDIO_CONTAINER"), (b"ID3\4\0\0", "AUDIO_CONTAINER"),
    ],
)  # fmt: skip
def test_files_are_no_samples(audio: Any, reason: str) -> None:
    with pytest.raises(InputError) as raised:
        check_kind(audio)
    assert raised.value.reason == reason
    assert audio == 7 or "soundfile.read" in str(raised.value)


def test_a_file_in_pieces_is_no_sound_but_its_letters_may_come_by_chance() -> None:
    async def work(*pieces: bytes) -> list[bytes]:
        return [piece async for piece in pieces_of(iter(pieces))]

    with pytest.raises(InputError, match="WAV file"):
        asyncio.run(work(b"RIFF", b"\0\0"))
    assert asyncio.run(work(b"\0\0", b"RIFF")) == [b"\0\0", b"RIFF"]


@pytest.mark.parametrize("kind", ["bytes", "int16", "stereo", "iterator", "asynchronous"])
def test_a_voice_may_come_in_many_forms(kind: str) -> None:
    whole = ramp(10)
    int16 = np.round(whole * 32768).astype(np.int16)

    def pieces() -> Iterator[np.ndarray]:
        yield from np.array_split(int16, 7)

    async def later() -> AsyncIterator[bytes]:
        for piece in np.array_split(int16, 7):
            await asyncio.sleep(0.001)
            yield piece.tobytes()

    audio: Any = {
        "bytes": int16.tobytes(), "int16": int16, "stereo": np.stack([whole, whole], axis=1),
        "iterator": pieces(), "asynchronous": later(),
    }[kind]  # fmt: skip

    async def work() -> None:
        async with serving(Script()) as target, Client(target) as client, client.talk() as talk:
            await talk.say(audio, sample_rate_hz=16_000)
            talk.end()
            motion = motion_of(await frames_of(talk))
            assert [frame["jawOpen"] for frame in motion] == pytest.approx([j / 11 for j in range(1, 11)], abs=1e-4)

    run(work())


def test_a_bad_piece_of_an_iterator_ends_the_talk_where_frames_are_read() -> None:
    async def work() -> None:
        async with serving(Script()) as target, Client(target) as client, client.talk() as talk:
            line = await talk.say(iter([loud(0.1), np.full(100, np.nan, np.float32)]))
            with pytest.raises(InputError) as raised:
                await frames_of(talk)
            assert raised.value.reason == "AUDIO_NOT_FINITE"
            with pytest.raises(InputError):
                await line.finished()

    run(work())


@pytest.mark.parametrize("kind", ["plain", "asynchronous"])
def test_what_an_iterator_of_audio_raises_comes_out(kind: str) -> None:
    def plain() -> Iterator[np.ndarray]:
        yield loud(0.1)
        raise RuntimeError("the microphone is gone")

    async def later() -> AsyncIterator[np.ndarray]:
        for piece in plain():
            yield piece

    async def work() -> None:
        async with serving(Script()) as target, Client(target) as client, client.talk() as talk:
            line = await talk.say(plain() if kind == "plain" else later())
            with pytest.raises(RuntimeError, match="microphone"):
                await frames_of(talk)
            with pytest.raises(RuntimeError, match="microphone"):
                await line.finished()
            with pytest.raises(RuntimeError, match="microphone"):
                await talk.say(loud(1))

    run(work())


def test_a_path_is_refused_at_the_call() -> None:
    async def work() -> None:
        async with serving(Script()) as target, Client(target) as client, client.talk() as talk:
            for wrong in ("line.wav", Path("line.wav"), b"RIFF0000WAVE", 3.0):
                with pytest.raises(InputError):
                    await talk.say(wrong)  # type: ignore[arg-type]
            assert (await talk.finish()).motion_frames == 0

    run(work())
