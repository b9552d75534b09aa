import pytest

from visavis_runtime.motion.phones import (
    PHONES,
    VISEME_INDEX,
    VISEME_OF_PHONE,
    VISEMES,
    phone_from_flite,
    phones_from_ipa,
)


def test_forty_phones_fifteen_visemes():
    assert len(PHONES) == len(set(PHONES)) == 40
    assert len(VISEMES) == 15
    assert set(VISEME_OF_PHONE) == set(PHONES)
    assert set(VISEME_INDEX) == set(range(15))


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("p", ("P",)),
        ("aɪ", ("AY",)),
        ("tʃ", ("CH",)),
        ("ɜːɹ", ("ER",)),
        ("ˈoʊ", ("OW",)),
        ("əl", ("AH", "L")),
        ("ː", ()),
        ("mː", ("M",)),
    ],
)
def test_ipa(ipa, phones):
    assert phones_from_ipa(ipa) == phones


def test_flite_names():
    assert [phone_from_flite(name) for name in ("pau", "ax", "ay", "m", "brth", "nonsense")] == [
        "SIL",
        "AH",
        "AY",
        "M",
        "SIL",
        "SIL",
    ]
