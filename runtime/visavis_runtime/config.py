"""Takes visavis.toml, the environment and the command line, gives one frozen dataclass; later sources win.

    [talk]                     VISAVIS_QUALITY=fast      --quality fast
    quality = "balanced"

`load_table` does so for any dataclass of whole numbers, numbers, yes-or-nos, texts and paths; `TalkConfig` is the one
of offline talks, `serve/config.py` has that of the server.

`quality` is the one main dial: it sets the look-ahead of the lips and the care of the renderer. An unknown key is an
error that names the nearest one, because a misspelt key that is silently ignored costs an afternoon. Unknown VISAVIS_*
variables are left alone: other parts have theirs. What it does not do: nothing is written, no file is searched for.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from visavis.errors import InputError
from visavis.vocabulary import nearest
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
TABLES = ("talk", "server")
"""Tables that a visavis.toml may have; one file serves all commands."""

Config = TypeVar("Config")
Kinds = Mapping[str, Any]


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
        check_choice("quality", self.quality, choices=QUALITIES)
        check_choice("device", self.device, choices=DEVICES)
        check_choice("rest", self.rest, choices=RESTS)
        check_fps(self.fps)
        if not SIZE_MIN_PX <= self.size <= SIZE_MAX_PX or self.size % 2:
            raise InputError(
                f"The size is {self.size} px; take an even number from {SIZE_MIN_PX} to {SIZE_MAX_PX}.",
                reason="CONFIG_VALUE",
            )
        if self.seed < 0:
            raise InputError(f"The seed is {self.seed}; take 0 or more.", reason="CONFIG_VALUE")


def load_config(
    path: Path | None, *, environment: Mapping[str, str], flags: Mapping[str, object] | None = None
) -> TalkConfig:
    """Defaults, then the [talk] table, then VISAVIS_QUALITY and so on, then flags (None = not given).

    Raises:
        InputError: as `load_table`, and FPS_RANGE.
    """
    return load_table(TalkConfig(), path=path, table="talk", environment=environment, prefix=PREFIX, flags=flags)


def load_table(
    config: Config,
    *,
    path: Path | None,
    table: str,
    environment: Mapping[str, str],
    prefix: str,
    flags: Mapping[str, object] | None = None,
) -> Config:
    """`config` (a frozen dataclass: the defaults) with what the file's table, the environment and the flags say.

    Raises:
        InputError: CONFIG_MISSING, CONFIG_SYNTAX, CONFIG_TABLE and CONFIG_KEY (the nearest is named), CONFIG_VALUE.
    """
    kinds = get_type_hints(type(config))
    if path is not None:
        config = _with(config, _read(path, table=table), kinds=kinds, source=path.name)
    given = {key: environment[prefix + key.upper()] for key in kinds if environment.get(prefix + key.upper())}
    config = _with(config, given, kinds=kinds, source="the environment")
    chosen = {key: value for key, value in (flags or {}).items() if value is not None}
    return _with(config, chosen, kinds=kinds, source="the command line")


def _read(path: Path, *, table: str) -> Mapping[str, Any]:
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
    values = document.get(table, {})
    if not isinstance(values, dict):
        raise InputError(f"{path.name}: {table} must be a table, [{table}].", reason="CONFIG_SYNTAX")
    return values


def _with(config: Config, values: Mapping[str, Any], *, kinds: Kinds, source: str) -> Config:
    converted = {key: _converted(key, value, kinds=kinds, source=source) for key, value in values.items()}
    return replace(config, **converted)  # type: ignore[type-var]


def _converted(key: str, value: object, *, kinds: Kinds, source: str) -> object:
    """The value as the key's own type; text from the environment may name a number."""
    if key not in kinds:
        raise InputError(f"{source} has no key {key!r}: {nearest(key, known=kinds)}", reason="CONFIG_KEY")
    kind = kinds[key]
    try:
        return _READERS[kind](value)
    except (ValueError, KeyError):
        raise InputError(
            f"{source}: {key} is {value!r}, which is not {_ARTICLES[kind]}.", reason="CONFIG_VALUE"
        ) from None


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError
    return int(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    return float(value)


def _flag(value: object) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _path(value: object) -> Path:
    if not isinstance(value, (str, Path)) or not str(value):
        raise ValueError
    return Path(value).expanduser()


def _no_path(value: object) -> Path | None:
    return None if value == "" else _path(value)


_READERS: dict[Any, Any] = {
    int: _whole, float: _number, bool: _flag, str: _text, Path: _path, Path | None: _no_path,
}  # fmt: skip
_ARTICLES: dict[Any, str] = {
    int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path",
    Path | None: "a path",
}  # fmt: skip


def toml_of(config: object, *, table: str) -> str:
    """The configuration as TOML that `load_table` reads back."""
    values = {key: getattr(config, key) for key in get_type_hints(type(config))}
    return "\n".join([f"[{table}]", *(f"{key} = {_toml(value)}" for key, value in values.items()), ""])


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else json.dumps("" if value is None else str(value))


def check_choice(key: str, value: str, *, choices: tuple[str, ...]) -> None:
    """Raises InputError CONFIG_VALUE unless the value is one of the choices."""
    if value not in choices:
        raise InputError(f"The {key} {value!r} is unknown: take {', '.join(choices)}.", reason="CONFIG_VALUE")
