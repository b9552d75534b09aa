"""One table of what a shape is called: ARKit, Live Link (Unreal), VRM clips of perfect sync, iFacialMocap.

The row is the index of the shape in the latents. VRM names are case sensitive; perfect sync writes them as Live Link
does. iFacialMocap marks sides with `_L` and `_R`, but not where left and right are a direction (jawLeft, mouthRight).
"""

from __future__ import annotations

from typing import NamedTuple

from visavis.latents import ARKIT_NAMES
from visavis.live_link import LIVE_LINK_NAMES

_DIRECTIONS = frozenset({"jawLeft", "jawRight", "mouthLeft", "mouthRight"})


class ShapeNames(NamedTuple):
    """The names of one shape."""

    arkit: str
    live_link: str
    vrm: str
    ifacialmocap: str


def _with_side_suffix(arkit: str) -> str:
    if arkit in _DIRECTIONS:
        return arkit
    for side in ("Left", "Right"):
        if arkit.endswith(side):
            return f"{arkit.removesuffix(side)}_{side[0]}"
    return arkit


SHAPES: tuple[ShapeNames, ...] = tuple(
    ShapeNames(arkit, live_link, live_link, _with_side_suffix(arkit))
    for arkit, live_link in zip(ARKIT_NAMES, LIVE_LINK_NAMES, strict=False)
)
