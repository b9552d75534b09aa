"""Takes the address of a server and what it asks for (token, TLS), gives channels, and errors of our own tree.

Motion and pictures have a TCP connection each, so that a picture never stands before a latent. The connection of motion
has a bounded window: with gRPC's defaults minutes of frames would wait unseen for a client that does not read. What it
does not do: no retries; a talk takes itself up again (`conversation.py`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import grpc
import grpc.aio

from visavis.ending import Ending
from visavis.errors import REASON_KEY, RETRY_KEY, InputError, UnavailableError, VisavisError, error_of_status

T = TypeVar("T")

LARGEST_RESPONSE_BYTES = 8 << 20
"""A picture of 1024x1024 RGBA is 4 MiB."""
COMMON_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", LARGEST_RESPONSE_BYTES),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 8_000),  # what a handshake may take, in spite of its name
    ("grpc.max_reconnect_backoff_ms", 500),
)
LAST_WORDS_S = 0.02
"""gRPC tells the event loop of a cancelled operation a moment later; if it is closed by then, the program's next one
prints a trace."""
WINDOW_BYTES = 256 << 10
"""What may be on its way on one connection: 50 talks of 15 KB/s from a server 0.3 s away (there and back)."""
MOTION_OPTIONS = (*COMMON_OPTIONS, ("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", WINDOW_BYTES))
TLS_FAULTS = (
    (
        "certificate verify failed",
        "TLS_UNTRUSTED",
        "The certificate of {target} is not trusted: give the authority that signed it as root_certificates=FILE "
        "(--ca FILE of visavis talk; PEM; for a self-signed certificate that one itself) ({details}).",
    ),
    (
        "hostname verification check failed",
        "TLS_HOST",
        "The certificate of {target} is for another name: use as address the name that it was made for, or give "
        "root_certificates= with the one that this server shows ({details}).",
    ),
    (
        "wrong version number",
        "TLS_PLAIN",
        "The server at {target} speaks plain text: leave out tls=, root_certificates= and client_certificate= "
        "({details}).",
    ),
)
"""(What gRPC says of a handshake that failed, in small letters without "_", our reason, our sentence.)"""
_TARGET = re.compile(r"unix:.+|(\[[0-9A-Fa-f:.%\w]+\]|[^\s:/\[\]@]+):(?P<port>\d{1,5})")


class Connection:
    """Channels to one server, opened when they are first used; nothing is sent before.

    Raises:
        InputError: TARGET, TOKEN_SHAPE, TOKEN_PLAINTEXT, TLS_FILE, TLS_PAIR.
    """

    _process: ClassVar[int] = 0
    """The one in which gRPC has begun; in a fork of it calls hang or crash."""

    def __init__(
        self,
        target: str,
        *,
        token: str = "",
        tls: bool = False,
        root_certificates: str | Path | None = None,
        client_certificate: tuple[str | Path, str | Path] | None = None,
        shares: bool = False,
    ) -> None:
        self.shares = shares
        """Talks of motion share a call."""
        self.shared: Any = None
        """The call that they share: see `streams.py`."""
        self.target = target = checked_target(target)
        token = _checked_token(token)
        secure = tls or root_certificates is not None or client_certificate is not None
        if token and not secure and not is_loopback(target):
            raise InputError(
                f"The token would travel to {target} unencrypted: add tls=True (or root_certificates=FILE).",
                reason="TOKEN_PLAINTEXT",
            )
        self.metadata: tuple[tuple[str, str], ...] = (("authorization", f"Bearer {token}"),) if token else ()
        self._credentials = _credentials(root_certificates, pair=client_certificate) if secure else None
        self._channels: dict[str, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        """That the channels belong to."""

    def channel(self, kind: str = "motion") -> Any:
        """The channel for "motion" (talks of latents), "texture" (talks with pictures) or "call" (everything else).

        Raises:
            UnavailableError: CLIENT_FORKED.
        """
        if (Connection._process or os.getpid()) != os.getpid():
            raise forked()
        Connection._process = os.getpid()
        if self._loop is not asyncio.get_running_loop():  # an earlier `asyncio.run` has taken its channels along
            self._loop = asyncio.get_running_loop()
            self._channels, self.shared = {}, None
        if kind not in self._channels:
            options = MOTION_OPTIONS if kind == "motion" else COMMON_OPTIONS
            if self._credentials is None:
                self._channels[kind] = grpc.aio.insecure_channel(self.target, options=options)
            else:
                self._channels[kind] = grpc.aio.secure_channel(self.target, self._credentials, options=options)
        return self._channels[kind]

    async def call(self, method: Callable[..., Awaitable[T]], request: Any) -> T:
        """One call with one answer. Raises what the server answers, as one of our errors."""
        call = method(request, metadata=self.metadata)
        ending = Ending(call)
        try:
            return await call
        except grpc.aio.AioRpcError:
            raise self.error_of(await ending.status()) from None

    async def close(self) -> None:
        """Close every channel, and stay until gRPC has told of the calls that were cancelled."""
        channels, self._channels = list(self._channels.values()), {}
        for channel in channels:
            await channel.close()
        if channels:
            await asyncio.sleep(LAST_WORDS_S)

    def error_of(self, rpc: Any) -> VisavisError:
        """What a refused call means: the server's reason where it gave one."""
        trailing = {str(key): str(value) for key, value in (rpc.trailing_metadata() or ())}
        code, details, reason = rpc.code().name, rpc.details() or "", trailing.get(REASON_KEY, "")
        if code == "UNAVAILABLE" and not reason:
            for sign, word, sentence in TLS_FAULTS:
                if sign in details.lower().replace("_", " "):
                    return InputError(sentence.format(target=self.target, details=details), reason=word)
            return UnavailableError(
                f"No server answers at {self.target}: start one with `visavis serve --listen {self.target}`, "
                "or check the address and whether it asks for TLS.",
                reason="SERVER_MISSING",
            )
        if code == "CANCELLED" and not reason:
            return UnavailableError(f"The server at {self.target} has dropped the call: it stops.", reason="BROKEN")
        if code == "UNIMPLEMENTED" and not reason:
            details = f"The server at {self.target} does not know this call ({details}): update the older side."
        retry_ms = trailing.get(RETRY_KEY, "0")
        retry_s = float(retry_ms) / 1000 if retry_ms.replace(".", "", 1).isdigit() else 0.0
        return error_of_status(code, message=details, reason=reason, retry_s=retry_s)


