"""Takes a call, gives who makes it and what they may; and says whether an address may be listened on at all.

On loopback everybody may call. Any other address needs TLS and, on top, a file of tokens or an authority that signs the
clients' certificates; without them the server refuses to start and says how. With a tokens file every call needs
`authorization: Bearer TOKEN`, on loopback too:

    [[token]]
    name = "studio"
    sha256 = "9f86d0..."          # of the token; or token = "the token itself"
    max_talks = 20                # at once; 0 or absent: no limit, here and below
    max_seconds = 36000           # of talks, added up since the server started
    max_avatar_bytes = 50000000   # uploaded since the server started
    allow = ["talk", "avatars"]   # absent: all
    expires = 2027-01-01          # or with a time

Tokens are kept and compared as SHA-256, all of them every time, so that neither a dump nor a clock tells one. What it
does not do: no quotas over restarts, no accounts; a proxy before the server can do more.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import grpc

from visavis.errors import AccessError, CapacityError, DeniedError, InputError, LimitError
from visavis_runtime.serve.config import ServerConfig, split_address

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PERMITS = ("talk", "avatars", "ace")
"""What a token may allow: live talks, making and deleting avatars, the ACE service."""
BUSY_RETRY_S = 1.0
ANYBODY = "anybody"
_KEYS = {"name", "token", "sha256", "max_talks", "max_seconds", "max_avatar_bytes", "allow", "expires"}


@dataclass
class Caller:
    """Somebody who may call, with what they may and what they have used. 0: no limit."""

    name: str
    max_talks: int = 0
    max_seconds: float = 0.0
    max_avatar_bytes: int = 0
    allow: frozenset[str] = frozenset(PERMITS)
    expires: datetime | None = None
    avatar_bytes: int = 0
    _ended_s: float = 0.0
    _began: dict[int, float] = field(default_factory=dict)

    def check(self, permit: str) -> None:
        """Raises AccessError TOKEN_EXPIRED, DeniedError PERMIT."""
        if self.expires is not None and datetime.now(timezone.utc) >= self.expires:
            raise AccessError(f"The token of {self.name!r} has expired: ask for a new one.", reason="TOKEN_EXPIRED")
        if permit not in self.allow:
            raise DeniedError(
                f"The token of {self.name!r} allows {', '.join(sorted(self.allow)) or 'nothing'}, not {permit}.",
                reason="PERMIT",
            )

    def begin_talk(self, number: int, *, kept: int | None = 0) -> float:
        """Count a talk; gives the seconds it may last (inf: no limit). `end_talk` must follow.

        `kept`: places that are kept for talks whose connection broke; None: it takes one of these up.

        Raises:
            CapacityError: MAX_TALKS.
            LimitError: QUOTA.
        """
        if self.max_talks and kept is not None and len(self._began) + kept >= self.max_talks:
            raise CapacityError(
                f"{self.name!r} holds {len(self._began) + kept} talks; {self.max_talks} at once are allowed: end one "
                "first.",
                reason="MAX_TALKS",
                retry_s=BUSY_RETRY_S,
            )
        left_s = self.seconds_left
        if left_s <= 0:
            raise LimitError(
                f"{self.name!r} has used up its {self.max_seconds:g} s of talks: ask for a larger limit.",
                reason="QUOTA",
            )
        self._began[number] = time.monotonic()
        return left_s

    def end_talk(self, number: int) -> None:
        """The talk is over; a second call does nothing."""
        began = self._began.pop(number, None)
        if began is not None:
            self._ended_s += time.monotonic() - began

    @property
    def seconds_left(self) -> float:
        """Of talks, with those that run counted up to now."""
        if not self.max_seconds:
            return float("inf")
        now = time.monotonic()
        return self.max_seconds - self._ended_s - sum(now - began for began in self._began.values())

    def take_avatar_bytes(self, count: int) -> None:
        """Count an upload. Raises LimitError AVATAR_BYTES."""
        if self.max_avatar_bytes and self.avatar_bytes + count > self.max_avatar_bytes:
            raise LimitError(
                f"{self.name!r} may upload {self.max_avatar_bytes} bytes of avatars and has used {self.avatar_bytes}.",
                reason="AVATAR_BYTES",
            )
        self.avatar_bytes += count


class Access:
    """The callers of one server; `on_refused` hears why somebody may not call. Raises InputError TOKENS_FILE."""

    def __init__(self, config: ServerConfig, *, on_refused: Callable[[str], None] = lambda _: None) -> None:
        self._on_refused = on_refused
        self._tokens = None if config.tokens is None else read_tokens(config.tokens)
        self._certificates = config.tls_client_ca is not None
        self._named: dict[str, Caller] = {}

    def admit(self, context: Any, *, permit: str) -> Caller:
        """Who makes this call, if they may. Raises what `caller_of` and `Caller.check` do."""
        try:
            caller = self.caller_of(context)
            caller.check(permit)
        except (AccessError, DeniedError) as error:
            self._on_refused(error.reason)
            raise
        return caller

    def caller_of(self, context: Any) -> Caller:
        """Who makes this call. Raises AccessError TOKEN_MISSING, TOKEN_UNKNOWN."""
        if self._tokens is not None:
            return _caller_of_token(_bearer(context), tokens=self._tokens)
        name = _common_name(context) if self._certificates else ANYBODY
        return self._named.setdefault(name, Caller(name))


def read_tokens(path: Path) -> dict[bytes, Caller]:
    """The callers of a tokens file by the SHA-256 of their tokens. Raises InputError TOKENS_FILE."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("token")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad_file(path, f"cannot be read ({error})") from error
    if not isinstance(entries, list) or not entries:
        raise _bad_file(path, "has no [[token]]")
    callers: dict[bytes, Caller] = {}
    for number, entry in enumerate(entries, 1):
        try:
            digest, caller = _entry(entry)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _bad_file(path, f"has a wrong token, number {number} ({error})") from error
        callers[digest] = caller
    return callers


