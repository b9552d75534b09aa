"""`visavis bench face`: a portrait and a voice in, figures of the finished talk out, measured on its pixels.

The frames are looked at by the same networks that found the portrait's face, as a stranger would: is there a face in
every frame, is it still the same person (landmarks that no expression moves, after the head's pose is removed), are its
colours the picture's, does the mouth open as far as a person's, and does the mouth flicker. The tracker's own noise is
told beside the figures, since no figure can be better than it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.face.portrait.detect import search_faces
from visavis_runtime.face.portrait.landmarks import landmarks
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.face.portrait.pose import MIN_PRESENCE, fit_pose, similarity
from visavis_runtime.face.rings import OVAL
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.write.talk import Talk, neutral_course, talk_latents

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

FPS = 25
RIGID = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 234, 454, 127, 356, 10)
"""Landmarks that no expression moves: corners of the eyes, nose, temples, top of the forehead."""
APERTURE = ((81, 178), (13, 14), (311, 402))
"""Three pairs of the inner lips, upper and lower."""
REAL_OPENING = 0.099
"""How far a man's mouth opened in 999 read sentences (GRID speaker 1): 5th to 95th percentile, their median."""
EYES = (33, 263)
BINS = 16


def measure_face(portrait: Path, line: Path, *, seed: int = 0, every: int = 1) -> dict[str, Any]:
    """Figures of one talk at 25 frames a second and 512 px.

    Args:
        portrait: a picture with one face.
        line: a spoken line.
        seed: of the gestures.
        every: look at each frame (1), every second one (2) and so on; `mouth_flicker_levels` counts all frames.
    """
    avatar = build_avatar(read_picture(portrait))
    renderer = CpuRenderer()
    scene = renderer.load(avatar)
    clip = read_audio(line)
    latents = np.concatenate(list(talk_latents(Talk(clip=clip, speech=load_speech(), seed=seed, fps=FPS), fps=FPS)))
    neutral = neutral_course(np.arange(len(latents)), fps=FPS)
    start_s = time.process_time()
    frames = [
        renderer.render([scene], row[None], neutral=rest)[0, ..., :3]
        for row, rest in zip(latents, neutral, strict=True)
    ]
    render_ms = 1e3 * (time.process_time() - start_s) / len(frames)
    own = _look(avatar.picture)
    looks = [_look(frame) for frame in frames[::every]]
    found = [look for look in looks if look is not None]
    rest_px = scene.rig.vertices @ scene.rig.camera[:2].T + scene.rig.offset
    figures: dict[str, Any] = {
        "portrait": portrait.name,
        "line": line.name,
        "frames": len(frames),
        "looked_at": len(looks),
        "face_found": round(len(found) / len(looks), 3),
        "render_ms": round(render_ms, 2),
        "mouth_flicker_levels": round(_flicker(frames, rest_px), 2),
    }
    if own is None or not found:
        return figures
    apart = [_identity(look, own) for look in found]
    opening = np.array([_opening(look) for look in found])
    spread = float(np.percentile(opening, 95) - np.percentile(opening, 5))
    seen = [(frame, look) for frame, look in zip(frames[::every], looks, strict=True) if look is not None]
    colours = [_colours_apart(frame, avatar.picture, look, own) for frame, look in seen]
    return figures | {
        "identity_distance": round(float(np.median(apart)), 4),
        "identity_p95": round(float(np.percentile(apart, 95)), 4),
        "tracker_noise": round(_noise(avatar.picture, own), 4),
        "colour_distance": round(float(np.median(colours)), 3),
        "mouth_opening": round(spread, 3),
        "mouth_of_real": round(spread / REAL_OPENING, 2),
    }


def _look(frame: U8) -> F32 | None:
    """Landmarks [478, 3] of the face in a frame, None if there is no sure one."""
    for faces in search_faces(np.ascontiguousarray(frame)):
        if faces:
            marks = landmarks(frame, max(faces, key=lambda face: face.area))
            return marks.points if marks.presence >= MIN_PRESENCE else None
    return None


def _upright(points: F32) -> npt.NDArray[np.float64]:
    """Landmarks without the head's pose and size, [468, 3] cm of the mean head."""
    camera = fit_pose(points).camera
    space = points[:FACE_POINTS].astype(np.float64) * np.array([1.0, -1.0, -1.0]) - camera.translation
    return np.asarray(space / camera.scale @ camera.rotation.astype(np.float64))


def _identity(look: F32, own: F32) -> float:
    """Mean distance of the rigid landmarks from the portrait's, in the picture plane, by the distance of the eyes."""
    here, there = _upright(look), _upright(own)
    rigid = list(RIGID)
    scale, rotation, shift = similarity(here[rigid], there[rigid])
    moved = scale * here[rigid] @ rotation.T + shift
    eyes = float(np.linalg.norm(there[EYES[0]] - there[EYES[1]]))
    return float(np.linalg.norm((moved - there[rigid])[:, :2], axis=1).mean()) / eyes


def _noise(picture: U8, own: F32) -> float:
    """What the identity distance is between the portrait and itself moved by half a pixel and a little larger."""
    matrix = np.array([[1.01, 0, 0.5], [0, 1.01, 0.5]], np.float32)
    moved = cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT_101)
    again = _look(np.asarray(moved, np.uint8))
    return float("nan") if again is None else _identity(again, own)


def _opening(look: F32) -> float:
    """Mean gap of the inner lips by the distance of the outer corners of the eyes."""
    gaps = [np.linalg.norm(look[a, :2] - look[b, :2]) for a, b in APERTURE]
    return float(np.mean(gaps) / np.linalg.norm(look[EYES[0], :2] - look[EYES[1], :2]))


def _colours_apart(frame: U8, picture: U8, look: F32, own: F32) -> float:
    """0..1: share of the face whose colour has left the picture's histogram."""
    here, there = _histogram(frame, look), _histogram(picture, own)
    return float(np.abs(here - there).sum() / 2)


def _histogram(picture: U8, points: F32) -> npt.NDArray[np.float64]:
    """Mean of the histograms of the three channels inside the oval of the face, together 1."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(points[list(OVAL), :2]).astype(np.int32)], 1)
    counts = [np.bincount(picture[mask > 0, c] // (256 // BINS), minlength=BINS) for c in range(3)]
    return np.concatenate(counts) / max(float(np.sum(counts)), 1.0)


def _flicker(frames: list[U8], rest_px: F32) -> float:
    """Mean second difference of the brightness of the mouth's region, levels."""
    corners = rest_px[[61, 291]]
    (x, y), width = corners.mean(axis=0), float(np.linalg.norm(corners[0] - corners[1]))
    window = np.s_[int(y - 0.5 * width) : int(y + 0.8 * width), int(x - 0.75 * width) : int(x + 0.75 * width)]
    light = np.array([frame[window].mean() for frame in frames])
    return float(np.abs(np.diff(light, n=2)).mean()) if len(light) > 2 else 0.0
