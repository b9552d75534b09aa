from __future__ import annotations

import numpy as np
import torch

from visavis_runtime.render.batched.bank import FIRST_SLOTS, Bank


def test_faces_of_any_size_share_one_stack_padded_with_zeros() -> None:
    bank = Bank(torch.device("cpu"))
    sizes = [(5, 3), (70, 3), (0, 3), (66, 1), (71, 3), (2, 2)]
    arrays = [np.full(size, k + 1, np.float32) for k, size in enumerate(sizes)]
    slots = [bank.put({"a": array, "b": np.array(k)}) for k, array in enumerate(arrays)]
    assert len(set(slots)) == len(sizes) > FIRST_SLOTS
    stack = bank.tensors["a"]
    for slot, array, (high, wide) in zip(slots, arrays, sizes, strict=True):
        np.testing.assert_array_equal(stack[slot, :high, :wide], array)
        assert stack[slot].sum() == array.sum(), "the rest is zero"
    assert bank.tensors["b"][slots].tolist() == list(range(len(sizes)))


def test_a_slot_that_is_given_back_is_used_again_and_clean() -> None:
    bank = Bank(torch.device("cpu"))
    first = bank.put({"a": np.ones((4, 4), np.float32)})
    bank.drop(first)
    assert bank.put({"a": np.full((2, 2), 5, np.float32)}) == first
    assert bank.tensors["a"][first].sum() == 20
