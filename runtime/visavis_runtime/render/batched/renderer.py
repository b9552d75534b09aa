"""Takes avatars and latents, gives frames: the back end that draws a whole batch at once, on a CPU or on a GPU.

All faces lie on the device, each in a slot; per batch only slots and drives go up and only frames come down. Every
size of batch is filled up to one of a few (`BATCHES`) and every list and window has a fixed length, so that the same
sequence of operations serves each batch: no value is read back in between, and a GPU may record it once. What a frame
needs of these lengths comes down with it; the rare frame that needs more is drawn again with larger ones, so nothing is
ever cut off. The frames are those of `CpuRenderer`, to rounding.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.nets.device import device_named
from visavis_runtime.nets.recording import Recording
from visavis_runtime.render.batched.bank import Bank
from visavis_runtime.render.batched.faces import arrays_of_scene, faces_of_bank
from visavis_runtime.render.batched.frames import Drawn, Rooms, draw_frames
from visavis_runtime.render.batched.geometry import packed
from visavis_runtime.render.drives import drives_from_latents
from visavis_runtime.render.raster import Grid
from visavis_runtime.render.renderer import Options, Rest, checked_rows, foreign_scene
from visavis_runtime.render.scene import scene_from_avatar

Float = npt.NDArray[np.float32]

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Sizes of batches; a larger one is drawn in several."""
CPU_PX = 1 << 18
"""Pixels of one batch on a CPU: larger buffers come fresh from the system each time, which costs more than drawing."""


@dataclass(frozen=True, eq=False)
class Resident:
    """A face on the device, valid for the renderer that loaded it; its slot is free again when it is forgotten."""

    slot: int
    bounds: Float  # [10, 2], see `render.geometry.bounds_of`
    bank: Bank


class TorchRenderer:
    """The batched back end.

    Args:
        device: "cpu" or "cuda" (or "cuda:1").
        size: side of the frames in px.
        quality: fineness of the map.
        background: as for `CpuRenderer`.
        half: mix colours in half floats; None: on a GPU.
        graphs: record each size of batch as a CUDA graph (see `recording`; not run yet, of no effect on a CPU).

    Raises:
        InputError: as `CpuRenderer`, and DEVICE_UNAVAILABLE where there is no such device.
    """

    def __init__(
        self,
        *,
        device: str = "cuda",
        size: int = 512,
        quality: str = "balanced",
        background: str = "plate",
        half: bool | None = None,
        graphs: bool = False,
    ) -> None:
        self._options = Options(size=size, quality=quality, background=background)
        self.device = device_named(device)
        on_gpu = self.device.type != "cpu"
        self._half = on_gpu if half is None else half
        self._recordings: dict[tuple[int, Rooms, int], Recording[Drawn]] | None = {} if graphs and on_gpu else None
        self.size = size
        self._grid = Grid(size, self._options.cell)
        self._bank = Bank(self.device)
        self._rooms = Rooms.first(self._grid)
        on_cpu = [batch for batch in BATCHES if batch == 1 or batch * size * size <= CPU_PX]
        self.batches = BATCHES if on_gpu else tuple(on_cpu)
        self._lock = threading.Lock()

    @property
    def quality(self) -> str:
        """Fineness of the map."""
        return self._options.quality

    @property
    def resident(self) -> Mapping[str, torch.Tensor]:
        """What lies on the device, [slots, ...] by the names of `Faces`; for measurements."""
        return self._bank.tensors

    def load(self, avatar: Avatar) -> Resident:
        """Make a face resident on the device."""
        options = self._options
        scene = scene_from_avatar(avatar, size=self.size, cell=options.cell, transparent=options.transparent)
        with self._lock:
            slot = self._bank.put(arrays_of_scene(scene, image_type=np.float16 if self._half else np.float32))
        face = Resident(slot, scene.rig.bounds, self._bank)
        weakref.finalize(face, self._bank.drop, slot)
        return face

    def render(self, scenes: Sequence[Resident], latents: Float, *, neutral: Rest = None) -> npt.NDArray[np.uint8]:
        """Frames [B, S, S, 4] uint8 RGBA for latents [B, 64]; latents beyond a face's limits are bent to them.

        Raises:
            InputError: as for `CpuRenderer.render`.
        """
        parts = [part.cpu().numpy() for part in self.draw(scenes, latents, neutral=neutral)]
        return np.concatenate(parts) if parts else np.empty((0, self.size, self.size, 4), np.uint8)

    def draw(
        self,
        scenes: Sequence[Resident],
        latents: Float,
        *,
        neutral: Rest = None,
        done: Callable[[str], None] | None = None,
    ) -> list[torch.Tensor]:
        """The same frames left on the device, in parts of [b, S, S, 4] uint8, b at most the last of `batches`.

        `done` hears of every step that has been asked for (not of its end on a GPU), for measurements.
        """
        rows, rest = checked_rows(len(scenes), latents, neutral)
        if not all(isinstance(scene, Resident) and scene.bank is self._bank for scene in scenes):
            raise foreign_scene()
        most = self.batches[-1]
        with self._lock, torch.inference_mode():
            return [
                self._part(scenes[at : at + most], rows[at : at + most], rest[at : at + most], done)
                for at in range(0, len(scenes), most)
            ]

    def _part(
        self, scenes: Sequence[Resident], rows: Float, rest: Float, done: Callable[[str], None] | None
    ) -> torch.Tensor:
        bounds = np.stack([scene.bounds for scene in scenes])
        drives = packed(drives_from_latents(rows, bounds=bounds, neutral=rest))
        count = len(scenes)
        filled = next(batch for batch in self.batches if batch >= count)
        which = torch.arange(filled).clamp(max=count - 1)
        slots = torch.tensor([scene.slot for scene in scenes])[which].to(self.device)
        drives = drives[which].to(self.device)
        if done is not None:
            done("drives")
        while True:
            drawn = self._drawn(slots, drives, done)
            larger = self._rooms.holding(drawn.needed.cpu().tolist(), size=self.size)
            if larger == self._rooms:
                return drawn.frames[:count]
            self._rooms = larger

    def _drawn(self, slots: torch.Tensor, drives: torch.Tensor, done: Callable[[str], None] | None) -> Drawn:
        """Frames of one filled batch, played from a recording where there may be one."""
        draw = partial(
            draw_frames,
            faces_of_bank(self._bank.tensors),
            grid=self._grid,
            rooms=self._rooms,
            mixing=torch.float16 if self._half else torch.float32,
        )
        if self._recordings is None or done is not None:
            return draw(slots, drives, done=done)
        key = (len(slots), self._rooms, self._bank.growths)
        if key not in self._recordings:
            # Recordings of smaller rooms or of a stack that has moved are of no more use.
            self._recordings = {known: made for known, made in self._recordings.items() if known[1:] == key[1:]}
            self._recordings[key] = Recording(draw, slots, drives)
        played = self._recordings[key].play(slots, drives)
        return Drawn(played.frames.clone(), played.needed)