def forked() -> UnavailableError:
    """Clients do not work in a fork of a process that has used one."""
    return UnavailableError(
        "This process was forked from one that has used a client, and gRPC does not survive that: start processes with "
        'multiprocessing\'s "spawn", or fork before the first client is used.',
        reason="CLIENT_FORKED",
    )


def checked_target(target: str) -> str:
    """The address without white space around it. Raises InputError TARGET."""
    found = _TARGET.fullmatch(target.strip()) if isinstance(target, str) else None
    if found is None or (found["port"] is not None and not 0 < int(found["port"]) < 1 << 16):
        shown = f"is {target!r}" if target else "is empty"
        raise InputError(
            f'The address {shown}; it must be HOST:PORT, e.g. "127.0.0.1:8610" or "[::1]:8610", without http:// before '
            "it (tls=True asks for TLS).",
            reason="TARGET",
        )
    return target.strip()


def _checked_token(token: str) -> str:
    """The token without white space around it, which files have. Raises InputError TOKEN_SHAPE."""
    token = token.strip()
    bad = next((at for at, letter in enumerate(token) if not "!" <= letter <= "~"), None)
    if bad is not None:
        # Not shown: messages are logged, tokens are not.
        raise InputError(
            f"Character {bad + 1} of the token is none that a token may have; letters, digits and punctuation of ASCII "
            "are allowed: is it the right file, with one token in it?",
            reason="TOKEN_SHAPE",
        )
    return token


def is_loopback(target: str) -> bool:
    """Whether an address stays on this machine."""
    if target.startswith("unix:"):
        return True
    host = target.rsplit(":", 1)[0].strip("[]") if target.count(":") == 1 or "]" in target else target
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(roots: str | Path | None, *, pair: tuple[str | Path, str | Path] | None) -> Any:
    if pair is not None and (isinstance(pair, str | Path) or len(pair) != 2):
        raise InputError("client_certificate is a pair of files: (certificate, private key).", reason="TLS_PAIR")
    return grpc.ssl_channel_credentials(
        root_certificates=_bytes_of(roots) if roots is not None else None,
        certificate_chain=_bytes_of(pair[0]) if pair is not None else None,
        private_key=_bytes_of(pair[1]) if pair is not None else None,
    )


def _bytes_of(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the path.", reason="TLS_FILE") from None
