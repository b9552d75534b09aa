"""Runs the speech network on features as they come: onnxruntime, one thread, the network's memory as a value.

Takes level-independent features [B, t, 64], t even (the network steps two frames at a time), gives for one look-ahead
what the mouth does in each frame. The two context arrays hold what the convolutions look back on; passing them in and
out makes a chunked stream equal to the whole and lets many voices share a call. The file's size and SHA-256 are checked
before it is parsed.

It does not know samples (`audio.features`) or faces (`motion.articulation`). Training: `visavis_runtime.training`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime

from visavis.errors import DamageError
from visavis_runtime.motion.phones import PHONES
from visavis_runtime.motion.targets import CHANNELS, CLOSURES

FloatArray = npt.NDArray[np.float32]

MODEL = Path(__file__).parent / "models" / "speech.onnx"
MOST_BYTES = 6_000_000


class NetState(NamedTuple):
    """What the convolutions look back on: `entry [B, 2, 128]`, `context [B, n, C]`, float32."""

    entry: FloatArray
    context: FloatArray


class Answers(NamedTuple):
    """What one head says about t frames: `phones [B, t, 40]` and `closures [B, t, 2]` as probabilities,
    `channels [B, t, 9]` about 0..1, float32."""

    phones: FloatArray
    channels: FloatArray
    closures: FloatArray


@dataclass(frozen=True)
class SpeechNet:
    """A loaded speech network; make it with `load_speech_net`.

    It takes `step_frames` frames at a time; `delays` are the frames that each head answers late, counted for the newest
    frame of a step.
    """

    session: Any
    delays: tuple[int, ...]
    context: tuple[int, int]
    entry_context: tuple[int, int]
    step_frames: int

    def start(self, *, streams: int = 1) -> NetState:
        """State before the first frame of `streams` parallel voices."""
        entry, context = (np.zeros((streams, *shape), np.float32) for shape in (self.entry_context, self.context))
        return NetState(entry, context)

    def wait_frames(self, head: int) -> int:
        """Frames after its own that the answer about a frame needs at most: the delay and the rest of its step."""
        return self.delays[head] + self.step_frames - 1

    def step(self, features: FloatArray, *, head: int, state: NetState) -> tuple[Answers, NetState]:
        """Answers of look-ahead `head` to `features [B, t, 64]`; answer i is about frame i minus `delays[head]`.

        t is a multiple of `step_frames`.
        """
        if features.shape[1] == 0:
            empty = (np.zeros((len(features), 0, width), np.float32) for width in _WIDTHS)
            return Answers(*empty), state
        feed = {"features": features, "entry_context": state.entry, "context": state.context}
        said, entry, context = self.session.run(None, feed)
        one = said[:, head]
        phones, channels, closures = (
            one[..., :_PHONES_END],
            one[..., _PHONES_END:_CHANNELS_END],
            one[..., _CHANNELS_END:],
        )
        return Answers(_softmax(phones), channels, _sigmoid(closures)), NetState(entry, context)


_WIDTHS = (len(PHONES), len(CHANNELS), len(CLOSURES))
_PHONES_END, _CHANNELS_END = _WIDTHS[0], _WIDTHS[0] + _WIDTHS[1]


def load_speech_net(path: Path = MODEL) -> SpeechNet:
    """Load the network at `path`; the file `.json` beside it holds its SHA-256 and shape.

    Raises:
        DamageError: MODEL_DAMAGED when the file is missing, too large or not the one described.
    """
    try:
        described = json.loads(path.with_suffix(".json").read_text("utf-8"))
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except (OSError, ValueError) as error:
        raise DamageError(
            f"The speech network {path.name} cannot be read ({error}); install visavis again.", reason="MODEL_DAMAGED"
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != described["sha256"]:
        raise DamageError(
            f"The speech network {path.name} ({size} bytes) is not the one described beside it: its SHA-256 starts with"
            f" {digest[:12]} instead of {described['sha256'][:12]}; install visavis again.",
            reason="MODEL_DAMAGED",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return SpeechNet(
        session,
        delays=tuple(described["delays_frames"]),
        context=(int(described["context"][0]), int(described["context"][1])),
        entry_context=(int(described["entry_context"][0]), int(described["entry_context"][1])),
        step_frames=int(described["step_frames"]),
    )


def _softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _sigmoid(logits: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), np.float32)
