"""Takes one eye cut out of the picture, gives the skin of its lid, without eyeball and lashes, and the lashes' colour.

Skin for a shut lid is filled in from around the eye; in a flat drawing it has one colour. Its crease is the person's
own: creases run along the lid and lashes across it, so what is alike along the lid is kept and the rest is gone; where
the picture has none a faint one is laid, else a shut eye is a patch. Hue, grain and brush are those of the skin below
the eye. The lashes themselves are `lashes`, the ball is `eyeball`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.eyeball import EyePatch, blur_px, ramp
from visavis_runtime.face.layers.fill import push_pull

Float = npt.NDArray[np.float32]

ALIKE_WIDTHS, ALIKE_STEPS = 0.2, 9
"""How far along the lid, to both sides and in widths of the eye, its creases are alike; places that are compared."""
CREASE_FROM, CREASE_ROUND, DEEPEST = (0.10, 0.15), 0.09, 0.55
"""Where above the eye creases begin, what they are compared with (widths of the eye), and the darkest of them."""
SOFT_CREASE, CREASE_LEFT = 0.03, 0.5
"""How soft creases become on a shut lid, in widths of the eye, and what is left of them: its skin is unfolded."""
BLURS = 0.6
"""Share of the picture's blur that the creases take on."""
BRIGHT = (1.1, 1.35)
"""Light against that of the skin at which something begins to shine, and is no skin."""
DEEPER = (0.6, 1.7)
"""Bounds of the power by which a channel falls in the shade."""
FOLD_UP, FOLD_WIDTHS, FOLD = 0.18, 0.055, 0.15
"""Height of a laid crease above the open eye and its thickness, widths of the eye; the light that it takes away."""
HUE = 0.6
"""Share of the hue that a lid takes from the skin below the eye: a socket's shade is grey or red, its skin is not."""
GRAIN_BELOW, GRAIN_WIDTHS, MOST_GRAIN = (0.26, 0.56), 0.06, 1.4
"""How far below the eye, in widths of the eye, the skin begins and ends whose grain the lid gets; the coarsest grain,
in widths of the eye, and the largest, in its usual size."""
EVEN = 0.12
"""How even the lid's own light is, in widths of the eye."""
CORNERS, DARK_CORNER = (0.09, 0.02), (0.9, 0.7)
"""How far beyond the corners of the eye skin is laid over what is dark, in widths of the eye: none, all; what is dark,
as a share of the lid's light: nothing, all."""
FOREIGN = 0.5
"""Difference to the light of the skin below the eye, a share of it, at which something is no skin."""
LINE_WIDTHS, STRAND_WIDTHS, OTHER_LEVELS = 0.16, 0.35, 35
"""Thickness of the boldest line round a drawn eye and how far it reaches from there, in widths of the eye; levels away
from the skin at which something is none."""
LASH_OF_SKIN = 0.6
"""Share of the hue of lashes that is the skin's: what is dark at the edge of a lid has the iris' colour too."""
CATCHES, MOST_LIFT = 0.88, 1.35
"""Light of a shut lid against the skin below the eye, and how much brighter it may become than its surroundings."""


