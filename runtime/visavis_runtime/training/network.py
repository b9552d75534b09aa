"""The speech network: log-mel features in, phones, mouth channels and closures out, causal and small.

Two 10 ms frames make one step, so the trunk runs 50 times a second: half the work, and twice the past, of a trunk at
the frame rate. Eight gated dilated convolutions (WaveNet's unit, van den Oord et al. 2016, without its tanh) see 1.3 s
of the past. One trunk carries three heads that answer for 1, 3 and 5 steps ago. The older frame of a step waits 30, 70
or 110 ms for its answer; with the 10 ms that `motion.speech` adds for smoothing they are the look-aheads 40, 80 and
120 ms.

Each head gives 51 numbers a frame: 40 phone logits, 9 channels (0..1, linear), 2 closure logits; the closures have a
layer of their own, because they are rare, decide what is seen, and are trained with another loss. Convolutions are
written as matrix products over taps side by side, [B, T, C] throughout: on a CPU that trains a quarter faster than
Conv1d. `forward` is the whole sequence with zeros before it, which is also how a stream starts; `export` writes the
same network with its context as explicit tensors.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from visavis_runtime.audio.features import BANDS
from visavis_runtime.motion.phones import PHONES
from visavis_runtime.motion.targets import CHANNELS, CLOSURES

STEP_FRAMES = 2
DELAY_STEPS: tuple[int, ...] = (1, 3, 5)
"""Steps that each head answers late: fast, balanced, best."""

DELAYS: tuple[int, ...] = tuple(STEP_FRAMES * steps for steps in DELAY_STEPS)
"""The same in frames (10 ms) for the newer frame of a step; the older one waits a frame longer."""

DILATIONS: tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)
WIDTH = 152
KERNEL = 3
CLOSURE_WIDTH = 64
DRAWN = len(PHONES) + len(CHANNELS)
OUTPUTS = DRAWN + len(CLOSURES)


def taps(x: Tensor, *, dilation: int) -> Tensor:
    """`x [B, T, C]` and its past side by side, oldest first: [B, T, KERNEL * C]; zeros stand before the first step."""
    length, reach = x.shape[1], (KERNEL - 1) * dilation
    padded = functional.pad(x, (0, 0, reach, 0))
    return torch.cat([padded[:, tap * dilation : tap * dilation + length] for tap in range(KERNEL)], dim=-1)


class Block(nn.Module):
    """Residual gated convolution that looks `2 * dilation` steps back: [B, T, C] -> [B, T, C]."""

    def __init__(self, width: int, *, dilation: int, dropout: float) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.BatchNorm1d(width)
        self.gate = nn.Linear(KERNEL * width, 2 * width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Same length out."""
        value, gate = self.gate(taps(_normed(self.norm, x), dilation=self.dilation)).chunk(2, dim=-1)
        return x + self.dropout(self.out(value * torch.sigmoid(gate)))  # type: ignore[no-any-return]


class SpeechNetwork(nn.Module):
    """features [B, T, 64] (T even) -> answers [B, heads, T, 51]; answer t of head h is about frame `t - DELAYS[h]`."""

    def __init__(self, *, width: int = WIDTH, dropout: float = 0.1) -> None:
        super().__init__()
        self.entry = nn.Linear(KERNEL * STEP_FRAMES * BANDS, width)
        self.blocks = nn.ModuleList(Block(width, dilation=d, dropout=dropout) for d in DILATIONS)
        self.norm = nn.BatchNorm1d(width)
        self.draw = nn.Linear(width, len(DELAYS) * STEP_FRAMES * DRAWN)
        self.closure_entry = nn.Linear(width, CLOSURE_WIDTH)
        self.close = nn.Linear(CLOSURE_WIDTH, len(DELAYS) * STEP_FRAMES * len(CLOSURES))

    def forward(self, features: Tensor) -> Tensor:
        """All heads over whole sequences."""
        streams, frames, bands = features.shape
        x = self.entry(taps(features.reshape(streams, frames // STEP_FRAMES, STEP_FRAMES * bands), dilation=1))
        for block in self.blocks:
            x = block(x)
        x = functional.silu(_normed(self.norm, x))
        drawn = self._by_head(self.draw(x))
        closed = self._by_head(self.close(functional.silu(self.closure_entry(x))))
        return torch.cat([drawn, closed], dim=-1)

    @staticmethod
    def _by_head(answers: Tensor) -> Tensor:
        """[B, S, heads * frames * n] -> [B, heads, S * frames, n]."""
        streams, steps, _ = answers.shape
        by_head = answers.reshape(streams, steps, len(DELAYS), -1).transpose(1, 2)
        return by_head.reshape(streams, len(DELAYS), steps * STEP_FRAMES, -1)


def _normed(norm: nn.Module, x: Tensor) -> Tensor:
    """Batch normalisation over the last axis."""
    return norm(x.flatten(0, 1)).reshape(x.shape)  # type: ignore[no-any-return]
