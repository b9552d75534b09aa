"""Writes the second ONNX of the speech network, for game engines: speech_engine.onnx, from speech.safetensors.

Unity's Inference Engine (Sentis) reads ONNX up to opset 15 with the operators of the table below, so that a game can
run the speech network in its own process. The file keeps to that: opset 15, float32, fixed shapes (one stream, four
frames = 40 ms a call), the memory of the network as named tensors in and out, and softmax and sigmoid inside, so that
nothing is left to compute but the features that go in. docs/in-engine.md says how to compute those (`audio.features`
and `audio.level`, with every constant) and what to do with what comes out; the names of phones, channels and closures
are in the file's metadata.

    features [1, 4, 64]                          -> phones   [1, 3, 4, 40]  probabilities
    entry_context [1, 2, 128]  (zeros at first)  -> channels [1, 3, 4, 9]   about 0..1
    context       [1, 60, 152] (zeros at first)  -> closures [1, 3, 4, 2]   probabilities
                                                 -> entry_context_next, context_next: the inputs of the next call

The second axis is the look-ahead (fast, balanced, best); frame i of head h is about frame `i - DELAYS[h]`. It is the
very graph of `export`, which runs everything else; `python -m visavis_runtime.training.export_engine` writes it again
after a training. It was not run in Unity: the operators, the opset and the numbers are checked, the importer is not.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from safetensors.torch import load_file

from visavis_runtime.motion.phones import PHONES
from visavis_runtime.motion.speech_net import MODEL
from visavis_runtime.motion.targets import CHANNELS, CLOSURES
from visavis_runtime.training.export import Graph, Shape, add_network, model_of_graph
from visavis_runtime.training.network import DELAYS, SpeechNetwork

ENGINE_MODEL = MODEL.with_name("speech_engine.onnx")
OPSET = 15
FRAMES = 4

OPERATORS_SOURCE = "https://docs.unity3d.com/Packages/com.unity.ai.inference@2.3/manual/supported-operators.html"
_words = str.split  # reads better than a quoted list

OPERATORS = frozenset(
    _words(
        "Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Bernoulli Cast "
        "CastLike Ceil Celu Clip Compress Concat Constant ConstantOfShape Conv ConvTranspose Cos Cosh CumSum "
        "DepthToSpace Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor Gather GatherElements GatherND Gemm "
        "GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample Hardmax HardSigmoid HardSwish Identity "
        "InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LRN LSTM "
        "MatMul Max MaxPool Mean Min Mod Mish Mul Multinomial Neg NonMaxSuppression NonZero Not OneHot Or Pad Pow "
        "PRelu RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 "
        "ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu "
        "Reshape Resize RoiAlign Round Scatter ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh "
        "Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh ThresholdedRelu Tile "
        "TopK Transpose Trilu Unsqueeze Upsample Where Xor"
    )
)
"""Operators that `com.unity.ai.inference` 2.3.0 imports; those used here are also in the tables of Sentis 2.1 and 2.4
and run on its CPU, GPUCompute and GPUPixel back ends."""


def engine_model(network: SpeechNetwork) -> Any:
    """The network as an ONNX model (checked) that a game engine can run."""
    graph = Graph()
    drawn, closed = add_network(graph, network.eval())
    sizes = graph.weight("sizes", np.array([len(PHONES), len(CHANNELS)], np.int64))
    graph.split(drawn, sizes, outs=("phone_logits", "channels"), axis=3)
    graph.add("Softmax", "phone_logits", out="phones", axis=3)
    graph.add("Sigmoid", closed, out="closures")
    widths = {"phones": len(PHONES), "channels": len(CHANNELS), "closures": len(CLOSURES)}
    outputs: dict[str, Shape] = {name: (1, len(DELAYS), FRAMES, width) for name, width in widths.items()}
    return model_of_graph(graph, outputs=outputs, streams=1, frames=FRAMES, opset=OPSET)


def export_engine(*, folder: Path = MODEL.parent) -> Path:
    """Write speech_engine.onnx beside the speech.safetensors of `folder`; returns its path."""
    weights = folder / "speech.safetensors"
    network = SpeechNetwork()
    network.load_state_dict(load_file(weights), strict=False)  # batch counters are not kept
    model = engine_model(network)
    onnx.helper.set_model_props(
        model,
        {
            "phones": " ".join(PHONES),
            "channels": " ".join(CHANNELS),
            "closures": " ".join(CLOSURES),
            "delays_frames": " ".join(map(str, DELAYS)),
            "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        },
    )
    path = folder / ENGINE_MODEL.name
    part = path.with_suffix(".part")
    part.write_bytes(model.SerializeToString())
    part.replace(path)
    return path


if __name__ == "__main__":
    print(export_engine())
