from __future__ import annotations

import cv2
import numpy as np
import torch

from visavis_runtime.render.batched.patches import Affine, Patches, applied, inverse_2x2


def images(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (3, 20, 20, 4)).astype(np.float32)


def test_pixels_are_those_of_the_cpu_with_nothing_outside() -> None:
    stack, rng = images(0), np.random.default_rng(1)
    x, y = rng.uniform(-4, 24, (2, 2, 15, 17)).astype(np.float32)
    found = Patches(torch.from_numpy(stack), torch.tensor([2, 0])).at(torch.from_numpy(x), torch.from_numpy(y))
    for row, slot, columns, rows in zip(found, (2, 0), x, y, strict=True):
        np.testing.assert_allclose(row, cv2.remap(stack[slot], columns, rows, cv2.INTER_LINEAR), atol=0.02)


def test_edges_go_on_where_a_smaller_picture_ends() -> None:
    stack, rng = images(2), np.random.default_rng(3)
    x, y = rng.uniform(-6, 26, (2, 1, 9, 9)).astype(np.float32)
    patches = Patches(torch.from_numpy(stack), torch.tensor([1]), torch.tensor([[[13]]]))
    small = np.ascontiguousarray(stack[1, :13, :13])
    expected = cv2.remap(small, x[0], y[0], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(patches.at(torch.from_numpy(x), torch.from_numpy(y))[0], expected, atol=0.02)


def test_pictures_without_channels_and_far_places() -> None:
    stack = torch.from_numpy(images(4)[..., 0])
    far = torch.tensor([[[-1e30, 5.0, 1e30]]])
    found = Patches(stack, torch.tensor([0])).at(far, torch.full_like(far, 7.0))
    assert found.shape == (1, 1, 3)
    assert found[0, 0].tolist() == [0.0, stack[0, 7, 5].item(), 0.0]


def test_a_way_there_and_back() -> None:
    generator = torch.Generator().manual_seed(5)
    matrix, shift = torch.randn(4, 2, 2, generator=generator) + 2 * torch.eye(2), torch.randn(4, 2, generator=generator)
    torch.testing.assert_close(torch.bmm(inverse_2x2(matrix), matrix), torch.eye(2).expand(4, 2, 2), atol=1e-4, rtol=0)
    point = torch.tensor([[3.0, -2.0]]).expand(4, 2)
    there = applied(matrix, point) + shift
    x, y = Affine(matrix, shift).back(there[:, None, :1], there[:, 1:, None])
    torch.testing.assert_close(torch.cat([x, y], dim=1)[..., 0], point, atol=1e-3, rtol=0)
