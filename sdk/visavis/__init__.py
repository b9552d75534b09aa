"""Visavis: one portrait and a voice go in; a talking face comes out.

This package is the light client: names, errors and the command line. The runtime that makes faces and motion is
`visavis_runtime` (`pip install visavis[runtime]`).
"""

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

__version__ = "0.1.0"

__all__ = [
    "ARKIT_NAMES", "INDEX", "NAMES", "POSE_NAMES", "SAMPLE_RATE_HZ", "SPACE", "__version__",
    "AccessError", "CapacityError", "DamageError", "DeniedError", "ExistsError", "InputError",
    "LimitError", "MissingError", "OrderError", "OutputError", "PortraitError", "ProtocolError",
    "SilentError", "UnavailableError", "UnknownCallError", "VersionError", "VisavisError",
    "WeightsError",
]  # fmt: skip
