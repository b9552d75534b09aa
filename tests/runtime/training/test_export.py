import numpy as np

from visavis_runtime.motion.speech_net import MOST_BYTES, load_speech_net
from visavis_runtime.training.export import export, parity
from visavis_runtime.training.network import DELAYS


def test_the_exported_network_is_the_trained_one(trained, tmp_path):
    network, _ = trained
    described = export(network, folder=tmp_path)
    assert described["delays_frames"] == list(DELAYS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["speech.json", "speech.onnx", "speech.safetensors"]
    assert all(path.stat().st_size <= MOST_BYTES for path in tmp_path.iterdir())
    assert parity(network, folder=tmp_path) <= 1e-4


def test_torch_runs_what_was_exported(trained, tmp_path):
    network, _ = trained
    export(network, folder=tmp_path)
    ours, theirs = (load_speech_net(tmp_path / "speech.onnx", backend=backend) for backend in ("torch", "onnx"))
    features = np.random.default_rng(3).normal(0, 0.8, (2, 40, 64)).astype(np.float32)
    for one, other in zip(
        ours.step(features, head=2, state=ours.start(streams=2))[0],
        theirs.step(features, head=2, state=theirs.start(streams=2))[0],
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-5)
