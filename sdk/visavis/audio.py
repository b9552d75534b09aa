"""Takes the sound that people have (numpy, bytes, iterators of either), gives PCM of the wire: int16 mono, S16LE.

Two channels are mixed down; float is -1..1, and what is louder is clipped. What it does not do: no resampling and no
files; `soundfile.read` and `soxr` do that well.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError

Sound: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.int16] | bytes
"""A piece of sound: float32 or int16 [n] or [n, 1 or 2], or bytes of int16 mono."""
Audio: TypeAlias = Sound | Iterable[Sound] | AsyncIterable[Sound]
"""A whole line, or its pieces as they come."""

FULL_SCALE = 32_768
CONTAINERS = {b"RIFF": "WAV", b"fLaC": "FLAC", b"OggS": "Ogg", b"ID3": "MP3"}
"""First bytes of sound files, which are no samples."""
DECODE = 'decode it first, e.g. with audio, rate_hz = soundfile.read(path, dtype="float32")'


def is_whole(audio: Audio) -> bool:
    """Whether this is a piece of sound and not an iterator of pieces."""
    return isinstance(audio, bytes | bytearray | memoryview | np.ndarray)


def check_kind(audio: Audio) -> None:
    """Refuse at once what can be no voice.

    Raises:
        InputError: AUDIO_FORMAT (a path, a number), AUDIO_CONTAINER (the bytes of a sound file).
    """
    if isinstance(audio, str | os.PathLike):
        raise InputError(f"The audio is the path {str(audio)!r}: {DECODE}.", reason="AUDIO_FORMAT")
    if is_whole(audio):
        _check_container(audio)
    elif not isinstance(audio, Iterable | AsyncIterable):
        raise InputError(
            f"The audio is a {type(audio).__name__}: give an array, bytes or an iterator of them.",
            reason="AUDIO_FORMAT",
        )


def _check_container(sound: object) -> None:
    """Only where a line begins: there the four letters are no chance."""
    if not isinstance(sound, bytes | bytearray | memoryview):
        return
    start = bytes(sound[:4])
    kind = next((name for letters, name in CONTAINERS.items() if start.startswith(letters)), None)
    if kind is not None:
        raise InputError(f"The audio is the bytes of a {kind} file, not samples: {DECODE}.", reason="AUDIO_CONTAINER")


def pcm_of(sound: Sound) -> bytes:
    """int16 mono little-endian of a piece of sound.

    Raises:
        InputError: AUDIO_FORMAT, AUDIO_CHANNELS, AUDIO_ALIGNMENT, AUDIO_NOT_FINITE.
    """
    if isinstance(sound, bytes | bytearray | memoryview):
        if len(bytes(sound)) % 2:
            raise InputError(
                f"{len(bytes(sound))} bytes are not whole 16 bit samples: give an even number.",
                reason="AUDIO_ALIGNMENT",
            )
        return bytes(sound)
    if not isinstance(sound, np.ndarray) or sound.dtype.kind not in "fi" or sound.dtype.itemsize < 2:
        shown = f"an array of {sound.dtype}" if isinstance(sound, np.ndarray) else f"a {type(sound).__name__}"
        raise InputError(
            f"The audio is {shown}: give float32 (-1..1) or int16 arrays, or bytes of int16.", reason="AUDIO_FORMAT"
        )
    if sound.dtype.kind == "i" and sound.dtype.itemsize != 2:
        raise InputError(f"The audio is an array of {sound.dtype}: give int16 or float32.", reason="AUDIO_FORMAT")
    if sound.ndim not in (1, 2) or (sound.ndim == 2 and sound.shape[1] not in (1, 2)):
        raise InputError(
            f"The audio has the shape {sound.shape}: give [n] or [n, channels] with one or two channels.",
            reason="AUDIO_CHANNELS",
        )
    return _int16(sound).astype("<i2").tobytes()


def _int16(sound: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    if sound.dtype == np.int16 and (sound.ndim == 1 or sound.shape[1] == 1):
        return np.asarray(sound.reshape(-1), np.int16)
    values = sound.astype(np.float64)
    if values.ndim == 2:
        values = values.mean(axis=1)
    if sound.dtype.kind == "f":
        if not np.isfinite(values).all():
            first = int(np.argmin(np.isfinite(values)))
            raise InputError(f"Sample {first} of the audio is not a finite number.", reason="AUDIO_NOT_FINITE")
        values = values * FULL_SCALE
    return np.clip(np.rint(values), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


async def pieces_of(audio: Iterable[Sound] | AsyncIterable[Sound]) -> AsyncIterator[bytes]:
    """PCM of the pieces as they come; a plain iterator may block, it is asked in a thread."""
    first = True
    async for sound in _each(audio):
        if first:
            _check_container(sound)
        first = False
        yield pcm_of(sound)


async def _each(audio: Iterable[Sound] | AsyncIterable[Sound]) -> AsyncIterator[Sound]:
    if isinstance(audio, AsyncIterable):
        async for sound in audio:
            yield sound
        return
    iterator: Any = iter(audio)
    over: Any = object()
    while (sound := await asyncio.to_thread(lambda: next(iterator, over))) is not over:
        yield sound
