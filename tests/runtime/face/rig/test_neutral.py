"""Faces that laugh, gape or doze are brought to rest; faces at rest are left alone, bit for bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from rig_heads import frontal_camera, frontal_mesh

from visavis.latents import INDEX
from visavis_runtime.face import rings
from visavis_runtime.face.rig.depth import signed_areas
from visavis_runtime.face.rig.lid_rest import eye_height, shut_eyes
from visavis_runtime.face.rig.limits import wished_ranges
from visavis_runtime.face.rig.mesh import Mesh
from visavis_runtime.face.rig.neutral import Neutral, at_rest, find_neutral
from visavis_runtime.face.rig.shapes import solve_shapes

F64 = npt.NDArray[np.float64]


def neutral_of(mesh: Mesh) -> Neutral:
    return find_neutral(mesh, camera=frontal_camera(), ranges=wished_ranges(0.0, 0.0))


@pytest.fixture(scope="module")
def calm() -> Mesh:
    """The mean head with its lips laid on each other: it has been averaged over some parted ones."""
    mesh = frontal_mesh()
    return at_rest(mesh, neutral_of(mesh), camera=frontal_camera())


@pytest.fixture(scope="module")
def shapes(calm: Mesh) -> npt.NDArray[np.float32]:
    return solve_shapes(calm)


def posed(calm: Mesh, shapes: npt.NDArray[np.float32], **weights: float) -> Mesh:
    """The calm head in a mix of shapes, as a portrait would show it; a name without its side sets both sides."""
    move = np.zeros_like(calm.vertices)
    for name, weight in weights.items():
        for full in [n for n in INDEX if n in (name, f"{name}Left", f"{name}Right")]:
            move = move + weight * shapes[INDEX[full]]
    there = calm.vertices + move
    width = float(np.linalg.norm(there[61] - there[291]))
    return calm._replace(vertices=there, relief=calm.relief + move, mouth_width=width)


def gap_cm(points: F64) -> float:
    upper, lower = points[list(rings.UPPER_RINGS[-1][1:-1])], points[list(rings.LOWER_RINGS[-1][1:-1])]
    return float(np.abs(upper[:, 1] - lower[:, 1]).max())


def test_a_face_at_rest_is_left_alone(calm: Mesh) -> None:
    neutral = neutral_of(calm)
    assert not neutral.fields.any()
    assert not any(neutral.amounts.values())


def test_a_shut_smile_is_a_look_and_stays(calm: Mesh, shapes: npt.NDArray[np.float32]) -> None:
    assert not neutral_of(posed(calm, shapes, mouthSmile=0.35)).fields.any()


@pytest.mark.parametrize(
    "pose",
    [
        {"jawOpen": 0.25},
        {"jawOpen": 0.7},
        {"mouthSmile": 0.8, "mouthUpperUp": 0.5, "mouthLowerDown": 0.5},
        {"jawOpen": 0.4, "mouthSmile": 0.9, "mouthUpperUp": 0.4},
    ],
)
def test_open_mouths_shut_on_one_seam(calm: Mesh, shapes: npt.NDArray[np.float32], pose: dict[str, float]) -> None:
    mesh = posed(calm, shapes, **pose)
    rest = at_rest(mesh, neutral_of(mesh), camera=frontal_camera())
    assert gap_cm(mesh.relief) > 0.3
    assert gap_cm(rest.relief) < 0.03
    shown, brought = (signed_areas(m.vertices, triangles=mesh.triangles[~mesh.cap]) for m in (mesh, rest))
    assert (brought[shown > 1e-3] > 0).all(), "nothing folds that the picture shows"


def test_a_broad_smile_comes_back_towards_rest(calm: Mesh, shapes: npt.NDArray[np.float32]) -> None:
    mesh = posed(calm, shapes, mouthSmile=0.9, mouthUpperUp=0.5, mouthLowerDown=0.4)
    rest = at_rest(mesh, neutral_of(mesh), camera=frontal_camera())
    for corner in (61, 291):
        assert calm.relief[corner, 1] - 0.1 < rest.relief[corner, 1] < mesh.relief[corner, 1] - 0.2
    width = np.linalg.norm(rest.relief[61] - rest.relief[291])
    assert calm.mouth_width * 0.97 < width < mesh.mouth_width - 0.3


def test_an_open_jaw_goes_up_again(calm: Mesh, shapes: npt.NDArray[np.float32]) -> None:
    mesh = posed(calm, shapes, jawOpen=0.7)
    rest = at_rest(mesh, neutral_of(mesh), camera=frontal_camera())
    dropped = calm.relief[152, 1] - mesh.relief[152, 1]
    assert dropped > 1
    assert calm.relief[152, 1] - rest.relief[152, 1] < 0.55 * dropped


def test_half_shut_eyes_open_each_for_itself(calm: Mesh, shapes: npt.NDArray[np.float32]) -> None:
    mesh = posed(calm, shapes, eyeBlinkLeft=0.55)
    neutral = neutral_of(mesh)
    assert not neutral.fields[[0, 2]].any(), "mouth and the other eye are at rest"
    rest = at_rest(mesh, neutral, camera=frontal_camera())
    assert eye_height(mesh.relief, "left") < 0.2 < 0.24 < eye_height(rest.relief, "left")
    assert eye_height(rest.relief, "right") == eye_height(mesh.relief, "right")


def test_eyes_that_doze_alike_are_opened_alike(calm: Mesh, shapes: npt.NDArray[np.float32]) -> None:
    mesh = posed(calm, shapes, eyeBlinkLeft=0.45, eyeBlinkRight=0.38)
    rest = at_rest(mesh, neutral_of(mesh), camera=frontal_camera())
    assert abs(eye_height(rest.relief, "left") - eye_height(rest.relief, "right")) < 0.02


def test_a_shut_eye_stays_shut_and_is_told(calm: Mesh, shapes: npt.NDArray[np.float32]) -> None:
    mesh = posed(calm, shapes, eyeBlinkLeft=0.95)
    assert not neutral_of(mesh).fields.any()
    (warning,) = shut_eyes(mesh)
    assert "left eye is shut" in warning
    assert shut_eyes(calm) == ()
