"""Takes an avatar and an output size, gives what is painted: a person's texture finer than the output, and the plate.

A texture as fine as the output shows the picture sharply at rest and blurs it at the first movement; a finer one looks
alike in both. It is corrected once so that sampling it at rest, bilinearly, gives the picture: with S the sampling and
U an interpolation of the output's pixels at the texture's, T + U (S U)^-1 (picture - S T) is exact, and as smooth as U.
S and U are separable and narrow, so the way back is one narrow matrix for both axes. It knows nothing of the mesh.
After M. Irani and S. Peleg, "Improving resolution by image registration", 1991.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import solve_banded

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.bare_lips import texture_without_mouth
from visavis_runtime.render.composite import Surface

Float = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

FINE_PX, FINEST = 768, 1.5
"""Texture px across the picture that an output is sampled from, and the most of them per output px."""
PASSES = 3
"""Corrections: the first is exact but for what was clipped to 0..255 and for weights left out as too small."""
BAND, LEAST_WEIGHT = 4, 2e-4
"""Neighbours that an output pixel shares texture pixels with on each side; weights that are not worth a product."""


def surface_px_per_px(avatar: Avatar, *, size: int) -> float:
    """Pixels of the surface's texture per bordered px of the avatar, for an output of `size` px."""
    finer = float(np.clip(FINE_PX / size, 1, FINEST))
    bordered = avatar.size + 2 * avatar.margin
    return round(bordered * size / avatar.size * finer) / bordered


def surface_from_avatar(avatar: Avatar, *, size: int, transparent: bool) -> Surface:
    """The textures of one face for an output of `size` px, 8 bit."""
    scale = surface_px_per_px(avatar, size=size)
    side = round((avatar.size + 2 * avatar.margin) * scale)
    texture, redrawn = texture_without_mouth(avatar)
    picture, ground = _resized(avatar.picture, size), _resized(avatar.plate, size)
    if not transparent:
        alpha = texture[..., 3:].astype(np.float32) / 255
        texture = np.dstack([np.rint(texture[..., :3] * alpha), texture[..., 3]]).astype(np.uint8)
    fine = _resized(texture, side)
    rest = _rest(size, side=side, margin=avatar.margin, px_per_px=size / avatar.size, scale=scale)
    share = np.rint(rest.sampled(fine[..., 3].astype(np.float32))).astype(np.uint8)
    behind = cv2.multiply(ground, cv2.merge([255 - share] * 3), scale=1 / 255)
    wanted = picture.astype(np.float32) - behind
    corrected = _corrected(fine[..., :3], wanted, share=share if transparent else None, rest=rest)
    if redrawn is not None:  # there the overlay draws what the picture shows: it is not to come back into the skin
        blended = cv2.blendLinear(np.ascontiguousarray(fine[..., :3]), corrected, *_shares(redrawn, side))
        corrected = np.asarray(blended, np.uint8)
    fine[..., :3] = corrected
    plate = np.dstack([ground, np.full(ground.shape[:2], 255, np.uint8)])
    return Surface(np.ascontiguousarray(fine), None if transparent else plate)


def _shares(redrawn: Float, side: int) -> tuple[Float, Float]:
    """A share [M, M] 0..1 at another resolution, and what it leaves."""
    share = np.asarray(cv2.resize(redrawn, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)
    return share, 1 - share


def _corrected(colours: U8, wanted: Float, *, share: U8 | None, rest: _Rest) -> U8:
    """Colours [M, M, 3] moved so that they give `wanted` [S, S, 3] at rest; straight ones with `share` [S, S]."""
    out = colours.astype(np.float32)
    weight = np.ones((1, 1, 1), np.float32) if share is None else share[..., None].astype(np.float32) / np.float32(255)
    inner = out[rest.window, rest.window]
    for _ in range(PASSES):
        missing = np.asarray(wanted - weight * rest.sampled(out), np.float32)
        inner[:] = np.clip(inner + rest.spread(missing), 0, 255)
    return np.asarray(np.rint(out), np.uint8)


class _Rest(NamedTuple):
    """How the surface is sampled at rest, and the way back; the same along both axes."""

    places: tuple[Float, Float]  # x and y [S, S], surface px
    window: slice  # surface px that the picture touches, along both axes
    back: sp.csr_matrix  # [W, S]

    def sampled(self, texture: Float) -> Float:
        """[S, S, ...] as the frame shows it at rest, of a texture [M, M, ...]."""
        x, y = self.places
        return np.asarray(cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)

    def spread(self, rest: Float) -> Float:
        """A correction [W, W, C] of the window that is sampled as `rest` [S, S, C]."""
        size, channels = rest.shape[0], rest.shape[2]
        down = np.asarray(self.back @ rest.reshape(size, -1)).reshape(-1, size, channels)
        turned = np.ascontiguousarray(down.transpose(1, 0, 2)).reshape(size, -1)
        both = np.asarray(self.back @ turned).reshape(-1, down.shape[0], channels)
        return np.asarray(both.transpose(1, 0, 2), np.float32)


def _rest(size: int, *, side: int, px_per_px: float, margin: int, scale: float) -> _Rest:
    """Lay the output's grid on the surface's: `size` and `side` px, `scale` surface px per bordered px."""
    at = ((np.arange(size) + 0.5) / px_per_px + margin) * scale - 0.5
    window = slice(max(int(at[0]) - 2, 0), min(int(at[-1]) + 4, side))
    texture = np.arange(window.start, window.stop)
    spread = _cubic((texture[:, None] - at[None]) * (px_per_px / scale))
    sampling = sp.csr_matrix(np.maximum(1 - np.abs(at[:, None] - texture[None]), 0))
    both = (sampling @ spread).T
    rows = np.arange(-BAND, BAND + 1)[:, None] + np.arange(size)
    inside = (rows >= 0) & (rows < size)
    bands = np.where(inside, both[np.clip(rows, 0, size - 1), np.arange(size)], 0)
    back = solve_banded((BAND, BAND), bands, spread.T).T
    back[np.abs(back) < LEAST_WEIGHT] = 0
    x, y = np.meshgrid(at.astype(np.float32), at.astype(np.float32))
    return _Rest((x, y), window, sp.csr_matrix(back.astype(np.float32)))


def _cubic(distance: npt.NDArray[Any]) -> Float:
    """Weights of Catmull-Rom interpolation."""
    x = np.abs(distance)
    near = 1 - 2.5 * x**2 + 1.5 * x**3
    far = 2 - 4 * x + 2.5 * x**2 - 0.5 * x**3
    return np.where(x < 1, near, np.where(x < 2, far, 0)).astype(np.float32)


def _resized(picture: U8, side: int) -> U8:
    """A square picture at another resolution, pixel centres kept in place."""
    if side == picture.shape[0]:
        return np.array(picture)
    how = cv2.INTER_AREA if side < picture.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (side, side), interpolation=how), np.uint8)
