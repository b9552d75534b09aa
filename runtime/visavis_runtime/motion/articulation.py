"""Takes nine mouth channels and two closures, gives ARKit curves in which p, b, m shut the lips and f, v touch.

Two steps, apart on purpose. `curves_of_channels` is the map from articulation to the 52 shapes. `enforce_closures` is
the hard constraint and runs last on the latents, after gains, emotion, smoothing and resampling: whatever those did, at
closure strength 1 the lips are fully shut (`mouthClose` = `jawOpen`, nothing else opens them) or the lower lip stands
at the upper teeth. In between it blends, and a second application changes nothing at strengths 0 and 1.

The aperture of a face is `jawOpen - mouthClose`: `mouthClose` at weight a undoes the lip opening of `jawOpen` at a.
Left and right move alike: in recorded faces they correlate at 0.95 and more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.motion.targets import CHANNELS

FloatArray = npt.NDArray[np.float32]

_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_PUCKER, _FUNNEL, _TONGUE = INDEX["mouthPucker"], INDEX["mouthFunnel"], INDEX["tongueOut"]
_SPREAD_FOLLOWERS = [
    (INDEX[f"{name}{side}"], 0.1) for name in ("mouthDimple", "cheekSquint") for side in ("Left", "Right")
]
"""What goes along with a spread mouth in recorded faces (522 s of ARKit takes of one man: 0.11 and 0.17 of a smile)."""
_STRETCH = [INDEX["mouthStretchLeft"], INDEX["mouthStretchRight"]]
_SMILE = [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]
_UPPER = [INDEX["mouthUpperUpLeft"], INDEX["mouthUpperUpRight"]]
_LOWER = [INDEX["mouthLowerDownLeft"], INDEX["mouthLowerDownRight"]]
_PRESS = [INDEX["mouthPressLeft"], INDEX["mouthPressRight"]]
_ROLL_LOWER, _ROLL_UPPER = INDEX["mouthRollLower"], INDEX["mouthRollUpper"]
_SHRUG_UPPER, _SHRUG_LOWER = INDEX["mouthShrugUpper"], INDEX["mouthShrugLower"]

_OPENERS = [_FUNNEL, _TONGUE, *_STRETCH, *_UPPER, *_LOWER]
"""Shapes that part the lips whatever the jaw does."""

PARTED, MET = 0.35, 0.90
"""Values of the `close` channel that leave the lips apart and that shut them. A bilabial pulls the channel up in its
neighbours too; they keep their opening."""

SHUT_JAW_MOST = 0.25  # lips cannot meet over a wide open jaw without looking pulled
_PRESSED, _ROLLED_IN = 0.18, 0.12
TOUCH_JAW_MOST, TOUCH_CLOSE_SHARE = 0.14, 0.75
TOUCH_ROLL, TOUCH_UPPER, _TOUCH_SHRUG, _TOUCH_PUCKER_MOST = 0.55, 0.22, 0.12, 0.30
JAW_GAIN = 1.2  # a network that is unsure draws a mean, which opens less than people do
_ROUND_GAIN = 1.2  # and rounds less: 0.37 of the 0.55 that an UW is taught
_TONGUE_LOW, _TONGUE_GAIN = 0.22, 0.55
"""The tongue channel of other phones, and what lifts a tongue behind the teeth for l and th without putting it out."""


def curves_of_channels(channels: FloatArray) -> FloatArray:
    """ARKit curves `[t, 52] float32, 0..1` of `channels [t, 9]` (order of `targets.CHANNELS`)."""
    drawn = np.minimum(np.maximum(channels, 0.0), 1.0)
    curves = np.minimum(drawn @ _MAP, np.float32(1.0))
    shut = np.minimum(np.maximum((drawn[:, _CLOSE_CHANNEL] - PARTED) / (MET - PARTED), 0.0), 1.0)
    curves[:, _CLOSE] = shut * curves[:, _JAW]
    curves[:, _TONGUE] = _TONGUE_GAIN * np.maximum(drawn[:, _TONGUE_CHANNEL] - _TONGUE_LOW, 0.0)
    return curves


def enforce_closures(latents: FloatArray, closures: FloatArray) -> FloatArray:
    """The hard constraint, applied last: `latents [k, 64]` with `closures [k, 2]` (bilabial, labiodental, 0..1) met.

    Returns new latents; only mouth, jaw and tongue columns change.
    """
    out = np.array(latents, np.float32)
    shut, touch = np.clip(np.asarray(closures, np.float32), 0.0, 1.0).T
    _bring_to_teeth(out, touch=touch * (1.0 - shut))
    _shut_lips(out, shut=shut)
    return out


def _bring_to_teeth(out: FloatArray, *, touch: FloatArray) -> None:
    """Lower lip to the upper teeth: a nearly shut jaw, the lip rolled in and raised, the upper lip clear of it."""
    keep = 1.0 - touch
    out[:, _JAW] = _blend(out[:, _JAW], np.minimum(out[:, _JAW], TOUCH_JAW_MOST), touch)
    out[:, _CLOSE] = _blend(out[:, _CLOSE], TOUCH_CLOSE_SHARE * out[:, _JAW], touch)
    out[:, _LOWER] *= keep[:, None]
    out[:, _TONGUE] *= keep
    out[:, _FUNNEL] *= keep
    out[:, _PUCKER] = _blend(out[:, _PUCKER], np.minimum(out[:, _PUCKER], _TOUCH_PUCKER_MOST), touch)
    out[:, _ROLL_LOWER] = _at_least(out[:, _ROLL_LOWER], TOUCH_ROLL, touch)
    out[:, _SHRUG_UPPER] = _at_least(out[:, _SHRUG_UPPER], _TOUCH_SHRUG, touch)
    for side in _UPPER:
        out[:, side] = _at_least(out[:, side], TOUCH_UPPER, touch)


def _shut_lips(out: FloatArray, *, shut: FloatArray) -> None:
    """Lips together, lightly pressed and rolled in; the jaw may stay a little open behind them."""
    out[:, _JAW] = _blend(out[:, _JAW], np.minimum(out[:, _JAW], SHUT_JAW_MOST), shut)
    out[:, _CLOSE] = _blend(out[:, _CLOSE], out[:, _JAW], shut)
    out[:, _OPENERS] *= (1.0 - shut)[:, None]
    out[:, _SHRUG_LOWER] *= 1.0 - shut
    out[:, _ROLL_LOWER] = _blend(out[:, _ROLL_LOWER], np.clip(out[:, _ROLL_LOWER], _ROLLED_IN, 0.3), shut)
    out[:, _ROLL_UPPER] = _at_least(out[:, _ROLL_UPPER], _ROLLED_IN, shut)
    for side in _PRESS:
        out[:, side] = _at_least(out[:, side], _PRESSED, shut)


def _blend(value: FloatArray, wanted: FloatArray, share: FloatArray) -> FloatArray:
    return np.asarray(value + (wanted - value) * share, np.float32)


def _at_least(value: FloatArray, least: float, share: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(value, np.float32(least) * share), np.float32)


def channel_map() -> FloatArray:
    """`[9, 52] float32`: shapes that follow one channel in proportion."""
    followers = {
        "jaw": ((_JAW, JAW_GAIN),),
        "pucker": ((_PUCKER, _ROUND_GAIN),),
        "funnel": ((_FUNNEL, _ROUND_GAIN),),
        "wide": (*((i, 0.5) for i in _STRETCH), *((i, 0.35) for i in _SMILE), *_SPREAD_FOLLOWERS),
        "upper": tuple((i, 1.0) for i in _UPPER),
        "lower": tuple((i, 1.0) for i in _LOWER),
        "labiodental": ((_ROLL_LOWER, TOUCH_ROLL), (_SHRUG_UPPER, _TOUCH_SHRUG)),
    }
    matrix = np.zeros((len(CHANNELS), len(ARKIT_NAMES)), np.float32)
    for channel, shapes in followers.items():
        for column, gain in shapes:
            matrix[CHANNELS.index(channel), column] = gain
    return matrix


_MAP = channel_map()
_CLOSE_CHANNEL, _TONGUE_CHANNEL = (CHANNELS.index(name) for name in ("close", "tongue"))
_SPEECH_COLUMNS = [_JAW, _CLOSE, _PUCKER, _FUNNEL, _TONGUE, *_STRETCH, *_SMILE, *_UPPER, *_LOWER, *_PRESS,
                   *(column for column, _ in _SPREAD_FOLLOWERS), _ROLL_LOWER, _ROLL_UPPER,
                   _SHRUG_UPPER, _SHRUG_LOWER]  # fmt: skip
SPEECH_COLUMNS: tuple[str, ...] = tuple(ARKIT_NAMES[i] for i in sorted(_SPEECH_COLUMNS))
"""Shapes that speech moves; everything else belongs to gestures and emotion."""
