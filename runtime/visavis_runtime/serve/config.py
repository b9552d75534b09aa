"""Takes the [server] table, VISAVIS_SERVER_* and the flags of `visavis serve`, gives one `ServerConfig`.

    [server]                       VISAVIS_SERVER_LISTEN=...      --listen ...
    listen = "127.0.0.1:8610"

Every duration is in seconds. What it does not do: whether the address may be listened on is judged by
`gateway/access.py`, which knows what protects it.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from visavis.errors import InputError
from visavis_runtime.config import DEVICES, check_choice, load_table

PREFIX = "VISAVIS_SERVER_"
LOGS = ("text", "json")
DURATIONS = ("idle_timeout_s", "ack_timeout_s", "drain_s", "ahead_s", "ahead_max_s", "talk_s")
MESSAGE_BYTES_MIN = 4096
AHEAD_LEAST_S = 2.0
"""Engines speak of their queues only from there on (`session.TELL_QUEUE`)."""


def data_folder() -> Path:
    """Where avatars are kept unless the configuration says otherwise."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "visavis" / "avatars"


@dataclass(frozen=True)
class ServerConfig:
    """How the server runs. Raises InputError CONFIG_VALUE."""

    listen: str = "127.0.0.1:8610"
    """HOST:PORT of everything that speaks gRPC; port 0: any free one."""
    ace_listen: str = ""
    """A second address for ACE clients, which expect port 52000; "" = none (the service is on the main port too)."""
    ace_paced: bool = False
    """ACE clients get 30 frames a second; else frames as fast as they are made, as NVIDIA's own default is."""
    ace_a2e_output: bool = False
    """ACE clients get emotions guessed from the voice (none is: zeros). Off: NVIDIA's sample client fails on them."""
    metrics_listen: str = "127.0.0.1:9464"
    """HOST:PORT of the Prometheus page; "" = none."""
    avatars: Path = field(default_factory=data_folder)
    """Folder of .visavis files."""
    device: str = "cpu"
    engines: int = 0
    """How many engines; 0: as many as pay on this machine."""
    engine_process: bool = True
    """Engines in processes of their own."""
    max_talks: int = 0
    """0: as many as the measured cost allows."""
    capacity: float = 0.8
    """Share of an engine's time that may be planned, 0..1."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    """Clients must show a certificate that this authority has signed."""
    tokens: Path | None = None
    """File of the tokens that may call (see `gateway/access.py`)."""
    log: str = "text"
    idle_timeout_s: float = 30.0
    ack_timeout_s: float = 5.0
    resume_s: float = 2.0
    """How long a broken talk can be taken up; 0: never."""
    drain_s: float = 30.0
    ahead_s: float = 10.0
    ahead_max_s: float = 60.0
    message_bytes: int = 1 << 20
    talk_s: float = 6 * 3600.0

    def __post_init__(self) -> None:
        check_choice("device", self.device, choices=DEVICES)
        check_choice("log", self.log, choices=LOGS)
        split_address(self.listen)
        for address in filter(None, (self.ace_listen, self.metrics_listen)):
            split_address(address)
        for name in ("engines", "max_talks", "resume_s"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} is {getattr(self, name)}; take 0 or more.", reason="CONFIG_VALUE")
        for name in DURATIONS:
            if not getattr(self, name) > 0:
                raise InputError(f"{name} is {getattr(self, name)}; take more than 0.", reason="CONFIG_VALUE")
        if not 0 < self.capacity <= 1:
            raise InputError(f"The capacity is {self.capacity}; take more than 0, up to 1.", reason="CONFIG_VALUE")
        if self.ahead_s < AHEAD_LEAST_S:
            raise InputError(f"ahead_s is {self.ahead_s:g}; take {AHEAD_LEAST_S:g} or more.", reason="CONFIG_VALUE")
        if self.ahead_max_s < self.ahead_s:
            raise InputError(
                f"ahead_max_s is {self.ahead_max_s:g}, less than ahead_s ({self.ahead_s:g}): raise it.",
                reason="CONFIG_VALUE",
            )
        if self.message_bytes < MESSAGE_BYTES_MIN:
            raise InputError(
                f"message_bytes is {self.message_bytes}; take {MESSAGE_BYTES_MIN} or more.", reason="CONFIG_VALUE"
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise InputError(
                "TLS needs both files: give tls_cert and tls_key, or neither of them.", reason="CONFIG_VALUE"
            )
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise InputError(
                "tls_client_ca without a certificate of the server: give tls_cert and tls_key too.",
                reason="CONFIG_VALUE",
            )


def split_address(address: str) -> tuple[str, int]:
    """Host (without brackets) and port of "HOST:PORT". Raises InputError CONFIG_VALUE."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise InputError(
            f"The address {address!r} is not HOST:PORT: take for example 127.0.0.1:8610.", reason="CONFIG_VALUE"
        )
    return host.removeprefix("[").removesuffix("]"), int(port)


def engine_count(config: ServerConfig) -> int:
    """Engines of this server: one on a GPU unless more are asked for; else one for each core, at most eight."""
    if config.engines:
        return config.engines
    if config.device != "cpu":
        return 1
    return max(1, min(8, os.cpu_count() or 1))


def load_server_config(
    path: Path | None, *, environment: Mapping[str, str], flags: Mapping[str, object] | None = None
) -> ServerConfig:
    """Defaults, then the [server] table, then VISAVIS_SERVER_LISTEN and so on, then flags (None = not given).

    Raises:
        InputError: CONFIG_MISSING, CONFIG_SYNTAX, CONFIG_TABLE and CONFIG_KEY (the nearest is named), CONFIG_VALUE.
    """
    _check_names(environment)
    return load_table(ServerConfig(), path=path, table="server", environment=environment, prefix=PREFIX, flags=flags)


def _check_names(environment: Mapping[str, str]) -> None:
    """Every VISAVIS_SERVER_* is one of ours: a misspelt one would be missed only when it matters."""
    known = [PREFIX + one.name.upper() for one in fields(ServerConfig)]
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            raise InputError(
                f"The environment has {name}, which is no setting: did you mean {near[0]}?"
                if near
                else f"The environment has {name}, which is no setting: `visavis serve --print-config` shows them all.",
                reason="CONFIG_KEY",
            )
