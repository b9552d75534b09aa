"""The one face of a portrait: chosen, measured, or refused with a reason."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis.errors import PortraitError
from visavis_runtime.face.portrait import subject as subject_module
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.face.portrait.subject import Subject, find_subject

U8 = npt.NDArray[np.uint8]


def _reason(rgb: U8, face_number: int = 0) -> tuple[str, str]:
    with pytest.raises(PortraitError) as caught:
        find_subject(rgb, face_number=face_number)
    return caught.value.reason, str(caught.value)


def test_the_astronaut(astronaut_subject: Subject) -> None:
    assert astronaut_subject.warnings == ()
    assert abs(astronaut_subject.pose.yaw_rad) < 0.1
    assert abs(astronaut_subject.pose.roll_rad) < 0.1


@pytest.mark.usefixtures("weights")
def test_two_faces_must_be_chosen_from(astronaut: U8) -> None:
    smaller = cv2.resize(astronaut, (420, 420), interpolation=cv2.INTER_AREA)
    both = np.hstack([np.pad(smaller, ((0, 92), (0, 0), (0, 0))), astronaut])
    reason, message = _reason(both)
    assert reason == "FACE_AMBIGUOUS"
    assert "--face" in message
    assert "from the left: 1: " in message
    assert "2: " in message
    small, large = (find_subject(both, face_number=number) for number in (1, 2))
    assert large.face.box[0] > 420 > small.face.box[2]
    assert _reason(both, face_number=3)[0] == "FACE_INDEX"
    assert _reason(both, face_number=-1)[0] == "FACE_INDEX"


@pytest.mark.usefixtures("weights")
def test_a_small_bystander_does_not_make_it_ambiguous(astronaut: U8) -> None:
    large = cv2.resize(astronaut[:300, 60:400], None, fx=2.4, fy=2.4, interpolation=cv2.INTER_CUBIC)
    large[-130:, -130:] = cv2.resize(astronaut[20:240, 110:330], (130, 130), interpolation=cv2.INTER_AREA)
    assert find_subject(large).face.box[2] < 600


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("name", ["blank", "noise", "coffee"])
def test_no_face(name: str) -> None:
    from skimage import data

    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    pictures = {"blank": np.full((300, 300, 3), 200, np.uint8), "noise": noise, "coffee": data.coffee()}
    assert _reason(np.ascontiguousarray(pictures[name]))[0] == "FACE_NOT_FOUND"


@pytest.mark.usefixtures("weights")
def test_a_small_face_is_refused_with_its_size(astronaut: U8) -> None:
    reason, message = _reason(cv2.resize(astronaut, (300, 300), interpolation=cv2.INTER_AREA))
    assert reason == "FACE_SMALL"
    assert "96" in message


@pytest.mark.usefixtures("weights")
def test_a_cut_face_is_told(astronaut: U8) -> None:
    whole = slice(None)
    cuts = (
        (slice(200), whole, ""), (slice(165), whole, "chin"), (slice(148), whole, "mouth"),
        (slice(80, None), whole, "forehead"), (whole, slice(192, None), "side of the face"),
        (whole, slice(198, None), "an eye"), (whole, slice(248), "an eye"),
    )  # fmt: skip
    for rows, columns, word in cuts:
        warnings = find_subject(np.ascontiguousarray(astronaut[rows, columns])).warnings
        assert [word in warning for warning in warnings] == ([True] if word else []), word
    for rows, columns, word in ((slice(140), whole, "mouth"), (whole, slice(212, None), "an eye")):
        reason, message = _reason(np.ascontiguousarray(astronaut[rows, columns]))
        assert reason == "FACE_CUT"
        assert word in message


@pytest.mark.usefixtures("weights")
def test_upside_down_is_told(astronaut: U8) -> None:
    reason, message = _reason(np.ascontiguousarray(astronaut[::-1, ::-1]))
    assert reason == "FACE_POSE"
    assert "upside down" in message


@pytest.mark.material
@pytest.mark.usefixtures("weights")
def test_every_shared_portrait_has_its_one_face(material: Path) -> None:
    yaw = {}
    for path in sorted((material / "portraits").iterdir()):
        rgb = read_picture(path).rgb
        if path.stem == "painting_s10":  # turned by about the limit of 35 degrees
            with suppress(PortraitError):
                find_subject(rgb)
            continue
        subject = find_subject(rgb)
        assert subject.landmarks.presence > 0.99
        yaw[path.stem] = np.degrees(subject.pose.yaw_rad)
        assert bool(subject.warnings) == (abs(yaw[path.stem]) > 20)
    assert len(yaw) >= 10
    assert yaw["painting_s8"] == pytest.approx(-22.5, abs=3)
    assert yaw["monalisa"] == pytest.approx(-19, abs=3)
    assert all(abs(angle) < 12 for stem, angle in yaw.items() if stem.startswith("synthetic"))


@pytest.mark.usefixtures("weights")
def test_a_face_that_is_seen_twice_is_one(astronaut: U8) -> None:
    """In large pictures a find that lies half beside a face has landmarks on that face."""
    subject = find_subject(astronaut)
    x0, y0, x1, y1 = subject.face.box
    width = x1 - x0
    beside = subject.face._replace(box=(x0 - width / 2, y0, x1 - width / 2, y1), score=0.3)
    look, away = subject.landmarks, np.float32([2 * width, 0, 0])
    assert subject_module._each_once([(subject.face, look), (beside, look)]) == [subject.face]
    other = look._replace(points=look.points + away)
    assert len(subject_module._each_once([(subject.face, look), (beside, other)])) == 2
