from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from visavis.errors import AccessError, CapacityError, DeniedError, InputError, LimitError
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.access import Access, check_address
from visavis_runtime.serve.gateway.caller import Caller
from visavis_runtime.serve.gateway.tokens import read_tokens

CERT, KEY = Path("cert.pem"), Path("key.pem")


class Call:
    """What a gRPC call says about its caller."""

    def __init__(self, *metadata: tuple[str, str], names: tuple[bytes, ...] = ()) -> None:
        self._metadata, self._names = metadata, names

    def invocation_metadata(self) -> Any:
        return self._metadata

    def auth_context(self) -> Any:
        return {"x509_common_name": self._names}


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.toml"
    digest = hashlib.sha256(b"second").hexdigest()
    path.write_text(
        '[[token]]\nname = "studio"\ntoken = "first"\nmax_talks = 1\nallow = ["talk"]\n'
        f'[[token]]\nname = "old"\nsha256 = "{digest}"\nexpires = 2020-01-01\n'
    )
    return path


def test_a_token_names_its_caller(tokens: Path) -> None:
    access = Access(ServerConfig(tokens=tokens))
    caller = access.caller_of(Call(("authorization", "Bearer first")))
    assert (caller.name, caller.max_talks) == ("studio", 1)
    assert access.caller_of(Call(("authorization", "bearer first"))) is caller
    caller.check("talk")
    with pytest.raises(DeniedError) as denied:
        caller.check("avatars")
    assert denied.value.reason == "PERMIT"


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ((), "TOKEN_MISSING"),
        ((("authorization", "Basic first"),), "TOKEN_MISSING"),
        ((("authorization", "Bearer "),), "TOKEN_MISSING"),
        ((("authorization", "Bearer third"),), "TOKEN_UNKNOWN"),
    ],
)
def test_no_token_and_a_strange_one(tokens: Path, metadata: tuple[tuple[str, str], ...], reason: str) -> None:
    with pytest.raises(AccessError) as caught:
        Access(ServerConfig(tokens=tokens)).caller_of(Call(*metadata))
    assert caught.value.reason == reason


def test_an_expired_token(tokens: Path) -> None:
    with pytest.raises(AccessError) as caught:
        Access(ServerConfig(tokens=tokens)).caller_of(Call(("authorization", "Bearer second"))).check("talk")
    assert caught.value.reason == "TOKEN_EXPIRED"
    Caller("new", expires=datetime.now(timezone.utc) + timedelta(hours=1)).check("ace")


def test_a_certificate_names_its_caller() -> None:
    access = Access(ServerConfig(tls_cert=CERT, tls_key=KEY, tls_client_ca=CERT))
    assert access.caller_of(Call(names=(b"game-7",))).name == "game-7"
    assert access.caller_of(Call(names=(b"game-7",))) is access.caller_of(Call(names=(b"game-7",)))


def test_limits_of_a_caller() -> None:
    caller = Caller("studio", max_talks=1, max_seconds=10, max_avatar_bytes=100)
    assert 9 < caller.begin_talk(1) <= 10
    with pytest.raises(CapacityError) as busy:
        caller.begin_talk(2)
    assert (busy.value.reason, busy.value.retry_s > 0) == ("MAX_TALKS", True)
    caller.end_talk(1)
    caller.end_talk(1)
    caller.begin_talk(3)
    caller.take_avatar_bytes(60)
    with pytest.raises(LimitError) as full:
        caller.take_avatar_bytes(41)
    assert full.value.reason == "AVATAR_BYTES"
    used = Caller("used", max_seconds=1e-9)
    used.begin_talk(1)
    used.end_talk(1)
    with pytest.raises(LimitError) as over:
        used.begin_talk(2)
    assert over.value.reason == "QUOTA"


@pytest.mark.parametrize(
    "text",
    [
        "", "[token]\n", "[[token]]\n", '[[token]]\nname = "a"\n', '[[token]]\nname = "a"\ntoken = "b"\nsha256 = "c"\n',
        '[[token]]\nname = "a"\nsha256 = "abcd"\n', '[[token]]\nname = "a"\ntoken = "b"\nmax_talk = 3\n',
        '[[token]]\nname = "a"\ntoken = "b"\nallow = ["all"]\n', '[[token]]\nname = "a"\ntoken = "b"\nexpires = 3\n',
        '[[token]]\nname = "a"\ntoken = "b"\nmax_talks = -1\n', '[[token]]\nname = "a"\ntoken = 5\n', "token = [3]\n",
        "[[token\n",
    ],
)  # fmt: skip
def test_a_wrong_tokens_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_tokens(path)
    assert caught.value.reason == "TOKENS_FILE"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "localhost:1", "[::1]:1", "127.9.9.9:1"])
def test_loopback_needs_nothing(address: str) -> None:
    check_address(address, config=ServerConfig())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "--tls-cert and --tls-key.*--tokens"),
        ({"tokens": CERT}, "needs TLS"),
        ({"tls_cert": CERT, "tls_key": KEY}, "needs callers.*--tokens"),
    ],
)
@pytest.mark.parametrize("address", ["0.0.0.0:1", "[::]:1", "192.168.1.5:1", "example.org:1", "127.evil.org:1"])
def test_other_addresses_need_tls_and_callers(address: str, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        check_address(address, config=ServerConfig(**fields))
    assert caught.value.reason == "LISTEN_UNSAFE"


def test_what_is_protected_may_listen_anywhere() -> None:
    check_address("0.0.0.0:1", config=ServerConfig(tls_cert=CERT, tls_key=KEY, tokens=CERT))
    check_address("0.0.0.0:1", config=ServerConfig(tls_cert=CERT, tls_key=KEY, tls_client_ca=CERT))
