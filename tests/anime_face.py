"""A flat drawing with very large eyes, made by code: what comics and games are full of and the landmark net is not."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 1024
SKIN, HAIR, INK = (255, 226, 205), (90, 60, 140), (70, 40, 50)
EYES = ((0.382, 0.50), (0.618, 0.50))
EYE_HALF = (0.072, 0.080)
"""Middles and half axes of the drawn eyes, shares of the picture; x to the picture's right."""


def anime_face() -> npt.NDArray[np.uint8]:
    """[512, 512, 3] uint8 RGB."""
    picture = np.full((SIDE, SIDE, 3), (190, 215, 240), np.uint8)

    def px(points: list[tuple[float, float]]) -> npt.NDArray[np.int32]:
        return (np.array(points) * SIDE).astype(np.int32)

    def fill(points: list[tuple[float, float]], colour: tuple[int, int, int]) -> None:
        cv2.fillPoly(picture, [px(points)], colour, cv2.LINE_AA)

    def oval(x: float, y: float, a: float, b: float, colour: tuple[int, int, int]) -> None:
        cv2.ellipse(picture, ((x * SIDE, y * SIDE), (2 * a * SIDE, 2 * b * SIDE), 0.0), colour, -1, cv2.LINE_AA)

    oval(0.5, 0.46, 0.31, 0.36, HAIR)
    fill([(0.2, 0.45), (0.17, 0.95), (0.83, 0.95), (0.8, 0.45)], HAIR)
    fill([(0.43, 0.75), (0.42, 0.86), (0.15, 1.0), (0.85, 1.0), (0.58, 0.86), (0.57, 0.75)], SKIN)
    turn = np.linspace(0, np.pi, 60)
    jaw = [(0.5 - 0.225 * np.cos(a) * (1 - 0.28 * np.sin(a) ** 3), 0.46 + 0.345 * np.sin(a)) for a in turn]
    face = [(0.275, 0.42), *jaw, (0.725, 0.42), (0.7, 0.25), (0.5, 0.18), (0.3, 0.25)]
    fill(face, SKIN)
    cv2.polylines(picture, [px(face)], True, INK, 4, cv2.LINE_AA)
    for x, y in EYES:
        oval(x, y, *EYE_HALF, INK)
        oval(x, y + 0.004, 0.067, 0.071, (255, 255, 255))
        oval(x, y + 0.004, 0.050, 0.066, (60, 110, 190))
        oval(x, y, 0.022, 0.034, (20, 25, 60))
        oval(x - 0.02, y - 0.032, 0.017, 0.02, (255, 255, 255))
        cv2.ellipse(picture, px([(x, y - 0.105)])[0].tolist(), px([(0.07, 0.03)])[0].tolist(), 0, 200, 340, INK, 6)
    cv2.line(picture, px([(0.503, 0.62)])[0].tolist(), px([(0.51, 0.635)])[0].tolist(), INK, 3, cv2.LINE_AA)
    cv2.ellipse(picture, px([(0.5, 0.70)])[0].tolist(), px([(0.042, 0.012)])[0].tolist(), 0, 15, 165, INK, 4)
    oval(0.5, 0.24, 0.27, 0.13, HAIR)
    return np.asarray(cv2.resize(picture, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA), np.uint8)
