"""Takes the header of an ACE stream, gives what is asked for: the audio, the face, the shapes, the emotions.

Everything that the contract documents is accepted. What has a like here is applied; what has none is named in one
message (`Wishes.ignored`); what is out of range is clamped and named (`Wishes.clamped`), as sliders do. Only what
cannot be meant is refused: audio of another kind, numbers that are none, emotions that do not exist. What it does not
do: shape names that are unknown (the 16 of the tongue, mostly) are passed over without a word, since every client sends
them.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.motion.controls import GAIN_MAX, Controls
from visavis_runtime.serve.ace.feelings import Feelings, read_emotion
from visavis_runtime.serve.ace.limits import RATE_MAX_HZ, RATE_MIN_HZ
from visavis_runtime.serve.ace.names import EMOTION_DIALS, FACE_DIALS, SEED, SHAPES, Dial

_NAMED_MAX = 24
_NAME_CHARS = 40
_NO_EMOTION_GUESSED = ("emotion_contrast", "live_blend_coef", "enable_preferred_emotion", "preferred_emotion_strength")
"""Post-processing of emotions that a server guesses from the voice; this one guesses none."""


@dataclass(frozen=True)
class Blend:
    """What happens to every weight last of all: `w * multiplier + offset`, and 0..1 if `clamp`. Arrays [52] float32."""

    multipliers: npt.NDArray[np.float32]
    offsets: npt.NDArray[np.float32]
    clamp: bool = False


@dataclass(frozen=True)
class Wishes:
    """A header that has been read. `face`: every name of FACE_DIALS."""

    rate_hz: int
    seed: int
    face: Mapping[str, float]
    blend: Blend
    feelings: Feelings
    ignored: tuple[str, ...]
    clamped: tuple[str, ...]

    @property
    def controls(self) -> Controls:
        """What the motion is told; the rest of `face` is done to its frames."""
        gain = min(GAIN_MAX, self.face["lowerFaceStrength"] * self.face["skinStrength"])
        return Controls(emotion=self.feelings.beginning, lip_gain=gain)


def read_header(header: Any) -> Wishes:
    """`header`: an AudioStreamHeader of visavis.ace.v1.

    Raises:
        InputError: AUDIO_HEADER_MISSING, AUDIO_FORMAT, AUDIO_CHANNELS, AUDIO_BITS, AUDIO_RATE, EMOTION_UNKNOWN,
            PARAMETER_NOT_FINITE.
    """
    if not header.HasField("audio_header"):
        raise InputError("The header says nothing of the audio: fill in audio_header.", reason="AUDIO_HEADER_MISSING")
    ignored: list[str] = []
    clamped: list[str] = []
    rate_hz = _read_audio(header.audio_header)
    face, seed = _read_face(header.face_params, ignored=ignored, clamped=clamped)
    feelings = _read_emotions(header, ignored=ignored, clamped=clamped)
    return Wishes(
        rate_hz=rate_hz, seed=seed, face=face, blend=_read_blend(header.blendshape_params), feelings=feelings,
        ignored=_short(ignored), clamped=_short(clamped),
    )  # fmt: skip


def _read_audio(audio: Any) -> int:
    if audio.audio_format != 0:
        raise InputError(f"The audio has format {audio.audio_format}; send PCM (0).", reason="AUDIO_FORMAT")
    if audio.channel_count != 1:
        raise InputError(
            f"The audio has {audio.channel_count} channels; send mono: mix them down first.", reason="AUDIO_CHANNELS"
        )
    if audio.bits_per_sample != 16:
        raise InputError(f"The audio has {audio.bits_per_sample} bits a sample; send 16.", reason="AUDIO_BITS")
    if not RATE_MIN_HZ <= audio.samples_per_second <= RATE_MAX_HZ:
        raise InputError(
            f"The audio has {audio.samples_per_second} samples a second; send {RATE_MIN_HZ} to {RATE_MAX_HZ}.",
            reason="AUDIO_RATE",
        )
    return int(audio.samples_per_second)


def _read_face(params: Any, *, ignored: list[str], clamped: list[str]) -> tuple[dict[str, float], int]:
    face = {name: dial.default for name, dial in FACE_DIALS.items()}
    for name, value in sorted(params.float_params.items()):
        _check_finite(name, value)
        if name in FACE_DIALS:
            face[name] = _within(FACE_DIALS[name], value, name=name, clamped=clamped)
        else:
            ignored.append(name)
    for name, array in sorted(params.float_array_params.items()):
        for value in array.values:
            _check_finite(name, value)
        ignored.append(name)
    ignored += sorted(name for name in params.integer_params if name != SEED)
    seed = params.integer_params[SEED] & 0x7FFFFFFF if SEED in params.integer_params else secrets.randbits(31)
    return face, seed


def _read_emotions(header: Any, *, ignored: list[str], clamped: list[str]) -> Feelings:
    post, params = header.emotion_post_processing_params, header.emotion_params
    for field, value in post.ListFields():
        _check_finite(field.name, value)
    ignored += [name for name in _NO_EMOTION_GUESSED if post.HasField(name)]
    dials = {
        name: _within(dial, getattr(post, name), name=name, clamped=clamped) if post.HasField(name) else dial.default
        for name, dial in EMOTION_DIALS.items()
    }
    _check_finite("live_transition_time", params.live_transition_time)
    beginning, out_of_range = read_emotion(params.beginning_emotion)
    clamped += out_of_range
    return Feelings(
        beginning if params.beginning_emotion else None,
        transition_s=max(0.0, params.live_transition_time),
        strength=dials["emotion_strength"],
        most=int(dials["max_emotions"]),
    )


def _read_blend(params: Any) -> Blend:
    multipliers, offsets = np.ones(len(SHAPES), np.float32), np.zeros(len(SHAPES), np.float32)
    for column, values in ((multipliers, params.bs_weight_multipliers), (offsets, params.bs_weight_offsets)):
        for name, value in values.items():
            _check_finite(name, value)
            if name in SHAPES:
                column[SHAPES.index(name)] = value
    return Blend(multipliers, offsets, clamp=params.enable_clamping_bs_weight)


def _check_finite(name: str, value: float) -> None:
    if not math.isfinite(value):
        raise InputError(f"{name[:_NAME_CHARS]} is {value}; send a number.", reason="PARAMETER_NOT_FINITE")


def _within(dial: Dial, value: float, *, name: str, clamped: list[str]) -> float:
    if not dial.low <= value <= dial.high:
        clamped.append(f"{name} {value:g} to {dial.low:g}..{dial.high:g}")
    return min(dial.high, max(dial.low, value))


def _short(names: list[str]) -> tuple[str, ...]:
    """Names of a client, fit for a message."""
    shown = [name[:_NAME_CHARS] for name in names[:_NAMED_MAX]]
    return (*shown, f"{len(names) - len(shown)} more") if len(names) > len(shown) else tuple(shown)
