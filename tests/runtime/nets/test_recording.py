from __future__ import annotations

import pytest
import torch

from visavis_runtime.nets.recording import Recording


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU and torch for it")
def test_a_recording_is_played_with_other_inputs() -> None:
    with torch.inference_mode():
        recording = Recording(lambda a, b: (a + b, a * b), *torch.ones(2, 4, device="cuda"))
        total, product = recording.play(torch.full((2,), 3.0), torch.full((2,), 5.0, device="cuda"))
        assert total.tolist() == [8.0, 8.0, 2.0, 2.0]
        assert product.tolist() == [15.0, 15.0, 1.0, 1.0]
