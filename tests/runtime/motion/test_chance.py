from __future__ import annotations

import numpy as np

from visavis_runtime.motion.chance import between, log_normal, normal, uniform


def test_uniform_is_uniform_and_uncorrelated() -> None:
    draws = np.array([uniform(7, "blinkgap", i) for i in range(20_000)])
    assert draws.min() > 0.0
    assert draws.max() < 1.0
    counts = np.histogram(draws, bins=20, range=(0, 1))[0]
    assert abs(counts - 1000).max() < 150
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 0.03


def test_seed_stream_and_index_all_matter() -> None:
    assert (
        len({uniform(s, n, i) for s in range(20) for n in ("a", "b", "nodkind", "nodsize") for i in range(20)}) == 1600
    )
    assert uniform(3, "a", 4) == uniform(3, "a", 4)


def test_distributions() -> None:
    draws = np.array([normal(1, "n", i) for i in range(20_000)])
    assert abs(draws.mean()) < 0.03
    assert 0.93 < draws.std() < 1.02
    assert np.abs(draws).max() <= 2.5
    waits = np.array([log_normal(1, "w", i, median=2.3, sigma=0.5) for i in range(5_000)])
    assert abs(np.median(waits) - 2.3) < 0.1
    assert min(between(1, "b", i, low=2.0, high=3.0) for i in range(1000)) >= 2.0
