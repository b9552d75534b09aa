"""Takes the name of a device, gives torch's device of that name, or says why there is none."""

from __future__ import annotations

import torch

from visavis.errors import InputError


def device_named(name: str) -> torch.device:
    """The device of that name.

    Raises:
        InputError: there is none (DEVICE_UNAVAILABLE).
    """
    kind, _, number = name.partition(":")
    if kind == "cpu" and not number:
        return torch.device("cpu")
    if kind == "cuda" and torch.cuda.is_available() and (not number or number.isdecimal()):
        device = torch.device(name if number else f"cuda:{torch.cuda.current_device()}")
        if device.index < torch.cuda.device_count():
            return device
        raise InputError(
            f"There is no {name}: this machine has {torch.cuda.device_count()}, counted from cuda:0.",
            reason="DEVICE_UNAVAILABLE",
        )
    why = (
        "torch was built without CUDA: install its CUDA build, or use the device cpu."
        if kind == "cuda" and torch.version.cuda is None
        else "torch finds no usable GPU here: check the driver with nvidia-smi, or use the device cpu."
        if kind == "cuda"
        else "known are cpu and cuda."
    )
    raise InputError(f"The device {name} is not there; {why}", reason="DEVICE_UNAVAILABLE")
