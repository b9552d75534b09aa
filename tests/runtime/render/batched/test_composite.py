from __future__ import annotations

import cv2
import numpy as np
import torch

from visavis_runtime.render.batched.composite import bytes_of, sample


def test_textures_of_any_size_are_sampled_as_by_the_cpu() -> None:
    rng = np.random.default_rng(0)
    sides = (40, 33)
    stack = np.zeros((2, 40, 40, 4), np.uint8)
    textures = [rng.integers(0, 256, (side, side, 4), dtype=np.uint8) for side in sides]
    for row, texture in zip(stack, textures, strict=True):
        row[: len(texture), : len(texture)] = texture
    x, y = rng.uniform(-5, 45, (2, 2, 30, 30)).astype(np.float32)
    packed = torch.from_numpy(stack.view(np.int32)[..., 0])
    slots, side = torch.tensor([1, 0]), torch.tensor([sides[1], sides[0]])
    found = sample(packed, slots, torch.from_numpy(x), torch.from_numpy(y), side=side, mixing=torch.float32)
    for row, texture, columns, rows in zip(found, textures[::-1], x, y, strict=True):
        floats = texture.astype(np.float32)
        expected = cv2.remap(floats, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        np.testing.assert_allclose(row, expected, atol=0.05)


def test_bytes_are_rounded_and_kept_in_range() -> None:
    assert bytes_of(torch.tensor([-3.0, 1.6, 254.7, 300.0])).tolist() == [0, 2, 255, 255]