def lid_of(patch: EyePatch, *, outer: int) -> Float:
    """[S, S, 4]: skin over eyeball and lashes, and where it replaces the photo when the eye is shut.

    `outer` is -1 or 1: where the outer corner of the eye is, in the picture.
    """
    opening, width = patch.opening, patch.width_px
    across = np.abs(opening.along)
    above, below = -opening.below_upper, -opening.above_lower
    shut = (opening.coverage < 0.5).astype(np.uint8)
    apart = np.asarray(cv2.distanceTransform(shut, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32) / width
    # Lashes and liner reach further above the eye than below; a wide fade leaves no seam on the skin.
    upper = np.clip(0.5 + (above - below) / (0.2 * width), 0, 1)
    hidden = ramp(apart, 0.27, 0.10) * upper + ramp(apart, 0.17, 0.04) * (1 - upper)
    light = patch.photo.mean(axis=2)
    near = (above < 0.45 * width) & (below < 0.3 * width) & (across < 1.3)
    skin = ((hidden < 0.02) & near).astype(np.float32)
    if skin.sum() < 8:
        return np.dstack([patch.photo, np.zeros_like(light)]).astype(np.float32)
    # Brows, creases and loose lashes are darker than the skin around them: they must not bleed into the lid.
    reference = max(float(np.percentile(light[skin > 0], 70)), 1.0)
    skin = skin * np.clip(light / reference, 0.05, 1) ** 6
    # Nor may what shines: wet rims, the bridge of the nose.
    skin = skin * ramp(light, BRIGHT[1] * reference, BRIGHT[0] * reference) + 1e-6 * skin
    # A lid is a little darker towards its crease and its corners and lit on its bulge.
    bulge = 1.04 - 0.10 * np.clip(above / (0.2 * width) + 0.2, 0, 1) - 0.12 * np.clip(across, 0, 1) ** 2
    lid = np.asarray(cv2.GaussianBlur(push_pull(patch.photo, weight=skin), (0, 0), EVEN * width), np.float32)
    lid = _lit(lid, patch, below=below)
    lid = lid * _warm(bulge * _creases(patch), lid) + _grain(patch)
    # The outer corner does not move: what is dark beyond it stays, and the line of the lashes runs into it.
    dim = cv2.GaussianBlur(light, (0, 0), 0.04 * width) / np.maximum(lid.mean(axis=2), 1)
    dark = ramp(np.asarray(dim, np.float32), *DARK_CORNER) * ramp(opening.along * outer, 0.94, 1.1)
    hidden = hidden + (np.minimum(hidden, ramp(apart, *CORNERS)) - hidden) * dark
    return np.dstack([np.clip(lid, 0, 255), hidden * 255]).astype(np.float32)


def _hue(colours: Float) -> Float:
    """Colours [..., 3] by their own light."""
    return np.asarray(colours / np.maximum(colours.mean(axis=-1, keepdims=True), 1), np.float32)


def _warm(shade: Float, skin: Float) -> Float:
    """[S, S, 3]: the shade 0..1 on each channel: in the folds of skin its own colour grows deeper, not greyer."""
    hue = skin.mean(axis=2, keepdims=True) / np.maximum(skin, 1)
    return np.asarray(np.power(shade[..., None], np.clip(hue, *DEEPER)), np.float32)


def _axes(patch: EyePatch) -> tuple[Float, Float]:
    """[2] and [2]: the ways along the eye and down from it, px of the patch."""
    along = patch.opening.along
    way = np.array([along[0, 1] - along[0, 0], along[1, 0] - along[0, 0]], np.float32)
    way = way / max(float(np.hypot(*way)), 1e-6)
    return way, np.array([-way[1], way[0]], np.float32)


def _creases(patch: EyePatch) -> Float:
    """[S, S]: light 0..1 that the creases above the eye take away, without the lashes that cross them."""
    width, above = patch.width_px, -patch.opening.below_upper
    way, down = _axes(patch)
    y, x = np.mgrid[: above.shape[0], : above.shape[1]].astype(np.float32)
    along = x * way[0] + y * way[1]
    height = x * down[0] + y * down[1] + above  # of the lid's edge at this place, downwards
    order = np.argsort(along, axis=None)
    places, heights = along.ravel()[order], height.ravel()[order]
    light, seen = patch.photo.mean(axis=2), []
    for step in np.linspace(-ALIKE_WIDTHS, ALIKE_WIDTHS, ALIKE_STEPS) * width:
        drop = np.interp(along + step, places, heights) - height
        at_x, at_y = x + step * way[0] + drop * down[0], y + step * way[1] + drop * down[1]
        seen.append(
            cv2.remap(
                light,
                np.asarray(at_x, np.float32),
                np.asarray(at_y, np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )
    alike = np.percentile(seen, 60, axis=0).astype(np.float32)
    begun = ramp(above / width, *CREASE_FROM)
    known = cv2.GaussianBlur(begun, (0, 0), CREASE_ROUND * width)
    around = cv2.GaussianBlur(alike * begun, (0, 0), CREASE_ROUND * width) / np.maximum(known, 1e-4)
    dark = np.clip(alike / np.maximum(around, 1), DEEPEST, 1.03)
    blurred = BLURS * (blur_px(patch.photo) - 1)
    own = 1 + (cv2.GaussianBlur(dark, (0, 0), SOFT_CREASE * width + blurred) - 1) * begun * CREASE_LEFT
    across = np.abs(patch.opening.along)
    there = own[(np.abs(above / width - FOLD_UP) < 2 * FOLD_WIDTHS) & (across < 0.7)]
    missing = max(FOLD - (1 - float(np.percentile(there, 30))), 0.0) if there.size else 0.0
    # It bends down to the corners of the eye.
    height = above / width - FOLD_UP * (1 - 0.6 * np.clip(across, 0, 1) ** 2)
    wide = float(np.hypot(FOLD_WIDTHS, blurred / width))
    laid = missing * FOLD_WIDTHS / wide * np.exp(-((height / wide) ** 2)) * ramp(across, 1.1, 0.6)
    return np.asarray(own * (1 - laid), np.float32)


def _grain(patch: EyePatch) -> Float:
    """[S, S, 3]: the fine texture of the skin below the eye, signed levels, at the place of the lid."""
    width = patch.width_px
    spread = max(GRAIN_WIDTHS * width, 0.8)
    fine = patch.photo - cv2.GaussianBlur(patch.photo, (0, 0), spread)
    # Frames of glasses, hair and lashes are no grain, nor is what their edges do to it.
    light = patch.photo.mean(axis=2)
    usual_light = float(np.median(light[patch.opening.above_lower < -0.1 * width]))
    skin = (np.abs(light - usual_light) < FOREIGN * usual_light + 8).astype(np.uint8)
    fine = fine * cv2.erode(skin, np.ones((2 * round(1.2 * spread) + 1,) * 2, np.uint8))[..., None]
    # The band of skin is mirrored up and down for as far as the lid reaches.
    below = -patch.opening.above_lower / width - GRAIN_BELOW[0]
    span = GRAIN_BELOW[1] - GRAIN_BELOW[0]
    move = (np.abs((below + span) % (2 * span) - span) - below) * width
    down, (y, x) = _axes(patch)[1], np.mgrid[: light.shape[0], : light.shape[1]]
    at_x, at_y = (np.asarray(at + move * way, np.float32) for at, way in ((x, down[0]), (y, down[1])))
    grain = cv2.remap(fine, at_x, at_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
    usual = MOST_GRAIN * float(np.median(np.abs(grain[grain != 0]))) * 1.5 if grain.any() else 0.0
    return np.clip(grain, -usual, usual).astype(np.float32)


def _lit(lid: Float, patch: EyePatch, *, below: Float) -> Float:
    """[S, S, 3]: the lid in the light that it catches when it is shut, beyond the skin it is filled in from.

    Above an open eye lies the shade of its socket, drawn or real; the lid comes out of it, about as light as the skin
    below the eye on the same side of the face, and of its hue.
    """
    width = patch.width_px
    cheek = (below > 0.12 * width) & (below < 0.32 * width) & (np.abs(patch.opening.along) < 0.9)
    if not cheek.any():
        return lid
    wanted = CATCHES * float(np.percentile(patch.photo[cheek].mean(axis=1), 55))
    light = np.maximum(lid.mean(axis=2), 1)
    skin = np.median(patch.photo[cheek], axis=0)
    hue = skin / max(float(skin.mean()), 1.0)
    tinted = lid + (light[..., None] * hue - lid) * HUE
    return np.asarray(tinted * np.clip(wanted / light, 1, MOST_LIFT)[..., None], np.float32)


def flat_lid(patch: EyePatch, skin: npt.NDArray[np.floating]) -> Float:
    """[S, S, 4]: the lid of a flat drawing: one colour over eye and lashes; hair that hangs beside them stays."""
    width = patch.width_px
    shut = (patch.opening.coverage < 0.5).astype(np.uint8)
    apart = np.asarray(cv2.distanceTransform(shut, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32) / width
    lid = np.broadcast_to(np.asarray(skin, np.float32), patch.photo.shape)
    hair = cv2.dilate(_hair(patch, lid, apart=apart), np.ones((3, 3), np.uint8))
    hidden = np.maximum(ramp(apart, 0.17, 0.13) * (1 - hair), ramp(apart, 0.05, 0.02))
    return np.dstack([lid, hidden * 255]).astype(np.float32)


def _hair(patch: EyePatch, skin: npt.NDArray[np.floating], *, apart: Float) -> npt.NDArray[np.uint8]:
    """[S, S] 0 or 1: what lies round a drawn eye and is none of its lines: bold, or a strand that comes from above."""
    other = ((np.abs(patch.photo - skin).max(axis=2) > OTHER_LEVELS) & (apart > 0)).astype(np.uint8)
    bold = 2 * round(LINE_WIDTHS * patch.width_px / 2) + 1
    hair = cv2.morphologyEx(other, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (bold, bold)))
    above = other * ((patch.opening.below_upper < 0) & (np.abs(patch.opening.along) < 1))
    count, pieces = cv2.connectedComponents(above.astype(np.uint8))
    long = [n for n in range(1, count) if apart[pieces == n].max() > STRAND_WIDTHS]
    return np.maximum(hair, np.isin(pieces, long)).astype(np.uint8)


def lash_colour(patch: EyePatch, *, skin: npt.NDArray[np.floating] | None) -> Float:
    """[3]: the dark line along the upper lid; `skin` [3] is the lid's, None in a flat drawing: ink has any hue."""
    edge = (np.abs(patch.opening.below_upper) < 0.05 * patch.width_px + 0.7) & (np.abs(patch.opening.along) < 0.8)
    if not edge.any():
        return np.full(3, 40, np.float32)
    colours = patch.photo[edge]
    dark = colours[colours.mean(axis=1) <= np.percentile(colours.mean(axis=1), 25)]
    lash = np.asarray(np.median(dark, axis=0), np.float32)
    if skin is None:
        return lash
    return np.asarray(lash + (lash.mean() * _hue(skin.astype(np.float32)) - lash) * LASH_OF_SKIN, np.float32)
