import numpy as np
import pytest

from visavis_runtime.motion.phones import PHONE_INDEX, Segment
from visavis_runtime.training.labels import corpus_of_utterances, joined, load_corpus, save_corpus, utterance


def _corpus(lines=2):
    random = np.random.default_rng(0)
    segments = (Segment("SIL", 0.0, 0.2), Segment("M", 0.2, 0.3), Segment("AA", 0.3, 0.6))
    spoken = [
        utterance(random.normal(0, 0.1, 22_050).astype(np.float32), rate_hz=22_050, segments=segments, voice=f"v{i}")
        for i in range(lines)
    ]
    return corpus_of_utterances(spoken)


def test_frames_and_targets_have_one_length():
    corpus = _corpus()
    assert {len(corpus.log_power), len(corpus.phones), len(corpus.channels), len(corpus.closures)} == {200}
    assert corpus.starts.tolist() == [0, 100, 200]
    assert corpus.phones[25] == PHONE_INDEX["M"]
    assert corpus.closures[25, 0] > 0.9
    assert corpus.hours == pytest.approx(200 / 360_000)


def test_a_warp_moves_the_timing_with_the_sound():
    spoken = utterance(
        np.ones(16_000, np.float32), rate_hz=16_000, segments=(Segment("M", 0.2, 0.4),), voice="", warp=2.0
    )
    assert len(spoken.samples) == pytest.approx(8000, abs=2)
    assert spoken.segments[0] == Segment("M", 0.1, 0.2)


def test_saved_and_joined_corpora_are_the_same(tmp_path):
    corpus = _corpus()
    save_corpus(tmp_path / "c.npz", corpus=corpus)
    back = load_corpus(tmp_path / "c.npz")
    for name, array in back._asdict().items():
        np.testing.assert_array_equal(array, getattr(corpus, name))
    both = joined([back, _corpus(1)])
    np.testing.assert_array_equal(both.log_power[:200], corpus.log_power)
    assert both.timings[:, 0].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert both.starts.tolist() == [0, 100, 200, 300]
    assert list(tmp_path.iterdir()) == [tmp_path / "c.npz"]
