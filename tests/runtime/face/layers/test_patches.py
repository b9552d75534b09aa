"""Patches of a drawing: what they are made of, and where they lie."""

from __future__ import annotations

import cv2
import numpy as np

from visavis_runtime.face.layers.patches import patches_of

WALL, SKIN, BAND, INK = (120, 180, 230), (238, 188, 156), (70, 38, 26), (10, 10, 10)


def test_patches_know_their_place() -> None:
    picture = np.full((200, 200, 3), WALL, np.uint8)
    cv2.rectangle(picture, (8, 20), (191, 50), BAND, -1)
    cv2.line(picture, (100, 0), (100, 19), INK, 1)
    cv2.circle(picture, (100, 100), 30, SKIN, -1)
    face = cv2.circle(np.zeros((200, 200), np.uint8), (100, 100), 28, 1, -1) > 0
    matte = np.zeros((200, 200), np.float32)
    matte[60:140] = 0.5
    found = patches_of(picture, matte=matte, face=face, inner=slice(0, 200))
    wall, band, skin = (int(found.labels[at]) for at in ((180, 5), (35, 100), (100, 100)))
    assert len({0, wall, band, skin}) == 4
    assert found.labels[10, 100] == 0  # a line is no patch
    np.testing.assert_allclose(found.colour[[wall, band, skin]], [WALL, BAND, SKIN], atol=0.5)
    assert found.edge[[wall, band, skin]].tolist() == [True, False, False]
    assert found.sides[[wall, band, skin]].tolist() == [True, True, False]  # the band spans the picture
    assert found.fills[skin] > 0.9
    assert found.faces[skin] > 0.8
    assert found.share[skin] > 0.4
    assert not found.beyond.any()


def test_slow_blends_are_one_patch() -> None:
    ramp = np.broadcast_to(np.linspace(50, 200, 200)[:, None, None], (200, 200, 3)).astype(np.uint8)
    matte = np.zeros((200, 200), np.float32)
    found = patches_of(ramp, matte=matte, face=matte == 0, inner=slice(0, 200))
    assert len(found.area) == 2
