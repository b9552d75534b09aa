"""Takes the path of a result, gives a temporary path beside it, and renames when all went well.

Whoever looks at the path sees the old file or the whole new one, never half of one: an error, Ctrl-C or a full disk
removes the temporary file and leaves the path as it was. It lies in the same folder because a rename is only atomic
within one file system.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from visavis.errors import OutputError


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Temporary path with the same suffix, to be written and closed inside the `with`.

    Raises:
        OutputError: OUTPUT_FOLDER (missing or not writable), OUTPUT_FAILED (e.g. the disk is full).
    """
    path = Path(path)
    temporary = _reserve(path)
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if isinstance(error, ConnectionError | TimeoutError):
            raise
        detail = error.strerror or str(error)
        raise OutputError(f"{path} could not be written: {detail}.", reason="OUTPUT_FAILED") from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def check_writable(path: str | Path) -> None:
    """Find out before long work whether the result could be written at all. Raises OutputError OUTPUT_FOLDER."""
    _reserve(Path(path)).unlink()


def _reserve(path: Path) -> Path:
    """An empty hidden file beside `path`."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder: name a file in it.", reason="OUTPUT_FOLDER")
    if not path.parent.is_dir():
        raise OutputError(f"The folder {path.parent} does not exist: make it first.", reason="OUTPUT_FOLDER")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise OutputError(
            f"Nothing can be written in {path.parent} ({error.strerror}): take another folder.", reason="OUTPUT_FOLDER"
        ) from error
    os.close(handle)
    _share(Path(name))
    return Path(name)


def _share(path: Path) -> None:
    """mkstemp makes files private; results get the permissions any new file would have."""
    mask = os.umask(0)
    os.umask(mask)
    with suppress(OSError):
        path.chmod(0o666 & ~mask)
