"""The Godot addon without a bridge: the editor takes it, golden messages are read, golden faces followed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from godot_project import GodotProject, complaints

from visavis_bridge.wire import Codec
from visavis_runtime.face.portrait.pose import rotation_from_angles

GOLDEN = Path(__file__).resolve().parents[2] / "unity_bridge" / "golden"
MESSAGES = sorted(path.stem for path in GOLDEN.glob("*.bin"))


def test_the_editor_takes_the_plugin_without_a_word(godot_sample: GodotProject) -> None:
    assert complaints(godot_sample.imported) == []
    assert (godot_sample.folder / "npc" / "innkeeper.glb.import").exists()


@pytest.fixture(scope="module")
def golden(godot_sample: GodotProject) -> dict[str, Any]:
    printed = godot_sample.run("-s", "golden.gd", GOLDEN=str(GOLDEN), MESSAGES=" ".join(MESSAGES))
    reports = [line.removeprefix("REPORT ") for line in printed.splitlines() if line.startswith("REPORT ")]
    assert reports, printed[-3000:]
    assert complaints(printed) == []
    report: dict[str, Any] = json.loads(reports[0])
    return report


@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_is_read_and_written(golden: dict[str, Any], name: str) -> None:
    read = golden["messages"][name]
    wanted = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    whole = (GOLDEN / f"{name}.bin").read_bytes()
    assert base64.b64decode(read["payload"]) == whole[96:]
    assert read["same_bytes"]
    for field in wanted.keys() - {"payload", "payload_base64"}:
        assert read[field] == wanted[field], field
    if read["codec"] == Codec.JSON:
        assert read["content"] == wanted["payload"]
    if read["codec"] == Codec.FLOAT32:
        assert read["face"] == pytest.approx(wanted["payload"], abs=1e-6)


def test_what_is_no_message_is_refused(golden: dict[str, Any]) -> None:
    assert golden["refused"] == [{}] * 5


def test_turns_have_the_signs_of_the_renderer(golden: dict[str, Any]) -> None:
    wanted = rotation_from_angles(np.array([0.3]), np.array([0.2]), np.array([0.1]))[0]
    np.testing.assert_allclose(np.array(golden["turned"]).T, wanted, atol=1e-5)


def test_stereo_is_heard_as_mono(golden: dict[str, Any]) -> None:
    assert golden["mono"] == [150, -150, 0]


def test_a_point_of_the_world_becomes_a_gaze(golden: dict[str, Any]) -> None:
    """Half a metre to the left of a face that looks along -x, and up."""
    yaw, pitch = golden["gaze"]
    assert yaw == pytest.approx(np.arctan2(0.5, 2.0), abs=1e-4)
    assert pitch == pytest.approx(np.arctan2(0.3, np.hypot(0.5, 2.0)), abs=1e-4)


def test_frames_wait_for_a_sound_that_was_paused(golden: dict[str, Any]) -> None:
    assert golden["late"] == pytest.approx(60 / 300, abs=1e-3)


def test_golden_faces_are_followed(golden: dict[str, Any]) -> None:
    wanted = [case["name"] for case in json.loads((GOLDEN / "follow.json").read_text(encoding="utf-8"))]
    assert [case["name"] for case in golden["cases"]] == wanted
    assert {case["name"]: case["worst"] for case in golden["cases"] if case["worst"] > 1e-4} == {}
