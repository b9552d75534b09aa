import random

import pytest

from visavis_runtime.reference.lines import LANGUAGES, english_line, foreign_line

SCRIPTS = {"ru": (0x0400, 0x04FF), "uk": (0x0400, 0x04FF), "el": (0x0370, 0x03FF), "hi": (0x0900, 0x097F),
           "ja": (0x3040, 0x309F), "ka": (0x10A0, 0x10FF)}  # fmt: skip


def test_the_same_seed_gives_the_same_lines():
    assert [english_line(random.Random(4)) for _ in range(3)] == [english_line(random.Random(4)) for _ in range(3)]


def test_english_lines_are_lines():
    drawn = random.Random(0)
    for _ in range(200):
        line = english_line(drawn)
        assert "{" not in line
        assert 3 <= len(line.split()) <= 20
        assert line[-1] in ".?!"


def test_lip_sounds_are_frequent():
    drawn = random.Random(1)
    text = "".join(english_line(drawn) for _ in range(500)).lower()
    letters = [c for c in text if c.isalpha()]
    assert sum(c in "pbmfvw" for c in letters) / len(letters) > 0.12  # about 0.11 in English prose


@pytest.mark.parametrize("language", sorted(SCRIPTS))
def test_other_scripts_stay_in_their_script(language):
    low, high = SCRIPTS[language]
    line = foreign_line(random.Random(2), language=language)
    assert all(low <= ord(c) <= high for c in line if c not in " ,.")


def test_every_language_has_lines():
    drawn = random.Random(3)
    assert all(len(foreign_line(drawn, language=language)) > 4 for language in LANGUAGES)
