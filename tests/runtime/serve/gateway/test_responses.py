"""Answers made of reports."""

from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.serve.gateway.responses import Response, response_of_frames
from visavis_runtime.serve.messages import Frames


@pytest.mark.parametrize("counts", [[1], [2, 3], [1, 700]])
def test_the_latents_of_all_reports_are_in_the_motion(counts: list[int]) -> None:
    random, first, reports = np.random.default_rng(1), 0, []
    latents = random.random((sum(counts), 64), dtype=np.float32)
    for count in counts:
        samples = list(range(first, first + count))
        reports.append(Frames(1, samples, latents[first : first + count].tobytes(), "a", samples, 5, 6))
        first += count
    sent = response_of_frames(reports, sequence=3, sent_ns=7).SerializeToString()
    motion = Response.FromString(sent).motion
    np.testing.assert_array_equal(np.array(motion.latents, np.float32), latents.ravel())
    assert list(motion.sample_indices) == list(motion.line_sample_indices) == list(range(first))
    assert (motion.line_id, motion.stamps.received_ns, motion.stamps.sent_ns) == ("a", 5, 7)
