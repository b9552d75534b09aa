"""The 40 phones the speech network tells apart, their visemes, and maps from espeak-ng's IPA and flite's names.

The set is the 39 ARPAbet phones of English plus silence. Sounds of other languages go to the phone with the nearest
mouth shape, because a mouth is all that is made of them. Not a phonology: front rounded vowels become UH or UW, a
glottal stop becomes silence.
"""

from __future__ import annotations

from typing import NamedTuple

_words = str.split  # reads better than a quoted list

PHONES: tuple[str, ...] = tuple(
    _words("SIL AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH")
)
PHONE_INDEX: dict[str, int] = {phone: i for i, phone in enumerate(PHONES)}

VISEMES: tuple[str, ...] = tuple(_words("sil PP FF TH DD kk CH SS nn RR aa E ih oh ou"))
"""The 15 visemes that most engines know (the MPEG-4 set, as Oculus names it)."""

_VISEME_PHONES = {
    "sil": "SIL", "PP": "P B M", "FF": "F V", "TH": "TH DH", "DD": "T D", "kk": "K G HH NG", "CH": "CH JH SH ZH",
    "SS": "S Z", "nn": "N L", "RR": "R ER", "aa": "AA AH AE AY AW", "E": "EH EY", "ih": "IH IY Y", "oh": "AO OW OY",
    "ou": "UH UW W",
}  # fmt: skip
VISEME_OF_PHONE: dict[str, str] = {p: v for v, phones in _VISEME_PHONES.items() for p in phones.split()}
VISEME_INDEX: tuple[int, ...] = tuple(VISEMES.index(VISEME_OF_PHONE[p]) for p in PHONES)
"""Viseme number of each phone number."""

VOWELS = frozenset(_words("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"))
ROUNDED = frozenset(_words("UW W SH ZH CH JH AO UH R ER"))
BILABIAL = frozenset(_words("P B M"))
LABIODENTAL = frozenset(_words("F V"))
STOPS = frozenset(_words("P B T D K G CH JH"))


class Segment(NamedTuple):
    """One phone of an utterance, from `start_s` to `end_s`."""

    phone: str
    start_s: float
    end_s: float


_IPA_MULTI: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ɜːɹ", ("ER",)), ("aɪ", ("AY",)), ("aʊ", ("AW",)), ("eɪ", ("EY",)), ("oʊ", ("OW",)), ("əʊ", ("OW",)),
    ("ɔɪ", ("OY",)), ("oɪ", ("OY",)), ("ɔø", ("OY",)), ("ɔʏ", ("OY",)), ("tʃ", ("CH",)), ("dʒ", ("JH",)),
    ("tɕ", ("CH",)), ("dʑ", ("JH",)), ("ts", ("T", "S")), ("dz", ("D", "Z")), ("pf", ("P", "F")),
    ("əl", ("AH", "L")), ("ɜː", ("ER",)),
)  # fmt: skip
_IPA_ONE: dict[str, str] = {
    "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "g": "G", "f": "F", "v": "V", "s": "S", "z": "Z",
    "h": "HH", "m": "M", "n": "N", "ŋ": "NG", "l": "L", "r": "R", "j": "Y", "w": "W", "θ": "TH", "ð": "DH",
    "ʃ": "SH", "ʒ": "ZH", "ɹ": "R", "ɾ": "D", "ɫ": "L", "ʔ": "SIL", "x": "HH", "ç": "HH", "χ": "HH", "ʁ": "HH",
    "ɣ": "G", "β": "V", "ʋ": "V", "ɱ": "M", "ɲ": "N", "ɳ": "N", "ʎ": "L", "ɭ": "L", "ʂ": "SH", "ʐ": "ZH",
    "ɕ": "SH", "ʑ": "ZH", "q": "K", "ɢ": "G", "c": "K", "ɟ": "G", "ʈ": "T", "ɖ": "D", "ɸ": "F", "ɥ": "W",
    "ɦ": "HH", "ħ": "HH", "ʕ": "AA", "ʀ": "HH", "ʝ": "Y", "ɬ": "L", "ɻ": "R", "ɽ": "D",
    "i": "IY", "ɪ": "IH", "ɨ": "IH", "y": "UW", "ʏ": "UH", "e": "EY", "ɛ": "EH", "ø": "UH", "œ": "ER", "æ": "AE",
    "a": "AA", "ɑ": "AA", "ɐ": "AH", "ə": "AH", "ʌ": "AH", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER", "ɵ": "UH", "ɔ": "AO",
    "ɒ": "AO", "o": "OW", "ɤ": "AH", "ʊ": "UH", "u": "UW", "ʉ": "UW", "ɯ": "IH", "ᵻ": "IH", "ɘ": "AH",
}  # fmt: skip
_FLITE_SPECIAL: dict[str, str] = {
    "pau": "SIL", "ssil": "SIL", "h#": "SIL", "brth": "SIL", "ax": "AH", "axr": "ER", "el": "L", "em": "M",
    "en": "N", "hv": "HH", "dx": "D", "nx": "N",
}  # fmt: skip


def phones_from_ipa(text: str) -> tuple[str, ...]:
    """Phones of one espeak-ng phoneme name in IPA; marks of length, stress and tone are passed over."""
    phones: list[str] = []
    at = 0
    while at < len(text):
        group = next(((ipa, out) for ipa, out in _IPA_MULTI if text.startswith(ipa, at)), None)
        if group is not None:
            phones += group[1]
            at += len(group[0])
            continue
        if text[at] in _IPA_ONE:
            phones.append(_IPA_ONE[text[at]])
        at += 1
    return tuple(phones)


def phone_from_flite(name: str) -> str:
    """Phone of a flite (CMU) phone name; an unknown name counts as silence."""
    phone = _FLITE_SPECIAL.get(name, name.upper())
    return phone if phone in PHONE_INDEX else "SIL"
