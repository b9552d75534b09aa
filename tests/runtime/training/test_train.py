import numpy as np
import torch

from visavis_runtime.training.augment import draw_batch
from visavis_runtime.training.labels import load_corpus
from visavis_runtime.training.network import SpeechNetwork
from visavis_runtime.training.train import batch_losses, load_network


def test_a_few_steps_on_one_batch_lower_the_losses(shards):
    torch.manual_seed(0)
    espeak, flite, sounds = (load_corpus(path) for path in shards)
    batch = draw_batch(np.random.default_rng(0), speech=[espeak, flite], sounds=sounds, size=2, frames=150)
    network = SpeechNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    totals = []
    for _ in range(8):
        total = batch_losses(network, batch=batch).total()
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(float(total.detach()))
    assert totals[-1] < 0.9 * totals[0]


def test_the_checkpoint_is_the_network(trained):
    network, checkpoint = trained
    again = load_network(checkpoint)
    features = torch.randn(1, 50, 64)
    with torch.no_grad():
        torch.testing.assert_close(again(features), network(features))
