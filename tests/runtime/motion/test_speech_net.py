import json

import numpy as np
import pytest

from visavis.errors import DamageError
from visavis_runtime.motion.speech_net import MODEL, MOST_BYTES, load_speech_net


@pytest.fixture(scope="module")
def net():
    return load_speech_net()


def _features(streams=1, frames=60, seed=0):
    return np.random.default_rng(seed).normal(0, 0.8, (streams, frames, 64)).astype(np.float32)


def test_many_voices_at_once_equal_each_alone(net):
    features = _features(streams=3)
    together, _ = net.step(features, head=1, state=net.start(streams=3))
    for row in range(3):
        alone, _ = net.step(features[row : row + 1], head=1, state=net.start())
        for a, b in zip(alone, together, strict=True):
            np.testing.assert_allclose(a[0], b[row], atol=1e-5)


def test_chunks_equal_the_whole_for_every_head(net):
    features = _features()
    for head in range(len(net.delays)):
        whole, _ = net.step(features, head=head, state=net.start())
        state, parts = net.start(), []
        for start in range(0, 60, 14):
            part, state = net.step(features[:, start : start + 14], head=head, state=state)
            parts.append(part)
        for i, array in enumerate(whole):
            np.testing.assert_allclose(np.concatenate([part[i] for part in parts], axis=1), array, atol=1e-5)


def test_probabilities_are_probabilities(net):
    answers, _ = net.step(_features(), head=0, state=net.start())
    np.testing.assert_allclose(answers.phones.sum(axis=-1), 1.0, atol=1e-5)
    assert answers.closures.min() >= 0.0
    assert answers.closures.max() <= 1.0


def test_no_frames_no_change(net):
    state = net.start()
    answers, after = net.step(_features(frames=0), head=0, state=state)
    assert answers.channels.shape == (1, 0, 9)
    assert after is state


def test_the_files_are_small_and_described():
    described = json.loads(MODEL.with_suffix(".json").read_text())
    assert described["delays_frames"] == [2, 6, 10]
    for suffix in (".onnx", ".safetensors"):
        assert 0 < MODEL.with_suffix(suffix).stat().st_size <= MOST_BYTES


def test_a_damaged_model_is_refused_before_it_is_parsed(tmp_path):
    path = tmp_path / "speech.onnx"
    content = bytearray(MODEL.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    path.with_suffix(".json").write_text(MODEL.with_suffix(".json").read_text())
    with pytest.raises(DamageError, match="SHA-256") as caught:
        load_speech_net(path)
    assert caught.value.reason == "MODEL_DAMAGED"


def test_a_missing_model_is_one_clear_sentence(tmp_path):
    with pytest.raises(DamageError, match="install visavis again"):
        load_speech_net(tmp_path / "speech.onnx")
