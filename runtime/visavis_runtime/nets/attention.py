"""The three custom operators of the attention model: from landmarks to a crop of the feature map, and back.

They take the options of the file and give functions of tensors. Semantics as published in google-ai-edge/mediapipe,
mediapipe/util/tflite/operations, "v2"; with them the model looks at lips and eyes again, more closely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F

from visavis_runtime.nets.flatbuffer import Value


def transform_matrix(given: Mapping[str, Value]) -> Callable[[torch.Tensor], torch.Tensor]:
    """Landmarks2TransformMatrix: [1, 468, 3] -> [1, 4, 4], from cells of the output grid to landmark units.

    The grid lies over the box of a subset of the landmarks, turned with the line between two of them and enlarged.
    """
    options: dict[str, Any] = dict(given)
    subset = torch.tensor(options["subset_idxs"], dtype=torch.long).reshape(-1)
    left, right = int(options["left_rotation_idx"]), int(options["right_rotation_idx"])
    enlarge = torch.tensor([float(options["scale_x"]), float(options["scale_y"])])
    cells = torch.tensor([float(options["output_width"]), float(options["output_height"])])
    turn = float(options["target_rotation_radians"])

    def step(landmarks: torch.Tensor) -> torch.Tensor:
        points = landmarks[0, :, :2]
        line = points[right] - points[left]
        angle = torch.atan2(line[1], line[0]) - turn
        cos, sin = torch.cos(angle), torch.sin(angle)
        rotation = torch.stack([torch.stack([cos, -sin]), torch.stack([sin, cos])])
        inside = points[subset] @ rotation
        low, high = inside.amin(0), inside.amax(0)
        scaled = rotation * ((high - low) * enlarge / cells)
        matrix = torch.eye(4)
        matrix[:2, :2] = scaled
        matrix[:2, 3] = rotation @ ((low + high) / 2) - scaled @ (cells / 2)
        return matrix[None]

    return step


def transform_tensor(given: Mapping[str, Value]) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """TransformTensorBilinear: crop of a feature map through the matrix; cell centres lie at + 0.5, outside is 0."""
    options: dict[str, Any] = dict(given)
    width, height = int(options["output_width"]), int(options["output_height"])
    ys, xs = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    centres = torch.stack([xs, ys], -1)

    def step(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
        points = centres @ matrix[0, :2, :2].T + matrix[0, :2, 3]
        size = torch.tensor([float(x.shape[3]), float(x.shape[2])])
        return F.grid_sample(x, (points / size * 2 - 1)[None], align_corners=False)

    return step


def transform_landmarks(points: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """TransformLandmarks: points [1, N, 2] of the crop back to landmark units."""
    return points @ matrix[0, :2, :2].T + matrix[0, :2, 3]
