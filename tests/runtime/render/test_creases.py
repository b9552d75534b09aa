from __future__ import annotations

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.creases import CREASES, creases_of


def test_every_name_is_a_shape_and_changes_light_near_its_places_only(face: Avatar) -> None:
    change = creases_of(face)
    assert change.shape == face.shapes.shape[:2]
    for name, places in CREASES.items():
        at = change[INDEX[name], list(places)]
        assert np.abs(at).min() > 0
        assert np.abs(change[INDEX[name]]).max() < 0.6
        assert np.abs(change[INDEX[name], 478:]).mean() < 0.01
