"""Messages as bytes: the golden files, and what is not one of ours."""

from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import VisavisError
from visavis_bridge.wire import HEADER_BYTES, Kind, Message, message_of, message_of_bytes

GOLDEN = Path(__file__).resolve().parents[2] / "unity_bridge" / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.bin"))


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("golden_write", GOLDEN / "write.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_golden_bytes_are_read_and_written(name: str, script: Any) -> None:
    data = (GOLDEN / f"{name}.bin").read_bytes()
    message = message_of_bytes(data)
    assert script.expectation(message) == json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert message.header() + message.payload == data
    made = script.messages()[name]
    assert made.header() + made.payload == data, "run unity_bridge/golden/write.py"


def test_every_golden_message_is_there(script: Any) -> None:
    assert sorted(script.messages()) == NAMES


def test_the_table_of_the_header_holds() -> None:
    """Offsets as WIRE.md has them."""
    message = Message(
        Kind.TEXTURE, 3, b"abcd", 1, 7, 2**40, -5, -1, 2**41, 640, 480, 60, character="a-B_9"
    )  # fmt: skip
    data = message.header()
    assert HEADER_BYTES == len(data) == 96
    assert data[:8] == b"VSVS\x01\x02\x03\x01"
    for offset, form, value in (
        (8, "<I", 4), (12, "<I", 7), (16, "<Q", 2**40), (24, "<q", -5), (32, "<q", -1), (40, "<q", 2**41),
        (48, "<H", 640), (50, "<H", 480), (52, "<I", 60), (56, "<Q", 0),
    ):  # fmt: skip
        assert struct.unpack_from(form, data, offset) == (value,)
    assert data[64:] == b"a-B_9".ljust(32, b"\0")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[:95], "MESSAGE_MALFORMED"),
        (lambda data: b"XSVS" + data[4:], "MESSAGE_MALFORMED"),
        (lambda data: data[:4] + b"\x02" + data[5:], "WIRE_VERSION"),
        (lambda data: data + b"more", "MESSAGE_MALFORMED"),
        (lambda data: data[:64] + b"\xff" * 32, "MESSAGE_MALFORMED"),
    ],
)
def test_what_is_not_ours_is_refused(change: Any, reason: str) -> None:
    data = Message(Kind.STATE, character="guard").header()
    with pytest.raises(VisavisError) as raised:
        message_of_bytes(change(data))
    assert raised.value.reason == reason


@given(st.binary(max_size=200), st.binary(max_size=8))
def test_no_bytes_do_harm(header: bytes, payload: bytes) -> None:
    for data in (header, b"VSVS\x01" + header):
        try:
            message_of(data, payload).content()
        except VisavisError as error:
            reason = error.reason
        else:
            reason = ""
        assert reason in ("", "MESSAGE_MALFORMED", "WIRE_VERSION", "REQUEST_JSON")
