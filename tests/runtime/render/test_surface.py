"""What is painted: the picture itself at rest, as sharp half a pixel further on."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.rings import OVAL
from visavis_runtime.render.surface import surface_from_avatar, surface_px_per_px


def _frame(face: Avatar, *, size: int, shift_px: float = 0.0) -> npt.NDArray[np.float64]:
    """The surface over its plate, sampled `shift_px` output px beside its place."""
    surface = surface_from_avatar(face, size=size, transparent=False)
    scale = surface_px_per_px(face, size=size)
    at = (((np.arange(size) + 0.5 + shift_px) * face.size / size + face.margin) * scale - 0.5).astype(np.float32)
    texture = cv2.remap(surface.texture, *np.meshgrid(at, at), cv2.INTER_LINEAR).astype(np.float64)
    assert surface.plate is not None
    return np.asarray(texture[..., :3] + (1 - texture[..., 3:] / 255) * surface.plate[..., :3])


def _psnr_db(error: npt.NDArray[np.float64]) -> float:
    return float(10 * np.log10(255**2 / max(float((error**2).mean()), 1e-9)))


def _oval(face: Avatar, *, size: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.rint(face.rest_px[list(OVAL)] * size / face.size).astype(np.int32)], 1)
    return cv2.erode(mask, np.ones((21, 21), np.uint8)) > 0


@pytest.mark.parametrize(("size", "least_db"), [(512, 60), (256, 50), (500, 50), (1024, 45)])
def test_sampled_at_rest_it_is_the_picture(face: Avatar, size: int, least_db: float) -> None:
    how = cv2.INTER_AREA if size < 512 else cv2.INTER_CUBIC
    picture = face.picture if size == 512 else cv2.resize(face.picture, (size, size), interpolation=how)
    lips = face.rest_px[[61, 291, 0, 17]] * size / face.size  # the open mouth is a layer of its own
    low, high = lips.min(axis=0).astype(int), lips.max(axis=0).astype(int)
    inside = _oval(face, size=size)
    inside[low[1] : high[1], low[0] : high[0]] = False
    assert _psnr_db((_frame(face, size=size) - picture)[inside]) >= least_db


def test_half_a_pixel_further_it_is_as_sharp(face: Avatar) -> None:
    """Of the finest detail of the face at least three quarters stay; a texture as fine as the output keeps half."""
    inside = _oval(face, size=512)

    def detail(frame: npt.NDArray[np.float64]) -> float:
        return float((cv2.Laplacian(frame.mean(axis=2), cv2.CV_64F)[inside] ** 2).mean())

    rest, moved = (detail(_frame(face, size=512, shift_px=shift)) for shift in (0.0, 0.5))
    assert 0.75 * rest <= moved <= 1.25 * rest


def test_a_clear_background_keeps_straight_colours(face: Avatar) -> None:
    surface = surface_from_avatar(face, size=512, transparent=True)
    assert surface.plate is None
    soft = (surface.texture[..., 3] > 20) & (surface.texture[..., 3] < 235)
    premultiplied = surface_from_avatar(face, size=512, transparent=False).texture
    assert surface.texture[soft][:, :3].mean() > 1.3 * premultiplied[soft][:, :3].mean()


def test_the_teeth_of_an_open_mouth_do_not_come_back_into_the_skin(face: Avatar) -> None:
    assert face.mouth.is_open
    x, y = np.rint(face.rest_px[[13, 14]].mean(axis=0)).astype(int)
    painted, teeth = _frame(face, size=face.size)[y, x], face.picture[y, x]
    assert painted.mean() < 0.85 * teeth.mean()
