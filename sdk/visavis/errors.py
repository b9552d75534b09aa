"""Every error a user can meet, as one tree.

Each carries `code` (the gRPC status name the server answers with), `reason` (UPPER_SNAKE, stable, for programs) and
`retryable`. The message is one sentence for people: what was found, what is allowed, what to do next. Interruption,
late and dropped frames are events, not errors.
"""

from __future__ import annotations


class VisavisError(Exception):
    """Base of all errors of Visavis.

    `reason` is a stable UPPER_SNAKE word, `code` the name of the gRPC status, `retryable` whether the same call may
    succeed later.
    """

    code = "INTERNAL"
    retryable = False

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class InputError(VisavisError):
    """The input cannot be used as it is: not an image, a wrong sample rate, an unknown option."""

    code = "INVALID_ARGUMENT"


class PortraitError(VisavisError):
    """The picture was read, but its face cannot be animated: no face, two faces, turned too far, too small."""

    code = "FAILED_PRECONDITION"


class LimitError(VisavisError):
    """The input is larger than what is accepted; nothing of it was decoded."""

    code = "RESOURCE_EXHAUSTED"


class DamageError(VisavisError):
    """A file is damaged: a hash does not match, data is missing."""

    code = "DATA_LOSS"


class WeightsError(VisavisError):
    """The network weights cannot be had: no network, a wrong hash, an unwritable cache."""

    code = "UNAVAILABLE"
    retryable = True


class OutputError(VisavisError):
    """The result cannot be written: unknown suffix, missing folder, no encoder."""

    code = "FAILED_PRECONDITION"
