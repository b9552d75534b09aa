from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.face.layers.opening import opening_between
from visavis_runtime.render.batched.opening import openings_between
from visavis_runtime.render.batched.windows import Box, windows_at

BOX = Box(40, 60)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 1000),
    turn=st.floats(-0.5, 0.5),
    wide=st.floats(-2, 12),
    soft=st.sampled_from([0.5, 0.85, 1.7]),
    evenly=st.sampled_from([0.0, 0.4, 1.0]),
)
def test_an_opening_is_that_of_the_cpu(seed: int, turn: float, wide: float, soft: float, evenly: float) -> None:
    rng = np.random.default_rng(seed)
    along = np.linspace(-25, 25, 11)
    arch = 1 - (along / 25) ** 2
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    upper, lower = (
        (np.stack([along, sign * wide * arch + rng.normal(0, 0.5, 11) * (arch > 0)], axis=1) @ turned + [40, 30])
        for sign in (-0.4, 0.6)
    )
    edges = [edge.astype(np.float32) for edge in (upper, lower)]
    expected = opening_between(*edges, origin=(10, 8), shape=BOX, soft_px=soft, evenly=evenly)
    low = torch.tensor([[10.0, 8.0]])
    window = windows_at(low, low + torch.tensor([60.0, 40.0]), box=BOX, size=80)
    pair = (torch.from_numpy(edge)[None] for edge in edges)
    soft_px, evenly_too = (torch.full((1, 1, 1), value) for value in (soft, evenly))
    found = openings_between(*pair, window=window, soft_px=soft_px, evenly=evenly_too)
    for name in ("coverage", "below_upper", "above_lower", "along"):
        np.testing.assert_allclose(getattr(found, name)[0], getattr(expected, name), atol=2e-3, err_msg=name)
