from __future__ import annotations

import logging

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from visavis.errors import REASON_KEY, RETRY_KEY, CapacityError, InputError
from visavis_runtime.serve.gateway.status import DETAILS_KEY, SENTENCE_CHARS, refusal_of


def test_an_error_of_ours_says_why_and_when_to_come_again() -> None:
    refusal = refusal_of(CapacityError("The server is full.", reason="CAPACITY", retry_s=1.25))
    assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refusal.details == "The server is full."
    trailing = dict(refusal.trailing)
    assert (trailing[REASON_KEY], trailing[RETRY_KEY]) == ("CAPACITY", "1250")
    packed = trailing[DETAILS_KEY]
    assert isinstance(packed, bytes)
    status = status_pb2.Status.FromString(packed)
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    assert status.details[1].Unpack(retry)
    assert (status.code, info.domain, info.reason) == (8, "visavis", "CAPACITY")
    assert retry.retry_delay.ToMilliseconds() == 1250


def test_a_bug_is_logged_once_and_its_trace_stays_here(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ZeroDivisionError("secret detail")
    except ZeroDivisionError as error:
        with caplog.at_level(logging.ERROR):
            refusal = refusal_of(error)
    assert refusal.code is grpc.StatusCode.INTERNAL
    assert dict(refusal.trailing)[REASON_KEY] == "BUG"
    assert "secret" not in refusal.details
    [record] = caplog.records
    reference = record.getMessage().split()[-1]
    assert reference in refusal.details
    assert record.exc_info is not None


def test_a_long_sentence_fits_into_a_header() -> None:
    refusal = refusal_of(InputError("x" * 100_000, reason="LONG"))
    assert len(refusal.details) < SENTENCE_CHARS + 10
    assert len(dict(refusal.trailing)[DETAILS_KEY]) < 2 * SENTENCE_CHARS
