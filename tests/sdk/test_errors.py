"""Every error has a gRPC status, a reason and a sentence."""

from __future__ import annotations

import visavis
from visavis.errors import VisavisError

GRPC_CODES = {
    "INVALID_ARGUMENT", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED", "DATA_LOSS", "UNAVAILABLE", "INTERNAL",
}  # fmt: skip


def _tree(root: type[VisavisError]) -> list[type[VisavisError]]:
    return [root] + [leaf for child in root.__subclasses__() for leaf in _tree(child)]


def test_tree_is_exported_whole() -> None:
    own = [kind for kind in _tree(VisavisError) if kind.__module__ == "visavis.errors"]
    assert len(own) == 7
    for kind in own:
        assert getattr(visavis, kind.__name__) is kind


def test_every_error_has_a_status_and_a_reason() -> None:
    for kind in _tree(VisavisError):
        error = kind("the picture is 90 px wide; at least 128 px are needed", reason="IMAGE_TOO_SMALL")
        assert error.code in GRPC_CODES
        assert error.reason == "IMAGE_TOO_SMALL"
        assert str(error).startswith("the picture")
