"""Takes a file of tokens, gives the callers that they stand for.

    [[token]]
    name = "studio"
    sha256 = "9f86d0..."          # of the token; or token = "the token itself"
    max_talks = 20                # at once; 0 or absent: no limit, here and below
    max_seconds = 36000           # of talks, added up since the server started
    max_avatar_bytes = 50000000   # uploaded since the server started
    allow = ["talk", "avatars"]   # absent: all
    expires = 2027-01-01          # or with a time

Tokens are kept and compared as SHA-256, all of them every time, so that neither a dump nor a clock tells one.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from visavis.errors import AccessError, InputError
from visavis_runtime.serve.gateway.caller import PERMITS, Caller

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = {"name", "token", "sha256", "max_talks", "max_seconds", "max_avatar_bytes", "allow", "expires"}


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


def caller_of_token(token: str, *, tokens: dict[bytes, Caller]) -> Caller:
    """Whose it is. Raises AccessError TOKEN_UNKNOWN."""
    digest = _digest(token)
    found = None
    for known, caller in tokens.items():
        if hmac.compare_digest(known, digest):
            found = caller
    if found is None:
        raise AccessError("This token is not known here: check it for typing errors.", reason="TOKEN_UNKNOWN")
    return found


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


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _bad_file(path: Path, fault: str) -> InputError:
    return InputError(f"The tokens file {path} {fault}: see its form in docs/operations.md.", reason="TOKENS_FILE")
