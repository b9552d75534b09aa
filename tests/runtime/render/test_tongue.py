from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visavis_runtime.render.gape import gape_of
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.scene import Scene
from visavis_runtime.render.tongue import tongue_tip

Row = Callable[..., npt.NDArray[np.float32]]


def test_the_tip_comes_out_steadily(scene: Scene, latents: Row) -> None:
    areas = []
    for out in (0.02, 0.2, 0.6, 1.0):
        moved = move(scene.rig, drive_from_latents(latents(jawOpen=0.4, tongueOut=out), rig=scene.rig))
        gape = gape_of(scene.mouth, rig=scene.rig, moved=moved, size=512)
        assert gape is not None
        _, alpha = tongue_tip(gape, gape.jaw)
        outside = alpha[..., 0] * (gape.opening.above_lower < 0)
        areas.append((float(alpha.sum()), float(outside.sum())))
    inside, outside = np.array(areas).T
    assert (np.diff(inside) > 0).all()
    assert outside[0] < 2
    assert outside[-1] > 50
