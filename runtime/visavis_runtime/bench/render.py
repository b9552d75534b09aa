"""`visavis bench render`: a portrait in, the cost and the fidelity of its frames out.

One core, CPU time of the rendering thread (not wall time: machines are noisy), a fixed sequence of talking frames with
gaze, blinks and head motion. The rest frame is drawn by the ordinary path with all latents zero.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX, NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import Picture, read_picture
from visavis_runtime.face.rings import OVAL
from visavis_runtime.render.renderer import CpuRenderer

FRAMES_PER_S = 40
WARM_UP_FRAMES = 10
RIG_RUNS = 3


def talking_latents(frames: int) -> npt.NDArray[np.float32]:
    """[frames, 64] float32: jaw and lips at syllable rate, blinks, gaze and head motion; always the same."""
    t_s = np.arange(frames) / FRAMES_PER_S
    wave: Callable[[float, float], npt.NDArray[np.float64]] = lambda hz, phase: np.sin(2 * np.pi * hz * t_s + phase)  # noqa: E731
    curves: dict[str, npt.NDArray[np.float64]] = {
        "jawOpen": 0.35 + 0.3 * wave(3.1, 0.0),
        "mouthPucker": 0.4 * np.maximum(wave(1.7, 0.5), 0),
        "mouthSmileLeft": 0.2 + 0.1 * wave(0.5, 0.0),
        "mouthSmileRight": 0.2 + 0.1 * wave(0.5, 0.3),
        "mouthUpperUpLeft": 0.15 + 0.1 * wave(2.3, 0.2),
        "mouthUpperUpRight": 0.15 + 0.1 * wave(2.3, 0.2),
        "eyeBlinkLeft": np.maximum(wave(0.4, 1.0) - 0.8, 0) * 5,
        "eyeBlinkRight": np.maximum(wave(0.4, 1.0) - 0.8, 0) * 5,
        "browInnerUp": 0.2 * np.maximum(wave(0.7, 0.0), 0),
        "headYaw": np.radians(8) * wave(0.3, 0.0),
        "headPitch": np.radians(4) * wave(0.2, 1.0),
        "headRoll": np.radians(2) * wave(0.25, 2.0),
        "leftEyeYaw": np.radians(10) * wave(0.15, 0.0),
        "rightEyeYaw": np.radians(10) * wave(0.15, 0.0),
    }
    latents = np.zeros((frames, len(NAMES)), np.float32)
    for name, curve in curves.items():
        latents[:, INDEX[name]] = curve
    return latents


def psnr_db(a: npt.NDArray[Any], b: npt.NDArray[Any], *, mask: npt.NDArray[np.bool_] | None = None) -> float:
    """Peak signal to noise ratio of two 8-bit pictures [H,W,3] in dB, over `mask` [H,W] where given."""
    error = (a.astype(np.float64) - b.astype(np.float64)) ** 2
    mean = float(error.mean() if mask is None else error[mask].mean())
    return 99.0 if mean == 0 else float(10 * np.log10(255**2 / mean))


def face_mask(avatar: Avatar) -> npt.NDArray[np.bool_]:
    """[N,N] bool: inside the oval of the face."""
    mask = np.zeros((avatar.size, avatar.size), np.uint8)
    cv2.fillPoly(mask, [np.round(avatar.uv[list(OVAL)] - avatar.margin).astype(np.int32)], 1)
    return mask.astype(bool)


def _rig_s(picture: Picture) -> tuple[Avatar, float]:
    """The avatar and the median CPU time of building it, the networks already loaded."""
    build_avatar(picture)
    times_s = []
    for _ in range(RIG_RUNS):
        start_s = time.process_time()
        avatar = build_avatar(picture)
        times_s.append(time.process_time() - start_s)
    return avatar, float(np.median(times_s))


def measure_render(portrait: Path, *, frames: int = 400, size: int = 512, quality: str = "balanced") -> dict[str, Any]:
    """Figures of one portrait on one core.

    Returns `cpu_ms_per_frame` (median), `p99_ms`, `fps_per_core`, `rig_s`, `rest_psnr_db`, `rest_psnr_face_db`,
    `avatar_mb` and what was measured.
    """
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    avatar, rig_s = _rig_s(read_picture(portrait))
    renderer = CpuRenderer(size=size, quality=quality)
    scene = renderer.load(avatar)
    latents = talking_latents(frames + WARM_UP_FRAMES)
    times_ms = []
    for latent in latents:
        start_s = time.thread_time()
        renderer.render([scene], latent[None])
        times_ms.append(1e3 * (time.thread_time() - start_s))
    times_ms = times_ms[WARM_UP_FRAMES:]
    rest = CpuRenderer(size=avatar.size, quality=quality)
    frame = rest.render([rest.load(avatar)], np.zeros((1, len(NAMES)), np.float32), neutral=0.0)[0, :, :, :3]
    median_ms = float(np.median(times_ms))
    return {
        "portrait": portrait.name,
        "frames": frames,
        "size": size,
        "quality": quality,
        "cpu_ms_per_frame": round(median_ms, 2),
        "p99_ms": round(float(np.percentile(times_ms, 99)), 2),
        "fps_per_core": round(1e3 / median_ms, 1),
        "rig_s": round(rig_s, 2),
        "rest_psnr_db": round(psnr_db(frame, avatar.picture), 1),
        "rest_psnr_face_db": round(psnr_db(frame, avatar.picture, mask=face_mask(avatar)), 1),
        "avatar_mb": round(avatar.nbytes / 1e6, 1),
    }
