"""Writes the golden messages: NAME.bin is a message as it stands on WebSocket, NAME.json what a reader finds in it.

Clients in every language read the same files in their tests. Run: python unity_bridge/golden/write.py. In the .json
`payload` is the JSON object, or base64 of the bytes (`payload_base64`); a motion's is a list of 64 numbers.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from visavis import INDEX, NAMES, SPACE, Event, EventKind, MotionFrame, TextureFrame
from visavis.errors import MissingError
from visavis.frames import Latency
from visavis_bridge.messages import Messages
from visavis_bridge.relay import error_message
from visavis_bridge.wire import Codec, Flags, Kind, Message, json_message

JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
    "AQEBAQH/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
)
"""One pixel."""
RGBA = bytes(range(16))


def _latents(**values: float) -> Any:
    latents = np.zeros(len(NAMES), np.float32)
    for name, value in values.items():
        latents[INDEX[name]] = value
    return latents


def messages() -> dict[str, Message]:
    """Every golden message by its name."""
    guard = Messages("guard")
    sent = Latency(sent_ns=1_234_567_890_123)
    idle = MotionFrame(266, _latents(eyeBlinkLeft=0.5, eyeBlinkRight=0.5, headYaw=-0.125), latency=sent)
    speaking = MotionFrame(48_266, _latents(jawOpen=0.75, headZ=0.0625), line="7", line_sample=16_000, latency=sent)
    jpeg = TextureFrame(48_000, JPEG, "jpeg", 1, 1, line="7", line_sample=15_734, latency=sent)
    rgba = TextureFrame(48_640, RGBA, "rgba", 2, 2, latency=sent)
    state = {
        "state": "live", "reason": "", "space": SPACE, "names": NAMES, "latency_ms": 100.0, "ai_generated": True,
        "lines": {"7": "LINE_STARTED"},
    }  # fmt: skip
    pcm = np.array([0, 1, -1, 32_767, -32_768, 256], "<i2").tobytes()
    return {
        "motion_idle": guard.motion(idle, rate_hz=60),
        "motion_line": guard.motion(speaking, rate_hz=60),
        "texture_jpeg": guard.texture(jpeg, rate_hz=25),
        "texture_rgba": guard.texture(rgba, rate_hz=25),
        "names": guard.names(state, line=7, sample=48_266),
        "line_started": guard.event(Event(EventKind.LINE_STARTED, 32_266, line="7")),
        "line_finished": guard.event(Event(EventKind.LINE_FINISHED, 64_266, line="7")),
        "away": guard.happened("AWAY", sample=64_532, reason="SERVER_MISSING", message="Größe unbekannt."),
        "say": Message(
            Kind.SAY, Codec.PCM_S16, pcm, flags=Flags.LAST, sequence=1, rate_hz=24_000, character="guard"
        ),
        "audio": Message(Kind.AUDIO, Codec.PCM_S16, pcm, line=7, sequence=2, rate_hz=24_000, character="guard"),
        "interrupt": Message(Kind.INTERRUPT, sequence=3, character="guard"),
        "control": json_message(
            Kind.CONTROL, {"gaze": [0.25, -0.125], "emotion": {"happy": 0.5}}, sequence=4, character="guard"
        ),
        "open": json_message(
            Kind.OPEN, {"avatar": "guard", "textures": "rgba", "seed": 3}, sequence=5, character="guard"
        ),
        "make": Message(Kind.MAKE, Codec.FILE, JPEG, sequence=6, character="guard-2"),
        "ok": Message(Kind.OK, sequence=1, line=7, character="guard"),
        "error": error_message(
            MissingError("No character 'guard' is open.", reason="CHARACTER_UNKNOWN"), sequence=6, character="guard"
        ),
    }  # fmt: skip


def expectation(message: Message) -> Mapping[str, Any]:
    """What a reader finds."""
    found = {field.name: getattr(message, field.name) for field in fields(message) if field.name != "payload"}
    for name in ("kind", "codec", "flags"):
        found[name] = int(found[name])
    if message.codec == Codec.JSON:
        return {**found, "payload": message.content()}
    if message.codec == Codec.FLOAT32:
        return {**found, "payload": np.frombuffer(message.payload, "<f4").tolist()}
    return {**found, "payload_base64": base64.b64encode(message.payload).decode()}


def main(folder: Path) -> None:
    """Write them all."""
    for name, message in messages().items():
        (folder / f"{name}.bin").write_bytes(message.header() + message.payload)
        text = json.dumps(expectation(message), indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
