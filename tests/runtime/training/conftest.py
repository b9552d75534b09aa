"""A small corpus and a network for the tests of the training."""

from __future__ import annotations

import pytest

from visavis_runtime.training.augment import Part
from visavis_runtime.training.labels import load_corpus
from visavis_runtime.training.synthesise import Kinds, make_corpus
from visavis_runtime.training.train import Plan, train


@pytest.fixture(scope="session")
def shards(espeak, has_flite, tmp_path_factory):
    """About 40 s of each kind of sound."""
    kinds = Kinds(espeak=0.012, flite=0.012, sounds=0.012)
    return make_corpus(tmp_path_factory.mktemp("corpus"), kinds=kinds, seed=3)


@pytest.fixture(scope="session")
def trained(shards, tmp_path_factory):
    """A network after three steps, and its checkpoint."""
    checkpoint = tmp_path_factory.mktemp("run") / "network.safetensors"
    espeak, flite_, sounds = (load_corpus(path) for path in shards)
    speech = [Part(espeak, 0.5), Part(flite_, 0.5)]
    return train(speech=speech, sounds=sounds, plan=Plan(steps=3, seed=2, rows=2), checkpoint=checkpoint), checkpoint
