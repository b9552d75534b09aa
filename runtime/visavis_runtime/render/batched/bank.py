"""Takes the arrays of faces of any size, gives one stack of tensors on a device with a slot for each face.

Faces differ in vertices, triangles and patch sizes; a batch needs one shape. So every array is padded with zeros to the
largest face seen and stacked, and a batch picks its rows by slot number: nothing is copied to the device per frame, and
textures stay where they are. A face that does not fit makes the stack grow, which copies it once. It knows nothing of
what the arrays mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

FIRST_SLOTS = 4
COARSE, FINE = 64, 4
"""Steps in which a dimension grows, above and up to `COARSE`: few growths, little waste."""


class Bank:
    """Stacked tensors by name, [slots, ...], and which slots are taken. Not safe for threads."""

    def __init__(self, device: torch.device) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self.growths = 0
        """How often a stack was made or grew: whoever remembers where the tensors are must look again."""
        self._device = device
        self._free: list[int] = []
        self._slots = 0

    def put(self, arrays: Mapping[str, npt.NDArray[Any]]) -> int:
        """Make a face resident; every face has the same names and dimensions of any size. Returns its slot."""
        if not self._free:
            added = max(FIRST_SLOTS, self._slots)
            self._free = list(range(self._slots + added - 1, self._slots - 1, -1))
            self._slots += added
        slot = self._free.pop()
        for name, array in arrays.items():
            value = torch.from_numpy(np.array(array))
            stack = self._grown(name, value)
            stack[slot].zero_()
            stack[slot][tuple(slice(n) for n in value.shape)] = value.to(self._device)
        return slot

    def drop(self, slot: int) -> None:
        """Let the slot be used again."""
        self._free.append(slot)

    def _grown(self, name: str, value: torch.Tensor) -> torch.Tensor:
        """The stack of one name, large enough for a value and for all slots."""
        old = self.tensors.get(name)
        if old is None:
            self.growths += 1
            self.tensors[name] = torch.zeros((self._slots, *value.shape), dtype=value.dtype, device=self._device)
            return self.tensors[name]
        sides = [
            have if need <= have else _rounded(need) for have, need in zip(old.shape[1:], value.shape, strict=True)
        ]
        if [self._slots, *sides] != list(old.shape):
            grown = torch.zeros((self._slots, *sides), dtype=old.dtype, device=self._device)
            grown[tuple(slice(n) for n in old.shape)] = old
            self.tensors[name] = grown
            self.growths += 1
        return self.tensors[name]


def _rounded(count: int) -> int:
    """A dimension with room for faces a little larger than this one."""
    step = COARSE if count > COARSE else FINE
    return -(-count // step) * step
