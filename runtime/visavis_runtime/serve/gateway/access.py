"""Takes a call, gives who makes it and what they may; and says whether an address may be listened on at all.

On loopback everybody may call. Any other address needs TLS and, on top, a file of tokens or an authority that signs the
clients' certificates; without them the server refuses to start and says how. With a tokens file (`tokens.py`) every
call needs `authorization: Bearer TOKEN`, on loopback too. What it does not do: it counts nothing (`caller.py`).
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable
from typing import Any

import grpc

from visavis.errors import AccessError, DeniedError, InputError
from visavis_runtime.serve.config import ServerConfig, split_address
from visavis_runtime.serve.gateway.caller import Caller
from visavis_runtime.serve.gateway.tokens import caller_of_token, read_tokens

ANYBODY = "anybody"


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
            return caller_of_token(_bearer(context), tokens=self._tokens)
        name = _common_name(context) if self._certificates else ANYBODY
        return self._named.setdefault(name, Caller(name))


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
