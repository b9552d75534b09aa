"""A stream on which nothing moves ends, whoever it is that stands still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from ace_client import SECOND, audio, header, header_of, requests_of, talks, within

pytestmark = pytest.mark.xdist_group("ace")

Code = grpc.StatusCode


def test_a_stream_on_which_nothing_moves_ends(serve: Any) -> None:
    def silent() -> Iterator[Any]:
        yield header()
        yield audio(SECOND)
        time.sleep(3)

    def mute() -> Iterator[Any]:
        time.sleep(3)
        yield header()

    with serve(idle_timeout_s=0.5) as client:
        assert client.refusal(silent()) == (Code.DEADLINE_EXCEEDED, "IDLE")
        assert client.refusal(mute()) == (Code.DEADLINE_EXCEEDED, "IDLE")


def test_a_client_that_does_not_read_is_ended_and_harms_nobody(serve: Any, speech: bytes) -> None:
    with serve(idle_timeout_s=1.0) as client:
        pcm = bytes(2 * 144_000 * 100)
        stuck = client.open(requests_of(header_of(rate_hz=144_000), pcm, rate_hz=144_000))
        next(stuck)
        assert client.clip(speech).statuses == [(0, "SUCCESS")]
        assert within(5.0, lambda: talks(client) == 1)
        assert within(8.0, lambda: talks(client) == 0)
        with pytest.raises(grpc.RpcError):
            list(stuck)
        assert stuck.code() == Code.RESOURCE_EXHAUSTED


def test_a_stream_may_not_last_for_ever(serve: Any) -> None:
    def drop_by_drop() -> Iterator[Any]:
        yield header()
        while True:
            yield audio(bytes(2))
            time.sleep(0.1)

    with serve(talk_s=0.5) as client:
        assert client.refusal(drop_by_drop()) == (Code.RESOURCE_EXHAUSTED, "TALK_TOO_LONG")
