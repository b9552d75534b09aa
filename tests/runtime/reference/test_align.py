from __future__ import annotations

import difflib
import sys

import numpy as np
import numpy.typing as npt
import pytest
import soxr

from visavis.errors import InputError
from visavis_runtime.motion.phones import PHONE_INDEX
from visavis_runtime.reference import flite
from visavis_runtime.reference.align import Alignment, aligned, has_aligner, open_aligner, words_of_text
from visavis_runtime.reference.espeak import Spoken

RATE_HZ = 16000
LINE = "Please bring my brother the purple map before the pilot leaves."

needs_aligner = pytest.mark.skipif(not has_aligner(), reason="pocketsphinx is not installed (extra `training`)")
needs_flite = pytest.mark.skipif(not flite.has_flite(), reason="flite is not installed (apt install flite)")


def _sound(spoken: Spoken) -> npt.NDArray[np.float32]:
    return np.asarray(soxr.resample(spoken.samples, spoken.rate_hz, RATE_HZ), np.float32)


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    return flite.speak(LINE, voice="slt")


@pytest.fixture(scope="module")
def alignment(spoken: Spoken) -> Alignment:
    return aligned(_sound(spoken), transcript=LINE)


@needs_aligner
@needs_flite
def test_phones_start_where_the_synthesiser_put_them(spoken: Spoken, alignment: Alignment) -> None:
    true, found = ([s.phone for s in segments] for segments in (spoken.segments, alignment.segments))
    blocks = difflib.SequenceMatcher(None, true, found, autojunk=False).get_matching_blocks()
    off_s = np.array(
        [
            alignment.segments[b.b + i].start_s - spoken.segments[b.a + i].start_s
            for b in blocks
            for i in range(b.size)
            if spoken.segments[b.a + i].phone != "SIL"
        ]
    )
    assert len(off_s) > 0.8 * len(true)
    assert np.median(np.abs(off_s)) <= 0.015
    assert (np.abs(off_s) <= 0.03).mean() >= 0.8


@needs_aligner
@needs_flite
def test_every_word_and_every_moment_is_accounted_for(spoken: Spoken, alignment: Alignment) -> None:
    assert [word.text for word in alignment.words] == words_of_text(LINE)
    assert all(s.phone in PHONE_INDEX and s.end_s > s.start_s for s in alignment.segments)
    ends = [0.0, *(s.end_s for s in alignment.segments)]
    assert [s.start_s for s in alignment.segments] == pytest.approx(ends[:-1], abs=1e-6)
    assert ends[-1] == pytest.approx(len(_sound(spoken)) / RATE_HZ, abs=0.02)
    assert len(alignment.scores) == len(alignment.segments)
    for word in alignment.words:
        said = [s for s in alignment.segments[word.first : word.last] if s.phone != "SIL"]
        assert (said[0].start_s, said[-1].end_s) == (word.start_s, word.end_s)


@needs_aligner
@needs_flite
def test_words_that_were_not_said_score_worse(spoken: Spoken, alignment: Alignment) -> None:
    wrong = aligned(_sound(spoken), transcript="Seven ugly goats are watching a quiet yellow house.")
    assert _speech_score(wrong) < _speech_score(alignment) - 1.5


@needs_aligner
@needs_flite
def test_a_quiet_recording_is_aligned_like_a_loud_one(spoken: Spoken, alignment: Alignment) -> None:
    quiet = aligned(_sound(spoken) * np.float32(0.01), transcript=LINE)
    assert [s.phone for s in quiet.segments] == [s.phone for s in alignment.segments]
    off_s = np.array([a.start_s - b.start_s for a, b in zip(quiet.segments, alignment.segments, strict=True)])
    assert np.median(np.abs(off_s)) <= 0.01


@needs_aligner
@needs_flite
def test_a_pause_is_no_part_of_a_phone() -> None:
    first, second = (_sound(flite.speak(text, voice="rms")) for text in ("My brother can see,", "the river is wide."))
    pause = np.zeros(RATE_HZ // 2, np.float32)
    found = aligned(np.concatenate([first, pause, second]), transcript="my brother can see the river is wide")
    middle_s = len(first) / RATE_HZ + 0.25
    inside = [s.phone for s in found.segments if s.start_s <= middle_s < s.end_s]
    assert inside == ["SIL"]


@needs_aligner
@needs_flite
def test_an_aligner_says_words_as_it_is_told_to() -> None:
    aligner = open_aligner(pronounced={"z": ["Z EH D"], "tomato": ["T AH M EY T OW", "T AH M AA T OW"]}, scored=False)
    sound = _sound(flite.speak("Say zed, a tomahto.", voice="awb"))
    for _ in range(2):  # the second time the words are in the dictionary already
        found = aligner.align(sound, transcript="Say z, a tomato.")
        assert "D" in [s.phone for s in found.segments]
        assert [word.text for word in found.words] == ["say", "z", "a", "tomato"]


@needs_aligner
@needs_flite
def test_a_word_that_no_dictionary_has_is_aligned() -> None:
    found = aligned(_sound(flite.speak("The old king feedst a brivomble.", voice="rms")),
                    transcript="The old king feed\u2019st a brivomble.")  # fmt: skip
    assert [word.text for word in found.words][-1] == "brivomble"
    word = found.words[-1]
    assert "B" in {s.phone for s in found.segments[word.first : word.last]}


@needs_aligner
def test_a_transcript_without_words_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        aligned(np.zeros(RATE_HZ, np.float32), transcript="1914 -- !")
    assert caught.value.reason == "ALIGNMENT_FAILED"


@needs_aligner
def test_far_too_many_words_do_not_fit() -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, RATE_HZ // 2).astype(np.float32)
    with pytest.raises(InputError) as caught:
        aligned(noise, transcript=LINE)
    assert caught.value.reason == "ALIGNMENT_FAILED"


def test_without_pocketsphinx_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    assert not has_aligner()
    with pytest.raises(InputError, match=r"visavis\[training\]") as caught:
        open_aligner()
    assert caught.value.reason == "TRAINING_EXTRA_MISSING"


def test_words_of_text_reads_typographic_text() -> None:
    assert words_of_text("Sonnet I\u2014Feed\u2019st thy light\u2019s flame, \u2018self-substantial\u2019!") == [
        "sonnet", "i", "feed'st", "thy", "light's", "flame", "self", "substantial",
    ]  # fmt: skip


def _speech_score(alignment: Alignment) -> float:
    speech = [s.phone != "SIL" for s in alignment.segments]
    return float(np.mean(alignment.scores[speech]))
