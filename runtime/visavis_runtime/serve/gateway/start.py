"""Takes the first request of a talk, gives what the talk is to be: `TalkSpec` and the form of its audio, all checked.

Unset fields have their defaults here. What it does not do: whether the server has room is for the engine to say.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visavis.errors import InputError, ProtocolError
from visavis.latents import NAMES
from visavis.v1 import audio_pb2, talk_pb2, texture_pb2
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.timing import check_fps
from visavis_runtime.serve.avatars.store import AvatarStore
from visavis_runtime.serve.gateway.sound import RATES_HZ, PcmFormat
from visavis_runtime.serve.messages import PictureSpec, Signal, TalkSpec

PROTOCOL_VERSIONS = (1,)
MOTION_FPS = 60
TEXTURE_FPS, TEXTURE_FPS_MOST = 25, 60
SIZE_PX, SIZE_PX_RANGE = 512, (128, 1024)
JPEG_QUALITY = 85
LATENT_MOST = 4.0
"""No latent of a face is larger: shapes go to 1, angles to less than 2 rad."""

_ENCODINGS = {audio_pb2.AUDIO_ENCODING_S16LE: "<i2", audio_pb2.AUDIO_ENCODING_F32LE: "<f4"}
_QUALITIES = {
    talk_pb2.QUALITY_UNSPECIFIED: "balanced", talk_pb2.QUALITY_FAST: "fast", talk_pb2.QUALITY_BALANCED: "balanced",
    talk_pb2.QUALITY_BEST: "best",
}  # fmt: skip
_PACED = {talk_pb2.PACING_UNSPECIFIED: True, talk_pb2.PACING_PACED: True, talk_pb2.PACING_BURST: False}
_FORMATS = {
    texture_pb2.TEXTURE_FORMAT_UNSPECIFIED: "jpeg", texture_pb2.TEXTURE_FORMAT_JPEG: "jpeg",
    texture_pb2.TEXTURE_FORMAT_RGBA: "rgba",
}  # fmt: skip


class Beginning(NamedTuple):
    """What a Start asked for."""

    spec: TalkSpec
    form: PcmFormat
    motion: bool
    """Motion is to be sent."""


def beginning_of(start: talk_pb2.Start, *, avatars: AvatarStore) -> Beginning:
    """Check a Start.

    Raises:
        ProtocolError: PROTOCOL_VERSION.
        InputError: AUDIO_FORMAT, AUDIO_RATE, AUDIO_CHANNELS, FPS_RANGE, START_VALUE, AVATAR_NAME, NOTHING_ASKED,
            LATENTS, and those of `Controls`.
        MissingError: AVATAR_UNKNOWN.
    """
    check_version(start.protocol_version)
    form = _form(start)
    avatar = avatars.path(start.avatar) if start.avatar else None
    pictures = _pictures(start.texture, avatar=avatar) if start.HasField("texture") else None
    if start.motion_off and pictures is None:
        raise InputError(
            "Neither motion nor pictures were asked for, so nothing would be sent: ask for one of them.",
            reason="NOTHING_ASKED",
        )
    spec = TalkSpec(
        seed=start.seed if start.HasField("seed") else secrets.randbits(32),
        motion_fps=check_fps(start.motion_fps or MOTION_FPS),
        quality=_named("quality", start.quality, known=_QUALITIES),
        paced=_named("pacing", start.pacing, known=_PACED),
        echo=start.audio_echo,
        pictures=pictures,
        controls=Controls(**changes_of(start.control)),
        from_latents=_latents(start.from_latents),
    )
    return Beginning(spec, form, motion=not start.motion_off)


def check_version(version: int) -> None:
    """Raises ProtocolError PROTOCOL_VERSION; 0 (unset) is the newest."""
    if version and version not in PROTOCOL_VERSIONS:
        raise ProtocolError(
            f"The client speaks version {version} of this protocol; this server speaks "
            f"{PROTOCOL_VERSIONS[0]} to {PROTOCOL_VERSIONS[-1]}: update the older of the two.",
            reason="PROTOCOL_VERSION",
        )


NAMES_MOST = 64


def changes_of(control: talk_pb2.Control) -> dict[str, Any]:
    """The fields of Controls that a Control sets, not yet checked."""
    changes: dict[str, Any] = {
        name: getattr(control, name)
        for name in ("distance", "head_gain", "lip_gain", "blink_rate")
        if control.HasField(name)
    }
    if control.HasField("gaze"):
        gaze = (control.gaze.yaw_rad, control.gaze.pitch_rad)
        changes["gaze_rad"] = gaze if any(gaze) else None
    if control.HasField("emotion"):
        _check_few("emotions", len(control.emotion.weights))
        changes["emotion"] = dict(control.emotion.weights)
    if control.HasField("regions"):
        _check_few("regions", len(control.regions.names))
        changes["regions"] = tuple(dict.fromkeys(control.regions.names))
    return changes


def _check_few(what: str, count: int) -> None:
    """Every wish is checked name by name, in an engine that others wait for."""
    if count > NAMES_MOST:
        raise InputError(f"A Control names {count} {what}; {NAMES_MOST} are allowed.", reason="CONTROL_NAMES")


def _form(start: talk_pb2.Start) -> PcmFormat:
    audio = start.audio
    if audio.encoding not in _ENCODINGS:
        raise InputError(
            f"The audio encoding is {audio.encoding}: set audio.encoding to S16LE (1) or F32LE (2).",
            reason="AUDIO_FORMAT",
        )
    if audio.sample_rate_hz not in RATES_HZ:
        raise InputError(
            f"The audio has {audio.sample_rate_hz} samples a second; {', '.join(map(str, RATES_HZ))} are accepted.",
            reason="AUDIO_RATE",
        )
    if audio.channel_count not in {1, 2}:
        raise InputError(
            f"The audio has {audio.channel_count} channels; 1 or 2 are accepted: mix the voice to one channel.",
            reason="AUDIO_CHANNELS",
        )
    return PcmFormat(_ENCODINGS[audio.encoding], audio.sample_rate_hz, audio.channel_count)


def _pictures(options: talk_pb2.TextureOptions, *, avatar: Path | None) -> PictureSpec:
    if avatar is None:
        raise InputError(
            "Pictures were asked for without an avatar: name the avatar of the talk, or ask for motion alone.",
            reason="START_VALUE",
        )
    fps, size_px = options.fps or TEXTURE_FPS, options.size_px or SIZE_PX
    quality = options.jpeg_quality or JPEG_QUALITY
    low, high = SIZE_PX_RANGE
    _check(1 <= fps <= TEXTURE_FPS_MOST, f"{fps} pictures a second were asked for; 1 to {TEXTURE_FPS_MOST} is allowed")
    _check(
        low <= size_px <= high and size_px % 2 == 0,
        f"Pictures of {size_px} px were asked for; an even number from {low} to {high} is allowed",
    )
    _check(1 <= quality <= 100, f"The JPEG quality is {quality}; 1 to 100 is allowed")
    return PictureSpec(
        avatar, format=_named("texture.format", options.format, known=_FORMATS), fps=fps, size_px=size_px,
        jpeg_quality=quality, background=not options.background_off,
    )  # fmt: skip


def _latents(values: Any) -> Signal | None:
    if not values:
        return None
    latents = np.array(values, np.float32)
    if latents.shape[0] != len(NAMES) or not (np.abs(latents) <= LATENT_MOST).all():
        raise InputError(
            f"from_latents has {latents.shape[0]} values, the largest is {np.abs(latents).max():g}; "
            f"{len(NAMES)} values of at most {LATENT_MOST:g} are needed: send those of the last frame.",
            reason="LATENTS",
        )
    return latents


def _named(name: str, value: int, *, known: dict[Any, Any]) -> Any:
    _check(value in known, f"{name} is {value}; {min(known)} to {max(known)} are known")
    return known[value]


def _check(fits: bool, fault: str) -> None:
    if not fits:
        raise InputError(f"{fault}.", reason="START_VALUE")
