"""What stands in the way of a bridge beside a server; that both live and end together is in tests/unity_bridge."""

from __future__ import annotations

from pathlib import Path

import pytest

from visavis.errors import InputError
from visavis_runtime.commands.serve_bridge import check_bridge
from visavis_runtime.serve.config import ServerConfig


def test_a_server_with_tokens_or_tls_says_how_to_start_the_bridge() -> None:
    check_bridge(ServerConfig())
    for config in (ServerConfig(tokens=Path("t")), ServerConfig(tls_cert=Path("c"), tls_key=Path("k"))):
        with pytest.raises(InputError) as raised:
            check_bridge(config)
        assert raised.value.reason == "BRIDGE_ALONE"
