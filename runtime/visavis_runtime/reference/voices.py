"""Names who speaks where: voices that training may use and voices that it must never hear.

One place, because training and benches must agree: `synthesise` leaves these out, `bench lipsync` scores on them.
"""

from __future__ import annotations

from visavis_runtime.reference import flite

_words = str.split  # reads better than a quoted list

HELD_OUT_VARIANTS = frozenset(_words("f5 m7 Andy Annie klatt3 Denis belinda Michael"))
"""espeak-ng variants kept out of training."""

HELD_OUT_FLITE_VOICE = flite.HELD_OUT_VOICE

ENGLISH_VOICES = (*["en-us"] * 5, *["gmw/en"] * 4, "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan",
                  "en-gb-x-gbcwmd", "en-029")  # fmt: skip
"""English accents of espeak-ng, as often as they are drawn."""
