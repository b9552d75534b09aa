from __future__ import annotations

from live_link_reader import CURVES

from visavis.latents import ARKIT_NAMES
from visavis_bridge.names import SHAPES


def test_one_row_for_each_shape_in_the_order_of_the_latents() -> None:
    assert tuple(row.arkit for row in SHAPES) == ARKIT_NAMES
    assert [row.live_link for row in SHAPES] == CURVES[:52]
    for column in range(4):
        assert len({row[column] for row in SHAPES}) == 52


def test_names_that_rules_get_wrong_easily() -> None:
    rows = {row.arkit: row for row in SHAPES}
    assert rows["mouthSmileRight"][1:] == ("MouthSmileRight", "MouthSmileRight", "mouthSmile_R")
    assert rows["eyeLookInLeft"].ifacialmocap == "eyeLookIn_L"
    assert [rows[n].ifacialmocap for n in ("jawLeft", "jawRight", "mouthLeft", "mouthRight", "browInnerUp")] == [
        "jawLeft", "jawRight", "mouthLeft", "mouthRight", "browInnerUp",
    ]  # fmt: skip
    assert rows["browInnerUp"].vrm == "BrowInnerUp"
