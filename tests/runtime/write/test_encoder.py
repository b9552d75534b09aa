from __future__ import annotations

import pytest

from visavis_runtime.write.encoder import RECIPES, pick_encoder


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_this_build_can_write_both(suffix: str) -> None:
    recipe = RECIPES[suffix]
    assert pick_encoder(recipe.picture, suffix=suffix).name
    assert pick_encoder(recipe.sound, suffix=suffix).name
