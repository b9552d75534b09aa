"""Takes a seed, the name of a stream and the number of an event, gives its random number.

Counter-based (the SplitMix64 finaliser as a hash): the 7th blink of seed 3 is the same number whether the voice came
in chunks of 20 ms or whole, whatever else was drawn before. There is no generator to carry along.
What it does not do: nothing here is fit for secrets.
"""

from __future__ import annotations

import math

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_TINY = 2.0**-54


def _mix(value: int) -> int:
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return value ^ (value >> 31)


def uniform(seed: int, stream: str, index: int) -> float:
    """In 0..1, both ends excluded."""
    name = int.from_bytes(stream.encode()[:8], "little")
    mixed = _mix(_mix(_mix((seed + _GOLDEN) & _MASK) + name + _GOLDEN & _MASK) + index * _GOLDEN & _MASK)
    return (mixed >> 11) * 2.0**-53 + _TINY


def between(seed: int, stream: str, index: int, *, low: float, high: float) -> float:
    """Uniform in low..high."""
    return low + (high - low) * uniform(seed, stream, index)


def normal(seed: int, stream: str, index: int) -> float:
    """Standard normal, cut at 2.5 sigma so that no head is ever thrown about."""
    radius = math.sqrt(-2.0 * math.log(uniform(seed, stream, 2 * index)))
    value = radius * math.cos(2.0 * math.pi * uniform(seed, stream, 2 * index + 1))
    return min(2.5, max(-2.5, value))


def log_normal(seed: int, stream: str, index: int, *, median: float, sigma: float) -> float:
    """Log-normal with the given median; sigma is that of the logarithm."""
    return median * math.exp(sigma * normal(seed, stream, index))
