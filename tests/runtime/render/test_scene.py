from __future__ import annotations

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.scene import Scene, scene_from_avatar


def test_what_never_moves_is_drawn_once(scene: Scene, face: Avatar) -> None:
    stage = scene.stage
    assert 0 < len(stage.moving) <= len(face.triangles)
    assert stage.uv.shape == (130, 130, 2)
    assert (stage.shade == 1).all()
    # The map at rest is a straight one: surface px = 1.5 (picture px + margin + 0.5) - 0.5.
    middle = ((np.arange(130) - 0.5) * 4 + face.margin) * 1.5 - 0.5
    inner = stage.uv[1:-1, 1:-1]
    np.testing.assert_allclose(inner[..., 0], np.broadcast_to(middle[1:-1], inner.shape[:2]), atol=0.05)


def test_textures_come_at_the_output_size(face: Avatar) -> None:
    half = scene_from_avatar(face, size=256, cell=2, transparent=False)
    assert half.surface.plate is not None
    assert half.surface.plate.shape == (256, 256, 4)
    assert half.surface.texture.shape[0] == (256 + face.margin) * 1.5
