"""Takes a clean voice, gives it as a bad microphone would have heard it: the robustness grid of `bench lipsync`.

Levels are relative to the active voice (the frames within 30 dB of the loudest), so pauses do not make a noise milder.
Every disturbance is drawn from the seed of its clip: two runs hear the same noise. These are made in the time domain
by code that training does not use, so that the bench does not repeat the training's own augmentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, sosfilt

from visavis_runtime.audio.features import RATE_HZ

Samples = npt.NDArray[np.float32]

ROOM_RT60_S = 0.4
ROOM_DIRECT_DB = 0.0
"""Direct sound over all that comes later: a voice one to two metres away."""

BABBLE_VOICES = 5
_PHONE_BAND_HZ = (300.0, 3400.0)
_ACTIVE_DB = -30.0
_FRAME = RATE_HZ // 100


class Scene(NamedTuple):
    """What a disturbance may draw from: chance, and the voices of other people (may be empty)."""

    random: np.random.Generator
    others: Sequence[Samples]


class Disturbance(Protocol):
    """Changes a voice."""

    def __call__(self, samples: Samples, scene: Scene) -> Samples:
        """Disturbed copy of `samples`, same length."""


def clean(samples: Samples, scene: Scene) -> Samples:
    """As recorded."""
    return samples


def quiet(samples: Samples, scene: Scene) -> Samples:
    """30 dB down."""
    return np.asarray(samples * np.float32(10 ** (-30 / 20)), np.float32)


def white(snr_db: float) -> Disturbance:
    """White noise under the voice."""

    def disturb(samples: Samples, scene: Scene) -> Samples:
        return _mixed(samples, scene.random.standard_normal(len(samples)).astype(np.float32), snr_db=snr_db)

    return disturb


def babble(snr_db: float) -> Disturbance:
    """Other people talking at once; without other voices the clean one."""

    def disturb(samples: Samples, scene: Scene) -> Samples:
        if not scene.others:
            return samples
        crowd = np.zeros(len(samples), np.float32)
        for index in scene.random.integers(0, len(scene.others), BABBLE_VOICES):
            voice = scene.others[int(index)]
            start = int(scene.random.integers(len(voice)))
            crowd += np.resize(np.roll(voice, start), len(samples)) / max(active_level(voice), 1e-9)
        return _mixed(samples, crowd, snr_db=snr_db)

    return disturb


def room(samples: Samples, scene: Scene) -> Samples:
    """A room that decays by 60 dB in 0.4 s: direct sound, then noise that dies away."""
    time_s = np.arange(int(ROOM_RT60_S * RATE_HZ)) / RATE_HZ
    tail = scene.random.standard_normal(len(time_s)) * 10 ** (-3 * time_s / ROOM_RT60_S)
    tail[: int(0.004 * RATE_HZ)] = 0.0
    response = tail * (10 ** (-ROOM_DIRECT_DB / 20) / np.sqrt((tail**2).sum()))
    response[0] = 1.0
    return np.asarray(fftconvolve(samples, response)[: len(samples)], np.float32)


def telephone(samples: Samples, scene: Scene) -> Samples:
    """300 to 3400 Hz, as a telephone passes."""
    filter_ = butter(4, _PHONE_BAND_HZ, btype="bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(filter_, samples), np.float32)


CONDITIONS: Mapping[str, Disturbance] = {
    "clean": clean,
    "minus_30_db": quiet,
    "white_20_db": white(20.0),
    "white_10_db": white(10.0),
    "babble_15_db": babble(15.0),
    "babble_5_db": babble(5.0),
    "room": room,
    "telephone": telephone,
}
QUICK = ("clean", "minus_30_db", "white_10_db")


def active_level(samples: Samples) -> float:
    """Root mean square of the frames within 30 dB of the loudest one; 0 for silence."""
    count = len(samples) // _FRAME
    if count == 0:
        return 0.0
    power = (samples[: count * _FRAME].reshape(count, _FRAME).astype(np.float64) ** 2).mean(axis=1)
    return float(np.sqrt(power[power >= power.max() * 10 ** (_ACTIVE_DB / 10)].mean()))


def _mixed(samples: Samples, noise: Samples, *, snr_db: float) -> Samples:
    wanted = active_level(samples) * 10 ** (-snr_db / 20)
    has = float(np.sqrt((noise.astype(np.float64) ** 2).mean())) if len(noise) else 0.0
    return np.asarray(samples + noise * np.float32(wanted / max(has, 1e-12)), np.float32)
