"""Takes motion frames of characters, gives UDP datagrams to one host; goes on when frames stop, easing to rest.

An app that hears nothing keeps the mouth as it was, or drops its pose, so after `STALL_S` without a frame the last one
is sent again and again while its shapes fade within `SHAPES_REST_S` and its turns within `TURNS_REST_S`. `send` never
waits: what the network does not take at once is counted and dropped. What it does not do: broadcast and multicast (a
face goes where it was told to, nowhere else).
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError, UnavailableError
from visavis.frames import MotionFrame
from visavis.latents import ARKIT_NAMES, NAMES, SAMPLE_RATE_HZ

Pack = Callable[[str, MotionFrame], list[bytes]]

STALL_S = 0.25
REPEAT_S = 1 / 30
SHAPES_REST_S = 0.12
TURNS_REST_S = 0.6
OWNER_S = 1.0
"""Where a port carries one face only, another character may have it after so long a silence."""

_REST_S = np.where(np.arange(len(NAMES)) < len(ARKIT_NAMES), SHAPES_REST_S, TURNS_REST_S)
_log = logging.getLogger(__name__)


def parse_address(text: str, *, port: int) -> tuple[str, int]:
    """Host and port of "HOST" or "HOST:PORT", an IPv6 address with a port in brackets. Raises InputError ADDRESS."""
    host, given = text.strip(), ""
    if host.startswith("["):
        host, _, given = host[1:].partition("]")
        given = given.removeprefix(":")
    elif host.count(":") == 1:
        host, _, given = host.partition(":")
    number = int(given) if given.isascii() and given.isdigit() else (0 if given else port)
    if not host or not 1 <= number <= 65535:
        raise InputError(
            f"{text!r} is not an address: write HOST or HOST:PORT, for example 127.0.0.1:{port}.", reason="ADDRESS"
        )
    _refuse_groups(host)
    return host, number


def _refuse_groups(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise InputError(
            f"{host} is not one machine: give the address of the machine that shows the face.", reason="ADDRESS"
        )


def resting(latents: npt.NDArray[np.float32], *, stalled_s: float) -> npt.NDArray[np.float32]:
    """Latents [64] on their way to rest, `stalled_s` after the easing began."""
    return np.asarray(latents * np.clip(1 - stalled_s / _REST_S, 0, 1), np.float32)


@dataclass(frozen=True)
class _Last:
    frame: MotionFrame
    at_s: float


class UdpSender:
    """Frames of characters to one host. Use it in `with`, or `start` and `close` it.

    `one_face`: the port has no names, so the first character that speaks has it, until it is silent for `OWNER_S`.
    """

    def __init__(self, address: str, *, port: int, pack: Pack, one_face: bool = False) -> None:
        """Raises InputError ADDRESS."""
        self.host, self.port = parse_address(address, port=port)
        self.dropped = 0
        """Datagrams that the network did not take."""
        self._pack = pack
        self._one_face = one_face
        self._owner = ""
        self._last: dict[str, _Last] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._socket: socket.socket | None = None
        self._target: tuple[str, int] | tuple[str, int, int, int] = (self.host, self.port)
        self._repeating = threading.Thread(target=self._repeat, name="visavis-udp", daemon=True)

    def start(self) -> None:
        """Find the host. Raises UnavailableError HOST_UNKNOWN, InputError ADDRESS."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)
        except OSError as fault:
            raise UnavailableError(
                f"The host {self.host} is not known here ({fault}): check the name, or give its address.",
                reason="HOST_UNKNOWN",
            ) from None
        # Apps listen on IPv4 far more often than on IPv6, also where "localhost" means both.
        family, kind, protocol, _, target = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        _refuse_groups(str(target[0]))
        self._target = target  # type: ignore[assignment]  # the stubs allow for a Python without IPv6
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        self._repeating.start()

    def close(self) -> None:
        """Send nothing more."""
        self._closed.set()
        if self._socket is not None:
            self._repeating.join()
            self._socket.close()

    def __enter__(self) -> UdpSender:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, character: str, frame: MotionFrame) -> None:
        """Send one frame; never waits and never raises for the network's sake."""
        now_s = time.monotonic()
        with self._lock:
            if self._one_face and character != self._owner:
                last = self._last.get(self._owner)
                if last is not None and now_s - last.at_s < OWNER_S:
                    return
                self._last.clear()
                self._owner = character
            self._last[character] = _Last(frame, now_s)
            self._transmit(character, frame)

    def _transmit(self, character: str, frame: MotionFrame) -> None:
        if self._socket is None or self._closed.is_set():
            return
        for packet in self._pack(character, frame):
            try:
                self._socket.sendto(packet, self._target)
            except OSError as fault:
                if not self.dropped:
                    _log.warning("%s:%d does not take datagrams just now: %s", self.host, self.port, fault)
                self.dropped += 1

    def _repeat(self) -> None:
        while not self._closed.wait(REPEAT_S):
            now_s = time.monotonic()
            with self._lock:
                for character, last in self._last.items():
                    silent_s = now_s - last.at_s
                    if silent_s >= STALL_S:
                        latents = resting(last.frame.latents, stalled_s=silent_s - STALL_S)
                        sample = last.frame.sample + round(silent_s * SAMPLE_RATE_HZ)
                        self._transmit(character, replace(last.frame, latents=latents, sample=sample))
