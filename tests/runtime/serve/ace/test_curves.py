from __future__ import annotations

import numpy as np
import pytest

from visavis.latents import ARKIT_NAMES, INDEX, NAMES
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.serve.ace.curves import blend_weights, head_translation, joint_rotations, shape_curves
from visavis_runtime.serve.ace.header import Blend
from visavis_runtime.serve.ace.names import FACE_DIALS, SHAPES

REST = {name: dial.default for name, dial in FACE_DIALS.items()}


def latents(count: int, **curves: float) -> np.ndarray:
    rows = np.zeros((count, len(NAMES)), np.float32)
    for name, value in curves.items():
        rows[:, INDEX[name]] = value
    return rows


def shaped(rows: np.ndarray, *, to_end: int | None = None, **face: float) -> dict[str, np.ndarray]:
    curves, _ = shape_curves(rows, {**REST, **face}, state=None, to_end=to_end)
    return dict(zip(ARKIT_NAMES, curves.T, strict=True))


def test_names_are_those_of_the_latent_in_pascal_case() -> None:
    assert [name.lower() for name in SHAPES] == [name.lower() for name in ARKIT_NAMES]
    assert all(name[0].isupper() for name in SHAPES)


def test_nothing_asked_for_changes_nothing() -> None:
    rows = np.random.default_rng(0).uniform(0, 1, (9, 64)).astype(np.float32)
    curves, _ = shape_curves(rows, REST, state=None, to_end=None)
    np.testing.assert_array_equal(curves, rows[:, :52])
    blend = Blend(np.ones(52, np.float32), np.zeros(52, np.float32))
    np.testing.assert_array_equal(blend_weights(curves, blend), curves)


def test_strengths_and_offsets_move_their_own_curves() -> None:
    rows = latents(1, browInnerUp=0.4, tongueOut=0.5, eyeBlinkLeft=0.5, eyeWideLeft=0.1, mouthLowerDownLeft=0.1)
    assert shaped(rows, upperFaceStrength=2.0)["browInnerUp"] == pytest.approx(0.8)
    assert shaped(rows, upperFaceStrength=2.0, skinStrength=0.5)["browInnerUp"] == pytest.approx(0.4)
    assert shaped(rows, tongueStrength=1.5)["tongueOut"] == pytest.approx(0.75)
    assert shaped(rows, blinkStrength=0.5, blinkOffset=0.1)["eyeBlinkLeft"] == pytest.approx(0.35)
    opened = shaped(rows, eyelidOpenOffset=0.4)
    assert (opened["eyeBlinkLeft"], opened["eyeWideLeft"]) == (pytest.approx(0.5), pytest.approx(0.3))
    assert shaped(rows, eyelidOpenOffset=-0.2)["eyeBlinkLeft"] == pytest.approx(0.7)
    assert shaped(rows, lipOpenOffset=0.1)["mouthLowerDownLeft"] == pytest.approx(0.2)
    assert shaped(rows, lipOpenOffset=-0.2)["mouthLowerDownLeft"] == 0.0


def test_smoothing_is_a_causal_low_pass_and_the_same_in_any_pieces() -> None:
    rows = latents(12)
    rows[4:, INDEX["jawOpen"]] = 1.0
    rows[4:, INDEX["browInnerUp"]] = 1.0
    rows[4:, INDEX["eyeBlinkLeft"]] = 1.0
    face = {**REST, "lowerFaceSmoothing": 0.1, "upperFaceSmoothing": 0.05}
    whole, _ = shape_curves(rows, face, state=None, to_end=None)
    since = np.arange(1, 9) / 30
    np.testing.assert_allclose(whole[4:, INDEX["jawOpen"]], 1 - np.exp(-since / 0.1), atol=1e-6)
    np.testing.assert_allclose(whole[4:, INDEX["browInnerUp"]], 1 - np.exp(-since / 0.05), atol=1e-6)
    np.testing.assert_array_equal(whole[:, INDEX["eyeBlinkLeft"]], rows[:, INDEX["eyeBlinkLeft"]])
    state, parts = None, []
    for at in range(0, 12, 5):
        part, state = shape_curves(rows[at : at + 5], face, state=state, to_end=None)
        parts.append(part)
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-7)


def test_the_last_frames_ease_the_mouth_shut_and_leave_the_smile() -> None:
    rows = latents(6, jawOpen=0.6, mouthClose=0.3, mouthSmileLeft=0.4, browInnerUp=0.5)
    curves = shaped(rows, to_end=5, lowerFaceSmoothing=0.1)
    assert curves["jawOpen"][-1] == 0.0
    assert curves["mouthClose"][-1] == 0.0
    assert (np.diff(curves["jawOpen"]) <= 0).all()
    assert curves["jawOpen"][2] == pytest.approx(0.6)
    np.testing.assert_allclose(curves["mouthSmileLeft"], 0.4)


def test_joints_are_the_rotations_of_the_latent() -> None:
    for seed in range(5):
        row = np.random.default_rng(seed).uniform(-0.6, 0.6, 64).astype(np.float32)
        for at, (w, x, y, z) in zip((52, 55, 58), joint_rotations(row), strict=True):
            turned = np.array(
                [
                    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
                ]
            )
            np.testing.assert_allclose(turned, rotation_from_angles(*row[at : at + 3]), atol=1e-6)
        np.testing.assert_allclose(head_translation(row), row[61:64])


@pytest.mark.parametrize("clamp", [True, False])
def test_weights_stay_finite_whatever_is_asked_for(clamp: bool) -> None:
    huge = np.full(52, 3e38, np.float32)
    weights = blend_weights(np.ones((2, 52), np.float32), Blend(huge, huge, clamp=clamp))
    assert np.isfinite(weights).all()
    assert weights.dtype == np.float32
