import gc

import numpy as np
import pytest

from visavis.errors import InputError
from visavis_runtime.motion.phones import Segment
from visavis_runtime.reference.espeak import _draw_back_stops, open_espeak
from visavis_runtime.reference.lines import LANGUAGES


def test_a_line_has_its_phones_in_order(espeak):
    speech = espeak.speak("My baby", voice="en-us")
    phones = [segment.phone for segment in speech.segments if segment.phone != "SIL"]
    assert phones == ["M", "AY", "B", "EY", "B", "IY"]
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in zip(speech.segments, speech.segments[1:], strict=False))
    assert speech.segments[-1].end_s <= len(speech.samples) / speech.rate_hz + 0.01


@pytest.mark.parametrize("voice", ["en-gb", "no-such-voice", "en-us+no-such-variant-zz"])
def test_a_refused_voice_is_loud(espeak, voice):
    with pytest.raises(InputError, match="refuses the voice") as caught:
        espeak.speak("hello", voice=voice)
    assert caught.value.reason == "VOICE_REFUSED"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_of_the_corpus_is_spoken(espeak, language):
    assert len(espeak.speak("a", voice=language).samples) > 0


def test_the_silence_before_a_burst_belongs_to_the_stop():
    samples = np.full(22_050, 0.1, np.float32)
    samples[9_000:11_025] = 0.0
    segments = [Segment("AA", 0.0, 0.5), Segment("P", 0.5, 0.55), Segment("AA", 0.55, 1.0)]
    vowel, stop, _ = _draw_back_stops(segments, samples=samples, rate_hz=22_050)
    assert stop.start_s == pytest.approx(9_000 / 22_050, abs=0.005)
    assert vowel.end_s == stop.start_s


def test_one_that_is_gone_does_not_take_the_others_along(espeak):
    """The library holds one callback for the whole process; a freed one used to end it."""
    passing = open_espeak()
    assert len(passing.speak("ma", voice="en-us").samples) > 0
    del passing
    gc.collect()
    assert len(espeak.speak("ma", voice="en-us").samples) > 0
