"""What a client may ask of a talk: what to send (`TalkOptions`) and how the face should behave (`Control`).

Checked here, names of feelings and regions too (`vocabulary.py`); names of avatars are the server's to know.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import Any

import numpy as np

from visavis.errors import InputError
from visavis.latents import NAMES
from visavis.vocabulary import check_emotion, check_region

SAMPLE_RATES_HZ = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
QUALITIES = ("fast", "balanced", "best")
PACINGS = ("paced", "burst")
TEXTURES = ("jpeg", "rgba")

GAZE_YAW_MAX_RAD = math.radians(35.0)
GAZE_PITCH_MAX_RAD = math.radians(25.0)


@dataclass(frozen=True)
class Control:
    """The director's wishes; None leaves things as they are. The face eases into a change in 300 ms.

    Raises:
        InputError: CONTROL_RANGE, CONTROL_TYPE, EMOTION_UNKNOWN and REGION_UNKNOWN (they name the nearest name).
    """

    gaze: tuple[float, float] | None = None
    """(yaw, pitch) in radians, yaw > 0 to the subject's left, pitch > 0 up; (0, 0) = at the viewer."""
    distance: float | None = None
    """Head widths, -1..1, > 0 further away."""
    emotion: Mapping[str, float] | None = None
    """Weights 0..1 by name, e.g. {"happy": 0.6}; {} = neutral."""
    head_gain: float | None = None
    """Size of the head's motion, 0..2."""
    lip_gain: float | None = None
    """Size of the mouth's motion, 0..2."""
    blink_rate: float | None = None
    """Factor, 0..3."""
    regions: Collection[str] | None = None
    """The regions of the face that are driven: brows, lids, eyes, cheeks, mouth, head."""

    def __post_init__(self) -> None:
        _check_kinds(self.gaze, emotion=self.emotion, regions=self.regions)
        if self.gaze is not None:
            _check("gaze yaw (radians)", self.gaze[0], low=-GAZE_YAW_MAX_RAD, high=GAZE_YAW_MAX_RAD)
            _check("gaze pitch (radians)", self.gaze[1], low=-GAZE_PITCH_MAX_RAD, high=GAZE_PITCH_MAX_RAD)
        for region in self.regions or ():
            check_region(region)
        for name, weight in (self.emotion or {}).items():
            check_emotion(name)
            _check(f"emotion {name}", weight, low=0.0, high=1.0)
        for name, value, low, high in (
            ("distance", self.distance, -1.0, 1.0),
            ("head gain", self.head_gain, 0.0, 2.0),
            ("lip gain", self.lip_gain, 0.0, 2.0),
            ("blink rate", self.blink_rate, 0.0, 3.0),
        ):
            if value is not None:
                _check(name, value, low=low, high=high)

    def over(self, earlier: Control) -> Control:
        """Both wishes as one: this one, and the earlier one where this one says nothing."""
        mine = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(earlier, **{name: value for name, value in mine.items() if value is not None})


def _check_kinds(gaze: Any, *, emotion: Any, regions: Any) -> None:
    if gaze is not None and (isinstance(gaze, str) or np.shape(gaze) != (2,)):
        raise _kind_error("gaze", gaze, wanted="(yaw, pitch) in radians, e.g. (0.3, 0.0)")
    if emotion is not None and not isinstance(emotion, Mapping):
        example = {emotion if isinstance(emotion, str) else "happy": 0.6}
        raise _kind_error("emotion", emotion, wanted=f"weights by name, e.g. {example}")
    if regions is not None and (isinstance(regions, str) or not isinstance(regions, Collection)):
        example_region = regions if isinstance(regions, str) else "mouth"
        raise _kind_error("regions", regions, wanted=f"a list of names, e.g. {[example_region]}")


def _kind_error(name: str, value: object, *, wanted: str) -> InputError:
    return InputError(f"{name} is {value!r}; give {wanted}.", reason="CONTROL_TYPE")


def _check(name: str, value: Any, *, low: float, high: float) -> None:
    if not isinstance(value, Real):
        raise _kind_error(f"The {name}", value, wanted=f"a number from {low:g} to {high:g}")
    # Written so that NaN fails too.
    if not low - 1e-6 <= float(value) <= high + 1e-6:
        raise InputError(f"The {name} is {value:g}; {low:g} to {high:g} is allowed.", reason="CONTROL_RANGE")


@dataclass(frozen=True)
class TalkOptions:
    """What a talk is to be; the fields are the arguments of `Client.talk`, which explains them.

    Raises:
        InputError: AUDIO_RATE, OPTION_VALUE, LATENTS_SHAPE.
    """

    avatar: str = ""
    sample_rate_hz: int = 16_000
    motion: bool = True
    motion_fps: int = 60
    textures: str | None = None
    texture_fps: int = 25
    texture_size_px: int = 512
    jpeg_quality: int = 85
    background: bool = True
    audio_echo: bool = False
    quality: str = "balanced"
    pacing: str = "paced"
    seed: int | None = None
    control: Control = Control()
    from_latents: np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None = None
    reconnect_s: float = 10.0

    def __post_init__(self) -> None:
        check_rate(self.sample_rate_hz)
        _check_word("quality", self.quality, known=QUALITIES)
        _check_word("pacing", self.pacing, known=PACINGS)
        if self.textures is not None:
            _check_word("textures", self.textures, known=TEXTURES)
        if self.from_latents is not None and np.shape(self.from_latents) != (len(NAMES),):
            raise InputError(
                f"from_latents has the shape {np.shape(self.from_latents)}; it must be [{len(NAMES)}].",
                reason="LATENTS_SHAPE",
            )


def check_rate(sample_rate_hz: int) -> None:
    """Raises InputError AUDIO_RATE."""
    if sample_rate_hz not in SAMPLE_RATES_HZ:
        known = ", ".join(map(str, SAMPLE_RATES_HZ))
        raise InputError(
            f"The sample rate is {sample_rate_hz} Hz; {known} are allowed: resample the audio to one of them.",
            reason="AUDIO_RATE",
        )


def check_line_rate(sample_rate_hz: int, *, talk_hz: int) -> None:
    """A line has the rate of its talk. Raises InputError AUDIO_RATE."""
    if sample_rate_hz == talk_hz:
        return
    check_rate(sample_rate_hz)
    raise InputError(
        f"The line has {sample_rate_hz} Hz, this talk {talk_hz}: "
        f"open it with client.talk(sample_rate_hz={sample_rate_hz}), or resample the line.",
        reason="AUDIO_RATE",
    )


def _check_word(name: str, value: str, *, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"{name} is {value!r}; it may be {', '.join(known)}.", reason="OPTION_VALUE")
