"""The names of feelings and of the regions of a face: one list for clients and runtime, without what they look like.

Takes a name, says whether it is known, and if not which one is nearest. What feelings look like is the runtime's
`motion/emotion.py`, what belongs to a region its `motion/regions.py`. What it does not do: no weights.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

from visavis.errors import InputError

NEUTRAL = "neutral"
FEELINGS = (
    "happy", "sad", "angry", "surprised", "fearful", "disgusted", "contemptuous",
    "amazement", "cheekiness", "grief", "pain", "outofbreath",
)  # fmt: skip
"""Every feeling with a look of its own."""
EMOTIONS = FEELINGS[:7]
"""The basic feelings."""
ACE_EMOTIONS = (
    "amazement", "anger", "cheekiness", "disgust", "fear", "grief", "joy", "outofbreath", "pain", "sadness",
)  # fmt: skip
"""The names of Audio2Face, which are understood as well."""
EMOTION_NAMES = (NEUTRAL, *EMOTIONS, *ACE_EMOTIONS)
REGIONS = ("brows", "lids", "eyes", "cheeks", "mouth", "head")


def check_emotion(name: str) -> None:
    """Raises InputError EMOTION_UNKNOWN with the nearest known name and the basic ones: scared is near to sad."""
    if name not in EMOTION_NAMES:
        names = (NEUTRAL, *EMOTIONS)
        hint = nearest(name, known=EMOTION_NAMES, shown=names)
        known = f" Known are {', '.join(names)}." if hint.endswith("?") else ""
        raise InputError(f"There is no emotion {str(name)[:40]!r}: {hint}{known}", reason="EMOTION_UNKNOWN")


def check_region(name: str) -> None:
    """Raises InputError REGION_UNKNOWN with the nearest known name and all of them: lips are near to lids."""
    if name not in REGIONS:
        hint = nearest(name, known=REGIONS)
        known = f" Known are {', '.join(REGIONS)}." if hint.endswith("?") else ""
        raise InputError(f"There is no region {str(name)[:40]!r} of a face: {hint}{known}", reason="REGION_UNKNOWN")


def nearest(name: str, *, known: Collection[str], shown: Collection[str] = ()) -> str:
    """The end of a sentence about a name that is unknown: the nearest one, or those that are worth showing."""
    near = difflib.get_close_matches(str(name)[:40].lower(), known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(shown or known)}."
