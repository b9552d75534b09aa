"""What ends a talk: requests that are refused, with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from live_server import Client, chunk, s16, start, voice

from visavis.v1 import audio_pb2, talk_pb2

HALF = s16(voice(0.5))
END = audio_pb2.EndOfLine(line_id="a")

LATER: list[tuple[str, list[dict[str, Any]], str, str]] = [
    ("a second Start", [{"start": start()}], "FAILED_PRECONDITION", "DUPLICATE_HEADER"),
    ("nothing set", [{}], "INVALID_ARGUMENT", "EMPTY_MESSAGE"),
    ("an odd byte", [{"audio": chunk(b"abc")}], "INVALID_ARGUMENT", "AUDIO_ALIGNMENT"),
    ("no line", [{"audio": chunk(b"ab", line="")}], "INVALID_ARGUMENT", "LINE_ID"),
    ("a line with a long name", [{"audio": chunk(b"ab", line="x" * 129)}], "INVALID_ARGUMENT", "LINE_ID"),
    ("the end of no line", [{"end_of_line": audio_pb2.EndOfLine()}], "INVALID_ARGUMENT", "LINE_ID"),
    ("other bytes at the same place", [{"audio": chunk(HALF)}, {"audio": chunk(HALF[::-1], at=0)}], "ABORTED",
     "OUT_OF_ORDER"),
    ("a place before the line", [{"audio": chunk(HALF)}, {"audio": chunk(HALF, at=-5)}], "ABORTED", "OUT_OF_ORDER"),
    ("a minute left out", [{"audio": chunk(HALF, at=60 * 16_000)}], "ABORTED", "OUT_OF_ORDER"),
    ("a place beyond all talks", [{"audio": chunk(HALF, at=1 << 62)}], "INVALID_ARGUMENT", "SAMPLE_INDEX"),
    ("a line that is over", [{"audio": chunk(HALF)}, {"end_of_line": END}, {"audio": chunk(HALF)}],
     "FAILED_PRECONDITION", "LINE_ENDED"),
    ("a marker without a name", [{"marker": audio_pb2.Marker(line_id="a")}], "INVALID_ARGUMENT", "MARKER"),
    ("markers without end", [{"marker": audio_pb2.Marker(line_id="z", name="m")}] * 1001, "RESOURCE_EXHAUSTED",
     "MARKERS"),
    ("a gaze through the ear", [{"control": talk_pb2.Control(gaze=talk_pb2.Gaze(yaw_rad=3))}], "INVALID_ARGUMENT",
     "CONTROL_RANGE"),
    ("an unknown feeling", [{"control": talk_pb2.Control(emotion=talk_pb2.Emotion(weights={"hapy": 1}))}],
     "INVALID_ARGUMENT", "EMOTION_UNKNOWN"),
    ("an unknown region", [{"control": talk_pb2.Control(regions=talk_pb2.Regions(names=["ears"]))}],
     "INVALID_ARGUMENT", "REGION_UNKNOWN"),
    ("a region ten thousand times", [{"control": talk_pb2.Control(regions=talk_pb2.Regions(names=["mouth"] * 10_000))}],
     "INVALID_ARGUMENT", "CONTROL_NAMES"),
    ("a wish for every sample", [{"control": talk_pb2.Control(lip_gain=1, sample_index=1 << 40)}] * 1001,
     "RESOURCE_EXHAUSTED", "WISHES"),
]  # fmt: skip


@pytest.mark.parametrize(("requests", "status", "reason"), [row[1:] for row in LATER], ids=[row[0] for row in LATER])
def test_what_ends_a_talk(client: Client, requests: list[dict[str, Any]], status: str, reason: str) -> None:
    client.send(start=start())
    for request in requests:
        client.send(**request)
    assert client.refusal() == (status, reason)
