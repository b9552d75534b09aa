"""Takes motion latents, gives weights of the presets that every VRM avatar has: vowels, lids and three moods.

Most avatars have no ARKit clips, so their mouth must speak with A, I, U, E, O. The aperture (`jawOpen - mouthClose`)
decides how much, rounding (pucker, funnel) and stretching of the lips decide which; together they never exceed 1. The
names are those of VRM 0, which senders must use; apps map them to VRM 1. Left and right are the avatar's own. What it
does not do: `Blink` (it would shut the lids twice) and `Fun`, which stays free for the app's own buttons.
"""

from __future__ import annotations

from collections.abc import Sequence

from visavis.latents import INDEX

PRESETS = ("A", "I", "U", "E", "O", "Blink_L", "Blink_R", "Joy", "Angry", "Sorrow")
WIDE_APERTURE = 0.45
"""Of loud speech: here A is at its full."""
FIRST_APERTURE = 0.06
"""Below it the lips are as good as shut, and no vowel shows."""
STRETCHED = 0.35

_PAIRS = {
    name: (INDEX[f"{name}Left"], INDEX[f"{name}Right"])
    for name in ("mouthStretch", "mouthSmile", "mouthFrown", "browDown", "eyeBlink")
}
_JAW, _CLOSE, _PUCKER, _FUNNEL = (INDEX[n] for n in ("jawOpen", "mouthClose", "mouthPucker", "mouthFunnel"))


def preset_weights(latents: Sequence[float]) -> tuple[float, ...]:
    """Weights 0..1 of `PRESETS` for latents [64]."""

    def pair(name: str) -> float:
        left, right = _PAIRS[name]
        return _within(0.5 * (latents[left] + latents[right]))

    aperture = latents[_JAW] - latents[_CLOSE]
    wide = _within(aperture / WIDE_APERTURE)
    ajar = _within(aperture / FIRST_APERTURE)
    rounded = _within(max(latents[_PUCKER], latents[_FUNNEL]))
    spread = (1 - rounded) * _within(pair("mouthStretch") / STRETCHED)
    open_mouth = wide * (1 - rounded - spread)
    blinks = (_within(latents[index]) for index in _PAIRS["eyeBlink"])
    return (
        open_mouth, ajar * spread * (1 - wide), ajar * rounded * (1 - wide), spread * wide, rounded * wide,
        *blinks, pair("mouthSmile"), pair("browDown"), pair("mouthFrown"),
    )  # fmt: skip


def _within(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)
