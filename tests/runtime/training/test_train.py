import numpy as np
import torch

from visavis_runtime.training.augment import Part, draw_batch
from visavis_runtime.training.labels import load_corpus
from visavis_runtime.training.network import SpeechNetwork
from visavis_runtime.training.train import (
    Plan,
    batch_losses,
    load_network,
    readers_heard,
    save_network,
    steps_done,
    train,
)


def test_a_few_steps_on_one_batch_lower_the_losses(shards):
    torch.manual_seed(0)
    espeak, flite, sounds = (load_corpus(path) for path in shards)
    speech = [Part(espeak, 0.5), Part(flite, 0.5)]
    batch = draw_batch(np.random.default_rng(0), speech=speech, sounds=sounds, size=2, frames=150)
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


def test_a_run_goes_on_where_it_was_cut(trained, shards, tmp_path):
    network, checkpoint = trained
    assert steps_done(checkpoint) == 3
    assert steps_done(tmp_path / "none.safetensors") == 0
    copy = tmp_path / "network.safetensors"
    copy.write_bytes(checkpoint.read_bytes())
    espeak, _, sounds = (load_corpus(path) for path in shards)
    plan = Plan(steps=4, seed=2, rows=2, done=3)
    after = train(speech=[Part(espeak, 1.0)], sounds=sounds, plan=plan, checkpoint=copy)
    assert steps_done(copy) == 4
    moved = [(a - b).abs().max() for a, b in zip(after.parameters(), network.parameters(), strict=True)]
    assert 0 < max(moved) < 0.1


def test_the_same_seed_gives_the_same_network(trained, shards, tmp_path):
    espeak, flite, sounds = (load_corpus(path) for path in shards)
    speech = [Part(espeak, 0.5), Part(flite, 0.5)]
    plan = Plan(steps=3, seed=2, rows=2)
    again = train(speech=speech, sounds=sounds, plan=plan, checkpoint=tmp_path / "network.safetensors")
    for one, other in zip(again.parameters(), trained[0].parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def test_the_readers_heard_stand_in_the_checkpoint(trained, shards, tmp_path):
    checkpoint = tmp_path / "network.safetensors"
    save_network(checkpoint, network=trained[0], plan=Plan(steps=3, seed=2, readers=("LJ001", "grid-s1")), done=3)
    assert readers_heard(checkpoint) == ("LJ001", "grid-s1")
    assert readers_heard(trained[1]) == ()
