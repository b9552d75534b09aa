"""Takes what engines ask for as JSON, gives checked values: the options of a character, the director's wishes.

Only types and names are checked here; ranges are checked by `visavis.Control` and the SDK's options, names of avatars,
emotions and regions by the server, which knows them. What it does not do: nothing is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from visavis.errors import InputError
from visavis.vocabulary import nearest
from visavis.wishes import PACINGS, Control, TalkOptions


@dataclass(frozen=True)
class CharacterOptions:
    """What a character is; the fields are arguments of `visavis.Client.talk`, which explains them.

    Raises:
        InputError: OPTION_VALUE.
    """

    avatar: str = ""
    textures: str | None = None
    texture_fps: int = 25
    texture_size_px: int = 512
    jpeg_quality: int = 85
    background: bool = True
    motion_fps: int = 60
    quality: str = "balanced"
    seed: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not _fits(value, kind=str(field.type)):
                raise InputError(
                    f"{field.name} is {value!r}; it must be of the type {field.type}.", reason="OPTION_VALUE"
                )
        TalkOptions(**asdict(self), pacing=PACINGS[0])

    def changed(self, wanted: Mapping[str, Any]) -> CharacterOptions:
        """These options with the wanted ones over them.

        Raises:
            InputError: OPTION_KEY, OPTION_VALUE.
        """
        known = [field.name for field in fields(self)]
        for key in wanted:
            check_key(key, known=known)
        return replace(self, **wanted)


def _fits(value: Any, *, kind: str) -> bool:
    return type(value).__name__ in kind.replace("None", "NoneType").split(" | ") and (
        type(value) is not int or value >= 0
    )


def check_key(key: str, *, known: list[str]) -> None:
    """Raises InputError OPTION_KEY with the nearest known name."""
    if key not in known:
        raise InputError(f"There is no option {key!r}: {nearest(key, known=known)}", reason="OPTION_KEY")


def character_of_text(text: str) -> tuple[str, CharacterOptions]:
    """Name and options of "NAME,key=value,...": the form of the command line.

    Raises:
        InputError: OPTION_KEY, OPTION_VALUE.
    """
    name, *pairs = text.split(",")
    wanted: dict[str, Any] = {}
    kinds = {field.name: str(field.type) for field in fields(CharacterOptions)}
    for pair in pairs:
        key, _, value = pair.partition("=")
        check_key(key, known=list(kinds))
        kind = kinds[key]
        if value.isdecimal() and "int" in kind:
            wanted[key] = int(value)
        else:
            wanted[key] = {"true": True, "false": False}.get(value, value) if kind == "bool" else value
    return name, CharacterOptions().changed(wanted)


def control_of(content: Mapping[str, Any]) -> Control:
    """The wishes of a CONTROL request.

    Raises:
        InputError: OPTION_KEY, OPTION_VALUE, CONTROL_RANGE.
    """
    for key in content:
        check_key(key, known=[field.name for field in fields(Control)])
    wishes = dict(content)
    for key, value in content.items():
        if key == "gaze":
            _check(key, value, fits=_numbers(value) and len(value) == 2, wanted="[yaw, pitch] in radians")
            wishes[key] = tuple(value)
        elif key == "emotion":
            fits = isinstance(value, dict) and _numbers(list(value.values()))
            _check(key, value, fits=fits, wanted='weights by name, as {"happy": 0.6}')
        elif key == "regions":
            fits = isinstance(value, list) and all(isinstance(name, str) for name in value)
            _check(key, value, fits=fits, wanted='names, as ["mouth", "lids"]')
        else:
            _check(key, value, fits=_numbers([value]), wanted="a number")
    return Control(**wishes)


def _numbers(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) in (int, float) for value in values)


def _check(key: str, value: Any, *, fits: bool, wanted: str) -> None:
    if not fits:
        raise InputError(f"{key} is {value!r}; it must be {wanted}.", reason="OPTION_VALUE")
