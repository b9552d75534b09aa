"""Writes the trained network for the runtime: speech.onnx with explicit state, speech.safetensors, speech.json.

The graph is built node by node instead of traced: it is the streaming form of the network (each convolution reads its
context from an input and writes it to an output), which is not the form that is trained. Convolutions are written as
matrix products over their taps side by side: on the four frames of a 40 ms chunk onnxruntime runs those several times
faster than its Conv. Normalisations become one multiplication and one addition.
`parity` is how far the two are apart on the same features, fed in chunks.
"""

from __future__ import annotations

import hashlib
import json
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
from visavis_runtime.training.network import DELAYS, DILATIONS, INPUT_KERNEL, OUTPUTS, Block, SpeechNetwork

OPSET = 17
_IR_VERSION = 8  # read by every onnxruntime since 1.13


class _Graph:
    """Nodes and weights as they are written down; each method adds one operation and names its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, value: npt.NDArray[np.generic]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, *inputs: str, out: str | None = None, **attributes: Any) -> str:
        name = out or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def cut(self, value: str, *, start: int, end: int, out: str | None = None) -> str:
        """Frames start..end (negative counts from the end) of [B, T, C]."""
        bounds = [
            self.weight(f"cut_{len(self.nodes)}_{i}", np.array([v], np.int64)) for i, v in enumerate((start, end, 1))
        ]
        return self.add("Slice", value, *bounds, out=out)

    def convolve(self, value: str, layer: torch.nn.Conv1d, *, name: str) -> str:
        """[B, context + T, C] -> [B, T, D] as one matrix product over the taps side by side."""
        assert layer.bias is not None
        taps, step = layer.kernel_size[0], layer.dilation[0]
        context = (taps - 1) * step
        shifted = [
            self.cut(value, start=tap * step, end=tap * step - context if tap < taps - 1 else _END)
            for tap in range(taps)
        ]
        side_by_side = self.add("Concat", *shifted, axis=2) if taps > 1 else value
        matrix = layer.weight.detach().permute(2, 1, 0).flatten(0, 1).numpy()
        product = self.add("MatMul", side_by_side, self.weight(f"{name}.weight", matrix))
        return self.add("Add", product, self.weight(f"{name}.bias", layer.bias.detach().numpy()))

    def normalise(self, value: str, norm: torch.nn.BatchNorm1d, *, name: str) -> str:
        assert norm.running_var is not None
        assert norm.running_mean is not None
        scale = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
        shift = (norm.bias - norm.running_mean * scale).detach()
        scaled = self.add("Mul", value, self.weight(f"{name}.scale", scale.numpy()))
        return self.add("Add", scaled, self.weight(f"{name}.shift", shift.numpy()))


def export(network: SpeechNetwork, *, folder: Path) -> dict[str, Any]:
    """Write the three files into `folder`; returns what speech.json says."""
    network = network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    content = onnx_model(network).SerializeToString()
    state = {name: value.contiguous() for name, value in network.state_dict().items() if value.is_floating_point()}
    save_file(state, folder / "speech.safetensors.part")
    described = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "delays_frames": list(DELAYS),
        "context": [sum(2 * d for d in DILATIONS), network.entry.out_channels],
        "entry_frames": INPUT_KERNEL - 1,
    }
    (folder / "speech.onnx.part").write_bytes(content)
    (folder / "speech.json.part").write_text(json.dumps(described, indent=1) + "\n", "utf-8")
    for name in ("speech.safetensors", "speech.onnx", "speech.json"):
        (folder / f"{name}.part").replace(folder / name)
    return described


def onnx_model(network: SpeechNetwork) -> Any:
    """The streaming network as an ONNX model (checked)."""
    graph = _Graph()
    joined = graph.add("Concat", "entry_context", "features", axis=1)
    graph.cut(joined, start=1 - INPUT_KERNEL, end=_END, out="entry_context_next")
    x = graph.convolve(joined, network.entry, name="entry")
    kept, at = [], 0
    for number, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        context = graph.cut("context", start=at, end=at + block.context)
        at += block.context
        x, keep = _add_block(graph, x, context, block=block, name=f"blocks.{number}")
        kept.append(keep)
    graph.add("Concat", *kept, axis=1, out="context_next")
    x = graph.normalise(x, network.norm, name="norm")
    x = graph.add("Mul", x, graph.add("Sigmoid", x))
    x = graph.convolve(x, network.heads, name="heads")
    shape = graph.weight("shape", np.array([0, 0, len(DELAYS), OUTPUTS], np.int64))
    graph.add("Transpose", graph.add("Reshape", x, shape), perm=[0, 2, 1, 3], out="answers")
    width = network.entry.out_channels
    states = {"entry_context": (INPUT_KERNEL - 1, BANDS), "context": (at, width)}
    inputs = [_value("features", ["streams", "frames", BANDS])]
    inputs += [_value(name, ["streams", *shape_]) for name, shape_ in states.items()]
    outputs = [_value("answers", ["streams", len(DELAYS), "frames", OUTPUTS])]
    outputs += [_value(f"{name}_next", ["streams", *shape_]) for name, shape_ in states.items()]
    made = helper.make_graph(graph.nodes, "visavis_speech", inputs, outputs, initializer=graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="visavis")
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    return model


def parity(network: SpeechNetwork, *, folder: Path, frames: int = 300, seed: int = 0) -> float:
    """Largest difference between torch on the whole and onnxruntime in chunks, over all heads (probabilities, 0..1)."""
    random = np.random.default_rng(seed)
    features = random.normal(0, 0.8, (1, frames, BANDS)).astype(np.float32)
    with torch.no_grad():
        whole = network.eval()(torch.from_numpy(features))[0].numpy()
    net = load_speech_net(folder / "speech.onnx")
    state, worst = net.start(), 0.0
    cuts = [0, *sorted(random.choice(np.arange(1, frames), 60, replace=False)), frames]
    for start, end in pairwise(cuts):
        for head in range(len(DELAYS)):
            answers, after = net.step(features[:, start:end], head=head, state=state)
            worst = max(worst, float(np.abs(answers.channels[0] - whole[head, start:end, 40:49]).max()))
        state = after
    return worst


_END = 2**31 - 1


def _add_block(graph: _Graph, x: str, context: str, *, block: Block, name: str) -> tuple[str, str]:
    normal = graph.normalise(x, block.norm, name=f"{name}.norm")
    joined = graph.add("Concat", context, normal, axis=1)
    keep = graph.cut(joined, start=-block.context, end=_END)
    both = graph.convolve(joined, block.gate, name=f"{name}.gate")
    width = block.out.in_channels
    value, gate = f"{name}.value", f"{name}.open"
    sizes = graph.weight(f"{name}.sizes", np.array([width, width], np.int64))
    graph.nodes.append(helper.make_node("Split", [both, sizes], [value, gate], axis=2))
    gated = graph.add("Mul", value, graph.add("Sigmoid", gate))
    return graph.add("Add", x, graph.convolve(gated, block.out, name=f"{name}.out")), keep


def _value(name: str, shape: list[int | str]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
