"""A training run of a few steps: from nothing to a network that the runtime loads."""

import numpy as np
import pytest
import torch

from visavis_runtime.motion.speech_net import load_speech_net
from visavis_runtime.training.evaluate import score
from visavis_runtime.training.export import export, parity
from visavis_runtime.training.labels import load_corpus
from visavis_runtime.training.network import DELAYS, OUTPUTS, SpeechNetwork
from visavis_runtime.training.train import Plan, load_network, train


@pytest.fixture(scope="module")
def trained(shards, tmp_path_factory):
    checkpoint = tmp_path_factory.mktemp("run") / "network.safetensors"
    espeak, flite, sounds = (load_corpus(path) for path in shards)
    plan = Plan(minutes=5.0, seed=2, rows=2, steps=3)
    return train(speech=[espeak, flite], sounds=sounds, plan=plan, checkpoint=checkpoint), checkpoint


def test_the_network_looks_only_back():
    torch.manual_seed(0)
    network = SpeechNetwork().eval()
    features = torch.randn(1, 80, 64)
    changed = features.clone()
    changed[:, 50:] += 1.0
    with torch.no_grad():
        before, after = network(features), network(changed)
    assert before.shape == (1, len(DELAYS), 80, OUTPUTS)
    torch.testing.assert_close(before[:, :, :50], after[:, :, :50])
    assert not torch.allclose(before[:, :, 50:], after[:, :, 50:])


def test_the_checkpoint_is_the_network(trained):
    network, checkpoint = trained
    again = load_network(checkpoint)
    features = torch.randn(1, 50, 64)
    with torch.no_grad():
        torch.testing.assert_close(again(features), network(features))


def test_the_exported_network_is_the_trained_one(trained, tmp_path):
    network, _ = trained
    described = export(network, folder=tmp_path)
    assert described["parameters"] < 1_300_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["speech.json", "speech.onnx", "speech.safetensors"]
    assert parity(network, folder=tmp_path) <= 1e-4


def test_a_network_can_be_scored(trained, shards, tmp_path):
    export(trained[0], folder=tmp_path)
    scores = score(load_speech_net(tmp_path / "speech.onnx"), head=1, corpus=load_corpus(shards[1]))
    assert 0.0 <= scores.phones <= scores.visemes <= 1.0
    assert np.isfinite(scores.mean_jaw)
