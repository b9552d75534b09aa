"""Takes the name of a device, gives the back end that draws there: the one place that chooses.

One face on one core is what `CpuRenderer` is best at; a GPU wants the batched one. Torch is loaded only where it draws.
"""

from __future__ import annotations

from typing import Literal

from visavis.errors import InputError
from visavis_runtime.render.renderer import CpuRenderer, Renderer

Backend = Literal["cpu", "torch"]
BACKENDS: tuple[Backend, ...] = ("cpu", "torch")


def backend_of(device: str) -> Backend:
    """The back end that draws on a device unless another one is asked for."""
    return "cpu" if device == "cpu" else "torch"


def renderer_for(
    device: str,
    *,
    size: int = 512,
    quality: str = "balanced",
    background: str = "plate",
    backend: str | None = None,
) -> Renderer:
    """A renderer on "cpu", "cuda" or one of several GPUs ("cuda:1").

    Raises:
        InputError: DEVICE_UNAVAILABLE, OPTION_UNKNOWN, SIZE_UNSUPPORTED.
    """
    chosen = backend or backend_of(device)
    if chosen not in BACKENDS:
        raise InputError(f"{chosen!r} is not a back end: take one of {', '.join(BACKENDS)}.", reason="OPTION_UNKNOWN")
    if chosen == "cpu":
        if device != "cpu":
            raise InputError(
                f"The back end cpu does not draw on {device}: leave it out, or take the device cpu.",
                reason="DEVICE_UNAVAILABLE",
            )
        return CpuRenderer(size=size, quality=quality, background=background)
    from visavis_runtime.render.batched.renderer import TorchRenderer

    return TorchRenderer(device=device, size=size, quality=quality, background=background)
