"""Two made-up faces for all tests of the native head, built without the networks: a photo and a flat drawing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rig_heads import avatar_of_drawing, drawn_crop

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.head import Head, head_from_avatar


@pytest.fixture(scope="session")
def drawn() -> Avatar:
    """A drawn face that is treated like a photo."""
    avatar = avatar_of_drawing(drawn_crop())
    return replace(avatar, meta={**avatar.meta, "flatness": 0.0, "evenness": 0.0})


@pytest.fixture(scope="session")
def flat() -> Avatar:
    """A flat drawing: its eyes are white with an iris and a thick line above, its mouth is a stroke."""
    return avatar_of_drawing(drawn_crop(eyes=True))


@pytest.fixture(scope="session")
def head(drawn: Avatar) -> Head:
    """The native head of the photo."""
    return head_from_avatar(drawn, texture_px=512)


@pytest.fixture(scope="session")
def flat_head(flat: Avatar) -> Head:
    """The native head of the flat drawing."""
    return head_from_avatar(flat, texture_px=512)
