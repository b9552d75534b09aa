"""The child process: its queue, and every way it can end without taking the server along."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import avatar_server
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from visavis.errors import CapacityError, InputError, LimitError, VisavisError
from visavis_runtime.serve.avatars.worker import PortraitWorker, WorkLimits

pytestmark = [
    pytest.mark.usefixtures("weights"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of Unix"),
]


@pytest.fixture(scope="module")
def picture(astronaut: npt.NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "upload"
    path.write_bytes(avatar_server.saved(Image.fromarray(astronaut[:330, 60:390]), "PNG"))
    return path


@contextlib.asynccontextmanager
async def _worker(**limits: float) -> AsyncIterator[PortraitWorker]:
    worker = PortraitWorker(WorkLimits(**limits, niceness=0))  # type: ignore[arg-type]
    try:
        yield worker
    finally:
        await worker.stop()


async def _refusal(work: object) -> VisavisError:
    with pytest.raises(VisavisError) as caught:
        await work  # type: ignore[misc]
    return caught.value


async def _started(worker: PortraitWorker, picture: Path) -> None:
    """The child is there and warm."""
    assert isinstance(await _refusal(worker.check(picture)), InputError)


def test_a_child_that_dies_or_hangs_is_an_error_and_the_next_job_works(picture: Path, tmp_path: Path) -> None:
    async def check() -> None:
        async with _worker(wall_s=4) as worker:
            await _started(worker, picture)
            for number, kind, reason in (
                (signal.SIGSEGV, InputError, "IMAGE_CORRUPT"),
                (signal.SIGKILL, LimitError, "IMAGE_TOO_COSTLY"),
                (signal.SIGSTOP, LimitError, "IMAGE_TOO_COSTLY"),
            ):
                await _started(worker, picture)
                job = asyncio.ensure_future(worker.build(picture, tmp_path / "made", size_px=128, face_number=0))
                await asyncio.sleep(0.1)
                first = worker.child_pid
                assert first is not None
                os.kill(first, number)
                error = await _refusal(job)
                assert isinstance(error, kind)
                assert error.reason == reason
                assert worker.child_pid != first

    asyncio.run(check())


def test_jobs_wait_their_turn_too_many_are_sent_away_and_an_idle_child_goes(picture: Path) -> None:
    async def check() -> None:
        async with _worker(queue=3, idle_s=0.3) as worker:
            jobs = [asyncio.ensure_future(worker.check(picture)) for _ in range(3)]
            await asyncio.sleep(0)
            error = await _refusal(worker.check(picture))
            assert isinstance(error, CapacityError)
            assert error.reason == "PORTRAIT_QUEUE"
            assert error.retry_s > 0
            answers = await asyncio.gather(*jobs, return_exceptions=True)
            assert all(isinstance(answer, InputError) for answer in answers)
            worker.check_room()
            pid = worker.child_pid
            assert pid is not None
            while worker.child_pid is not None or _lives(pid):
                await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(check(), 60))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_too_much_time_or_memory_is_an_error(astronaut: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(avatar_server.saved(Image.fromarray(astronaut).resize((3000, 3000)), "JPEG"))

    async def check(**limits: float) -> None:
        async with _worker(**limits) as worker:
            error = await _refusal(worker.build(large, tmp_path / "made", size_px=1024, face_number=0))
            assert isinstance(error, LimitError)
            assert error.reason == "IMAGE_TOO_COSTLY"
            assert not (tmp_path / "made").exists()

    asyncio.run(check(cpu_s=0.1))
    if sys.platform == "linux":
        asyncio.run(check(memory_bytes=60_000_000))
