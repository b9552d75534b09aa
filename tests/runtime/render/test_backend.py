from __future__ import annotations

import pytest
import torch

from visavis.errors import InputError
from visavis_runtime.render.backend import renderer_for
from visavis_runtime.render.batched.renderer import TorchRenderer
from visavis_runtime.render.renderer import CpuRenderer


def test_the_device_chooses_and_one_may_choose_otherwise() -> None:
    assert isinstance(renderer_for("cpu", size=128), CpuRenderer)
    assert isinstance(renderer_for("cpu", size=128, backend="torch"), TorchRenderer)


def test_what_does_not_go_together_is_refused() -> None:
    for device, backend, reason in (("cuda", "cpu", "DEVICE_UNAVAILABLE"), ("cpu", "vulkan", "OPTION_UNKNOWN")):
        with pytest.raises(InputError) as refused:
            renderer_for(device, backend=backend)
        assert refused.value.reason == reason


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: nothing to refuse")
def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        renderer_for("cuda")
    assert refused.value.reason == "DEVICE_UNAVAILABLE"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU and torch for it")
def test_a_gpu_gets_the_batched_one() -> None:
    assert isinstance(renderer_for("cuda", size=128), TorchRenderer)
