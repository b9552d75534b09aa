"""Takes the motion frames of a talk, gives the pictures that are due: which pose at which sample.

Pictures have a rate of their own; their pose lies between two motion frames. A picture that has waited for too long is
dropped before it costs anything if there is a newer one; when many are, the rate is halved.
What it does not do: it draws nothing (`render/`, `engine.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from visavis.latents import SAMPLE_RATE_HZ, sample_of_frame
from visavis_runtime.serve.messages import PictureSpec, Signal

STALE_NS = 80_000_000
_WAITING_MOST = 4
_WAITING_S = 0.2
"""A line that comes all at once brings its first 160 ms in one piece: that alone must not drop pictures."""
_WATCH = 25
"""Pictures over which the dropped ones are counted; at high rates those of a second, for one late piece is no load."""
_TOO_MANY = 0.2
_CALM_S = 5.0
_FPS_LEAST = 5


@dataclass(frozen=True)
class Due:
    """A picture to draw: its sample, pose [64], line, and when its sound came in and its motion was done (ns)."""

    sample: int
    latents: Signal
    line: str
    line_sample: int
    received_ns: int
    done_ns: int


class PictureClock:
    """Which pictures of one talk are due."""

    def __init__(self, spec: PictureSpec, *, lossless: bool = False) -> None:
        """`lossless`: nothing is dropped; whoever offers waits while there is no `room`."""
        self.spec = spec
        self._lossless = lossless
        self.fps = spec.fps
        """Now; lower than asked for while the engine is full."""
        self.waiting: deque[Due] = deque()
        self.dropped = 0
        self.wanted = True
        self._most = spec.fps
        self._number = 0
        self._last: tuple[int, Signal] | None = None
        self._recent: list[bool] = []
        self._calm_since = 0

    def offer(
        self, samples: Sequence[int], latents: Signal, *, line: str, line_samples: Sequence[int], received_ns: int,
        done_ns: int,
    ) -> None:  # fmt: skip
        """Motion frames [k] of one line: the pictures among them wait to be drawn."""
        for j, (here, pose) in enumerate(zip(samples, latents, strict=True)):
            while True:
                due = sample_of_frame(self._number, fps=self.fps)
                if due > here:
                    break
                self._number += 1
                shift = here - due
                if self.wanted:
                    self._wait(Due(
                        due, self._pose(due, here=here, pose=pose), line,
                        max(0, line_samples[j] - shift) if line_samples else -1, received_ns, done_ns,
                    ))  # fmt: skip
            self._last = (here, pose)

    @property
    def room(self) -> bool:
        """Whether more may be offered; a talk that may lose pictures never waits."""
        return not self._lossless or len(self.waiting) < _WAITING_MOST

    def want(self, wanted: bool) -> None:
        """Whether the client can take pictures just now."""
        self.wanted = wanted
        if not wanted:
            self.waiting.clear()

    def halve(self, halved: bool) -> None:
        """Whether the server is short of time, so that only half as many shall come."""
        self._most = max(min(_FPS_LEAST, self.spec.fps), self.spec.fps // 2) if halved else self.spec.fps

    def take(self, *, now_ns: int) -> Due:
        """The oldest picture that is not stale; there must be one that waits."""
        while not self._lossless and len(self.waiting) > 1 and now_ns - self.waiting[0].done_ns > STALE_NS:
            self._drop()
        self._recent.append(False)
        return self.waiting.popleft()

    def new_rate(self) -> int | None:
        """The rate to go on with when it has to change, told once: halved when too many are dropped, back when calm."""
        if len(self._recent) < max(_WATCH, self.fps):
            return None
        lost = sum(self._recent) / len(self._recent)
        self._recent.clear()
        if lost > _TOO_MANY and self.fps // 2 >= _FPS_LEAST:
            return self._set_rate(self.fps // 2)
        if self.fps > self._most and not self._lossless:
            return self._set_rate(self._most)
        if lost == 0.0 and self.fps < self._most and self._number - self._calm_since > _CALM_S * self.fps:
            return self._set_rate(min(self._most, self.fps * 2))
        return None

    def _set_rate(self, fps: int) -> int:
        here = sample_of_frame(self._number, fps=self.fps)
        self.fps = fps
        self._number = -(-here * fps // SAMPLE_RATE_HZ)
        self._calm_since = self._number
        return fps

    def _wait(self, due: Due) -> None:
        self.waiting.append(due)
        if len(self.waiting) > max(_WAITING_MOST, _WAITING_S * self.fps) and not self._lossless:
            self._drop()

    def _drop(self) -> None:
        self.waiting.popleft()
        self.dropped += 1
        self._recent.append(True)

    def _pose(self, sample: int, *, here: int, pose: Signal) -> Signal:
        if self._last is None or sample >= here or self._last[0] >= here:
            return pose
        before, earlier = self._last
        part = np.float32((sample - before) / (here - before))
        return earlier + (pose - earlier) * np.clip(part, 0.0, 1.0)
