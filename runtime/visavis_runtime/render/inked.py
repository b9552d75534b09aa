"""Takes a mouth that is drawn as a line or a shape, draws its line anew round the opening, as thick as in the picture.

Such a mouth has no lips. Were it stretched with the skin, its line would fray into a comb at the corners and tear where
it parts. So it is taken out of the texture (`mouth_scene`), and as the face leaves its picture for rest, what the
picture shows gives way to a line along both edges of the opening. It moves nothing.
"""

from __future__ import annotations

from visavis_runtime.face.arrays import Array, namespace
from visavis_runtime.render.gape import AnyGape


def with_drawing(colour: Array, gape: AnyGape, drawing: Array) -> Array:
    """The mouth as the picture has it, `drawing` [h, w, 3] over bare skin, as far as it has not left it."""
    share = 1 - gape.rest
    return colour + drawing * (share if isinstance(share, float) else share[..., None])


def with_line(colour: Array, gape: AnyGape, tip: Array | None) -> Array:
    """The line along both edges of the opening; a tongue with the alpha `tip` [h, w, 1] lies over the lower one."""
    xp, scene = namespace(colour), gape.scene
    half = scene.line_px * scene.scale / 2
    upper, lower = (xp.clip(half - far + 0.5, 0, 1) for far in _distances(gape))
    if tip is not None:
        lower = lower * (1 - tip[..., 0])
    line = (1 - (1 - upper) * (1 - lower)) * gape.rest * (1 - scene.lips)
    return colour + (scene.ink * gape.light - colour) * line[..., None]


def _distances(gape: AnyGape) -> tuple[Array, Array]:
    """[h, w] px from the upper and from the lower edge of the opening, round its corners."""
    opening = gape.opening
    xp, along = namespace(opening.along), opening.along
    per_px = xp.hypot(along[..., :1, 1:2] - along[..., :1, :1], along[..., 1:2, :1] - along[..., :1, :1])
    beyond = xp.clip(xp.abs(along) - 1, 0, None) / per_px
    upper, lower = (xp.hypot(_away(edge), beyond) for edge in (opening.below_upper, opening.above_lower))
    return upper, lower


def _away(height: Array) -> Array:
    """[h, w] px from a curve, of heights over it: those run far along a steep curve."""
    xp = namespace(height)
    steep = 0 * height + 1
    steep[..., 1:-1, 1:-1] = xp.hypot(
        height[..., 1:-1, 2:] - height[..., 1:-1, :-2], height[..., 2:, 1:-1] - height[..., :-2, 1:-1]
    )
    steep[..., 1:-1, 1:-1] /= 2
    return xp.abs(height) / xp.clip(steep, 0.5, None)
