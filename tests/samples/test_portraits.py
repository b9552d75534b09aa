"""The sample portraits: there, square, small, drawn by the code beside them, and fit for the product's gates."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import numpy.typing as npt
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "portraits"
NAMES = ("innkeeper", "guard", "android", "scholar")
U8 = npt.NDArray[np.uint8]


def shipped(name: str) -> U8:
    picture = cv2.imread(str(FOLDER / f"{name}.png"), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return np.ascontiguousarray(picture[..., ::-1])


@pytest.fixture(scope="module")
def draw() -> Iterator[ModuleType]:
    """The script as it runs: its folder on the path, and off it again with all that it brought in."""
    before, path = set(sys.modules), list(sys.path)
    threads = cv2.getNumThreads()
    sys.path.insert(0, str(FOLDER))
    try:
        import draw

        yield draw
    finally:
        sys.path[:] = path
        cv2.setNumThreads(threads)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(FOLDER)):
                del sys.modules[name]


@pytest.mark.parametrize("name", NAMES)
def test_is_square_opaque_and_small(name: str) -> None:
    picture = shipped(name)
    assert picture.shape == (1024, 1024, 3)
    assert picture.dtype == np.uint8
    assert (FOLDER / f"{name}.png").stat().st_size < 1_500_000


def test_every_portrait_has_its_script_and_its_credit(draw: ModuleType) -> None:
    assert draw.NAMES == NAMES
    assert {path.stem for path in FOLDER.glob("*.png")} == set(NAMES)
    credits = (FOLDER.parent / "CREDITS.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert (FOLDER / f"{name}.py").exists()
        assert f"{name}.png" in credits


def test_drawing_is_deterministic(draw: ModuleType) -> None:
    first, second = (draw.draw_portrait("guard", size=128) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", ["guard", "android"])
def test_shipped_picture_comes_from_its_script(draw: ModuleType, name: str) -> None:
    # Drawn small it has thinner lines and fewer strokes, so only the broad picture can agree: a blurred comparison.
    drawn = draw.draw_portrait(name, size=160)
    file = cv2.resize(shipped(name), (160, 160), interpolation=cv2.INTER_AREA)
    blurred = [cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 4) for picture in (drawn, file)]
    assert np.corrcoef(blurred[0].ravel(), blurred[1].ravel())[0, 1] > 0.93


def test_command_writes_a_png(draw: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert draw.main(["guard", "-o", str(tmp_path), "--size", "96"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["guard.png"]
    assert capsys.readouterr().out.strip() == str(tmp_path / "guard.png")


@pytest.mark.parametrize("name", NAMES)
def test_passes_the_gates(name: str) -> None:
    from visavis_runtime.face.portrait.detect import detect_faces
    from visavis_runtime.face.portrait.landmarks import landmarks
    from visavis_runtime.face.portrait.pose import angles_from_rotation, fit_pose, gates

    rgb = shipped(name)
    faces = detect_faces(rgb)
    assert len(faces) == 1
    assert faces[0].score >= 0.7
    found = landmarks(rgb, faces[0])
    assert found.presence >= 0.99
    pose = fit_pose(found.points)
    yaw, pitch, _ = (float(angle) for angle in angles_from_rotation(pose.camera.rotation))
    assert abs(np.degrees(yaw)) <= 8
    assert abs(np.degrees(pitch)) <= 10
    assert gates(found.points, presence=found.presence, pose=pose) == ()
    height = (found.points[152, 1] - found.points[10, 1]) / len(rgb)
    assert 0.36 <= height <= 0.47


@pytest.mark.parametrize("name", NAMES)
def test_tracker_sees_the_mouth_shut_and_the_eyes_open(name: str) -> None:
    from visavis_runtime.face.portrait.detect import detect_faces
    from visavis_runtime.face.portrait.landmarks import landmarks

    rgb = shipped(name)
    points = landmarks(rgb, detect_faces(rgb)[0]).points
    mouth = abs(points[14, 1] - points[13, 1]) / np.linalg.norm(points[291, :2] - points[61, :2])
    assert mouth < 0.09
    for upper, lower, outer, inner in ((159, 145, 33, 133), (386, 374, 263, 362)):
        opening = (points[lower, 1] - points[upper, 1]) / np.linalg.norm(points[outer, :2] - points[inner, :2])
        assert opening > 0.22
