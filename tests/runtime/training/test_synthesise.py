import numpy as np
import pytest

from visavis_runtime.reference.voices import HELD_OUT_VARIANTS
from visavis_runtime.training.labels import load_corpus
from visavis_runtime.training.synthesise import make_shard


def test_every_kind_has_a_shard_of_its_length(shards):
    assert [path.name.split("-")[0] for path in shards] == ["espeak", "flite", "sounds"]
    for path in shards:
        corpus = load_corpus(path)
        assert corpus.hours >= 0.012
        assert np.isfinite(corpus.log_power).all()


def test_speech_has_closures_and_sounds_have_none(shards):
    espeak, flite, sounds = (load_corpus(path) for path in shards)
    assert espeak.closures[:, 0].max() > 0.99
    assert flite.closures[:, 1].max() > 0.99
    assert sounds.closures.max() == 0.0
    assert (sounds.phones == 0).all()


def test_held_out_voices_are_held_out(shards):
    voices = load_corpus(shards[0]).voices
    assert not {voice.partition("+")[2] for voice in voices.tolist()} & HELD_OUT_VARIANTS


@pytest.mark.parametrize("number", [0, 1])
def test_the_same_seed_gives_the_same_voices(shards, tmp_path, number):
    kind = ("espeak", "flite")[number]
    again = load_corpus(make_shard(tmp_path / "again.npz", kind=kind, hours=0.012, seed=3000))
    first = load_corpus(shards[number])
    # espeak-ng's timings move by milliseconds with what it said before, so the last line may fall to either side
    common = min(len(again.voices), len(first.voices))
    assert common >= max(len(again.voices), len(first.voices)) - 1
    assert again.voices[:common].tolist() == first.voices[:common].tolist()
    assert again.starts[common] == pytest.approx(first.starts[common], rel=0.01)
