"""Every error a user can meet, as one tree.

Each carries `code` (the gRPC status name the server answers with), `reason` (UPPER_SNAKE, stable, for programs) and
`retryable`. The message is one sentence for people: what was found, what is allowed, what to do next. Interruption,
late and dropped frames are events, not errors.
"""

from __future__ import annotations

REASON_KEY = "visavis-reason"
"""Trailing metadata of a refused call: the reason, and how long to wait before it is tried again (milliseconds)."""
RETRY_KEY = "visavis-retry-ms"


class VisavisError(Exception):
    """Base of all errors of Visavis.

    `reason` is a stable UPPER_SNAKE word, `code` the name of the gRPC status, `retryable` whether the same call may
    succeed later.
    """

    code = "INTERNAL"
    retryable = False

    def __init__(self, message: str, *, reason: str, retry_s: float = 0.0) -> None:
        """`retry_s`: how long to wait before the same call is tried again, where that is known."""
        super().__init__(message)
        self.reason = reason
        self.retry_s = retry_s


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


class CapacityError(LimitError):
    """The server is full just now; try again after `retry_s`."""

    retryable = True


class ProtocolError(VisavisError):
    """A message that does not fit the talk: no Start, a second Start, an unknown version or resume token."""

    code = "FAILED_PRECONDITION"


class VersionError(VisavisError):
    """A file that another version of Visavis made; the message names both."""

    code = "FAILED_PRECONDITION"


class OrderError(VisavisError):
    """Audio that contradicts what was sent before."""

    code = "ABORTED"


class AccessError(VisavisError):
    """No token, or one that is unknown or has expired."""

    code = "UNAUTHENTICATED"


class DeniedError(VisavisError):
    """The token does not allow this."""

    code = "PERMISSION_DENIED"


class MissingError(VisavisError):
    """There is nothing of that name."""

    code = "NOT_FOUND"


class ExistsError(VisavisError):
    """There is something of that name already."""

    code = "ALREADY_EXISTS"


class SilentError(VisavisError):
    """Nothing was heard of the other side for too long."""

    code = "DEADLINE_EXCEEDED"


class UnavailableError(VisavisError):
    """The server is not there, stops, or has lost the talk; a new call may succeed."""

    code = "UNAVAILABLE"
    retryable = True


class UnknownCallError(VisavisError):
    """The server does not know this call: another version."""

    code = "UNIMPLEMENTED"


_OF_CODE: dict[str, type[VisavisError]] = {
    error.code: error
    for error in (
        InputError, ProtocolError, LimitError, DamageError, OrderError, AccessError, DeniedError, MissingError,
        ExistsError, SilentError, UnavailableError, UnknownCallError,
    )
}  # fmt: skip
_OF_REASON: dict[str, type[VisavisError]] = {
    "CAPACITY": CapacityError, "MAX_TALKS": CapacityError, "BUNDLE_VERSION": VersionError,
}  # fmt: skip


def error_of_status(code: str, *, message: str, reason: str = "", retry_s: float = 0.0) -> VisavisError:
    """The error of a gRPC status `code` (its name) that came over the wire: the table of `code`, read backwards."""
    kind = _OF_REASON.get(reason) or _OF_CODE.get(code, VisavisError)
    if kind is LimitError and retry_s:  # a limit of this moment
        kind = CapacityError
    if reason.startswith("FACE_"):
        kind = PortraitError
    return kind(message or code, reason=reason or code, retry_s=retry_s)
