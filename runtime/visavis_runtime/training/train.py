"""Takes the corpus, gives a trained network: AdamW with a cosine over the steps, checkpoints as it goes.

Three losses at every look-ahead: cross entropy on phones (it shapes the trunk), squared error on the nine channels, and
a focal loss on the closures, which fill 12 % of the frames and decide whether the lips are seen to meet (quality focal
loss, Li et al. 2020: soft targets, easy frames count little, frames inside a closure count double).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from visavis_runtime.motion.phones import PHONES
from visavis_runtime.motion.targets import CHANNELS
from visavis_runtime.training.augment import Batch, Part, draw_batch
from visavis_runtime.training.labels import Corpus
from visavis_runtime.training.network import DELAYS, SpeechNetwork

_LOG = logging.getLogger(__name__)

_WARM_FRAMES = 4
_WARM_STEPS = 200
_SAVE_EVERY_S = 180.0
_CHANNEL_WEIGHT, _CLOSURE_WEIGHT = 12.0, 5.0
_INSIDE_WEIGHT = 2.0
_FOCUS = 1.0


class Plan(NamedTuple):
    """How to train: number of steps, seed, crops of 4 s in a step, peak learning rate.

    `done` steps are taken as made already: the run goes on from the checkpoint, with the rate that belongs there.
    `readers` are the real people heard; they go into the checkpoint, so that no bench takes them for strangers.
    """

    steps: int
    seed: int
    rows: int = 16
    rate: float = 3e-3
    done: int = 0
    readers: tuple[str, ...] = ()


class Losses(NamedTuple):
    """Mean losses of one batch over all heads."""

    phones: Tensor
    channels: Tensor
    closures: Tensor

    def total(self) -> Tensor:
        """What is minimised."""
        return self.phones + _CHANNEL_WEIGHT * self.channels + _CLOSURE_WEIGHT * self.closures


def train(*, speech: Sequence[Part], sounds: Corpus, plan: Plan, checkpoint: Path) -> SpeechNetwork:
    """Train a network from nothing, or from `checkpoint` if `plan.done`; writes `checkpoint` every few minutes.

    The checkpoint is safetensors; the step it was taken at and the readers heard stand in its metadata.
    """
    torch.manual_seed(plan.seed + plan.done)
    network = load_network(checkpoint).train() if plan.done else SpeechNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=0.01)
    saved_s, mean = time.perf_counter(), np.zeros(3)
    for step, batch in enumerate(_batches(speech, sounds=sounds, plan=plan), start=plan.done):
        warm = min(1.0, (step - plan.done + 1) / _WARM_STEPS)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * warm * max(0.003, 0.5 * (1 + math.cos(math.pi * step / plan.steps)))
        losses = batch_losses(network, batch=batch)
        optimiser.zero_grad()
        losses.total().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        mean += (np.array([float(loss.detach()) for loss in losses]) - mean) * max(0.01, 1 / (step - plan.done + 1))
        if (step + 1) % 100 == 0:
            _LOG.info("step %d of %d: phones %.3f channels %.5f closures %.4f", step + 1, plan.steps, *mean)
        if time.perf_counter() - saved_s > _SAVE_EVERY_S:
            save_network(checkpoint, network=network, plan=plan, done=step + 1)
            saved_s = time.perf_counter()
    save_network(checkpoint, network=network, plan=plan, done=plan.steps)
    return network.eval()


def _batches(speech: Sequence[Part], *, sounds: Corpus, plan: Plan) -> Iterator[Batch]:
    """Batches of all steps still to make, drawn ahead by one other process."""
    stream = _BatchStream(speech, sounds, plan)
    return iter(DataLoader(stream, batch_size=None, num_workers=1, prefetch_factor=4, collate_fn=_as_it_is))


class _BatchStream(IterableDataset[Batch]):
    """Every step draws from a generator of its own, so a run that goes on later sees the batches it would have seen."""

    def __init__(self, speech: Sequence[Part], sounds: Corpus, plan: Plan) -> None:
        self.speech, self.sounds, self.plan = speech, sounds, plan

    def __iter__(self) -> Iterator[Batch]:
        for step in range(self.plan.done, self.plan.steps):
            random = np.random.default_rng((self.plan.seed, step))
            yield draw_batch(random, speech=self.speech, sounds=self.sounds, size=self.plan.rows)


def _as_it_is(batch: Any) -> Any:
    return batch


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


def save_network(path: Path, *, network: SpeechNetwork, plan: Plan, done: int) -> None:
    """Write the weights as safetensors, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(state, part, metadata={"steps_done": str(done), "readers": ",".join(plan.readers)})
    part.replace(path)


def load_network(path: Path) -> SpeechNetwork:
    """Network with the weights that `save_network` wrote, ready to use."""
    network = SpeechNetwork()
    network.load_state_dict(load_file(path))
    return network.eval()


def steps_done(path: Path) -> int:
    """Steps after which the checkpoint at `path` was taken; 0 if there is none."""
    return int(_notes(path).get("steps_done", 0))


def readers_heard(path: Path) -> tuple[str, ...]:
    """Real people that the network in the checkpoint at `path` was trained on."""
    return tuple(filter(None, _notes(path).get("readers", "").split(",")))


def _notes(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    with safe_open(path, framework="pt") as file:
        return dict(file.metadata() or {})


def _focal(logits: Tensor, *, target: Tensor) -> Tensor:
    loss = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    hardness = (target - torch.sigmoid(logits)).abs() ** _FOCUS
    return (loss * hardness * (1.0 + (_INSIDE_WEIGHT - 1.0) * target)).mean()
