"""The Khronos glTF validator finds nothing: no error, no warning, no hint."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from engine_runs import ENGINES, need_node, talk_of
from rig_heads import avatar_of_drawing, drawn_crop

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.export import Look, glb_from_avatar


@pytest.mark.parametrize("name", ["innkeeper", "guard", "scholar", "android", "drawing"])
@pytest.mark.parametrize("lit", [False, True], ids=["unlit", "lit"])
def test_valid(npc: Callable[[str], Avatar], tmp_path: Path, name: str, lit: bool) -> None:
    need_node("gltf-validator")
    avatar = avatar_of_drawing(drawn_crop(eyes=True)) if name == "drawing" else npc(name)
    path = tmp_path / "head.glb"
    path.write_bytes(glb_from_avatar(avatar, look=Look(lit=lit), tracks=talk_of(avatar), audio="line.wav"))
    command = ["node", str(ENGINES / "web" / "validate.mjs"), str(path)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    report = json.loads(shown.stdout)
    assert report["issues"]["messages"] == []
    assert report["info"]["hasSkins"]
    assert report["info"]["hasMorphTargets"]
