"""Makes the pictures of the documents with the product itself: every sample NPC saying its line.

    python samples/pictures.py [-o docs/pictures]

npcs.jpg: each row is one talk; the frames are those with the most different mouths, in the order in which they are
spoken. npcs.webp: the same NPCs, moving. rest.jpg: a laughing portrait, its rest, M, AA and OO. scholar_sheet.jpg and
limits.jpg as their names say.
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
from visavis_runtime.commands.avatar_sheet import draw_sheet
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import Picture, read_picture
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.write.talk import Talk, talk_latents

HERE = Path(__file__).resolve().parent
NPCS = ("innkeeper", "guard", "android", "scholar")
COLUMNS = 6
CELL_PX = 320
FPS = 40
ANIMATION_FPS, ANIMATION_S = 20, 3.0
LIPS = ("jawOpen", "mouthClose", "mouthPucker", "mouthFunnel", "mouthStretchLeft", "mouthUpperUpLeft")


def pick_frames(latents: npt.NDArray[np.float32], *, count: int) -> list[int]:
    """Frames that differ most in mouth, gaze and head: farthest-point choice, then in time order."""
    points = np.hstack([latents[:, [INDEX[name] for name in LIPS]] * 2, latents[:, 52:55] * 2])
    points[latents[:, INDEX["eyeBlinkLeft"]] > 0.25] = points[0]  # a blink says little about a mouth
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


def posed(name: str, *, side: int = CELL_PX, **latents: float) -> npt.NDArray[np.uint8]:
    """One frame of one NPC, [side, side, 3] uint8; keywords are latents (angles in radians)."""
    renderer = CpuRenderer(size=max(512, side))
    scene = renderer.load(build_avatar(read_picture(HERE / "portraits" / f"{name}.png")))
    frame = renderer.render([scene], row_of(latents))[0, ..., :3]
    if side < 512:
        frame = cv2.resize(frame[20:500, 16:496], (side, side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(frame)


def rest_row(name: str) -> npt.NDArray[np.uint8]:
    """A portrait that laughs (made by the renderer itself), its rest, and what it says from there."""
    laugh = posed(
        name, side=512, jawOpen=0.4, **both(mouthSmile=0.8, mouthUpperUp=0.5, mouthLowerDown=0.4, cheekSquint=0.6)
    )
    avatar = build_avatar(Picture(laugh, None, (), "0" * 64))
    renderer = CpuRenderer(size=512)
    scene = renderer.load(avatar)
    poses: list[tuple[dict[str, float], float]] = [
        ({}, 0.0),
        ({}, 1.0),
        ({"jawOpen": 0.1, "mouthClose": 0.1, **both(mouthPress=0.7)}, 1.0),
        ({"jawOpen": 0.6, **both(mouthLowerDown=0.2, mouthUpperUp=0.15)}, 1.0),
        ({"jawOpen": 0.12, "mouthPucker": 0.85, "mouthFunnel": 0.3}, 1.0),
    ]
    frames = [renderer.render([scene], row_of(pose), neutral=neutral)[0, 30:490, 26:486, :3] for pose, neutral in poses]
    return np.hstack([cv2.resize(frame, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA) for frame in frames])


def both(**weights: float) -> dict[str, float]:
    """Shapes of both sides."""
    return {name + side: weight for name, weight in weights.items() for side in ("Left", "Right")}


def row_of(pose: dict[str, float]) -> npt.NDArray[np.float32]:
    """[1, 64] latents."""
    row = np.zeros((1, len(NAMES)), np.float32)
    for latent, value in pose.items():
        row[0, INDEX[latent]] = value
    return row


def animation(path: Path) -> None:
    """The four NPCs speaking at once for some seconds, as an animated WebP."""
    frames = []
    for seed, name in enumerate(NPCS):
        talk = Talk(read_audio(HERE / "lines" / f"{name}.flac"), load_speech(), seed=seed, fps=ANIMATION_FPS)
        latents = np.concatenate(list(talk_latents(talk, fps=ANIMATION_FPS)))
        renderer = CpuRenderer(size=512)
        scene = renderer.load(build_avatar(read_picture(HERE / "portraits" / f"{name}.png")))
        rows = latents[ANIMATION_FPS // 2 :][: int(ANIMATION_S * ANIMATION_FPS)]
        shown = [renderer.render([scene], row[None])[0, 20:500, 16:496, :3] for row in rows]
        frames.append([cv2.resize(frame, (240, 240), interpolation=cv2.INTER_AREA) for frame in shown])
    pictures = [Image.fromarray(np.hstack(row)) for row in zip(*frames, strict=True)]
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=1000 // ANIMATION_FPS, loop=0, quality=72, method=6
    )


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
    """Write the pictures into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=HERE.parent / "docs" / "pictures")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.vstack([talk_row(name) for name in NPCS])).save(out / "npcs.jpg", quality=88)
    Image.fromarray(rest_row("scholar")).save(out / "rest.jpg", quality=88)
    Image.fromarray(limits()).save(out / "limits.jpg", quality=88)
    animation(out / "npcs.webp")
    sheet = draw_sheet(
        build_avatar(read_picture(HERE / "portraits" / "scholar.png")), cell_px=200, shapes=False, title="scholar"
    )
    Image.fromarray(sheet).save(out / "scholar_sheet.jpg", quality=88)
    print(*(out / name for name in ("npcs.jpg", "npcs.webp", "rest.jpg", "scholar_sheet.jpg", "limits.jpg")))


if __name__ == "__main__":
    main()
