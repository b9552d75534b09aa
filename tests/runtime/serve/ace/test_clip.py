from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import LimitError
from visavis_runtime.motion.timing import frame_count
from visavis_runtime.serve.ace.clip import Clip


@given(st.integers(16_000, 144_000), st.integers(1, 30_000), st.lists(st.integers(0, 3000), max_size=4))
@settings(max_examples=60)
def test_every_clip_gives_its_frames_and_its_bytes_back(rate_hz: int, samples: int, cuts: list[int]) -> None:
    pcm = np.random.default_rng(samples).integers(-9000, 9000, samples).astype("<i2").tobytes()
    clip = Clip(rate_hz=rate_hz)
    edges = sorted({0, len(pcm), *(min(len(pcm), 2 * cut) for cut in cuts)})
    heard = [clip.add(pcm[a:b]) for a, b in pairwise(edges)]
    heard.append(clip.finish())
    frames = -(-samples * 30 // rate_hz)
    assert clip.frames == frames
    assert frame_count(sum(part.shape[0] for part in heard), fps=30) == frames
    assert clip.heard == sum(part.shape[0] for part in heard)
    shares = [clip.take(frame, last=frame == frames - 1) for frame in range(frames)]
    assert b"".join(shares) == pcm
    assert clip.held_bytes == 0
    assert all(len(share) % 2 == 0 for share in shares)


def test_a_clip_at_16_khz_is_heard_as_it_is() -> None:
    clip = Clip(rate_hz=16_000)
    heard = clip.add(np.array([0, 16384, -32768], "<i2").tobytes())
    np.testing.assert_array_equal(heard, np.array([0.0, 0.5, -1.0], np.float32))
    assert clip.finish().shape == (0,)


def test_the_limits_are_exact() -> None:
    clip = Clip(rate_hz=16_000)
    for _ in range(30):
        clip.add(bytes(2 * 160_000))
    assert clip.frames == 9000
    with pytest.raises(LimitError, match="300 s"):
        clip.add(bytes(2))
    with pytest.raises(LimitError, match="10 s are allowed"):
        Clip(rate_hz=16_000).add(bytes(2 * 160_001))
