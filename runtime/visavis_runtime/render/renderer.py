"""Takes scenes and latents, gives frames: the one contract of all back ends, and the back end for a CPU.

A frame is a coarse map of the moved mesh, one texture lookup, and small overlays for mouth and eyes. Rendering is a
function of its arguments: no frame depends on another, a batch equals its frames drawn one by one, byte for byte.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.composite import Canvas, Pixels, Sheet, Surface, canvas_for, enlarge, paint
from visavis_runtime.render.drives import Drive, drive_of, drives_from_latents
from visavis_runtime.render.eyes import draw_eye
from visavis_runtime.render.folds import lay_folds
from visavis_runtime.render.geometry import Moved, drive_from_latents, move
from visavis_runtime.render.mouth import draw_mouth
from visavis_runtime.render.raster import Grid, areas, runs_of_triangles, values_at
from visavis_runtime.render.scene import Scene, scene_from_avatar

Float = npt.NDArray[np.float32]
Quality = Literal["fast", "balanced", "best"]
Rest = npt.ArrayLike | None
"""How far each face has left its picture for its neutral rest, [B] or one number, 0 (the picture) to 1; None: all."""

CELLS: dict[str, int] = {"fast": 96, "balanced": 128, "best": 256}
"""Cells of the map across a frame."""
MIN_SIZE, MAX_SIZE = 64, 2048


class Renderer(Protocol):
    """Draws faces; every back end has these two methods and a kind of scene of its own."""

    def load(self, avatar: Avatar) -> Any:
        """Make a face resident; the scene is for this renderer alone."""

    def render(self, scenes: Sequence[Any], latents: Float, *, neutral: Rest = None) -> npt.NDArray[np.uint8]:
        """One frame per scene, [B, S, S, 4] uint8 for latents [B, 64]; `neutral` [B] 0..1, see `Rest`."""


class Coverage(NamedTuple):
    """What is wrong with the geometry of one frame; both 0 inside an avatar's limits.

    holes_px: pixels of the frame that no triangle covers. flipped_triangles: triangles of the person's skin or hair
    that show their back (caps of eyes and mouth do so by design, background cannot be seen).
    """

    holes_px: int
    flipped_triangles: int


@dataclass(frozen=True)
class Options:
    """What every back end is asked for. Raises InputError SIZE_UNSUPPORTED, OPTION_UNKNOWN."""

    size: int
    quality: str
    background: str

    def __post_init__(self) -> None:
        if not MIN_SIZE <= self.size <= MAX_SIZE:
            raise InputError(
                f"A frame of {self.size} px is not possible: choose a size from {MIN_SIZE} to {MAX_SIZE}.",
                reason="SIZE_UNSUPPORTED",
            )
        for value, known in ((self.quality, tuple(CELLS)), (self.background, ("plate", "transparent"))):
            if value not in known:
                raise InputError(f"{value!r} is not one of {', '.join(known)}.", reason="OPTION_UNKNOWN")

    @property
    def cell(self) -> int:
        """Px of the frame per cell of the map."""
        return max(1, round(self.size / CELLS[self.quality]))

    @property
    def transparent(self) -> bool:
        """Whether the background is left out."""
        return self.background == "transparent"


def checked_rows(count: int, latents: Float, neutral: Rest) -> tuple[Float, Float]:
    """Latents [B, 64] and the share of rest [B] of `count` scenes.

    Raises:
        InputError: LATENTS_SHAPE, LATENTS_VALUE, NEUTRAL_VALUE.
    """
    rows = _numbers(latents)
    if rows is None:
        raise InputError(
            "Latents are numbers, and none of them is NaN: look where they come from.", reason="LATENTS_VALUE"
        )
    if rows.shape != (count, 64):
        raise InputError(
            f"Latents of the shape {rows.shape} do not fit {count} scenes: give [{count}, 64].",
            reason="LATENTS_SHAPE",
        )
    rest = _numbers(1.0 if neutral is None else neutral)
    if rest is None or rest.shape not in ((), (1,), (count,)):
        raise InputError(
            f"`neutral` does not fit {count} scenes: give one number from 0 to 1, or one for each scene.",
            reason="NEUTRAL_VALUE",
        )
    return rows, np.broadcast_to(np.clip(rest, 0, 1), count)


def foreign_scene() -> InputError:
    """The error for a scene that this renderer has not made."""
    return InputError("A scene serves the renderer that loaded it: load the avatar here.", reason="SCENE_FOREIGN")


def _numbers(values: npt.ArrayLike) -> Float | None:
    """As float32 of any shape; None for what is not all numbers."""
    try:
        with np.errstate(over="ignore"):
            numbers = np.asarray(values, np.float32)
    except (TypeError, ValueError):
        return None
    return None if np.isnan(numbers).any() else numbers


class CpuRenderer:
    """The back end of numpy and OpenCV; one thread draws one frame.

    Args:
        size: side of the frames in px.
        quality: fineness of the map.
        background: "plate" paints the picture's background (alpha 255), "transparent" leaves the person's matte.

    Raises:
        InputError: a size outside 64..2048 (SIZE_UNSUPPORTED), an unknown quality or background (OPTION_UNKNOWN).
    """

    def __init__(self, *, size: int = 512, quality: str = "balanced", background: str = "plate") -> None:
        self._options = Options(size=size, quality=quality, background=background)
        self.size = size
        self._grid = Grid(size, self._options.cell)
        self._scratch = threading.local()

    def load(self, avatar: Avatar) -> Scene:
        """Make a face resident: textures at this size, the map of what never moves."""
        options = self._options
        return scene_from_avatar(avatar, size=self.size, cell=options.cell, transparent=options.transparent)

    def render(self, scenes: Sequence[Scene], latents: Float, *, neutral: Rest = None) -> npt.NDArray[np.uint8]:
        """Frames [B, S, S, 4] uint8 RGBA for latents [B, 64]; latents beyond a face's limits are bent to them.

        Raises:
            InputError: the latents do not fit the scenes (LATENTS_SHAPE), are not numbers (LATENTS_VALUE), nor is
                `neutral` (NEUTRAL_VALUE); a scene of another renderer (SCENE_FOREIGN).
        """
        return self._frames(scenes, latents, neutral, np.uint8)

    def render_float(self, scenes: Sequence[Scene], latents: Float, *, neutral: Rest = None) -> Float:
        """The same frames [B, S, S, 4] float32, 0..255, before rounding; slow, for measurements."""
        return self._frames(scenes, latents, neutral, np.float32)

    def coverage(self, scene: Scene, latents: Float, *, neutral: float = 1.0) -> Coverage:
        """Holes and flipped triangles of the mesh for one row of latents [64], at full resolution."""
        moved = move(scene.rig, drive_from_latents(np.asarray(latents, np.float32), rig=scene.rig, neutral=neutral))
        turned = areas(moved.px, scene.rig.triangles) * scene.stage.front <= 0
        fine = Grid(scene.grid.size, 1)
        runs = runs_of_triangles(
            fine.from_px(moved.px), moved.depth, scene.rig.triangles, side=fine.side, front=scene.stage.front
        )
        covered = np.zeros(fine.side * fine.side, bool)
        covered[runs.cells] = True
        inner = covered.reshape(fine.side, fine.side)[1:-1, 1:-1]
        return Coverage(int((~inner).sum()), int((turned & scene.shown).sum()))

    def _frames(self, scenes: Sequence[Scene], latents: Float, neutral: Rest, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        rows, rest = checked_rows(len(scenes), latents, neutral)
        if not all(isinstance(scene, Scene) and scene.grid == self._grid for scene in scenes):
            raise foreign_scene()
        out = np.empty((len(scenes), self.size, self.size, 4), dtype)
        if len(scenes) == 0:
            return out
        drives = drives_from_latents(rows, bounds=np.stack([scene.rig.bounds for scene in scenes]), neutral=rest)
        for k, (frame, scene) in enumerate(zip(out, scenes, strict=True)):
            draw_frame(frame, scene=scene, drive=drive_of(drives, k), canvas=self._canvas(scene.grid, out.dtype))
        return out

    def _canvas(self, grid: Grid, dtype: np.dtype[Any]) -> Canvas:
        """This thread's buffers (scratch memory, no state: every frame overwrites them)."""
        held: dict[str, Canvas] = self._scratch.__dict__
        if dtype.str not in held:
            held[dtype.str] = canvas_for(grid, dtype=dtype)
        return held[dtype.str]


