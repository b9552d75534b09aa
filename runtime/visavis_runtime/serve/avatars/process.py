"""The child process of `portrait_worker.py`: takes jobs as lines of JSON, gives one line of JSON for each.

Files of strangers are decoded here and nowhere else: this process may not grow beyond a limit, may not compute for
longer than a limit, runs at low priority, and when it dies the server does not. Jobs name files and carry no bytes:

    {"job": "build", "source": PICTURE, "target": AVATAR, "size_px": 512, "face_number": 0}
    {"job": "check", "source": AVATAR}
    {"job": "head", "source": AVATAR, "target": GLB}

The first line out is empty and says that all is loaded; answers are {} or {"code", "reason", "message"}. An error that
is none of ours carries its `trace` for the log and ends the process, which may be in any state by then. Memory and
computing time are limited where the system can (`RLIMIT_AS` on Linux, `RLIMIT_CPU` on Unix).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import cv2
import torch

from visavis.errors import InputError, LimitError, VisavisError, WeightsError
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.nets.wheel import MEMBERS
from visavis_runtime.weights import load_network
from visavis_runtime.write.glb.export import glb_from_avatar

if sys.platform != "win32":
    import resource

COSTLY = "IMAGE_TOO_COSTLY"
"""Reason of a portrait that needs more memory or time than one may have."""
Job = Mapping[str, Any]


def main() -> int:
    """Work until the parent closes our input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-bytes", type=int, required=True)
    parser.add_argument("--cpu-s", type=float, required=True)
    parser.add_argument("--niceness", type=int, required=True)
    options = parser.parse_args()
    answers = _answers()
    _be_modest(options.niceness)
    with contextlib.suppress(WeightsError):  # each job says so
        for name in MEMBERS:
            load_network(name)
    _limit_memory(options.memory_bytes)
    print(file=answers, flush=True)
    for line in sys.stdin:
        _limit_cpu(options.cpu_s)
        answer = answer_to(json.loads(line))
        print(json.dumps(answer), file=answers, flush=True)
        if "trace" in answer:
            return 1
    return 0


def answer_to(job: Job) -> dict[str, str]:
    """Do one job; {} or what went wrong. Paths of this machine do not get into messages."""
    try:
        JOBS[job["job"]](job)
    except VisavisError as error:
        message = str(error).replace(job["source"], "The file")
        return {"code": error.code, "reason": error.reason, "message": message}
    except Exception as error:
        kind = _of_strange(error)
        return {"code": kind.code, "reason": kind.reason, "message": str(kind), "trace": traceback.format_exc()}
    return {}


def _build(job: Job) -> None:
    picture = read_picture(Path(job["source"]).read_bytes())
    build_avatar(picture, size=job["size_px"], face_number=job["face_number"]).save(job["target"])


def _check(job: Job) -> None:
    Avatar.load(job["source"])


def _head(job: Job) -> None:
    Path(job["target"]).write_bytes(glb_from_avatar(Avatar.load(job["source"])))


JOBS: Mapping[str, Callable[[Job], None]] = {"build": _build, "check": _check, "head": _head}


def _of_strange(error: Exception) -> VisavisError:
    """What a client is told of an error that is none of ours."""
    short = isinstance(error, MemoryError) or (isinstance(error, cv2.error) and error.code == cv2.Error.StsNoMem)
    if short or (isinstance(error, RuntimeError) and "allocate memory" in str(error)):
        return LimitError("The file needs more memory than one may take: use a smaller picture.", reason=COSTLY)
    return InputError(
        f"The file could not be worked on ({type(error).__name__}): export the picture again, or use another one.",
        reason="IMAGE_CORRUPT",
    )


def _answers() -> IO[str]:
    """Our output for ourselves: whatever else prints is sent to the errors."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _be_modest(niceness: int) -> None:
    """Live talks come first."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    if sys.platform != "win32":
        os.nice(niceness)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_memory(more_bytes: int) -> None:
    """Allow `more_bytes` of address space above what is loaded; elsewhere than on Linux this cannot be limited."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _limit_cpu(more_s: float) -> None:
    """Allow `more_s` of computing from now on; then the system ends this process with SIGXCPU."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = math.ceil(used.ru_utime + used.ru_stime + more_s)
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    sys.exit(main())
