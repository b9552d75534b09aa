"""Takes pieces of a native head, pushes them before or behind its skin, so that none shows through where it must not.

Faces of drawings are bumpy under their flat colours: what fits behind a person's lips or before a person's cheek comes
through a drawn one's. Everything is pushed along the picture's line of sight, so that seen from there it stays in its
place. It changes no outline and no colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.write.glb.part import Float, Int, Lining, Part
from visavis_runtime.write.glb.skin import Skin

SHARES = (0.33, 0.67, 1.0)
"""Weights of a shape at which pieces are looked at."""
ROUNDS = 2
WITHIN = np.array([(1, 1, 1), (1.5, 1.5, 0), (0, 1.5, 1.5), (1.5, 0, 1.5)], np.float32) / np.float32(3)
"""Places within a triangle that are looked at besides its corners."""


class Surface(NamedTuple):
    """Something seen from where the picture was: points [n, 3] cm, shapes [52, n, 3], triangles [t, 3], and the turn
    [3, 3] from the head to that view."""

    points: Float
    shapes: Float
    triangles: Int
    turn: Float


def surface_of(skin: Skin, *, avatar: Avatar, more: Part | None = None) -> Surface:
    """The face with what adjoins it, and `more` that stands still before or behind it."""
    turn = np.asarray(avatar.camera.rotation, np.float32)
    faces = np.concatenate([skin.solid, skin.soft])
    faces, points, shapes = faces[(faces < FACE_POINTS).any(axis=1)], skin.points, skin.shapes
    if more is not None:
        faces = np.concatenate([faces, more.triangles + len(points)])
        points = np.concatenate([points, more.points])
        shapes = np.concatenate([shapes, np.zeros((len(shapes), len(more.points), 3), np.float32)], axis=1)
    return Surface(points @ turn.T, shapes @ turn.T, faces.astype(np.int32), turn)


def cleared(
    piece: Lining, surface: Surface, *, by_cm: float, shapes: Sequence[int], behind: bool = False, fixed: int = 0
) -> Lining:
    """A piece pushed so far that it stands before a surface by `by_cm`, at rest and in some shapes.

    Args:
        piece: what is pushed.
        surface: see `surface_of`.
        by_cm: the least distance.
        shapes: numbers of the shapes.
        behind: push it behind the surface instead.
        fixed: so many of its first points stay.
    """
    sign = -1 if behind else 1
    points, ways = piece.points @ surface.turn.T, {k: piece.shapes[k] @ surface.turn.T for k in shapes}
    for _ in range(ROUNDS):
        push = _missing(points, piece.triangles, surface.points, surface.triangles, by_cm=by_cm, sign=sign)
        push[:fixed] = 0
        points[:, 2] += sign * push
    for k, way in ways.items():
        for share in SHARES:
            there = surface.points + share * surface.shapes[k]
            push = _missing(points + share * way, piece.triangles, there, surface.triangles, by_cm=by_cm, sign=sign)
            push[:fixed] = 0
            way[:, 2] += sign * push / share
    moved = piece.shapes.copy()
    for k, way in ways.items():
        moved[k] = way @ surface.turn
    return piece._replace(points=(points @ surface.turn).astype(np.float32), shapes=moved)


def room_behind(parts: Sequence[Part], surface: Surface, *, by_cm: float, shapes: Sequence[tuple[str, int]]) -> Float:
    """[3] cm: how far parts must be moved together to be behind a surface by `by_cm`, at rest and in `shapes`, names
    and numbers."""
    most = 0.0
    for part in parts:
        for name, k in (("", -1), *shapes):
            moved = part.points + (part.shapes[name] if name in part.shapes else np.float32(0))
            there = surface.points + (surface.shapes[k] if name else np.float32(0))
            seen = np.asarray(moved @ surface.turn.T, np.float32)
            push = _missing(seen, part.triangles, there, surface.triangles, by_cm=by_cm, sign=-1)
            most = max(most, float(push.max()))
    return np.asarray(-most * surface.turn[2], np.float32)


def _missing(points: Float, faces: Int, there: Float, triangles: Int, *, by_cm: float, sign: int) -> Float:
    """[n] cm: how far points of triangles `faces` are from standing before (`sign` 1) or behind (-1) other ones."""
    inside = np.einsum("sk,tkx->stx", WITHIN, points[faces]).reshape(-1, 3)
    samples = np.concatenate([points, inside])
    near = _over(triangles, there, points)
    depth = depth_at(samples, there, near)
    missing = np.nan_to_num(np.fmax(sign * (depth - samples[:, 2]) + by_cm, 0))
    push, most = missing[: len(points)], missing[len(points) :].reshape(len(WITHIN), -1).max(axis=0)
    for corner in range(3):
        np.maximum.at(push, faces[:, corner], most)
    return np.asarray(push, np.float32)


def _over(faces: Int, points: Float, places: Float) -> Int:
    """The triangles over a box round some places."""
    corners = points[faces, :2]
    low, high = places[:, :2].min(axis=0), places[:, :2].max(axis=0)
    over = (corners.max(axis=1) > low) & (corners.min(axis=1) < high)
    return np.asarray(faces[over.all(axis=1)], np.int32)


def depth_at(places: Float, points: Float, triangles: Int) -> Float:
    """[n]: z of the foremost of some triangles at places [n, 2 or 3], NaN where there is none."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    whole = np.where(np.abs(area) < 1e-9, np.inf, area)
    x, y = (places[:, None, k] - a[None, :, k] for k in range(2))
    second = (x * ac[:, 1] - y * ac[:, 0]) / whole
    third = (y * ab[:, 0] - x * ab[:, 1]) / whole
    z = a[:, 2] + second * ab[:, 2] + third * ac[:, 2]
    inside = (second >= -1e-4) & (third >= -1e-4) & (second + third <= 1 + 1e-4) & np.isfinite(whole)
    front = np.where(inside, z, -np.inf).max(axis=1)
    return np.where(np.isfinite(front), front, np.nan).astype(np.float32)
