"""Visavis: one portrait and a voice go in; a talking face comes out.

This package is the light client: names, errors, the command line, and the client of a server (`Client`, for asyncio,
and `blocking.Client`), which is imported when it is first used, with numpy and grpc. The runtime that makes faces and
motion is `visavis_runtime` (`pip install visavis[runtime]`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from visavis.errors import (
    AccessError,
    CapacityError,
    DamageError,
    DeniedError,
    ExistsError,
    InputError,
    LimitError,
    MissingError,
    OrderError,
    OutputError,
    PortraitError,
    ProtocolError,
    SilentError,
    UnavailableError,
    UnknownCallError,
    VersionError,
    VisavisError,
    WeightsError,
)
from visavis.latents import ARKIT_NAMES, INDEX, NAMES, POSE_NAMES, SAMPLE_RATE_HZ, SPACE

if TYPE_CHECKING:
    from visavis import blocking
    from visavis.client import Client
    from visavis.frames import (
        AudioFrame,
        AvatarInfo,
        Event,
        EventKind,
        Frame,
        Latency,
        Limits,
        MotionFrame,
        Ready,
        Summary,
        TextureFrame,
    )
    from visavis.line import Line
    from visavis.talk import Talk
    from visavis.wishes import Control

__version__ = "0.1.0"

_LATE = {
    "Client": "client", "Talk": "talk", "Line": "line", "Control": "wishes",
    "AudioFrame": "frames", "AvatarInfo": "frames", "Event": "frames", "EventKind": "frames", "Frame": "frames",
    "Latency": "frames", "Limits": "frames", "MotionFrame": "frames", "Ready": "frames", "Summary": "frames",
    "TextureFrame": "frames",
}  # fmt: skip
"""Names and the modules that have them: imported when first used, so that `visavis --help` does not pay for grpc."""


def __getattr__(name: str) -> Any:
    if name == "blocking":
        return import_module("visavis.blocking")
    if name not in _LATE:
        raise AttributeError(f"module 'visavis' has no attribute {name!r}")
    return getattr(import_module(f"visavis.{_LATE[name]}"), name)


def __dir__() -> list[str]:
    """What the package is for, with the names that are imported late."""
    return __all__


__all__ = [
    "ARKIT_NAMES", "INDEX", "NAMES", "POSE_NAMES", "SAMPLE_RATE_HZ", "SPACE", "__version__",
    "AudioFrame", "AvatarInfo", "Client", "Control", "Event", "EventKind", "Frame", "Latency", "Limits", "Line",
    "MotionFrame", "Ready", "Summary", "Talk", "TextureFrame", "blocking",
    "AccessError", "CapacityError", "DamageError", "DeniedError", "ExistsError", "InputError",
    "LimitError", "MissingError", "OrderError", "OutputError", "PortraitError", "ProtocolError",
    "SilentError", "UnavailableError", "UnknownCallError", "VersionError", "VisavisError",
    "WeightsError",
]  # fmt: skip
