"""Takes avatar files by name, keeps them in one folder, and tells what each holds.

The folder is flat: `<name>.visavis`. A name is `[a-z0-9_-]{1,64}` and nothing else ever becomes part of a path. What
is still being made lies in `.incoming` and appears by one rename, so whoever looks sees the old avatar, the new one, or
none; native heads made from avatars lie in `.heads` until their avatar changes. A talk has read its avatar when it
began, so an avatar in use may be replaced or deleted. Files that somebody copies into the folder are found as well.
What it does not do: it judges no file (`portrait_process.py` has, before `put`) and knows no callers.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from visavis.errors import ExistsError, InputError, LimitError, MissingError, VisavisError
from visavis.vocabulary import nearest
from visavis_runtime.face.avatar import ENTRY_NAMES
from visavis_runtime.face.bundle import read_bundle
from visavis_runtime.face.camera import Limits
from visavis_runtime.face.entries import json_from_bytes, printable

SUFFIX = ".visavis"
SHOWN = 8
"""So many names are worth reading."""
STALE_S = 3600.0
"""What has lain in `.incoming` for so long belongs to a server that was killed."""
_NAME = re.compile(r"[a-z0-9_-]{1,64}")


@dataclass(frozen=True)
class StoredAvatar:
    """What is told about an avatar; `yaw`, `pitch`, `roll`: how far it may turn to either side, radians."""

    name: str
    size_bytes: int
    sha256: str
    size_px: int
    yaw_rad: float
    pitch_rad: float
    roll_rad: float
    warnings: tuple[str, ...]


class AvatarStore:
    """The avatars of one server. Every method may block on the disk for some milliseconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[tuple[int, int], StoredAvatar]] = {}

    def open(self) -> None:
        """Clear what a killed server left; the folder comes with the first avatar. Raises InputError AVATAR_FOLDER."""
        try:
            if self.folder.exists() and not self.folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "it is no folder")
            for path in self._incoming.iterdir() if self._incoming.is_dir() else ():
                if time.time() - path.stat().st_mtime > STALE_S:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                f"The folder of avatars {self.folder} cannot be used ({error.strerror}): choose another one.",
                reason="AVATAR_FOLDER",
            ) from error

    def names(self) -> list[str]:
        """Names of all avatars, sorted."""
        found = (path.name.removesuffix(SUFFIX) for path in self.folder.glob(f"*{SUFFIX}"))
        return sorted(name for name in found if _NAME.fullmatch(name))

    def path(self, name: str) -> Path:
        """The file of an avatar that is there. Raises InputError AVATAR_NAME, MissingError AVATAR_UNKNOWN."""
        path = self.folder / f"{checked_name(name)}{SUFFIX}"
        if not path.is_file():
            raise MissingError(f"There is no avatar {name!r}: {self._instead(name)}", reason="AVATAR_UNKNOWN")
        return path

    def _instead(self, name: str) -> str:
        """The end of a sentence about an avatar that is not there."""
        names = self.names()
        if not names:
            return "this server keeps none yet; make one of a portrait first."
        more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
        return nearest(name, known=names, shown=[*names[:SHOWN], *more])

    def info(self, name: str) -> StoredAvatar:
        """What an avatar holds; read again only when its file has changed.

        Raises:
            InputError: AVATAR_NAME, or a file that is no avatar.
            MissingError: AVATAR_UNKNOWN.
            VersionError, DamageError: see `read_bundle`.
        """
        path = self.path(name)
        try:
            stat = path.stat()
            key = (stat.st_mtime_ns, stat.st_size)
            known = self._known.get(name)
            if known is None or known[0] != key:
                known = self._known[name] = key, _read_info(name, path)
        except FileNotFoundError:
            self.path(name)  # deleted in between
            raise
        return known[1]

    def check_free(self, name: str, *, overwrite: bool) -> None:
        """Raises InputError AVATAR_NAME, ExistsError AVATAR_EXISTS."""
        if (self.folder / f"{checked_name(name)}{SUFFIX}").exists() and not overwrite:
            raise ExistsError(
                f"There is an avatar {name!r} already: choose another name, or set overwrite to replace it.",
                reason="AVATAR_EXISTS",
            )

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Path]:
        """An empty file to be filled, gone after the `with` unless `put` has taken it. Raises LimitError STORE_FULL."""
        with storing():
            for folder in (self._incoming, self._heads):
                folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._incoming)
            os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def put(self, name: str, made: Path, *, overwrite: bool) -> None:
        """Let the file `made` (from `incoming`) be the avatar `name`, at once and whole.

        Raises:
            InputError: AVATAR_NAME.
            ExistsError: AVATAR_EXISTS.
            LimitError: STORE_FULL.
        """
        self.check_free(name, overwrite=overwrite)
        with storing():
            made.chmod(0o644)
            os.replace(made, self.folder / f"{name}{SUFFIX}")
        self._forget(name)

    def delete(self, name: str) -> None:
        """Remove an avatar. Raises InputError AVATAR_NAME, MissingError AVATAR_UNKNOWN."""
        self.path(name).unlink(missing_ok=True)
        self._forget(name)

    def head(self, name: str) -> Path:
        """Where the native head of this very file is kept, whether it has been made or not. Raises as `info`."""
        return self._heads / f"{name}.{self.info(name).sha256}.glb"

    @property
    def _incoming(self) -> Path:
        return self.folder / ".incoming"

    @property
    def _heads(self) -> Path:
        return self.folder / ".heads"

    def _forget(self, name: str) -> None:
        self._known.pop(name, None)
        for path in self._heads.glob(f"{name}.*.glb"):  # names hold no dot: no other avatar is meant
            path.unlink(missing_ok=True)


def checked_name(name: str) -> str:
    """The name, if it is one. Raises InputError AVATAR_NAME."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"The avatar name {printable(repr(name))} is not allowed: take 1 to 64 of a-z, 0-9, '-' and '_'.",
            reason="AVATAR_NAME",
        )
    return name


@contextlib.contextmanager
def storing() -> Iterator[None]:
    """Turn a disk that takes no more into one clear error. Raises LimitError STORE_FULL."""
    try:
        yield
    except OSError as error:
        raise LimitError(
            f"The server cannot store it ({error.strerror or error}): delete avatars, or ask its operator.",
            reason="STORE_FULL",
        ) from error


def _read_info(name: str, path: Path) -> StoredAvatar:
    """Raises: VisavisError if the file is no avatar; its message does not name the path."""
    try:
        data = path.read_bytes()
        head = json_from_bytes(read_bundle(path, names=ENTRY_NAMES).entry("avatar.json"))
    except VisavisError as error:
        raise type(error)(str(error).replace(str(path), f"The avatar {name!r}"), reason=error.reason) from error
    try:
        limits = Limits(**{key: (float(low), float(high)) for key, (low, high) in head["limits"].items()})
        yaw, pitch, roll = (min(-low, high) for low, high in limits[:3])
        warnings = tuple(printable(text) for text in head["meta"].get("warnings", ()))
        size_px = int(head["size"])
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise InputError(f"The avatar {name!r} is no avatar: build it again.", reason="BUNDLE_FORMAT") from error
    return StoredAvatar(name, len(data), hashlib.sha256(data).hexdigest(), size_px, yaw, pitch, roll, warnings)
