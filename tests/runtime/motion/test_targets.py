import numpy as np
import pytest

from visavis_runtime.motion.phones import PHONES, Segment
from visavis_runtime.motion.targets import CHANNELS, check_table, targets_of_segments

JAW, CLOSE, LABIODENTAL, PUCKER = (CHANNELS.index(name) for name in ("jaw", "close", "labiodental", "pucker"))


def _say(phones, each_s=0.1, lead_s=0.3):
    times = lead_s + np.arange(len(phones) + 1) * each_s
    segments = [Segment("SIL", 0.0, lead_s)]
    segments += [Segment(p, a, b) for p, a, b in zip(phones, times[:-1], times[1:], strict=True)]
    segments.append(Segment("SIL", times[-1], times[-1] + lead_s))
    return targets_of_segments(segments, frames=round((times[-1] + lead_s) * 100))


def test_every_phone_has_a_target():
    check_table()


def test_silence_shuts_the_mouth():
    rest = targets_of_segments([], frames=50)
    assert rest.channels[:, JAW].max() == 0.0
    assert rest.closures.max() == 0.0
    assert (rest.phones == 0).all()


@pytest.mark.parametrize("phone", ["P", "B", "M"])
def test_lips_meet_however_short_the_sound(phone):
    for each_s in (0.03, 0.06, 0.12):
        said = _say(["AA", phone, "AA"], each_s=each_s)
        assert said.closures[:, 0].max() > 0.99
        shut = said.closures[:, 0].argmax()
        assert said.channels[shut, CLOSE] > 0.99


def test_lip_meets_teeth():
    said = _say(["AA", "V", "AA"])
    assert said.closures[:, 1].max() > 0.99
    assert said.channels[:, LABIODENTAL].max() > 0.99


def test_rounding_starts_before_the_vowel():
    said = _say(["T", "UW"])
    consonant = said.channels[34]
    assert consonant[PUCKER] > 2 * _say(["T", "IY"]).channels[34][PUCKER] + 0.1


def test_a_jaw_in_a_hurry_undershoots():
    slow, fast = (_say(["T", "AA", "T"], each_s=s).channels[:, JAW].max() for s in (0.25, 0.06))
    assert fast < slow


def test_channels_stay_in_range():
    said = _say(list(PHONES))
    assert said.channels.min() >= 0.0
    assert said.channels.max() <= 1.0


@pytest.mark.parametrize(("phone", "channel"), [("W", PUCKER), ("UW", PUCKER), ("AA", JAW)])
def test_nothing_is_anticipated_far_into_a_pause(phone, channel):
    said = _say([phone, "AA"], lead_s=0.6).channels[:, channel]
    assert said[:45].max() < 0.12  # 150 ms before the first sound
    assert said[60:75].max() > 0.3


def test_silence_after_speech_is_shut_and_still():
    said = _say(["B", "AA", "T", "AA"], lead_s=0.6)
    after = said.channels[100 + 30 :, JAW]
    assert after.max() < 0.02


def test_measured_lips_ask_for_these_orders():
    """What the fit found and a viewer sees: open vowels open, S keeps the jaw up, EE spreads, OO does not."""
    jaw, wide = (
        {p: _say(["T", p, "T"], each_s=0.15).channels[52, c] for p in ("AA", "IY", "UW", "S")} for c in (JAW, 5)
    )
    assert jaw["AA"] > jaw["IY"] > jaw["S"]
    assert jaw["AA"] > jaw["UW"] + 0.2
    assert wide["IY"] > wide["UW"] + 0.3


def test_a_lead_moves_the_mouth_and_not_the_phones():
    segments = [Segment("SIL", 0.0, 0.3), Segment("B", 0.3, 0.4), Segment("AA", 0.4, 0.6), Segment("SIL", 0.6, 1.0)]
    plain, ahead = (targets_of_segments(segments, frames=100, lead_s=s) for s in (0.0, 0.02))
    np.testing.assert_array_equal(ahead.phones, plain.phones)
    np.testing.assert_allclose(ahead.channels[:-2], plain.channels[2:], atol=1e-6)
    np.testing.assert_allclose(ahead.closures[:-2], plain.closures[2:], atol=1e-6)
