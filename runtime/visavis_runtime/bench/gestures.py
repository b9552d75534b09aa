"""Takes a speech model and minutes of a voice, gives the statistics of the gestures, to lay beside those of people.

The head's spectrum and speed, blinks (also over twenty seeds, which are twenty people), gaze on the viewer. Speed is
that while somebody talks. Gestures are tuned to published figures, some of which are these very ones (the docstrings of
`motion/gesture_*.py` say which): a figure in range shows that the machinery does what was meant on real voices, not
that a viewer finds it natural.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX, SAMPLE_RATE_HZ
from visavis_runtime.audio.prosody import start_prosody, step_prosody
from visavis_runtime.motion.controls import Controls, step_dials
from visavis_runtime.motion.cue import CueState, step_cue
from visavis_runtime.motion.gesture import GestureState, step_gestures
from visavis_runtime.motion.speech import Speech
from visavis_runtime.motion.talker import Talker

SEEDS = 20
SILENCE_S = 60.0
ROW_HZ = 100
_ON_TARGET_RAD = np.radians(3.0)
_HEAD = slice(len(ARKIT_NAMES), len(ARKIT_NAMES) + 3)

Rows = npt.NDArray[np.float32]


def measure_gestures(speech: Speech, *, voice: Rows, fps: int) -> dict[str, float]:
    """Figures of seed 0 over `voice` [n] (16 kHz) at `fps`, and the spread of the blink rate over `SEEDS` seeds."""
    talker = Talker(speech, fps=fps)
    latents, _ = talker.step(voice, Controls(), talker.start(seed=0))
    mouth, _ = speech.step(voice, speech.start())
    accent = step_prosody(voice, start_prosody())[0].accent[: len(mouth.speaking)]
    talking = talking_rows(mouth.speaking)
    at = np.minimum(np.arange(len(latents)) * ROW_HZ // fps, len(talking) - 1)
    rates = [_blinks_per_min(_gestures(mouth.speaking, accent, seed=seed), fps=ROW_HZ) for seed in range(SEEDS)]
    return {
        **gesture_figures(latents, fps=fps, talking=talking[at]),
        "blinks_per_min_least": round(min(rates), 1),
        "blinks_per_min_median": round(float(np.median(rates)), 1),
        "blinks_per_min_most": round(max(rates), 1),
    }


def measure_idle(speech: Speech, *, duration_s: float, fps: int) -> dict[str, float]:
    """Figures of a listener (seed 0), and how far the lips ever part in a minute of silence (`jawOpen` units)."""
    nothing = np.zeros(int(duration_s * ROW_HZ), np.float32)
    talker = Talker(speech, fps=fps)
    silence = np.zeros(int(min(SILENCE_S, duration_s) * SAMPLE_RATE_HZ), np.float32)
    latents, _ = talker.step(silence, Controls(), talker.start(seed=0))
    opening = latents[:, INDEX["jawOpen"]] - latents[:, INDEX["mouthClose"]]
    figures = gesture_figures(_gestures(nothing, nothing, seed=0), fps=ROW_HZ)
    return {**figures, "lips_apart": round(float(opening.max()), 4)}


def talking_rows(speaking: Rows) -> npt.NDArray[np.bool_]:
    """[t] whether a phrase is on in each row of `speaking` [t], as the gestures see it."""
    state, talking = CueState(), []
    for frame, value in enumerate(speaking.tolist()):
        cue, state = step_cue(frame, speaking=value, accent=0.0, state=state)
        talking.append(cue.talking)
    return np.array(talking, np.bool_)


def gesture_figures(latents: Rows, *, fps: int, talking: npt.NDArray[np.bool_] | None = None) -> dict[str, float]:
    """Statistics of latents [k, 64] over minutes: head (deg, deg/s, spectrum), blinks a minute, gaze on the viewer.

    `talking` [k] are the frames in which the speed counts; None = all.
    """
    head = np.degrees(latents[:, _HEAD].astype(np.float64))
    speed = np.linalg.norm(np.diff(head, axis=0), axis=1) * fps
    if talking is not None and talking[1:].any():
        speed = speed[talking[1:]]
    frequency_hz, power = _spectrum(head, fps=fps)
    cumulative = np.cumsum(power) / power.sum()
    gaze = latents[:, [INDEX["headYaw"], INDEX["headPitch"]]] + latents[:, [INDEX["leftEyeYaw"], INDEX["leftEyePitch"]]]
    on_target = np.linalg.norm(gaze, axis=1) < _ON_TARGET_RAD
    bouts = int((on_target[1:] & ~on_target[:-1]).sum()) + int(on_target[0])
    band = (frequency_hz > 0.3) & (frequency_hz < 3.0)
    slope = np.polyfit(np.log(frequency_hz[band]), np.log(power[band]), 1)[0]
    return {
        "head_std_deg": round(float(np.sqrt((head.std(axis=0) ** 2).mean())), 2),
        "head_speed_deg_s": round(float(speed.mean()), 1),
        "head_power_90_hz": round(float(frequency_hz[np.searchsorted(cumulative, 0.9)]), 2),
        "head_power_below_2_hz": round(float(power[frequency_hz < 2.0].sum() / power.sum()), 4),
        "head_power_above_3_hz": round(float(power[frequency_hz > 3.0].sum() / power.sum()), 5),
        "head_psd_slope": round(float(slope), 2),
        "blinks_per_min": round(_blinks_per_min(latents, fps=fps), 1),
        "gaze_on_target": round(float(on_target.mean()), 3),
        "gaze_bout_s": round(float(on_target.sum() / fps / max(1, bouts)), 2),
    }


def _gestures(speaking: Rows, accent: Rows, *, seed: int) -> Rows:
    dials, _ = step_dials(Controls(), count=len(speaking), state=None)
    return step_gestures(speaking, accent, controls=Controls(), dials=dials, state=GestureState(seed))[0]


def _blinks_per_min(latents: Rows, *, fps: int) -> float:
    lids = latents[:, INDEX["eyeBlinkLeft"]] > 0.5
    return float((lids[1:] & ~lids[:-1]).sum() * 60 * fps / latents.shape[0])


def _spectrum(signal: npt.NDArray[np.float64], *, fps: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Welch power over all columns of [k, C]: Hann windows of about 20 s, half overlapping; frequency 0 left out."""
    size = min(signal.shape[0], 20 * fps)
    window = np.hanning(size)[:, None]
    total = np.zeros(size // 2 + 1)
    for at in range(0, signal.shape[0] - size + 1, size // 2):
        part = signal[at : at + size]
        total += (np.abs(np.fft.rfft((part - part.mean(axis=0)) * window, axis=0)) ** 2).sum(axis=1)
    return np.asarray(np.fft.rfftfreq(size, 1.0 / fps)[1:], np.float64), total[1:]