def check_address(address: str, *, config: ServerConfig) -> None:
    """Raises InputError LISTEN_UNSAFE unless the address is loopback or protected."""
    host, _ = split_address(address)
    if _is_loopback(host):
        return
    missing = []
    if config.tls_cert is None:
        missing.append("TLS (--tls-cert and --tls-key)")
    if config.tokens is None and config.tls_client_ca is None:
        missing.append("callers that can be told apart (--tokens, or --tls-client-ca)")
    if missing:
        raise InputError(
            f"{address} can be reached from other machines: that needs {' and '.join(missing)}. For this machine alone "
            "listen on 127.0.0.1.",
            reason="LISTEN_UNSAFE",
        )


def credentials_of(config: ServerConfig) -> grpc.ServerCredentials | None:
    """TLS of the server, None for plain text. Raises InputError TLS_FILE."""
    if config.tls_cert is None or config.tls_key is None:
        return None
    try:
        cert, key = config.tls_cert.read_bytes(), config.tls_key.read_bytes()
        authority = None if config.tls_client_ca is None else config.tls_client_ca.read_bytes()
        checked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # gRPC would only say that the port cannot be had
        checked.load_cert_chain(config.tls_cert, config.tls_key)
        if config.tls_client_ca is not None:
            checked.load_verify_locations(config.tls_client_ca)
    except ssl.SSLError as error:
        raise InputError(
            f"{config.tls_cert} and {config.tls_key} are no certificate with its key, or tls_client_ca is none "
            f"({error.reason or error}): give PEM files that belong together.",
            reason="TLS_FILE",
        ) from error
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read ({error.strerror}).", reason="TLS_FILE") from error
    return grpc.ssl_server_credentials(
        [(key, cert)], root_certificates=authority, require_client_auth=authority is not None
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _entry(entry: dict[str, Any]) -> tuple[bytes, Caller]:
    unknown = set(entry) - _KEYS
    if unknown:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r}")
    if ("token" in entry) == ("sha256" in entry):
        raise ValueError("it needs either token or sha256")
    digest = _digest(entry["token"]) if "token" in entry else bytes.fromhex(entry["sha256"])
    if len(digest) != hashlib.sha256().digest_size:
        raise ValueError("sha256 is not 64 hex digits")
    allow = frozenset(entry.get("allow", PERMITS))
    if not allow <= set(PERMITS):
        raise ValueError(f"allow knows {', '.join(PERMITS)}")
    limits = {key: entry.get(key, 0) for key in ("max_talks", "max_seconds", "max_avatar_bytes")}
    for key, value in limits.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ValueError(f"{key} is not a number from 0")
    return digest, Caller(str(entry["name"]), allow=allow, expires=_moment(entry.get("expires")), **limits)


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    raise ValueError("expires is not a date")


def _caller_of_token(token: str, *, tokens: dict[bytes, Caller]) -> Caller:
    digest = _digest(token)
    found = None
    for known, caller in tokens.items():
        if hmac.compare_digest(known, digest):
            found = caller
    if found is None:
        raise AccessError("This token is not known here: check it for typing errors.", reason="TOKEN_UNKNOWN")
    return found


def _bearer(context: Any) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization" and isinstance(value, str):
            kind, _, token = value.partition(" ")
            if kind.lower() == "bearer" and token:
                return token.strip()
    raise AccessError(
        "This server needs a token: send the metadata `authorization: Bearer TOKEN`.", reason="TOKEN_MISSING"
    )


def _common_name(context: Any) -> str:
    names = context.auth_context().get("x509_common_name", ())
    return names[0].decode("utf-8", "replace") if names else ANYBODY


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _bad_file(path: Path, fault: str) -> InputError:
    return InputError(f"The tokens file {path} {fault}: see its form in docs/operations.md.", reason="TOKENS_FILE")
