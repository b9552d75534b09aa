from __future__ import annotations

import os
from pathlib import Path

import pytest

from visavis.errors import InputError
from visavis_runtime.config import toml_of
from visavis_runtime.serve.config import ServerConfig, engine_count, load_server_config, split_address


def test_later_sources_win(tmp_path: Path) -> None:
    path = tmp_path / "visavis.toml"
    path.write_text(
        '[server]\nlisten = "127.0.0.1:1"\nmax_talks = 3\ncapacity = 0.5\nengine_process = false\ntokens = "t.toml"\n'
    )
    environment = {"VISAVIS_SERVER_MAX_TALKS": "4", "VISAVIS_SERVER_DRAIN_S": "1.5", "VISAVIS_MAX_TALKS": "9"}
    config = load_server_config(path, environment=environment, flags={"listen": "[::1]:2", "log": None})
    assert (config.listen, config.max_talks, config.capacity, config.drain_s) == ("[::1]:2", 4, 0.5, 1.5)
    assert not config.engine_process
    assert config.tokens == Path("t.toml")


def test_what_is_printed_is_read_back(tmp_path: Path) -> None:
    config = ServerConfig(listen="127.0.0.1:5", avatars=tmp_path / 'a "b"', engine_process=False, talk_s=12.5)
    path = tmp_path / "visavis.toml"
    path.write_text(toml_of(config, table="server"))
    assert load_server_config(path, environment={}) == config


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "visavis.toml"
    path.write_text('[server]\nlisen = "127.0.0.1:1"\n')
    with pytest.raises(InputError, match="did you mean listen") as caught:
        load_server_config(path, environment={})
    assert caught.value.reason == "CONFIG_KEY"


def test_an_unknown_variable_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"VISAVIS_SERVER_MAXTALKS.*did you mean VISAVIS_SERVER_MAX_TALKS") as caught:
        load_server_config(None, environment={"VISAVIS_SERVER_MAXTALKS": "4"})
    assert caught.value.reason == "CONFIG_KEY"
    load_server_config(None, environment={"VISAVIS_CACHE": "/elsewhere", "VISAVIS_QUALTY": "fast"})


@pytest.mark.parametrize(
    "environment",
    [
        {"LISTEN": "8610"}, {"LISTEN": "127.0.0.1:99999"}, {"DEVICE": "tpu"}, {"LOG": "xml"}, {"ENGINES": "-1"},
        {"ENGINES": "two"}, {"CAPACITY": "0"}, {"CAPACITY": "1.2"}, {"CAPACITY": "nan"}, {"IDLE_TIMEOUT_S": "0"},
        {"AHEAD_S": "1"}, {"AHEAD_S": "20", "AHEAD_MAX_S": "10"}, {"MESSAGE_BYTES": "10"}, {"TLS_CERT": "cert.pem"},
        {"TLS_CLIENT_CA": "ca.pem"}, {"ENGINE_PROCESS": "maybe"}, {"METRICS_LISTEN": "here"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        load_server_config(None, environment={f"VISAVIS_SERVER_{key}": value for key, value in environment.items()})
    assert caught.value.reason == "CONFIG_VALUE"


def test_addresses() -> None:
    assert split_address("[::1]:80") == ("::1", 80)
    assert split_address("0.0.0.0:0") == ("0.0.0.0", 0)


def test_the_number_of_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_count(ServerConfig(engines=3)) == 3
    assert engine_count(ServerConfig(device="cuda")) == 1
    for cores, engines in ((1, 1), (2, 2), (64, 8), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert engine_count(ServerConfig()) == engines
