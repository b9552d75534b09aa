"""Takes an error, gives the gRPC status that a client sees: the one translator of the server.

An error of ours becomes its code, its sentence, and its reason twice over: as plain trailing metadata for small clients
(`REASON_KEY`, `RETRY_KEY`) and as google.rpc.Status with ErrorInfo and RetryInfo in `grpc-status-details-bin` for those
that know the standard. Anything else is a bug: it is logged once with its trace, and the client gets a reference to
that log line and nothing of the trace.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any, NamedTuple

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from visavis.errors import REASON_KEY, RETRY_KEY, VisavisError

DOMAIN = "visavis"
DETAILS_KEY = "grpc-status-details-bin"
SENTENCE_CHARS = 600
"""Longest sentence that is sent: headers have a limit, and a client's own text may be quoted in it."""

log = logging.getLogger(__name__)


class Refusal(NamedTuple):
    """How a call ends."""

    code: grpc.StatusCode
    details: str
    reason: str
    retry_ms: int
    """0: nothing is known of that."""

    @property
    def trailing(self) -> tuple[tuple[str, str | bytes], ...]:
        """The metadata that say so."""
        trailing: list[tuple[str, str | bytes]] = [(REASON_KEY, self.reason)]
        packed = [_packed(error_details_pb2.ErrorInfo(domain=DOMAIN, reason=self.reason))]
        if self.retry_ms:
            trailing.append((RETRY_KEY, str(self.retry_ms)))
            delay = duration_pb2.Duration()
            delay.FromMilliseconds(self.retry_ms)
            packed.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
        status = status_pb2.Status(code=self.code.value[0], message=self.details, details=packed)
        trailing.append((DETAILS_KEY, status.SerializeToString()))
        return tuple(trailing)


def refusal_of(error: BaseException) -> Refusal:
    """The status of an error; a bug is logged here."""
    known = error if isinstance(error, VisavisError) else _bug(error)
    details = str(known)
    if len(details) > SENTENCE_CHARS:
        details = details[:SENTENCE_CHARS] + " ..."
    return Refusal(grpc.StatusCode[known.code], details, reason=known.reason, retry_ms=round(known.retry_s * 1000))


async def abort(context: Any, error: BaseException) -> None:
    """End the call with the status of the error; always raises (grpc.aio.AbortError)."""
    refusal = refusal_of(error)
    # A client that reads nothing keeps the call alive until it does; what the call held (audio) must go now.
    error.__traceback__ = None
    await context.abort(refusal.code, refusal.details, refusal.trailing)


def _bug(error: BaseException) -> VisavisError:
    reference = secrets.token_hex(4)
    log.error("a bug in the server, reference %s", reference, exc_info=error)
    return VisavisError(
        f"Something went wrong inside the server; its log has the cause under the reference {reference}.",
        reason="BUG",
    )


def _packed(message: Any) -> any_pb2.Any:
    box = any_pb2.Any()
    box.Pack(message)
    return box
