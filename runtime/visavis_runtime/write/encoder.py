"""Takes a container's suffix, gives the encoders that this build of FFmpeg offers for it, with settings that look good.

PyAV's wheels carry FFmpeg, but a distribution's build may lack x264; then the next best encoder is taken, and if there
is none, the message says so. docs/licences.md tells what the choice means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from av.codec import Codec

from visavis.errors import OutputError


class Encoder(NamedTuple):
    """An encoder's FFmpeg name and its options."""

    name: str
    options: Mapping[str, str]


class Recipe(NamedTuple):
    """What goes into a container: its FFmpeg name and options, picture and sound encoders, best first."""

    container: str
    container_options: Mapping[str, str]
    picture: tuple[Encoder, ...]
    sound: tuple[Encoder, ...]
    sound_rates_hz: tuple[int, ...]
    """Rates the sound is kept at; any other is converted to the last one."""


_OPEN_H264 = {"rc_mode": "quality", "profile": "high"}
RECIPES: Mapping[str, Recipe] = {
    ".mp4": Recipe(
        "mp4", {"movflags": "+faststart"},
        (
            Encoder("libx264", {"crf": "17", "preset": "fast"}),
            Encoder("h264_videotoolbox", {"q": "70"}),
            Encoder("h264_mf", {"rate_control": "quality", "quality": "90"}),
            Encoder("libopenh264", _OPEN_H264),
        ),
        (Encoder("aac", {"b": "160k"}), Encoder("aac_at", {"b": "160k"}), Encoder("libfdk_aac", {"b": "160k"})),
        # Players are fond of these; 8 kHz AAC is legal but plays nowhere.
        (32_000, 44_100, 48_000),
    ),
    ".webm": Recipe(
        "webm", {},
        (Encoder("libvpx-vp9", {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}),),
        (Encoder("libopus", {"b": "96k"}), Encoder("opus", {"b": "96k", "strict": "-2"})),
        (48_000,),
    ),
}  # fmt: skip


def pick_encoder(candidates: tuple[Encoder, ...], *, suffix: str) -> Encoder:
    """The first that the build offers. Raises OutputError ENCODER_MISSING."""
    for candidate in candidates:
        if _offered(candidate.name):
            return candidate
    names = ", ".join(candidate.name for candidate in candidates)
    raise OutputError(
        f"This FFmpeg build cannot write {suffix} (it offers none of {names}): "
        "install PyAV from its own wheel (`pip install --force-reinstall av`) or choose another suffix.",
        reason="ENCODER_MISSING",
    )


def _offered(name: str) -> bool:
    try:
        Codec(name, "w")
    except ValueError:
        # av.codec.UnknownCodecError is a ValueError.
        return False
    return True