def draw_frame(out: Pixels, *, scene: Scene, drive: Drive, canvas: Canvas) -> None:
    """Draw one frame [S, S, 4]."""
    moved = move(scene.rig, drive)
    sheet = map_sheet(scene, moved, canvas)
    surface = scene.surface
    if out.dtype != np.uint8:
        plate = None if surface.plate is None else surface.plate.astype(np.float32)
        surface = Surface(surface.texture.astype(np.float32), plate)
    paint(surface, sheet=sheet, canvas=canvas, out=out)
    lay_folds(out, folds=scene.folds, moved=moved, sheet=sheet)
    draw_mouth(out, scene=scene.mouth, rig=scene.rig, moved=moved)
    for eye in scene.eyes:
        draw_eye(out, scene=eye, rig=scene.rig, moved=moved, sheet=sheet)


def map_sheet(scene: Scene, moved: Moved, canvas: Canvas) -> Sheet:
    """Where each pixel of the frame is in the texture, and its light."""
    stage, side = scene.stage, scene.grid.side
    points = scene.grid.from_px(moved.px)
    runs = runs_of_triangles(points, moved.depth, stage.moving, side=side, front=stage.front)
    values = np.concatenate([stage.texture_uv, moved.shade[:, None]], axis=1)
    cells, found = values_at(runs, points, values, stage.moving, side=side)
    uv, shade = stage.uv.copy(), stage.shade.copy()
    uv.reshape(-1, 2)[cells] = found[:2].T
    shade.reshape(-1)[cells] = found[2]
    sheet = enlarge(uv, shade, grid=scene.grid, canvas=canvas)
    if len(stage.lips):
        _refine(sheet, stage.lips, moved=moved, values=values, front=stage.front)
    return sheet


def _refine(sheet: Sheet, triangles: npt.NDArray[np.int32], *, moved: Moved, values: Float, front: float) -> None:
    """Map some triangles pixel by pixel: lips that the picture shows parted meet where the texture is torn."""
    points = moved.px[np.unique(triangles)]
    size = sheet.shade.shape[0]
    low = np.clip(np.floor(points.min(axis=0)).astype(int), 0, size)
    high = np.clip(np.ceil(points.max(axis=0)).astype(int) + 1, 0, size)
    side = int((high - low).max())
    if side < 2:
        return
    local = moved.px - low.astype(np.float32)
    runs = runs_of_triangles(local, moved.depth, triangles, side=side, front=front)
    cells, found = values_at(runs, local, values, triangles, side=side)
    rows, columns = low[1] + cells // side, low[0] + cells % side
    inside = (rows < size) & (columns < size)
    rows, columns = rows[inside], columns[inside]
    sheet.uv[rows, columns] = found[:2].T[inside]
    sheet.shade[rows, columns] = found[2][inside]
