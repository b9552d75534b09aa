"""Takes a batch that has been drawn once, gives its whole sequence of operations as one CUDA graph to be played again.

A frame is over a thousand small operations, and asking a GPU for each costs more than most of them take. Shapes are
fixed and nothing is read back in between (`frames`), so the sequence can be recorded once for each size of batch and
rooms. NOT RUN YET: no GPU was at hand when this was written; it is off unless asked for (`TorchRenderer(graphs=True)`).
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from visavis_runtime.render.batched.frames import Drawn

WARM_UPS = 2
Draw = Callable[[torch.Tensor, torch.Tensor], Drawn]


class Recording:
    """One recorded batch: its inputs and outputs stay where they were when it was recorded."""

    def __init__(self, draw: Draw, slots: torch.Tensor, drives: torch.Tensor) -> None:
        self._slots, self._drives = slots.clone(), drives.clone()
        # First runs allocate and choose kernels, which may not be recorded; they belong on a stream of their own.
        aside, here = torch.cuda.Stream(slots.device), torch.cuda.current_stream(slots.device)  # type: ignore[no-untyped-call]
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            for _ in range(WARM_UPS):
                draw(self._slots, self._drives)
        here.wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._drawn = draw(self._slots, self._drives)

    def play(self, slots: torch.Tensor, drives: torch.Tensor) -> Drawn:
        """Draw other faces and drives of the same shapes; the frames are the caller's own."""
        self._slots.copy_(slots)
        self._drives.copy_(drives)
        self._graph.replay()
        return Drawn(self._drawn.frames.clone(), self._drawn.needed)
