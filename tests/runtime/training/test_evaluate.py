import numpy as np
import pytest

from visavis_runtime.motion.speech_net import load_speech_net
from visavis_runtime.training.evaluate import event_shares, score, strangers
from visavis_runtime.training.export import export
from visavis_runtime.training.labels import load_corpus


def _runs(*spans, length=100):
    flags = np.zeros(length, bool)
    for start, end in spans:
        flags[start:end] = True
    return flags


def test_events_are_counted_not_frames():
    wanted = _runs((10, 20), (50, 55))
    recall, precision = event_shares(_runs((12, 14), (70, 90)), wanted)
    assert (recall, precision) == (0.5, 0.5)


def test_thirty_ms_off_is_still_found():
    assert event_shares(_runs((22, 25)), _runs((10, 20)))[0] == 1.0
    assert event_shares(_runs((24, 27)), _runs((10, 20)))[0] == 0.0


def test_nothing_wanted_is_no_number():
    assert np.isnan(event_shares(_runs(), _runs())[0])


@pytest.mark.material
@pytest.mark.usefixtures("espeak")
def test_readers_that_were_trained_on_are_not_scored(material):
    voices = {line.voice for line in strangers(material)}
    assert {"austen_0870", "jfk", "sonnet1"} <= voices
    assert not [voice for voice in voices if voice.startswith("LJ001")]


def test_a_network_can_be_scored(trained, shards, tmp_path):
    export(trained[0], folder=tmp_path)
    scores = score(load_speech_net(tmp_path / "speech.onnx"), head=1, corpus=load_corpus(shards[1]))
    assert 0.0 <= scores.phones <= scores.visemes <= 1.0
    assert np.isfinite(scores.mean_jaw)
