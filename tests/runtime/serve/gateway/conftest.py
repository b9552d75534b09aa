"""A server for each module of tests, and a client for each test."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from live_server import Client, Running, config
from many_client import ManyClient


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A server that is shared by the tests of a module."""
    server = Running(config())
    yield server
    server.stop()


@pytest.fixture
def channel(running: Running) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(running.address) as opened:
        yield opened


@pytest.fixture
def client(channel: grpc.Channel) -> Client:
    return Client(channel)


@pytest.fixture
def stream(channel: grpc.Channel) -> ManyClient:
    return ManyClient(channel)
