"""Writes the trained network for the runtime: speech.onnx with explicit state, speech.safetensors, speech.json.

The graph is built node by node instead of traced: it is the streaming form of the network (each convolution reads its
context from an input and writes it to an output), which is not the form that is trained. Convolutions stay what they
are in training, matrix products over their taps side by side: on the four frames of a 40 ms chunk onnxruntime runs
those several times faster than its Conv. Normalisations become one multiplication and one addition.
`parity` is how far the two are apart on the same features, fed in chunks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file

from visavis_runtime.audio.features import BANDS
from visavis_runtime.motion.speech_net import load_speech_net
from visavis_runtime.training.network import (
    DELAYS,
    DILATIONS,
    DRAWN,
    KERNEL,
    OUTPUTS,
    STEP_FRAMES,
    WIDTH,
    Block,
    SpeechNetwork,
)

Shape = tuple[int | str, ...]

OPSET = 17
_IR_VERSION = 8  # read by every onnxruntime since 1.13


class Graph:
    """Nodes and weights as they are written down; each method adds one operation and names its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, value: npt.NDArray[np.generic]) -> str:
        """Keep a constant."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, *inputs: str, out: str | None = None, **attributes: Any) -> str:
        """One operation with one output."""
        name = out or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def cut(self, value: str, *, start: int, end: int, out: str | None = None) -> str:
        """Steps start..end (negative counts from the end) of [B, T, C]."""
        bounds = [
            self.weight(f"cut_{len(self.nodes)}_{i}", np.array([v], np.int64)) for i, v in enumerate((start, end, 1))
        ]
        return self.add("Slice", value, *bounds, out=out)

    def convolve(self, value: str, layer: torch.nn.Linear, *, dilation: int, name: str) -> str:
        """[B, (KERNEL - 1) * dilation + T, C] -> [B, T, D] as one matrix product over the taps side by side."""
        context = (KERNEL - 1) * dilation
        shifted = [
            self.cut(value, start=tap * dilation, end=tap * dilation - context if tap < KERNEL - 1 else _END)
            for tap in range(KERNEL)
        ]
        return self.multiply(self.add("Concat", *shifted, axis=2), layer, name=name)

    def multiply(self, value: str, layer: torch.nn.Linear, *, name: str) -> str:
        """[B, T, C] -> [B, T, D] through one linear layer."""
        product = self.add("MatMul", value, self.weight(f"{name}.weight", layer.weight.detach().T.numpy()))
        return self.add("Add", product, self.weight(f"{name}.bias", layer.bias.detach().numpy()))

    def by_head(self, value: str, *, width: int, name: str) -> str:
        """[B, T, heads * frames * n] -> [B, heads, T * frames, n]."""
        split = self.weight(f"{name}.split", np.array([0, -1, len(DELAYS), STEP_FRAMES * width], np.int64))
        merged = self.weight(f"{name}.merged", np.array([0, len(DELAYS), -1, width], np.int64))
        by_head = self.add("Transpose", self.add("Reshape", value, split), perm=[0, 2, 1, 3])
        return self.add("Reshape", by_head, merged)

    def split(self, value: str, sizes: str, *, outs: tuple[str, ...], axis: int) -> None:
        """Cut `value` along `axis` into parts of the given sizes, with the given names."""
        self.nodes.append(helper.make_node("Split", [value, sizes], list(outs), axis=axis))

    def silu(self, value: str) -> str:
        """x * sigmoid(x)."""
        return self.add("Mul", value, self.add("Sigmoid", value))

    def normalise(self, value: str, norm: torch.nn.BatchNorm1d, *, name: str) -> str:
        """Batch normalisation with its running statistics, as one scale and one shift."""
        assert norm.running_var is not None
        assert norm.running_mean is not None
        scale = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
        shift = (norm.bias - norm.running_mean * scale).detach()
        scaled = self.add("Mul", value, self.weight(f"{name}.scale", scale.numpy()))
        return self.add("Add", scaled, self.weight(f"{name}.shift", shift.numpy()))


def export(network: SpeechNetwork, *, folder: Path, readers: Sequence[str] = ()) -> dict[str, Any]:
    """Write the three files into `folder`; returns what speech.json says. `readers` are the real people heard."""
    network = network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    content = onnx_model(network).SerializeToString()
    state = {name: value.contiguous() for name, value in network.state_dict().items() if value.is_floating_point()}
    save_file(state, folder / "speech.safetensors.part")
    described = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "weights_sha256": hashlib.sha256((folder / "speech.safetensors.part").read_bytes()).hexdigest(),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "delays_frames": list(DELAYS),
        "step_frames": STEP_FRAMES,
        "dilations": list(DILATIONS),
        "context": [sum((KERNEL - 1) * d for d in DILATIONS), WIDTH],
        "entry_context": [KERNEL - 1, STEP_FRAMES * BANDS],
        "readers_trained_on": list(readers),
    }
    (folder / "speech.onnx.part").write_bytes(content)
    (folder / "speech.json.part").write_text(json.dumps(described, indent=1) + "\n", "utf-8")
    for name in ("speech.safetensors", "speech.onnx", "speech.json"):
        (folder / f"{name}.part").replace(folder / name)
    return described


def onnx_model(network: SpeechNetwork) -> Any:
    """The streaming network as an ONNX model (checked): `answers [streams, heads, frames, 51]`, logits first."""
    graph = Graph()
    drawn, closed = add_network(graph, network)
    graph.add("Concat", drawn, closed, axis=3, out="answers")
    outputs = {"answers": ("streams", len(DELAYS), "frames", OUTPUTS)}
    return model_of_graph(graph, outputs=outputs, streams="streams", frames="frames", opset=OPSET)


def add_network(graph: Graph, network: SpeechNetwork) -> tuple[str, str]:
    """Write down `network` from its inputs `features`, `entry_context` and `context` to the two contexts of the next
    call.

    Returns the names of `drawn [B, heads, T, 49]` (phone logits and channels) and `closed [B, heads, T, 2]` (logits).
    """
    pairs = graph.add("Reshape", "features", graph.weight("pairs", np.array([0, -1, STEP_FRAMES * BANDS], np.int64)))
    joined = graph.add("Concat", "entry_context", pairs, axis=1)
    graph.cut(joined, start=1 - KERNEL, end=_END, out="entry_context_next")
    x = graph.convolve(joined, network.entry, dilation=1, name="entry")
    kept, at = [], 0
    for number, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        reach = (KERNEL - 1) * block.dilation
        context = graph.cut("context", start=at, end=at + reach)
        at += reach
        x, keep = _add_block(graph, x, context, block=block, name=f"blocks.{number}")
        kept.append(keep)
    graph.add("Concat", *kept, axis=1, out="context_next")
    x = graph.silu(graph.normalise(x, network.norm, name="norm"))
    drawn = graph.by_head(graph.multiply(x, network.draw, name="draw"), width=DRAWN, name="draw")
    hidden = graph.silu(graph.multiply(x, network.closure_entry, name="closure_entry"))
    closed = graph.by_head(graph.multiply(hidden, network.close, name="close"), width=OUTPUTS - DRAWN, name="close")
    return drawn, closed


def model_of_graph(
    graph: Graph, *, outputs: Mapping[str, Shape], streams: int | str, frames: int | str, opset: int
) -> Any:
    """The checked ONNX model of a graph that holds the network and ends in `outputs`; a name stands for any size."""
    reach = sum((KERNEL - 1) * dilation for dilation in DILATIONS)
    states: dict[str, Shape] = {"entry_context": (KERNEL - 1, STEP_FRAMES * BANDS), "context": (reach, WIDTH)}
    taken = [_value("features", (streams, frames, BANDS))]
    taken += [_value(name, (streams, *shape)) for name, shape in states.items()]
    given = [_value(name, shape) for name, shape in outputs.items()]
    given += [_value(f"{name}_next", (streams, *shape)) for name, shape in states.items()]
    made = helper.make_graph(graph.nodes, "visavis_speech", taken, given, initializer=graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], producer_name="visavis")
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model


def parity(network: SpeechNetwork, *, folder: Path, frames: int = 300, seed: int = 0) -> float:
    """Largest difference between torch on the whole and onnxruntime in chunks, over all heads (probabilities, 0..1)."""
    random = np.random.default_rng(seed)
    features = random.normal(0, 0.8, (1, frames, BANDS)).astype(np.float32)
    with torch.no_grad():
        whole = network.eval()(torch.from_numpy(features))[0].numpy()
    net = load_speech_net(folder / "speech.onnx")
    state, worst = net.start(), 0.0
    cuts = [0, *sorted(random.choice(np.arange(2, frames, STEP_FRAMES), 60, replace=False)), frames]
    for start, end in pairwise(cuts):
        for head in range(len(DELAYS)):
            answers, after = net.step(features[:, start:end], head=head, state=state)
            worst = max(worst, float(np.abs(answers.channels[0] - whole[head, start:end, 40:49]).max()))
        state = after
    return worst


_END = 2**31 - 1


def _add_block(graph: Graph, x: str, context: str, *, block: Block, name: str) -> tuple[str, str]:
    normal = graph.normalise(x, block.norm, name=f"{name}.norm")
    joined = graph.add("Concat", context, normal, axis=1)
    keep = graph.cut(joined, start=(1 - KERNEL) * block.dilation, end=_END)
    both = graph.convolve(joined, block.gate, dilation=block.dilation, name=f"{name}.gate")
    width = block.out.in_features
    value, gate = f"{name}.value", f"{name}.open"
    sizes = graph.weight(f"{name}.sizes", np.array([width, width], np.int64))
    graph.split(both, sizes, outs=(value, gate), axis=2)
    gated = graph.add("Mul", value, graph.add("Sigmoid", gate))
    return graph.add("Add", x, graph.multiply(gated, block.out, name=f"{name}.out")), keep


def _value(name: str, shape: Shape) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
