from __future__ import annotations

import numpy as np

from visavis.latents import INDEX
from visavis.vocabulary import REGIONS
from visavis_runtime.motion.regions import MEMBERS


def test_every_latent_has_one_region() -> None:
    np.testing.assert_array_equal(MEMBERS.sum(axis=0), 1.0)
    assert (MEMBERS.sum(axis=1) > 0).all()


def test_latents_are_where_a_person_would_look_for_them() -> None:
    for name, region in (
        ("eyeBlinkLeft", "lids"), ("eyeLookUpRight", "eyes"), ("rightEyePitch", "eyes"), ("jawOpen", "mouth"),
        ("tongueOut", "mouth"), ("browDownLeft", "brows"), ("cheekPuff", "cheeks"), ("headZ", "head"),
    ):  # fmt: skip
        assert MEMBERS[REGIONS.index(region), INDEX[name]] == 1.0
