"""Takes visavis.toml, the environment and the command line, gives one `TalkConfig`; later sources win.

    [talk]                     VISAVIS_QUALITY=fast      --quality fast
    quality = "balanced"

`quality` is the one main dial: it sets the look-ahead of the lips and the care of the renderer. An unknown key is an
error that names the nearest one, because a misspelt key that is silently ignored costs an afternoon. Unknown VISAVIS_*
variables are left alone: other parts have theirs. What it does not do: nothing is written, no file is searched for.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from visavis.errors import InputError
from visavis_runtime.motion.timing import check_fps

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

QUALITIES = ("fast", "balanced", "best")
DEVICES = ("cpu", "cuda")
RESTS = ("neutral", "photo")
SIZE_MIN_PX, SIZE_MAX_PX = 128, 2048
PREFIX = "VISAVIS_"
TABLE = "talk"
TABLES = (TABLE, "server")
"""Tables that a visavis.toml may have; one file serves all commands."""


@dataclass(frozen=True)
class TalkConfig:
    """How a talk is made; `rest`: what the face returns to. Raises InputError CONFIG_VALUE, FPS_RANGE."""

    quality: str = "balanced"
    fps: int = 40
    size: int = 512
    device: str = "cpu"
    seed: int = 0
    rest: str = "neutral"

    def __post_init__(self) -> None:
        _check_choice("quality", self.quality, choices=QUALITIES)
        _check_choice("device", self.device, choices=DEVICES)
        _check_choice("rest", self.rest, choices=RESTS)
        check_fps(self.fps)
        if not SIZE_MIN_PX <= self.size <= SIZE_MAX_PX or self.size % 2:
            raise InputError(
                f"The size is {self.size} px; take an even number from {SIZE_MIN_PX} to {SIZE_MAX_PX}.",
                reason="CONFIG_VALUE",
            )
        if self.seed < 0:
            raise InputError(f"The seed is {self.seed}; take 0 or more.", reason="CONFIG_VALUE")


KEYS: Mapping[str, type] = {field.name: type(field.default) for field in fields(TalkConfig)}


def load_config(
    path: Path | None, *, environment: Mapping[str, str], flags: Mapping[str, object] | None = None
) -> TalkConfig:
    """Defaults, then the file, then VISAVIS_QUALITY and so on, then flags (None = not given).

    Raises:
        InputError: CONFIG_MISSING, CONFIG_SYNTAX, CONFIG_TABLE and CONFIG_KEY (the nearest is named),
            CONFIG_VALUE, FPS_RANGE.
    """
    config = TalkConfig()
    if path is not None:
        config = _with(config, _read(path), source=path.name)
    given = {key: environment[PREFIX + key.upper()] for key in KEYS if environment.get(PREFIX + key.upper())}
    config = _with(config, given, source="the environment")
    chosen = {key: value for key, value in (flags or {}).items() if value is not None}
    return _with(config, chosen, source="the command line")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"The configuration {path} cannot be read ({error.strerror}).", reason="CONFIG_MISSING"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not TOML: {error}.", reason="CONFIG_SYNTAX") from error
    for name in document:
        if name not in TABLES:
            near = difflib.get_close_matches(name.lower(), TABLES, n=1, cutoff=0.4)
            hint = f"did you mean [{near[0]}]?" if near else f"known are {', '.join(f'[{known}]' for known in TABLES)}."
            raise InputError(f"{path.name} has no table {name!r}: {hint}", reason="CONFIG_TABLE")
    table = document.get(TABLE, {})
    if not isinstance(table, dict):
        raise InputError(f"{path.name}: {TABLE} must be a table, [{TABLE}].", reason="CONFIG_SYNTAX")
    return table


def _with(config: TalkConfig, values: Mapping[str, Any], *, source: str) -> TalkConfig:
    converted: dict[str, Any] = {key: _converted(key, value, source=source) for key, value in values.items()}
    return replace(config, **converted)


def _converted(key: str, value: object, *, source: str) -> object:
    """The value as the key's own type; text from the environment may name a number."""
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS)}."
        raise InputError(f"{source} has no key {key!r}: {hint}", reason="CONFIG_KEY")
    kind = KEYS[key]
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    try:
        if isinstance(value, str) and kind is int:
            return int(value)
    except ValueError:
        pass
    raise InputError(f"{source}: {key} is {value!r}, which is not {_article(kind)}.", reason="CONFIG_VALUE")


def _article(kind: type) -> str:
    return "a whole number" if kind is int else "text"


def _check_choice(key: str, value: str, *, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"The {key} {value!r} is unknown: take {', '.join(choices)}.", reason="CONFIG_VALUE")
