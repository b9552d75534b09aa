"""Sound of every kind becomes the same samples of the wire, or is refused with a reason."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from visavis.audio import is_whole, pcm_of, pieces_of
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


def test_what_is_no_iterator_is_refused() -> None:
    async def work() -> list[bytes]:
        return [piece async for piece in pieces_of(7)]  # type: ignore[arg-type]

    with pytest.raises(InputError, match="int: give an array"):
        asyncio.run(work())
