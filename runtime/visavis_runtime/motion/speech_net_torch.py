"""Runs the speech network with torch, for a GPU: the answers of onnxruntime (to 1e-5), the memory stays on the device.

Takes the weights of speech.safetensors and the same features and states as `speech_net`. A step sends 1 KB of features
of each voice up and 0.8 KB of answers down; the 37.5 KB that the convolutions look back on are tensors on the device
from a voice's first step on, and `streams` joins and parts them there. Batches are filled up to a power of two, so that
few shapes occur; on a GPU the live ones are recorded as CUDA graphs (`nets.recording`) before anybody is served, others
(bursts, the end of a file) run operation by operation. Everything is float32 without TF32.

The convolutions are `training.network`'s, streaming, as `training.export` writes them. What it does not do: it knows no
probabilities (`speech_net`). NOT RUN on a GPU yet: none was at hand; the tests run it on a CPU, without graphs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from safetensors.torch import load
from torch import Tensor
from torch.nn import functional

from visavis_runtime.motion.speech_net import FloatArray, NetState
from visavis_runtime.nets.device import device_named
from visavis_runtime.nets.recording import Recording

LIVE_STEPS = (1, 2)
"""Steps of the network (20 ms) in one call that live talks make: a chunk of 20 or 40 ms."""
_EPS = 1e-5  # of the batch normalisation in training
Passed = tuple[Tensor, Tensor, Tensor]


class TorchNetwork:
    """The network on one device; a `speech_net.Network`."""

    def __init__(self, content: bytes, *, device: str, dilations: Sequence[int], step_frames: int, heads: int) -> None:
        """`content` are the bytes of speech.safetensors. Raises InputError DEVICE_UNAVAILABLE."""
        torch.set_float32_matmul_precision("highest")
        self.device = device_named(device)
        weights = {name: value.to(self.device) for name, value in load(content).items()}
        self._weights = {**weights, **_norms(weights)}
        self._dilations, self._step_frames, self._heads = tuple(dilations), step_frames, heads
        self._recordings: dict[tuple[int, int], Recording[Passed]] = {}

    def __call__(self, features: FloatArray, state: NetState, *, head: int) -> tuple[FloatArray, NetState]:
        """See `speech_net.Network`; `state` may be of arrays, as at a start, or of tensors, as it is given."""
        count, frames = features.shape[:2]
        size = filled(count)
        with torch.inference_mode():
            given = [torch.as_tensor(part).to(self.device) for part in (features, *state)]
            recording = self._recordings.get((size, frames))
            if recording is None:
                said, entry, context = self._pass(*(_with_rows(one, size) for one in given))
            else:
                said, entry, context = recording.play(*given)
            answers = said[:count, head].cpu().numpy()
            # Clones: a recording writes into the same place the next time, and a slice would keep the filling alive.
            return answers, NetState(entry[:count].clone(), context[:count].clone())

    def prepare(self, streams: int) -> None:
        """Record what batches of up to so many live voices need; nothing where there are no CUDA graphs."""
        if self.device.type != "cuda":
            return
        reach = sum(self._reach(dilation) for dilation in self._dilations)
        bands = self._weights["entry.weight"].shape[1] // (self._taps * self._step_frames)
        sizes = [1 << power for power in range(filled(streams).bit_length())]
        with torch.inference_mode(), torch.cuda.device(self.device):
            for size in sizes:
                for frames in (steps * self._step_frames for steps in LIVE_STEPS):
                    inputs = (
                        torch.zeros(size, frames, bands, device=self.device),
                        torch.zeros(size, self._reach(1), self._step_frames * bands, device=self.device),
                        torch.zeros(size, reach, self._width, device=self.device),
                    )
                    self._recordings[size, frames] = Recording(self._pass, *inputs)

    @property
    def _width(self) -> int:
        return self._weights["norm.scale"].shape[0]

    @property
    def _taps(self) -> int:
        return self._weights["blocks.0.gate.weight"].shape[1] // self._width

    def _reach(self, dilation: int) -> int:
        return (self._taps - 1) * dilation

    def _pass(self, features: Tensor, entry: Tensor, context: Tensor) -> Passed:
        """features [B, t, 64], entry [B, 2, 128], context [B, 60, C] -> answers [B, heads, t, 51], next two states."""
        streams, frames, _ = features.shape
        seen = torch.cat([entry, features.reshape(streams, frames // self._step_frames, -1)], dim=1)
        x = self._linear("entry", self._side_by_side(seen, dilation=1))
        kept, at = [], 0
        for number, dilation in enumerate(self._dilations):
            reach = self._reach(dilation)
            x, keep = self._block(f"blocks.{number}", x, context[:, at : at + reach], dilation=dilation)
            kept.append(keep)
            at += reach
        x = functional.silu(self._normed("norm", x))
        drawn = self._by_head(self._linear("draw", x))
        closed = self._by_head(self._linear("close", functional.silu(self._linear("closure_entry", x))))
        return torch.cat([drawn, closed], dim=-1), seen[:, -self._reach(1) :], torch.cat(kept, dim=1)

    def _block(self, name: str, x: Tensor, context: Tensor, *, dilation: int) -> tuple[Tensor, Tensor]:
        """Residual gated convolution [B, T, C] -> the same, and what the next call looks back on."""
        seen = torch.cat([context, self._normed(f"{name}.norm", x)], dim=1)
        value, gate = self._linear(f"{name}.gate", self._side_by_side(seen, dilation=dilation)).chunk(2, dim=-1)
        return x + self._linear(f"{name}.out", value * torch.sigmoid(gate)), seen[:, -self._reach(dilation) :]

    def _side_by_side(self, seen: Tensor, *, dilation: int) -> Tensor:
        """[B, reach + T, C] -> [B, T, taps * C], oldest first."""
        steps = seen.shape[1] - self._reach(dilation)
        shifts = range(0, self._taps * dilation, dilation)
        return torch.cat([seen[:, shift : shift + steps] for shift in shifts], dim=-1)

    def _by_head(self, answers: Tensor) -> Tensor:
        """[B, T, heads * frames * n] -> [B, heads, T * frames, n]."""
        streams, steps, _ = answers.shape
        by_head = answers.reshape(streams, steps, self._heads, -1).transpose(1, 2)
        return by_head.reshape(streams, self._heads, steps * self._step_frames, -1)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normed(self, name: str, x: Tensor) -> Tensor:
        return torch.addcmul(self._weights[f"{name}.shift"], x, self._weights[f"{name}.scale"])


def filled(count: int) -> int:
    """Rows of the batch that takes `count` voices: 1, 2, 4, 8 and so on."""
    return 1 << (count - 1).bit_length()


def _with_rows(given: Tensor, size: int) -> Tensor:
    """The same with rows of zeros behind it."""
    return torch.cat([given, given.new_zeros(size - len(given), *given.shape[1:])])


def _norms(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every batch normalisation as one scale and one shift."""
    made = {}
    for name in (key.removesuffix(".running_var") for key in weights if key.endswith(".running_var")):
        scale = weights[f"{name}.weight"] / torch.sqrt(weights[f"{name}.running_var"] + _EPS)
        made[f"{name}.scale"] = scale
        made[f"{name}.shift"] = weights[f"{name}.bias"] - weights[f"{name}.running_mean"] * scale
    return made
