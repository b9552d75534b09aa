"""The speech network: log-mel features in, phones, mouth channels and closures out, causal and small.

Eight gated dilated convolutions (WaveNet's unit, van den Oord et al. 2016, without its tanh) see 0.64 s of the past.
One trunk carries three heads that answer for 30, 70 and 110 ms ago; with the 10 ms that `motion.speech` adds for
smoothing they are the three look-aheads 40, 80 and 120 ms. 1.2 million parameters, 4.9 MB in float32.

Each head gives 51 numbers a frame: 40 phone logits, 9 channels (0..1, linear), 2 closure logits. `forward` is the whole
sequence with zeros before it, which is also how a stream starts; `export` writes the same network with its context as
explicit tensors.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from visavis_runtime.audio.features import BANDS
from visavis_runtime.motion.phones import PHONES
from visavis_runtime.motion.targets import CHANNELS, CLOSURES

DELAYS: tuple[int, ...] = (3, 7, 11)
"""Frames (10 ms) that each head answers late: fast, balanced, best."""

DILATIONS: tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)
WIDTH = 144
KERNEL = 3
INPUT_KERNEL = 5
OUTPUTS = len(PHONES) + len(CHANNELS) + len(CLOSURES)


class Block(nn.Module):
    """Residual gated convolution that looks `2 * dilation` frames back: [B, C, T] -> [B, C, T]."""

    def __init__(self, width: int, *, dilation: int, dropout: float) -> None:
        super().__init__()
        self.context = (KERNEL - 1) * dilation
        self.norm = nn.BatchNorm1d(width)
        self.gate = nn.Conv1d(width, 2 * width, KERNEL, dilation=dilation)
        self.out = nn.Conv1d(width, width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Same length out; zeros stand before the first frame."""
        value, gate = self.gate(functional.pad(self.norm(x), (self.context, 0))).chunk(2, dim=1)
        return x + self.dropout(self.out(value * torch.sigmoid(gate)))  # type: ignore[no-any-return]


class SpeechNetwork(nn.Module):
    """features [B, T, 64] -> answers [B, heads, T, 51]; answer t of head h is about frame `t - DELAYS[h]`."""

    def __init__(self, *, width: int = WIDTH, dropout: float = 0.1) -> None:
        super().__init__()
        self.entry = nn.Conv1d(BANDS, width, INPUT_KERNEL)
        self.blocks = nn.ModuleList(Block(width, dilation=d, dropout=dropout) for d in DILATIONS)
        self.norm = nn.BatchNorm1d(width)
        self.heads = nn.Conv1d(width, len(DELAYS) * OUTPUTS, 1)

    def forward(self, features: Tensor) -> Tensor:
        """All heads over whole sequences."""
        x = self.entry(functional.pad(features.transpose(1, 2), (INPUT_KERNEL - 1, 0)))
        for block in self.blocks:
            x = block(x)
        answers = self.heads(functional.silu(self.norm(x)))
        return answers.unflatten(1, (len(DELAYS), OUTPUTS)).transpose(2, 3)  # type: ignore[no-any-return]
