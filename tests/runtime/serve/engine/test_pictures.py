"""Which pictures are due, and which are not worth drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from visavis_runtime.serve.engine.pictures import STALE_NS, PictureClock
from visavis_runtime.serve.messages import PictureSpec

MS = 1_000_000


def offer(clock: PictureClock, first: int, count: int, *, done_ns: int = 0) -> None:
    samples = [k * 16000 // 60 for k in range(first, first + count)]
    latents = np.repeat(np.array(samples, np.float32)[:, None], 64, axis=1)
    line_samples = [sample - 100 for sample in samples]
    clock.offer(samples, latents, line="a", line_samples=line_samples, received_ns=1, done_ns=done_ns)


def test_the_pose_lies_between_the_motion_frames_around_it() -> None:
    clock = PictureClock(PictureSpec(Path("x"), fps=25))
    offer(clock, 0, 5)
    offer(clock, 5, 5)
    dues = [clock.take(now_ns=0) for _ in range(len(clock.waiting))]
    assert [due.sample for due in dues] == [0, 640, 1280, 1920]
    for due in dues:
        assert abs(due.latents[0] - due.sample) < 1e-2
    assert [due.line_sample for due in dues] == [0, 540, 1180, 1820]


def test_a_stale_picture_is_dropped_when_there_is_a_newer_one() -> None:
    clock = PictureClock(PictureSpec(Path("x"), fps=25))
    offer(clock, 0, 3, done_ns=0)
    offer(clock, 3, 3, done_ns=100 * MS)
    due = clock.take(now_ns=STALE_NS + 1)
    assert (due.sample, clock.dropped) == (640, 1)


def test_the_first_piece_of_a_line_drops_nothing() -> None:
    """A line that comes all at once is heard 160 ms ahead: ten frames in one step."""
    clock = PictureClock(PictureSpec(Path("x"), fps=60))
    offer(clock, 0, 10)
    assert (len(clock.waiting), clock.dropped) == (10, 0)
    offer(clock, 10, 20)
    assert clock.dropped > 0, "but they do not pile up"


def test_the_rate_is_halved_under_load_and_comes_back() -> None:
    clock = PictureClock(PictureSpec(Path("x"), fps=30))
    rates, first = [], 0
    for _ in range(20):
        offer(clock, first, 20)
        first += 20
        clock.take(now_ns=0)
        rates.append(clock.new_rate())
    assert next(rate for rate in rates if rate) == 15
    for _ in range(400):
        offer(clock, first, 4)
        first += 4
        while clock.waiting:
            clock.take(now_ns=0)
        rates.append(clock.new_rate())
    assert 30 in rates[20:]
    assert clock.fps == 30


def test_the_rate_is_halved_while_the_server_is_short_of_time_and_comes_back() -> None:
    clock = PictureClock(PictureSpec(Path("x"), fps=30))
    rates, first = [], 0
    for round_ in range(600):
        if round_ in (0, 100):
            clock.halve(round_ == 0)
        offer(clock, first, 4)
        first += 4
        while clock.waiting:
            clock.take(now_ns=0)
        rates.append(clock.new_rate())
    assert [rate for rate in rates if rate] == [15, 30]
    assert clock.dropped == 0


def test_nobody_draws_for_a_client_that_cannot_take_it() -> None:
    clock = PictureClock(PictureSpec(Path("x"), fps=25))
    offer(clock, 0, 10)
    clock.want(False)
    offer(clock, 10, 10)
    assert not clock.waiting
    clock.want(True)
    offer(clock, 20, 5)
    assert clock.waiting[0].sample >= 19 * 16000 // 60
