from visavis_runtime.motion.speech_net import MOST_BYTES
from visavis_runtime.training.export import export, parity
from visavis_runtime.training.network import DELAYS


def test_the_exported_network_is_the_trained_one(trained, tmp_path):
    network, _ = trained
    described = export(network, folder=tmp_path)
    assert described["delays_frames"] == list(DELAYS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["speech.json", "speech.onnx", "speech.safetensors"]
    assert all(path.stat().st_size <= MOST_BYTES for path in tmp_path.iterdir())
    assert parity(network, folder=tmp_path) <= 1e-4
