from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.laugh import MOST, seen_fold


def painted(face: Avatar, *, width_px: float, line: tuple[int, int, int] = (150, 150, 150)) -> Avatar:
    """The avatar with skin of one colour and one dark line on its cheek, from 205 to 187."""
    texture = np.full_like(face.texture, 200)
    ends = np.rint(face.texture_px[[205, 187]]).astype(int)
    cv2.line(texture, ends[0].tolist(), ends[1].tolist(), (*line, 255), max(round(width_px), 1))
    return replace(face, texture=texture)


@pytest.mark.parametrize("texels", [0.5, 1.0])
def test_a_dark_line_along_the_fold_is_measured(face: Avatar, texels: float) -> None:
    marked = painted(face, width_px=0.15 * face.camera.scale * face.texture_scale)
    start = np.floor(face.texture_px[:468].min(axis=0))
    line = (face.texture_px[[205, 187]] - start) * texels
    shape = tuple(int(v) for v in np.ceil((face.texture_px[:468].max(axis=0) - start) * texels))[::-1]
    lacking, tint = seen_fold(marked, line, start=start, texels=texels, shape=shape, uv=face.texture_px)
    middle = np.rint(line.mean(axis=0)).astype(int)
    near = lacking[middle[1] - 2 : middle[1] + 3, middle[0] - 2 : middle[0] + 3]
    assert 0.15 < near.max() <= MOST  # 200 / 150 - 1 is a third; the map is blurred
    np.testing.assert_allclose(tint, 1, atol=0.01)
    y, x = np.unravel_index(lacking.argmax(), lacking.shape)
    ahead = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
    off = np.array([x, y]) - line[0]
    assert abs(off[0] * ahead[1] - off[1] * ahead[0]) < 2


def test_plain_skin_and_broad_shades_are_no_fold(face: Avatar) -> None:
    start = np.floor(face.texture_px[:468].min(axis=0))
    line = (face.texture_px[[205, 187]] - start) * 0.5
    shape = tuple(int(v) for v in np.ceil((face.texture_px[:468].max(axis=0) - start) * 0.5))[::-1]
    broad = painted(face, width_px=1.5 * face.camera.scale * face.texture_scale)
    assert seen_fold(broad, line, start=start, texels=0.5, shape=shape, uv=face.texture_px)[0].max() < 0.03


def test_a_brown_line_lacks_more_blue_than_red(face: Avatar) -> None:
    start = np.floor(face.texture_px[:468].min(axis=0))
    line = (face.texture_px[[205, 187]] - start) * 0.5
    shape = tuple(int(v) for v in np.ceil((face.texture_px[:468].max(axis=0) - start) * 0.5))[::-1]
    brown = painted(face, width_px=0.15 * face.camera.scale * face.texture_scale, line=(180, 155, 130))
    _, tint = seen_fold(brown, line, start=start, texels=0.5, shape=shape, uv=face.texture_px)
    assert tint[0] < 0.7 < tint[1] < 1.2 < tint[2]
