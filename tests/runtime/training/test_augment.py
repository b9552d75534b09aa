import numpy as np
import pytest

from visavis_runtime.motion.phones import Segment
from visavis_runtime.training.augment import Part, draw_batch, plain_batch
from visavis_runtime.training.labels import corpus_of_utterances, utterance


@pytest.fixture(scope="module")
def speech():
    return _corpus((Segment("SIL", 0.0, 0.3), Segment("M", 0.3, 0.6), Segment("AA", 0.6, 2.0)))


@pytest.fixture(scope="module")
def sounds():
    return _corpus(())


def _corpus(segments):
    random = np.random.default_rng(0)
    lines = [random.normal(0, 0.1, 40_000).astype(np.float32) for _ in range(6)]
    return corpus_of_utterances(utterance(line, rate_hz=16_000, segments=segments, voice="v") for line in lines)


def test_batches_are_finite_and_in_the_range_of_the_runtime(speech, sounds):
    random = np.random.default_rng(1)
    for _ in range(10):
        batch = draw_batch(random, speech=[Part(speech, 1.0)], sounds=sounds, size=4, frames=200)
        assert batch.features.shape == (4, 200, 64)
        assert batch.features.dtype == np.float32
        assert np.isfinite(batch.features).all()
        assert batch.features.min() >= -1.5
        assert batch.features.max() < 3.0
        assert batch.phones.shape == (4, 200)
        assert batch.channels.shape == (4, 200, 9)
        assert batch.closures.shape == (4, 200, 2)


def test_corpora_are_drawn_by_their_shares(speech, sounds):
    other = speech._replace(phones=np.full_like(speech.phones, 7))
    random = np.random.default_rng(2)
    batches = [
        draw_batch(random, speech=[Part(speech, 1.0), Part(other, 3.0)], sounds=sounds, size=20) for _ in range(5)
    ]
    spoken = [row for batch in batches for row in batch.phones if row.any()]
    assert 0.6 < np.mean([(row == 7).any() for row in spoken]) < 0.9


def test_the_same_seed_gives_the_same_batch(speech, sounds):
    first, second = (
        draw_batch(np.random.default_rng(7), speech=[Part(speech, 1.0)], sounds=sounds, size=3) for _ in range(2)
    )
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_plain_batch_keeps_the_corpus_as_it_is(speech):
    batch = plain_batch(np.random.default_rng(0), corpus=speech, size=2, frames=100)
    assert batch.features.shape == (2, 100, 64)
    assert set(np.unique(batch.phones)) <= set(np.unique(speech.phones).tolist())
