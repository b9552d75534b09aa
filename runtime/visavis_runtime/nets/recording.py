"""Takes operations that have run once, gives their whole sequence as one CUDA graph to be played again.

A batch is a hundred to a thousand small operations, and asking a GPU for each costs more than most of them take. Where
shapes are fixed and nothing is read back in between, the sequence can be recorded once for each size of batch. NOT RUN
YET: no GPU was at hand when this was written. What it does not do: it picks no sizes (`render.batched.renderer`,
`motion.speech_net_torch`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import torch
from torch import Tensor

WARM_UPS = 2
Given = TypeVar("Given")


class Recording(Generic[Given]):
    """One recorded batch: its inputs and outputs stay where they were when it was recorded."""

    def __init__(self, run: Callable[..., Given], *inputs: Tensor) -> None:
        self._inputs = [one.clone() for one in inputs]
        device = inputs[0].device
        # First runs allocate and choose kernels, which may not be recorded; they belong on a stream of their own.
        aside, here = torch.cuda.Stream(device), torch.cuda.current_stream(device)  # type: ignore[no-untyped-call]
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            for _ in range(WARM_UPS):
                run(*self._inputs)
        here.wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):  # other threads may load avatars
            self._given = run(*self._inputs)

    def play(self, *inputs: Tensor) -> Given:
        """Run again on other inputs, which may fill the first rows only; what comes out is good until the next play."""
        for own, other in zip(self._inputs, inputs, strict=True):
            own[: len(other)].copy_(other)
        self._graph.replay()
        return self._given
