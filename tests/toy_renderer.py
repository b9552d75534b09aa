"""A renderer for tests about everything around it: a flat face that gets lighter as the jaw opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from visavis.latents import INDEX


class ToyRenderer:
    def __init__(self, *, size: int = 64) -> None:
        self.size = size
        self.largest_batch = 0
        self.frames = 0

    def load(self, avatar: Any) -> Any:
        return avatar

    def render(self, scenes: Sequence[Any], latents: np.ndarray, *, neutral: Any = None) -> np.ndarray:
        assert len(scenes) == len(latents)
        assert neutral is None or len(neutral) == len(latents)
        self.largest_batch = max(self.largest_batch, len(latents))
        self.frames += len(latents)
        out = np.full((len(latents), self.size, self.size, 4), 255, np.uint8)
        out[..., :3] = (60 + 180 * latents[:, INDEX["jawOpen"]]).astype(np.uint8)[:, None, None, None]
        return out
