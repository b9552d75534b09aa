"""Godot 3: the importer keeps shapes, joints and the animation, and the picture moves where it should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from engine_runs import PICTURES, show_in_godot, talk_of

from visavis.latents import ARKIT_NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.export import glb_from_avatar

PX_PER_CM = 512 / 30.0
"""The project's camera is 0.30 m high on 512 px and looks at the origin."""


@pytest.fixture(scope="module")
def shown(
    npc: Callable[[str], Avatar], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Avatar, Path, dict[str, Any]]:
    avatar = npc("innkeeper")
    folder = tmp_path_factory.mktemp("godot")
    report = show_in_godot(glb_from_avatar(avatar, tracks=talk_of(avatar), audio="line.wav"), folder=folder)
    PICTURES.mkdir(parents=True, exist_ok=True)
    pictures = [cv2.imread(str(folder / f"{name}.png")) for name in ("rest", "jaw", "turned")]
    cv2.imwrite(str(PICTURES / "godot_innkeeper.png"), np.hstack(pictures))
    return avatar, folder, report


def test_shapes_joints_and_animation_are_there(shown: tuple[Avatar, Path, dict[str, Any]]) -> None:
    report = shown[2]
    assert sorted(report["shapes"]) == sorted(ARKIT_NAMES)
    assert report["bones"] == ["root", "chest", "neck", "head"], "Godot 3 writes the names of bones small"
    assert report["animations"] == {"Talk": pytest.approx(89 / 60, abs=0.02)}
    for name in ("Face", "EyeLeft", "EyeRight", "UpperTeeth", "LowerTeeth", "Tongue"):
        assert report["nodes"][name] == "MeshInstance"
    assert "is_nan" not in report["output"]


def test_the_jaw_opens_and_nothing_else_moves(shown: tuple[Avatar, Path, dict[str, Any]]) -> None:
    avatar, folder, _ = shown
    rest, jaw = (cv2.imread(str(folder / f"{name}.png")).astype(float) for name in ("rest", "jaw"))
    change = np.abs(jaw - rest).mean(axis=2)

    def around(landmark: int, half: int) -> np.ndarray:
        x, y = avatar.vertices[landmark, :2] * PX_PER_CM
        column, line = round(256 + x), round(256 - y)
        return change[line - half : line + half, column - half : column + half]

    assert around(14, 20).mean() > 10
    assert around(9, 20).mean() < 0.5


def test_the_head_joint_turns_the_face(shown: tuple[Avatar, Path, dict[str, Any]]) -> None:
    folder = shown[1]
    rest, turned = (cv2.imread(str(folder / f"{name}.png")).astype(float) for name in ("rest", "turned"))
    change = np.abs(turned - rest).mean(axis=2)
    assert change[60:330].mean() > 3
    shoulders = change[490:, [*range(50), *range(462, 512)]]
    assert shoulders.mean() < 0.1 * change[60:330].mean(), "the shoulders stay"
