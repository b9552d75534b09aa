"""Runs the speech network on features as they come, the network's memory as a value: onnxruntime, or torch on a GPU.

Takes level-independent features [B, t, 64], t even (the network steps two frames at a time), gives for one look-ahead
what the mouth does in each frame. The two context arrays hold what the convolutions look back on; passing them in and
out makes a chunked stream equal to the whole and lets many voices share a call. A file's size and SHA-256 are checked
before it is parsed. On a CPU onnxruntime runs it in one thread; torch (`speech_net_torch`) is imported if asked for.

It does not know samples (`audio.features`) or faces (`motion.articulation`). Training: `visavis_runtime.training`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

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
    """What the convolutions look back on: `entry [B, 2, 128]`, `context [B, n, C]`, float32.

    Arrays, or the tensors of a `Network` that keeps them on its device; every network takes arrays.
    """

    entry: Any
    context: Any


class Answers(NamedTuple):
    """What one head says about t frames: `phones [B, t, 40]` and `closures [B, t, 2]` as probabilities,
    `channels [B, t, 9]` about 0..1, float32."""

    phones: FloatArray
    channels: FloatArray
    closures: FloatArray


class Network(Protocol):
    """What runs the weights."""

    def __call__(self, features: FloatArray, state: NetState, *, head: int) -> tuple[FloatArray, NetState]:
        """What look-ahead `head` says, [B, t, 51] (logits, channels, logits), and the next state."""

    def prepare(self, streams: int) -> None:
        """Do beforehand what the first batches of up to so many live voices would wait for."""


@dataclass(frozen=True)
class OnnxNetwork:
    """The network in onnxruntime, on a CPU."""

    session: Any

    def __call__(self, features: FloatArray, state: NetState, *, head: int) -> tuple[FloatArray, NetState]:
        """See `Network`."""
        feed = {"features": features, "entry_context": state.entry, "context": state.context}
        said, entry, context = self.session.run(None, feed)
        return said[:, head], NetState(entry, context)

    def prepare(self, streams: int) -> None:
        """Nothing: every batch is like every other."""


@dataclass(frozen=True)
class SpeechNet:
    """A loaded speech network; make it with `load_speech_net`.

    It takes `step_frames` frames at a time; `delays` are the frames that each head answers late, counted for the newest
    frame of a step.
    """

    network: Network
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
        one, after = self.network(features, state, head=head)
        phones, channels, closures = (
            one[..., :_PHONES_END],
            one[..., _PHONES_END:_CHANNELS_END],
            one[..., _CHANNELS_END:],
        )
        return Answers(_softmax(phones), channels, _sigmoid(closures)), after


_WIDTHS = (len(PHONES), len(CHANNELS), len(CLOSURES))
_PHONES_END, _CHANNELS_END = _WIDTHS[0], _WIDTHS[0] + _WIDTHS[1]


def load_speech_net(path: Path = MODEL, *, device: str = "cpu", backend: str | None = None) -> SpeechNet:
    """Load the network at `path`; the files beside it hold SHA-256 and shapes (.json) and weights (.safetensors).

    `device` is "cpu", "cuda" or "cuda:1"; `backend` "onnx" or "torch", None: onnx on a CPU, torch on a GPU.

    Raises:
        DamageError: MODEL_DAMAGED when a file is missing, too large or not the one described.
        InputError: DEVICE_UNAVAILABLE when there is no such device.
    """
    described = _described(path)
    return SpeechNet(
        _torch(path, described, device=device)
        if (backend or ("onnx" if device == "cpu" else "torch")) == "torch"
        else _onnx(path, described),
        delays=tuple(described["delays_frames"]),
        context=(int(described["context"][0]), int(described["context"][1])),
        entry_context=(int(described["entry_context"][0]), int(described["entry_context"][1])),
        step_frames=int(described["step_frames"]),
    )


def _onnx(path: Path, described: dict[str, Any]) -> Network:
    content = _content(path, sha256=described["sha256"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return OnnxNetwork(onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"]))


def _torch(path: Path, described: dict[str, Any], *, device: str) -> Network:
    from visavis_runtime.motion.speech_net_torch import TorchNetwork

    return TorchNetwork(
        _content(path.with_suffix(".safetensors"), sha256=described["weights_sha256"]),
        device=device,
        dilations=described["dilations"],
        step_frames=described["step_frames"],
        heads=len(described["delays_frames"]),
    )


def _described(path: Path) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return described


def _content(path: Path, *, sha256: str) -> bytes:
    """The bytes of a file that is the one described."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise _unreadable(path, error) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise DamageError(
            f"The speech network {path.name} ({size} bytes) is not the one described beside it: its SHA-256 starts with"
            f" {digest[:12]} instead of {sha256[:12]}; install visavis again.",
            reason="MODEL_DAMAGED",
        )
    return content


def _unreadable(path: Path, error: Exception) -> DamageError:
    return DamageError(
        f"The speech network {path.name} cannot be read ({error}); install visavis again.", reason="MODEL_DAMAGED"
    )


def _softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _sigmoid(logits: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), np.float32)
