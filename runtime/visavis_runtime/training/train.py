"""Takes the corpus, gives a trained network: AdamW with a cosine over wall time, one thread, checkpoints as it goes.

Three losses at every look-ahead: cross entropy on phones (it shapes the trunk), squared error on the nine channels, and
a focal loss on the closures, which fill 12 % of the frames and decide whether the lips are seen to meet (quality focal
loss, Li et al. 2020: soft targets, easy frames count little, frames inside a closure count double).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from visavis_runtime.motion.phones import PHONES
from visavis_runtime.motion.targets import CHANNELS
from visavis_runtime.training.augment import Batch, draw_batch
from visavis_runtime.training.labels import Corpus
from visavis_runtime.training.network import DELAYS, SpeechNetwork

_LOG = logging.getLogger(__name__)

_WARM_FRAMES = 4
_CHANNEL_WEIGHT, _CLOSURE_WEIGHT = 12.0, 5.0
_INSIDE_WEIGHT = 2.0
_FOCUS = 1.0


class Plan(NamedTuple):
    """How to train: wall time, seed, rows a batch, peak learning rate; `steps` ends a run early (tests)."""

    minutes: float
    seed: int
    rows: int = 16
    rate: float = 3e-3
    steps: int | None = None


class Losses(NamedTuple):
    """Mean losses of one batch over all heads."""

    phones: Tensor
    channels: Tensor
    closures: Tensor

    def total(self) -> Tensor:
        """What is minimised."""
        return self.phones + _CHANNEL_WEIGHT * self.channels + _CLOSURE_WEIGHT * self.closures


def train(*, speech: Sequence[Corpus], sounds: Corpus, plan: Plan, checkpoint: Path) -> SpeechNetwork:
    """Train a network from nothing; writes `checkpoint` (safetensors) every two minutes and at the end."""
    torch.manual_seed(plan.seed)
    random = np.random.default_rng(plan.seed)
    network = SpeechNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=0.01)
    began_s = saved_s = time.perf_counter()
    step, mean = 0, np.zeros(3)
    while True:
        done = (time.perf_counter() - began_s) / (plan.minutes * 60)
        if done >= 1 or step == plan.steps:
            break
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(1.0, (step + 1) / 100) * max(0.01, 0.5 * (1 + math.cos(math.pi * done)))
        losses = batch_losses(network, batch=draw_batch(random, speech=speech, sounds=sounds, size=plan.rows))
        optimiser.zero_grad()
        losses.total().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step += 1
        mean += (np.array([float(loss.detach()) for loss in losses]) - mean) * max(0.03, 1 / step)
        if step % 50 == 0:
            _LOG.info("step %d, %.1f %% of the time, phones %.3f channels %.5f closures %.4f", step, 100 * done, *mean)
        if time.perf_counter() - saved_s > 120:
            save_network(checkpoint, network=network)
            saved_s = time.perf_counter()
    _LOG.info("%d steps of %d rows", step, plan.rows)
    save_network(checkpoint, network=network)
    return network.eval()


def batch_losses(network: SpeechNetwork, *, batch: Batch) -> Losses:
    """Losses of one batch; each head is compared with the frame it answers about."""
    answers = network(torch.from_numpy(batch.features))
    phones, channels, closures = (torch.from_numpy(array) for array in batch[1:])
    frames = phones.shape[1]
    sums = [torch.zeros(()), torch.zeros(()), torch.zeros(())]
    for head, delay in enumerate(DELAYS):
        said = answers[:, head, _WARM_FRAMES + delay :]
        about = slice(_WARM_FRAMES, frames - delay)
        logits, drawn, shut = said.split((len(PHONES), len(CHANNELS), said.shape[-1] - len(PHONES) - len(CHANNELS)), -1)
        sums[0] = sums[0] + functional.cross_entropy(
            logits.flatten(0, 1), phones[:, about].flatten(), label_smoothing=0.05
        )
        sums[1] = sums[1] + functional.mse_loss(drawn, channels[:, about])
        sums[2] = sums[2] + _focal(shut, target=closures[:, about])
    return Losses(*(total / len(DELAYS) for total in sums))


def save_network(path: Path, *, network: SpeechNetwork) -> None:
    """Write the weights as safetensors, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, part)
    part.replace(path)


def load_network(path: Path) -> SpeechNetwork:
    """Network with the weights that `save_network` wrote, ready to use."""
    network = SpeechNetwork()
    network.load_state_dict(load_file(path))
    return network.eval()


def _focal(logits: Tensor, *, target: Tensor) -> Tensor:
    loss = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    hardness = (target - torch.sigmoid(logits)).abs() ** _FOCUS
    return (loss * hardness * (1.0 + (_INSIDE_WEIGHT - 1.0) * target)).mean()
