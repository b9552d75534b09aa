"""One made-up face for all tests of the native head, built without the networks."""

from __future__ import annotations

import numpy as np
import pytest
from rig_heads import drawn_crop

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import assemble
from visavis_runtime.write.glb.head import Head, head_from_avatar


@pytest.fixture(scope="session")
def drawn() -> Avatar:
    """A drawn face whose person is the lower middle of the picture, with a soft edge."""
    crop = drawn_crop()
    side = crop.size + 2 * crop.margin
    y, x = np.mgrid[:side, :side].astype(np.float32)
    far = np.hypot((x - side / 2) / 0.8, np.maximum(side / 2 - y, 0))
    alpha = np.clip((0.30 * side - far) * 12 + 128, 0, 255).astype(np.uint8)
    return assemble(crop, alpha=alpha, meta={"warnings": []})


@pytest.fixture(scope="session")
def head(drawn: Avatar) -> Head:
    """Its native head."""
    return head_from_avatar(drawn, texture_px=512)
