import torch

from visavis_runtime.training.network import DELAYS, DRAWN, OUTPUTS, STEP_FRAMES, SpeechNetwork


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


def test_the_two_frames_of_a_step_come_in_order():
    """Answers lie [B, heads, frames, n]: a network that only passes its biases on shows which bias went where."""
    network = SpeechNetwork().eval()
    with torch.no_grad():
        network.draw.weight.zero_()
        network.draw.bias.copy_(torch.arange(len(network.draw.bias)))
        answers = network(torch.zeros(1, 4, 64))[0]
    per_head = STEP_FRAMES * DRAWN
    for head in range(len(DELAYS)):
        assert answers[head, 0, 0] == head * per_head
        assert answers[head, 1, 0] == head * per_head + DRAWN
        assert answers[head, 2, 0] == head * per_head


def test_it_stays_small():
    assert sum(parameter.numel() for parameter in SpeechNetwork().parameters()) < 1_500_000
