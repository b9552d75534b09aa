"""The 64 names are a contract with every engine: order, count and signs may never drift."""

from __future__ import annotations

import hashlib

import pytest

from visavis.latents import ARKIT_NAMES, INDEX, NAMES, POSE_NAMES, sample_of_frame


def test_there_are_64_unique_names() -> None:
    assert len(NAMES) == len(set(NAMES)) == 64
    assert len(ARKIT_NAMES) == 52
    assert len(POSE_NAMES) == 12


def test_order_is_that_of_live_link() -> None:
    assert NAMES[:7] == (
        "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
        "eyeWideLeft",
    )  # fmt: skip
    assert NAMES[14:21] == (
        "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker",
    )  # fmt: skip
    assert NAMES[51:55] == ("tongueOut", "headYaw", "headPitch", "headRoll")
    assert NAMES[61:] == ("headX", "headY", "headZ")


def test_names_are_frozen() -> None:
    """One hash for the whole list: changing a name means a new latent space id."""
    digest = hashlib.sha256("\n".join(NAMES).encode()).hexdigest()
    assert digest == "04ab5f682e17379602ae2a69b78b3383b692558b72383d19a534b0d38c84ae11"


def test_every_left_has_a_right() -> None:
    for name in ARKIT_NAMES:
        if name.endswith("Left"):
            assert name[:-4] + "Right" in INDEX


@pytest.mark.parametrize(("frame", "fps", "sample"), [(0, 40, 0), (1, 40, 400), (1, 60, 266), (60, 60, 16000)])
def test_sample_of_frame(frame: int, fps: int, sample: int) -> None:
    assert sample_of_frame(frame, fps=fps) == sample
