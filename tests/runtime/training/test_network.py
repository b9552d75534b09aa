import torch

from visavis_runtime.training.network import DELAYS, OUTPUTS, SpeechNetwork


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


def test_it_stays_small():
    assert sum(parameter.numel() for parameter in SpeechNetwork().parameters()) < 1_300_000
