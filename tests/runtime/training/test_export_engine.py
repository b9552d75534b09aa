"""The network for game engines: what it is made of, what it answers, and the recipe of its features."""

import cmath
import math
from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest

from visavis_runtime.audio.features import mel_power, start_features
from visavis_runtime.audio.level import normalise, start_level
from visavis_runtime.motion.phones import PHONES
from visavis_runtime.motion.speech_net import MOST_BYTES, load_speech_net
from visavis_runtime.training.export import export
from visavis_runtime.training.export_engine import ENGINE_MODEL, FRAMES, OPERATORS, OPSET, export_engine
from visavis_runtime.training.network import DELAYS


@pytest.fixture(scope="module")
def shipped():
    return onnx.load(str(ENGINE_MODEL))


def _net(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _worst_difference(engine, net, *, calls=40, seed=0):
    """Between the engine's file fed call by call and the runtime's network on the whole; all heads, all answers."""
    features = np.random.default_rng(seed).normal(0, 0.8, (1, calls * FRAMES, 64)).astype(np.float32)
    states = {
        name: np.zeros(engine.get_inputs()[i].shape, np.float32) for i, name in ((1, "entry_context"), (2, "context"))
    }
    parts = []
    for at in range(0, features.shape[1], FRAMES):
        *answers, entry, context = engine.run(None, {"features": features[:, at : at + FRAMES], **states})
        states = {"entry_context": entry, "context": context}
        parts.append(answers)
    worst = 0.0
    for head in range(len(DELAYS)):
        whole, _ = net.step(features, head=head, state=net.start())
        for i, wanted in enumerate(whole):
            ours = np.concatenate([answers[i][:, head] for answers in parts], axis=1)
            worst = max(worst, float(np.abs(ours - wanted).max()))
    return worst


def test_only_operators_that_the_engine_documents(shipped):
    used = Counter(node.op_type for node in shipped.graph.node)
    assert set(used) <= OPERATORS
    assert all(node.domain == "" for node in shipped.graph.node)
    assert {"MatMul", "Sigmoid", "Softmax"} <= set(used)


def test_opset_shapes_size_and_names(shipped):
    onnx.checker.check_model(shipped, full_check=True)
    assert [(opset.domain, opset.version) for opset in shipped.opset_import] == [("", OPSET)]
    tensors = {value.name: value.type.tensor_type for value in (*shipped.graph.input, *shipped.graph.output)}
    assert all(kind.elem_type == onnx.TensorProto.FLOAT for kind in tensors.values())
    shapes = {name: [size.dim_value for size in kind.shape.dim] for name, kind in tensors.items()}
    assert shapes["features"] == [1, 4, 64]
    assert shapes["phones"] == [1, 3, 4, 40]
    assert shapes["channels"] == [1, 3, 4, 9]
    assert shapes["closures"] == [1, 3, 4, 2]
    for name in ("entry_context", "context"):
        assert shapes[name] == shapes[f"{name}_next"]
        assert min(shapes[name]) > 0
    assert ENGINE_MODEL.stat().st_size <= MOST_BYTES
    said = {item.key: item.value for item in shipped.metadata_props}
    assert said["phones"].split() == list(PHONES)
    assert said["delays_frames"].split() == [str(delay) for delay in DELAYS]


def test_the_shipped_file_is_the_network_of_the_runtime():
    assert _worst_difference(_net(ENGINE_MODEL), load_speech_net()) <= 1e-4


def test_a_new_network_is_written_again(trained, tmp_path):
    network, _ = trained
    export(network, folder=tmp_path)
    path = export_engine(folder=tmp_path)
    assert [one.name for one in tmp_path.glob("*.part")] == []
    assert _worst_difference(_net(path), load_speech_net(tmp_path / "speech.onnx")) <= 1e-4


def test_the_features_follow_from_the_description():
    random = np.random.default_rng(1)
    samples = (random.normal(0, 1, 2400) * np.linspace(0, 0.5, 2400) ** 2).astype(np.float32)
    power, _ = mel_power(samples, state=start_features())
    wanted, _ = normalise(power, state=start_level())
    ours = _features_by_the_book(samples.tolist())[: len(wanted)]
    np.testing.assert_allclose(ours, wanted, atol=2e-4)


def _features_by_the_book(samples):
    """docs/in-engine.md, line by line, with nothing of the runtime."""
    window = [(0.5 - 0.5 * math.cos(2 * math.pi * n / 400)) / 100 for n in range(400)]
    low, high = (2595 * math.log10(1 + hz / 700) for hz in (60, 7800))
    edges = [700 * (10 ** ((low + (high - low) * i / 65) / 2595) - 1) for i in range(66)]
    smooth, peak, frames = 0.0, -16.118095650958, []
    for centre in range(0, len(samples), 160):
        taken = [samples[i] if 0 <= i < len(samples) else 0.0 for i in range(centre - 200, centre + 200)]
        spectrum = _fourier([value * weight for value, weight in zip(taken, window, strict=True)] + [0.0] * 112)
        bands = [_band(spectrum, edges[b : b + 3]) for b in range(64)]
        smooth += 0.28346868942621073 * (sum(bands) - smooth)
        peak = max(math.log(max(smooth, 1e-30)), peak - 0.018420680743952367, -16.118095650958)
        frames.append([0.25 * (math.log(band * math.exp(-peak) + 1e-6) + 8) for band in bands])
    return np.array(frames)


def _band(spectrum, edges):
    left, middle, right = edges
    total = 0.0
    for k in range(257):
        rise, fall = (31.25 * k - left) / (middle - left), (right - 31.25 * k) / (right - middle)
        total += abs(spectrum[k]) ** 2 * max(0.0, min(rise, fall))
    return total


def _fourier(values):
    if len(values) == 1:
        return [complex(values[0])]
    even, odd = _fourier(values[::2]), _fourier(values[1::2])
    turned = [cmath.exp(-2j * math.pi * k / len(values)) * value for k, value in enumerate(odd)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [a - b for a, b in zip(even, turned, strict=True)]
