"""A head with loose hair before a wall, drawn by code: picture, true matte, true wall, as a network would see it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

FINER = 4


class HairScene(NamedTuple):
    """picture, wall [S, S, 3] 0..255; true matte and the network's coarse one [S, S] 0..1; face [S, S]."""

    picture: npt.NDArray[np.uint8]
    matte: F32
    coarse: F32
    wall: F32
    face: npt.NDArray[np.bool_]


def hair_scene(*, wall: str, size: int = 352, seed: int = 0) -> HairScene:
    """A dark-haired head before a `wall`: "plain", "paint" (blotches), "brick"."""
    rng = np.random.default_rng(seed)
    fine = size * FINER
    body = np.zeros((fine, fine), np.uint8)
    centre = (fine // 2, round(0.45 * fine))
    cv2.ellipse(body, centre, (round(0.2 * fine), round(0.26 * fine)), 0, 0, 360, 255, -1)
    cv2.ellipse(body, (fine // 2, fine), (round(0.34 * fine), round(0.26 * fine)), 0, 0, 360, 255, -1)
    cv2.rectangle(body, (round(0.43 * fine), centre[1]), (round(0.57 * fine), round(0.85 * fine)), 255, -1)
    hair = np.zeros_like(body)
    for _ in range(110):
        angle = rng.uniform(np.pi * 0.95, np.pi * 2.05)
        start = np.array([0.19 * np.cos(angle), 0.25 * np.sin(angle)])
        bend, length = rng.normal(0, 0.5), rng.uniform(0.01, 0.035)
        t = np.linspace(0, 1, 12)[:, None]
        way = np.stack([np.cos(angle + bend * t), np.sin(angle + bend * t)], axis=-1)[:, 0]
        points = (np.array(centre) / fine + start + way * t * length) * fine
        cv2.polylines(hair, [np.rint(points).astype(np.int32)], False, 255, int(rng.integers(2, 6)), cv2.LINE_AA)
    alpha = cv2.resize(np.maximum(body, hair), (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    back = _wall(wall, size, rng)
    skin = np.zeros((size, size, 3), np.float32) + np.array([70, 48, 36], np.float32)
    skin += cv2.GaussianBlur(rng.normal(0, 30, (size, size, 1)).astype(np.float32), (0, 0), 1.2)[..., None]
    face = np.zeros((size, size), np.uint8)
    middle = (size // 2, round(0.47 * size))
    cv2.ellipse(face, middle, (round(0.13 * size), round(0.18 * size)), 0, 0, 360, 1, -1)
    skin[face > 0] += np.array([120, 90, 75], np.float32)
    picture = alpha[..., None] * skin + (1 - alpha[..., None]) * back
    picture += rng.normal(0, 1, picture.shape)
    seen = cv2.resize(body, (size // 3, size // 3), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    coarse = cv2.resize(cv2.GaussianBlur(seen, (0, 0), 1.0), (size, size), interpolation=cv2.INTER_CUBIC)
    return HairScene(
        np.clip(np.rint(picture), 0, 255).astype(np.uint8), alpha, np.clip(coarse, 0, 1), back, face.astype(bool)
    )


def _wall(kind: str, size: int, rng: np.random.Generator) -> F32:
    """[S, S, 3] 0..255."""
    out = np.zeros((size, size, 3), np.float32) + np.linspace(190, 220, size, dtype=np.float32)[:, None, None]
    if kind == "paint":
        blotches = cv2.GaussianBlur(rng.normal(0, 1, (size, size, 3)).astype(np.float32), (0, 0), 6)
        grain = cv2.GaussianBlur(rng.normal(0, 1, (size, size, 1)).astype(np.float32), (0, 0), 1)
        out += blotches / blotches.std() * 12 + grain[..., None] / grain.std() * 4
    if kind == "brick":
        high, wide = size // 16, size // 8
        rows, columns = np.indices((size, size))
        shifted = columns + (rows // high % 2) * (wide // 2)
        out *= rng.uniform(0.85, 1.1, (size, size)).astype(np.float32)[rows // high, shifted // wide][..., None]
        out[(rows % high < 2) | (shifted % wide < 2)] = 110
    return out
