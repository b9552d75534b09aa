"""The 52 shapes on the mean head: names, sides, mirror symmetry, what each is documented to do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from rig_heads import frontal_mesh

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.face import rings
from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.rig.mesh import Mesh
from visavis_runtime.face.rig.shapes import solve_shapes

F32 = npt.NDArray[np.float32]
LIPS = list(rings.LIPS)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return frontal_mesh()


@pytest.fixture(scope="module")
def shapes(mesh: Mesh) -> F32:
    return solve_shapes(mesh)


def _of(shapes: F32, name: str) -> F32:
    return shapes[INDEX[name]]


def test_all_52_exist_and_only_the_tongue_is_zero(shapes: F32, mesh: Mesh) -> None:
    assert shapes.shape == (52, len(mesh.vertices), 3)
    assert np.isfinite(shapes).all()
    zero = [name for name in ARKIT_NAMES if not shapes[INDEX[name]].any()]
    assert zero == ["tongueOut"]


@pytest.mark.parametrize("name", [n for n in ARKIT_NAMES if n.endswith("Left")])
def test_left_is_the_mirror_of_right(shapes: F32, name: str) -> None:
    mirror = canonical_head().mirror[:468]
    left, right = _of(shapes, name)[:468], _of(shapes, name[: -len("Left")] + "Right")[:468]
    np.testing.assert_allclose(left, right[mirror] * [-1, 1, 1], atol=0.05 * max(1.0, float(np.abs(left).max())))


@pytest.mark.parametrize(
    "name", ["eyeBlink", "eyeSquint", "eyeWide", "browDown", "browOuterUp", "cheekSquint", "noseSneer", "mouthSmile",
             "mouthFrown", "mouthDimple", "mouthStretch", "mouthLowerDown", "mouthUpperUp", "mouthPress"],
)  # fmt: skip
def test_a_side_is_the_subjects_side(shapes: F32, mesh: Mesh, name: str) -> None:
    """+x is the subject's left (picture right)."""
    amount = np.linalg.norm(_of(shapes, name + "Left"), axis=1)
    assert (amount * mesh.vertices[:, 0]).sum() > 0.3 * (amount * np.abs(mesh.vertices[:, 0])).sum()


def test_middle_shapes_are_symmetric(shapes: F32) -> None:
    mirror = canonical_head().mirror[:468]
    for name in ("jawOpen", "mouthFunnel", "mouthPucker", "mouthClose", "browInnerUp", "cheekPuff", "mouthRollLower"):
        field = _of(shapes, name)[:468]
        np.testing.assert_allclose(field, field[mirror] * [-1, 1, 1], atol=0.06, err_msg=name)


@pytest.mark.parametrize("weight", [0.1, 0.5, 1.0])
def test_mouth_close_undoes_the_opening_of_the_jaw(shapes: F32, mesh: Mesh, weight: float) -> None:
    upper, lower = list(rings.UPPER_RINGS[-1][1:-1]), list(rings.LOWER_RINGS[-1][1:-1])
    moved = mesh.vertices + weight * (_of(shapes, "jawOpen") + _of(shapes, "mouthClose"))
    np.testing.assert_allclose(moved[upper] - moved[lower], mesh.vertices[upper] - mesh.vertices[lower], atol=1e-5)


def test_the_jaw_drops_the_chin_and_parts_the_lips(shapes: F32) -> None:
    jaw = _of(shapes, "jawOpen")
    assert -3.5 < jaw[152, 1] < -1.5
    assert jaw[13, 1] - jaw[14, 1] > 1.8
    assert abs(jaw[13, 1]) < 0.15
    assert np.abs(jaw[[10, 33, 263, 4]]).max() == 0


def test_directions(shapes: F32) -> None:
    assert _of(shapes, "jawLeft")[152, 0] > 0.3
    assert _of(shapes, "jawForward")[152, 2] > 0.3
    assert _of(shapes, "mouthLeft")[13, 0] > 0.3
    assert _of(shapes, "mouthSmileLeft")[291, 1] > 0.4
    assert _of(shapes, "mouthSmileLeft")[280, 1] > 0.2, "the cheek rises with a smile"
    assert _of(shapes, "mouthFrownRight")[61, 1] < -0.3
    assert _of(shapes, "mouthDimpleLeft")[291, 2] < -0.2
    assert _of(shapes, "browInnerUp")[[55, 285], 1].min() > 0.3
    assert _of(shapes, "noseSneerRight")[48, 1] > 0.1
    assert _of(shapes, "cheekPuff")[[207, 427], 2].min() > 0.4
    assert _of(shapes, "mouthShrugLower")[17, 1] > 0.2
    assert _of(shapes, "eyeLookOutLeft")[386, 0] > 0 > _of(shapes, "eyeLookInLeft")[386, 0]
    assert _of(shapes, "eyeLookDownRight")[159, 1] < 0 < _of(shapes, "eyeLookUpRight")[159, 1]


def test_rounding_narrows_and_protrudes(shapes: F32, mesh: Mesh) -> None:
    pucker = _of(shapes, "mouthPucker")
    width = np.linalg.norm((mesh.vertices + pucker)[61] - (mesh.vertices + pucker)[291])
    assert 0.5 < width / mesh.mouth_width < 0.75
    assert pucker[[0, 17], 2].min() > 0.5
    assert pucker[427, 0] < -0.1 < 0.1 < pucker[207, 0], "the cheeks follow"
    at_rest, kissing = mesh.vertices[:, 0], (mesh.vertices + pucker)[:, 0]
    whole = (kissing[291] - kissing[61]) / (at_rest[291] - at_rest[61])
    middle = (kissing[314] - kissing[84]) / (at_rest[314] - at_rest[84])
    assert middle > whole + 0.1, "lips bunch at the corners: the lower one would become a V"
    funnel = _of(shapes, "mouthFunnel")
    assert funnel[13, 1] - funnel[14, 1] > 0.5


def test_f_tucks_the_lower_lip_up_and_in(shapes: F32) -> None:
    roll = _of(shapes, "mouthRollLower")
    assert roll[17, 1] > roll[14, 1] > 0.1, "the red of the lip gets thin"
    assert roll[14, 2] < -0.4


def test_a_blink_brings_the_lids_together(shapes: F32, mesh: Mesh) -> None:
    for side, eye in rings.EYES.items():
        moved = mesh.vertices + _of(shapes, "eyeBlink" + side.capitalize())
        gap = moved[list(eye.upper)] - moved[list(eye.lower)]
        rest = mesh.relief[list(eye.upper)] - mesh.relief[list(eye.lower)]
        assert np.abs(gap[:, :2]).max() < 0.05 * np.abs(rest[:, 1]).max()


def test_a_beard_swings_with_the_jaw_and_lips_part_as_far_as_asked(shapes: F32, mesh: Mesh) -> None:
    chin = mesh.relief[152]
    below = np.flatnonzero(
        (np.abs(mesh.relief[:, 0] - chin[0]) < 1.5)
        & (chin[1] - mesh.relief[:, 1] > 1)
        & (chin[1] - mesh.relief[:, 1] < 3)
    )
    bearded, wider = (_of(solve_shapes(mesh, **asked), "jawOpen") for asked in ({"beard": 1.0}, {"opens": 1.25}))
    plain = _of(shapes, "jawOpen")
    assert len(below) > 0
    assert (bearded[below, 1] < 1.3 * plain[below, 1]).all()  # down is negative
    np.testing.assert_allclose(bearded[:468], plain[:468], atol=0.25)
    assert wider[14, 1] == pytest.approx(1.25 * plain[14, 1], rel=0.05)
