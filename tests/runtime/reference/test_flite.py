import pytest

from visavis.errors import InputError
from visavis_runtime.reference import flite
from visavis_runtime.reference.flite import _segments_of_durations


def test_durations_are_read_in_order():
    segments = _segments_of_durations("pau:0.224 m:0.260 warning: x ay:0.392")
    assert [segment.phone for segment in segments] == ["SIL", "M", "AY"]
    assert segments[1].start_s == pytest.approx(0.224)


def test_a_line_lasts_as_long_as_its_phones(has_flite):
    speech = flite.speak("My father bought a purple vase.", voice="slt")
    assert "P" in [segment.phone for segment in speech.segments]
    assert speech.segments[-1].end_s == pytest.approx(len(speech.samples) / speech.rate_hz, abs=0.2)


def test_a_missing_voice_is_loud(has_flite, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="not installed"):
        flite.speak("hello", voice="slt")
