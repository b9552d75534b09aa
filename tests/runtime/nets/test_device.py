from __future__ import annotations

import pytest
import torch

from visavis.errors import InputError
from visavis_runtime.nets.device import device_named


def test_the_cpu_is_always_there() -> None:
    assert device_named("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["cpu:0", "vulkan", "cuda:99", "cuda:x"])
def test_devices_that_are_not_there_are_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        device_named(name)
    assert caught.value.reason == "DEVICE_UNAVAILABLE"
