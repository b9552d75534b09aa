"""Takes a load, gives what an engine sees of it: server, bridge and reader are processes of their own on this machine.

Characters talk without a pause, so that the server draws moving faces. The reader is ours in Python, or any program
that takes MOTION_PORT PICTURE_PORT SECONDS and prints the figures of `reader` as JSON. The bridge's cost is its
own CPU time, which its STATE tells. What it does not do: it asserts nothing.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zmq

from visavis.errors import InputError, UnavailableError
from visavis_bridge.bench.reader import read_bridge
from visavis_bridge.bench.stack import LiveStack, live_stack
from visavis_bridge.wire import Codec, Flags, Kind, Message, json_message, message_of

WARM_S = 3.0
ANSWER_S = 30.0
RATE_HZ = 16_000
AGAIN_S = 30.0
"""How long the server may take to come back."""


@dataclass(frozen=True)
class BridgeLoad:
    """What is asked of the bridge."""

    motion: int = 1
    """Characters with motion alone, 60 Hz."""
    textures: int = 1
    """Characters with pictures and motion."""
    texture_fps: int = 60
    size_px: int = 512
    codec: str = "rgba"
    seconds: float = 60.0


class Asking:
    """An engine's requests. `ask` gives the answer."""

    def __init__(self, port: int) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.connect(f"tcp://127.0.0.1:{port}")
        self._socket.setsockopt(zmq.RCVTIMEO, int(ANSWER_S * 1000))
        self._count = 0

    def ask(self, request: Message) -> Message:
        """Raises UnavailableError BENCH_REFUSED."""
        self._count += 1
        numbered = Message(**{**vars(request), "sequence": self._count})
        self._socket.send_multipart([numbered.header(), numbered.payload])
        while True:
            message = message_of(*self._socket.recv_multipart())
            if message.sequence == self._count and message.kind in (Kind.OK, Kind.ERROR):
                break
        if message.kind == Kind.ERROR:
            raise UnavailableError(f"The bridge refused: {message.content()['message']}", reason="BENCH_REFUSED")
        return message

    def close(self) -> None:
        """End it."""
        self._context.destroy(0)


def measure_bridge(load: BridgeLoad, *, avatar: Path, client: str = "", restart: bool = False) -> dict[str, Any]:
    """The figures of one load. `avatar`: a .visavis file, for pictures. `client`: a program that reads instead of ours.

    Raises:
        UnavailableError: BENCH_SERVER, BENCH_REFUSED. InputError: BENCH_CLIENT.
    """
    with live_stack(avatar.parent) as stack:
        asking = Asking(stack.ports[0])
        try:
            names = _open(asking, load, avatar=avatar.stem)
            stop = threading.Event()
            talking = threading.Thread(target=_talk, args=(stack.ports[0], names, stop), daemon=True)
            talking.start()
            time.sleep(WARM_S)
            before_s = _cpu_s(asking)
            figures = _read(stack.ports, load, client=client)
            figures["bridge_core"] = round((_cpu_s(asking) - before_s) / load.seconds, 4)
            stop.set()
            talking.join(ANSWER_S)
            if restart:
                figures["back_s"] = _back_s(stack)
        finally:
            asking.close()
    return {**vars(load), "client": client or "pyzmq", **figures}


def _open(asking: Asking, load: BridgeLoad, *, avatar: str) -> list[str]:
    """Begin the characters."""
    pictures = {
        "avatar": avatar, "textures": load.codec, "texture_fps": load.texture_fps, "texture_size_px": load.size_px,
    }  # fmt: skip
    wanted: list[dict[str, Any]] = [{}] * load.motion + [pictures] * load.textures
    names = [f"npc{i}" for i in range(len(wanted))]
    for seed, (name, options) in enumerate(zip(names, wanted, strict=True)):
        request = json_message(Kind.OPEN, {**options, "seed": seed}, character=name)
        end_s = time.monotonic() + ANSWER_S
        while asking.ask(request).content()["state"] != "live":  # the server may be warming up
            if time.monotonic() > end_s:
                raise UnavailableError(f"{name} does not begin to live.", reason="BENCH_SERVER")
            time.sleep(0.25)
    return names


def _voice(seconds: float) -> bytes:
    """Something that swings like a voice, int16 at 16 kHz."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = np.sin(2 * np.pi * 130 * at) + 0.5 * np.sin(2 * np.pi * 700 * at) + 0.3 * np.sin(2 * np.pi * 1900 * at)
    return bytes((0.2 * tone * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * at)) * 32767).astype("<i2").tobytes())


def _talk(port: int, names: Sequence[str], stop: threading.Event) -> None:
    """Lines of four seconds, one after the other, for every character."""
    asking = Asking(port)
    voice = _voice(4.0)
    try:
        while not stop.is_set():
            for name in names:
                asking.ask(Message(Kind.SAY, Codec.PCM_S16, voice, flags=Flags.LAST, rate_hz=RATE_HZ, character=name))
            stop.wait(4.0)
    finally:
        asking.close()


def _cpu_s(asking: Asking) -> float:
    return float(asking.ask(Message(Kind.STATE)).content()["cpu_s"])


def _read(ports: tuple[int, ...], load: BridgeLoad, *, client: str) -> dict[str, Any]:
    """What the reader, a process of its own, says."""
    own = [sys.executable, "-m", "visavis_bridge.bench.bridge"]
    command = [*(shlex.split(client) or own), str(ports[1]), str(ports[2]), str(load.seconds)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=load.seconds + ANSWER_S, check=True)
        figures: dict[str, Any] = json.loads(run.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        said = getattr(error, "stderr", "") or ""
        raise InputError(f"The client {command[0]!r} gave no figures: {error} {said}", reason="BENCH_CLIENT") from None
    return figures


def _back_s(stack: LiveStack) -> float:
    """Seconds from a listening server to motion, after the server was killed."""
    context = zmq.Context()
    motion = context.socket(zmq.SUB)
    motion.connect(f"tcp://127.0.0.1:{stack.ports[1]}")
    motion.subscribe("npc0/motion")
    motion.setsockopt(zmq.RCVTIMEO, int(AGAIN_S * 1000))
    try:
        stack.kill_server()
        time.sleep(2.5)  # what was on the road has come
        while motion.poll(0):
            motion.recv_multipart()
        stack.start_server()
        start_s = time.monotonic()
        motion.recv_multipart()
        return round(time.monotonic() - start_s, 3)
    except zmq.Again:
        raise UnavailableError("No motion came back after the server.", reason="BENCH_SERVER") from None
    finally:
        context.destroy(0)


if __name__ == "__main__":
    motion, pictures = int(sys.argv[1]), int(sys.argv[2])
    print(json.dumps(read_bridge((0, motion, pictures), seconds=float(sys.argv[3]))))
