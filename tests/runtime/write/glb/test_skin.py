"""The skin: real openings, lips that meet, nothing of the background."""

from __future__ import annotations

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.face.rings import EYES
from visavis_runtime.write.glb.skin import Skin, head_texture, opening_triangles, rest_vertices, skin_from_avatar


def _skin(avatar: Avatar) -> Skin:
    return skin_from_avatar(avatar, texture=head_texture(avatar))


def _edges(triangles: np.ndarray) -> set[tuple[int, int]]:
    return {
        (min(a, b), max(a, b)) for face in triangles.tolist() for a, b in zip(face, face[1:] + face[:1], strict=True)
    }


def test_mouth_and_eyes_are_holes(drawn: Avatar) -> None:
    skin = _skin(drawn)
    assert opening_triangles(drawn.triangles).sum() == 18 + 2 * 14
    for triangles in (skin.solid, skin.soft):
        assert not opening_triangles(triangles).any()
    counts: dict[tuple[int, int], int] = {}
    for face in np.concatenate([skin.solid, skin.soft]).tolist():
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            counts[min(a, b), max(a, b)] = counts.get((min(a, b), max(a, b)), 0) + 1
    for eye in EYES.values():
        line = eye.lid_line
        for a, b in zip(line, line[1:] + line[:1], strict=True):
            assert counts[min(a, b), max(a, b)] == 1, "an edge of a lid belongs to one triangle"


def test_shut_lips_meet_in_one_line(drawn: Avatar) -> None:
    skin = _skin(drawn)
    np.testing.assert_array_equal(skin.points[list(INNER_UPPER)], skin.points[list(INNER_LOWER)])
    both = list(INNER_UPPER + INNER_LOWER)
    others = np.setdiff1d(np.arange(468), both)
    np.testing.assert_array_equal(skin.points[others], rest_vertices(drawn)[others])


def test_background_is_left_out_and_the_rim_is_soft(drawn: Avatar) -> None:
    skin = _skin(drawn)
    texture = head_texture(drawn)
    assert len(skin.solid) + len(skin.soft) < 0.9 * len(drawn.triangles)
    centres = np.rint(skin.px[skin.solid].mean(axis=1)).astype(int)
    assert texture[centres[:, 1], centres[:, 0], 3].min() >= 250
    assert len(skin.soft) > 20


def test_the_border_fades_out(drawn: Avatar) -> None:
    matte = head_texture(drawn)[..., 3]
    assert matte[[0, -1]].max() == 0
    assert matte[:, [0, -1]].max() == 0
    first, size = drawn.margin, drawn.size
    chin = int(drawn.texture_px[152, 1])
    above = np.s_[first:chin, first : first + size]
    np.testing.assert_array_equal(matte[above], drawn.texture[..., 3][above])
    middle = np.s_[chin : first + int(0.9 * size), first + int(0.1 * size) : first + int(0.9 * size)]
    np.testing.assert_array_equal(matte[middle], drawn.texture[..., 3][middle])


def test_a_bust_ends_before_the_picture_does(drawn: Avatar) -> None:
    matte = head_texture(drawn)[..., 3]
    first, last = drawn.margin, drawn.margin + drawn.size - 1
    assert drawn.texture[last, first:last, 3].max() > 200, "the picture cuts the body"
    low = int(drawn.texture_px[152, 1]) + int(0.1 * drawn.size)
    assert matte[last:].max() == 0
    assert matte[low:, : first + 1].max() == 0
    assert matte[low:, last:].max() == 0


def test_a_blink_moves_the_row_above_the_lashes_as_far_as_the_lid(drawn: Avatar) -> None:
    skin = _skin(drawn)
    upper = EYES["left"].upper
    neighbours = {v for edge in _edges(skin.solid) if set(edge) & set(upper) for v in edge if v not in upper}
    apart = np.linalg.norm(skin.points[sorted(neighbours)][:, None] - rest_vertices(drawn)[None], axis=2).min(axis=1)
    added = np.array(sorted(neighbours))[apart > 1e-5]
    blink = skin.shapes[INDEX["eyeBlinkLeft"]]
    assert len(added) >= 7
    assert np.linalg.norm(blink[added], axis=1).min() >= np.linalg.norm(blink[list(upper)], axis=1).min() - 1e-6


def test_every_point_is_used_or_a_landmark(drawn: Avatar) -> None:
    skin = _skin(drawn)
    used = np.zeros(len(skin.points), bool)
    used[np.concatenate([skin.solid, skin.soft]).ravel()] = True
    assert used[468:].all()
