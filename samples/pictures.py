"""Makes the pictures of the documents with the product itself: every sample NPC saying its line.

    python samples/pictures.py [-o docs/pictures]

Each row is one talk; the frames are those with the most different mouths, in the order in which they are spoken.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from visavis.latents import INDEX, NAMES
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.picture import read_picture
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.write.talk import Talk, talk_latents

HERE = Path(__file__).resolve().parent
NPCS = ("innkeeper", "guard", "android", "scholar")
COLUMNS = 6
CELL_PX = 320
FPS = 40
LIPS = ("jawOpen", "mouthClose", "mouthPucker", "mouthFunnel", "mouthStretchLeft", "mouthUpperUpLeft")


def pick_frames(latents: npt.NDArray[np.float32], *, count: int) -> list[int]:
    """Frames that differ most in mouth, gaze and head: farthest-point choice, then in time order."""
    points = np.hstack([latents[:, [INDEX[name] for name in LIPS]] * 2, latents[:, 52:55] * 2, latents[:, 0:1]])
    chosen = [int(points[:, 0].argmax())]
    while len(chosen) < count:
        gaps = np.min([np.linalg.norm(points - points[k], axis=1) for k in chosen], axis=0)
        chosen.append(int(gaps.argmax()))
    return sorted(chosen)


def talk_row(name: str) -> npt.NDArray[np.uint8]:
    """[CELL_PX, COLUMNS * CELL_PX, 3] uint8: one NPC saying its line."""
    clip = read_audio(HERE / "lines" / f"{name}.flac")
    latents = np.concatenate(list(talk_latents(Talk(clip, load_speech()), fps=FPS)))
    renderer = CpuRenderer(size=512)
    scene = renderer.load(build_avatar(read_picture(HERE / "portraits" / f"{name}.png")))
    frames = pick_frames(latents, count=COLUMNS)
    shown = renderer.render([scene] * len(frames), latents[frames])[:, 40:490, 31:481, :3]
    return np.hstack([cv2.resize(frame, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA) for frame in shown])


def posed(name: str, **latents: float) -> npt.NDArray[np.uint8]:
    """One frame of one NPC, [CELL_PX, CELL_PX, 3] uint8; keywords are latents (angles in radians)."""
    renderer = CpuRenderer(size=512)
    row = np.zeros((1, len(NAMES)), np.float32)
    for latent, value in latents.items():
        row[0, INDEX[latent]] = value
    scene = renderer.load(build_avatar(read_picture(HERE / "portraits" / f"{name}.png")))
    frame = renderer.render([scene], row)[0, 20:500, 16:496, :3]
    return cv2.resize(frame, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA)


def limits() -> npt.NDArray[np.uint8]:
    """What docs/known-limits.md talks about, on our own NPCs."""
    return np.hstack(
        [
            posed("guard", headYaw=0.27),
            posed("guard", headRoll=0.19),
            posed("innkeeper", mouthPucker=0.9, jawOpen=0.12, mouthFunnel=0.25),
            posed("scholar", eyeBlinkLeft=1.0, eyeBlinkRight=1.0),
            posed("android", jawOpen=0.9),
        ]
    )


def main() -> None:
    """Write npcs.jpg and limits.jpg into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=HERE.parent / "docs" / "pictures")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.vstack([talk_row(name) for name in NPCS])).save(out / "npcs.jpg", quality=88)
    Image.fromarray(limits()).save(out / "limits.jpg", quality=88)
    print(out / "npcs.jpg", out / "limits.jpg")


if __name__ == "__main__":
    main()
