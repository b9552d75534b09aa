"""Every error has a gRPC status, a reason and a sentence."""

from __future__ import annotations

import pytest

import visavis
from visavis.errors import CapacityError, PortraitError, VisavisError, error_of_status

GRPC_CODES = {
    "INVALID_ARGUMENT", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED", "DATA_LOSS", "UNAVAILABLE", "INTERNAL",
    "ABORTED", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "ALREADY_EXISTS", "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
}  # fmt: skip


def _tree(root: type[VisavisError]) -> list[type[VisavisError]]:
    return [root] + [leaf for child in root.__subclasses__() for leaf in _tree(child)]


def test_tree_is_exported_whole() -> None:
    own = [kind for kind in _tree(VisavisError) if kind.__module__ == "visavis.errors"]
    assert len(own) == 18
    for kind in own:
        assert getattr(visavis, kind.__name__) is kind


def test_every_error_has_a_status_and_a_reason() -> None:
    for kind in _tree(VisavisError):
        error = kind("the picture is 90 px wide; at least 128 px are needed", reason="IMAGE_TOO_SMALL")
        assert error.code in GRPC_CODES
        assert error.reason == "IMAGE_TOO_SMALL"
        assert str(error).startswith("the picture")


@pytest.mark.parametrize("code", sorted(GRPC_CODES - {"INTERNAL"}))
def test_the_table_reads_backwards(code: str) -> None:
    error = error_of_status(code, message="full", reason="SOMETHING", retry_s=1.5)
    assert (error.code, error.reason, error.retry_s, str(error)) == (code, "SOMETHING", 1.5, "full")
    assert type(error) is not VisavisError


def test_a_reason_is_finer_than_its_status() -> None:
    assert isinstance(error_of_status("RESOURCE_EXHAUSTED", message="full", reason="CAPACITY"), CapacityError)
    assert isinstance(error_of_status("FAILED_PRECONDITION", message="two", reason="FACE_AMBIGUOUS"), PortraitError)
    assert isinstance(error_of_status("INVALID_ARGUMENT", message="dim", reason="FACE_UNCLEAR"), PortraitError)
    assert error_of_status("CANCELLED", message="").reason == "CANCELLED"


def test_a_limit_of_the_moment_can_be_tried_again() -> None:
    later = error_of_status("RESOURCE_EXHAUSTED", message="busy", reason="PORTRAIT_QUEUE", retry_s=5.0)
    assert isinstance(later, CapacityError)
    assert later.retryable
    never = error_of_status("RESOURCE_EXHAUSTED", message="far too long", reason="AUDIO_AHEAD")
    assert not never.retryable
