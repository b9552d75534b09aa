"""Takes a drawing and its landmarks, finds the real outline of its eyes, and lays the landmarks of the eyes on it.

The landmark network has learnt people's eyes. In a drawing it finds a human eye inside the line round the eye, and
where eyes are a third of the face even inside the iris. But drawings are easy to read: skin has a few even colours, and
what is not skin round the middle of an eye is the eye. So rays from its middle look for the skin on all sides. A line
that is thicker than usual where a ray crosses it is also a brow, hair or the tip of a lash: there the other rays
decide, for the outline of an eye is smooth, and both eyes are alike. If an eye is larger than its landmarks, they are
spread to its outline, and their neighbours are moved along by less and less, so that none crosses another. Photos,
paintings and line art, whose skin is as white as the eyes, keep their landmarks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.drawn import SKIN_LEVELS, flat_skin, skin_tones
from visavis_runtime.face.portrait.drawn_iris import iris_of

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

SKIN_RUN = 3
"""So many px of skin in a row end an eye."""
RAYS, ORDER, LOOKS = 48, 3, 4
"""Rays from the middle of an eye, waves of its outline, and how often it is looked for, each time from the middle that
was found."""
SIDEWAYS, UP, DOWN = 0.5, 0.6, 0.9
"""How far the outline of an eye may be, in distances of the eyes: beside it comes the other eye, above it hair, below
it nothing but skin, and landmarks may lie in the upper half of the iris."""
INK_LIGHT, INK_SPREAD = 0.6, 60
"""Light of ink by that of the skin, and levels within which it has one colour, at the most."""
THICKER, LEAST_LINE_PX = 1.6, 2.5
"""A line so many times as thick as usual ends where a usual one would; the thinnest usual one."""
WHITE_SKIN = 225
"""Skin so light is paper: line art."""
STANDS_PX = 0.5
"""A middle that moves by less is found."""
OFF = 0.12
"""Share of an eye's size by which a ray may miss its outline before it counts less."""
STIFF, STIFFER, LEAST_SEEN, MIRRORED = 0.05, 100.0, 0.35, 0.2
"""How much an outline resists to wave, and by how much more at first; share of the rays that must end; weight of what
is taken from the other half."""
UNLIKE, ALIKE = 1.2, 0.2
"""Heights of two eyes, one by the other, that are not alike; share by which a ray may miss the other's mirror image."""
LARGER, AS_WIDE, NARROWER = 1.2, 0.92, 0.75
"""An eye so much higher than its landmarks and about as wide, or so much narrower, is spread."""
MISSES = ((0.0, 0.1), (2.2, 0.2), (3.2, 0.4))
"""Growth of an eye's height from which on so many of its rays may miss: else landmarks are believed instead."""
FADE = 1.7
"""The move of the neighbours fades out over so many times the growth of the eye."""


class _Outline(NamedTuple):
    """An eye as it is drawn: middle [2], the distance of its outline from there at RAYS angles, px, and the share of
    rays that miss it."""

    middle: F64
    reach: F64
    off: float

    def at(self, angle: F64) -> F64:
        """[n, 2] points of the outline."""
        turn = np.linspace(0, 2 * np.pi, RAYS + 1)
        reach = np.interp(np.mod(angle, 2 * np.pi), turn, np.append(self.reach, self.reach[0]))
        return np.asarray(self.middle + reach[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1))

    @property
    def box(self) -> tuple[F64, F64]:
        """Middle [2] and half size [2] of the box round it."""
        line = self.at(np.linspace(0, 2 * np.pi, 4 * RAYS))
        low, high = line.min(axis=0), line.max(axis=0)
        return (low + high) / 2, np.maximum((high - low) / 2, 1.0)


def spread_eyes(picture: U8, *, points: F32) -> F32:
    """Landmarks [478, 3] px with the eyes of a drawing spread to their outlines; others are returned as they are.

    Args:
        picture: [N, N, 3] uint8 RGB.
        points: [478, 3] float32 landmarks in its px.
    """
    if flat_skin(picture, points=points) is None:
        return points
    tones = skin_tones(picture, points=points)
    if tones[0].min() > WHITE_SKIN:
        return _with_irises(points, picture)
    found = {side: _landmarks_box(points, rings.EYES[side]) for side in rings.EYES}
    outlines = _outlines(picture, points, found=found, tones=tones)
    if outlines is None:
        return _with_irises(points, picture)
    growth = np.array([outlines[side].box[1] / found[side][1] for side in rings.EYES])
    # Eyes like people's have corners that an even outline cuts: then more of its rays miss.
    off = max(outline.off for outline in outlines.values())
    sure = any(off < most and growth[:, 1].min() >= least for least, most in MISSES)
    larger = sure and growth[:, 1].min() >= LARGER and growth[:, 0].min() >= AS_WIDE
    if not larger and growth[:, 0].max() > NARROWER:
        return _with_irises(points, picture)
    out = points.copy()
    for side in rings.EYES:
        _spread(out, points, found=found[side], drawn=outlines[side].box)
    for side, eye in rings.EYES.items():  # when neither eye is moved along with the other any more
        _lay_lids(out, eye, outlines[side])
    return _with_irises(out, picture)


def _with_irises(points: F32, picture: U8) -> F32:
    """The landmarks with the irises where they are seen in the eyes of a drawing; a copy."""
    out = points.copy()
    for eye in rings.EYES.values():
        iris = iris_of(picture, out[list(eye.lid_line), :2].astype(np.float64))
        if iris is not None:
            out[[eye.iris, *eye.iris_ring], :2] = iris
    return out


def _landmarks_box(points: F32, eye: rings.Eye) -> tuple[F64, F64]:
    line = points[list(eye.lid_line), :2].astype(np.float64)
    low, high = line.min(axis=0), line.max(axis=0)
    return (low + high) / 2, np.maximum((high - low) / 2, 1.0)


def _outlines(picture: U8, points: F32, *, found: dict[str, tuple[F64, F64]], tones: F32) -> dict[str, _Outline] | None:
    """Both eyes as they are drawn; None if the rays do not tell. They are alike: one that is not is looked for where
    the other's mirror image would be."""
    apart = float(np.linalg.norm(points[468, :2] - points[473, :2]))
    looks = {side: _outline(picture, found[side][0], apart=apart, tones=tones) for side in rings.EYES}
    out = {side: outline for side, outline in looks.items() if outline is not None}
    if len(out) < len(looks):
        return None
    right, left = out["right"], out["left"]
    if max(right.box[1][1] / left.box[1][1], left.box[1][1] / right.box[1][1]) > UNLIKE:
        worse, better = ("right", left) if right.off > left.off else ("left", right)
        like = _mirrored(better, points)
        out[worse] = _outline(picture, like.middle, apart=apart, tones=tones, like=like) or like
    return out


def _mirrored(outline: _Outline, points: F32) -> _Outline:
    """The other eye of a face that is alike on both sides."""
    top, chin = points[10, :2].astype(np.float64), points[152, :2].astype(np.float64)
    down = (chin - top) / max(float(np.linalg.norm(chin - top)), 1.0)
    across = np.array([down[1], -down[0]])
    middle = outline.middle - 2 * float((outline.middle - top) @ across) * across
    turn = np.arange(RAYS)
    return _Outline(middle, outline.reach[(RAYS // 2 - turn) % RAYS], outline.off)


def _outline(picture: U8, middle: F64, *, apart: float, tones: F32, like: _Outline | None = None) -> _Outline | None:
    """The eye as it is drawn round a place in it; None if the rays do not tell. `like`: what it should look like."""
    turn = np.asarray(np.arange(RAYS) * (2 * np.pi / RAYS), np.float64)
    out = None
    for _ in range(LOOKS):
        reach, line = np.stack([_ray(picture, tones, middle, float(a), _longest(float(a)) * apart) for a in turn]).T
        seen = ~np.isnan(reach)
        if seen.mean() < LEAST_SEEN:
            return out
        usual = max(float(np.nanpercentile(line, 35)), LEAST_LINE_PX)
        thick = line > THICKER * usual
        near = np.asarray(np.where(thick, reach - line + usual, reach), np.float64)
        surer = seen & ~thick if like is None else _near(reach, like.reach) | _near(near, like.reach)
        smooth, off = _smooth(turn, np.asarray(reach, np.float64), near, surer=surer)
        out = _Outline(middle, np.maximum(smooth, 2.0), off)
        moved = out.box[0] - middle
        middle = out.box[0]
        if np.abs(moved).max() < STANDS_PX:
            break
    return out


def _near(reach: F64, wanted: F64) -> npt.NDArray[np.bool_]:
    return np.asarray(np.abs(reach - wanted) < ALIKE * wanted)


def _longest(angle: float) -> float:
    """How far an outline may be in one direction, in distances of the eyes."""
    down = float(np.sin(angle))
    return SIDEWAYS + (DOWN - SIDEWAYS if down > 0 else UP - SIDEWAYS) * abs(down) ** 2


def _smooth(turn: F64, far: F64, near: F64, *, surer: npt.NDArray[np.bool_]) -> tuple[F64, float]:
    """The reaches [RAYS] as few waves, which rays that miss it by much do not bend, and how many do.

    `far` and `near` are where a ray may end, NaN where it does not; those that are `surer` come first.
    """
    seen = ~np.isnan(far)
    far, near = np.where(seen, far, 0.0), np.where(seen, near, 0.0)
    waves = np.stack([f(k * turn) for k in range(ORDER + 1) for f in (np.cos, np.sin)], axis=1)
    mirror = -np.arange(RAYS) % RAYS
    keep = np.eye(waves.shape[1]) * np.repeat(np.arange(ORDER + 1), 2)[:, None] ** 4 * STIFF
    first = surer if surer.mean() > LEAST_SEEN else seen
    weight, known = first.astype(np.float64), far
    for look in range(12):
        stiff = keep * max(STIFFER ** (1 - look / 6), 1.0)
        left = waves.T @ (waves * weight[:, None]) + stiff + 1e-6 * np.eye(waves.shape[1])
        fit = waves @ np.linalg.solve(left, waves.T @ (weight * known))
        known = np.where(np.abs(near - fit) < np.abs(far - fit), near, far)
        off = np.abs(known - fit) / (OFF * max(float(np.median(fit)), 1.0))
        weight = (first if look < 4 else seen) / (1 + off**2)
        # What hair hides is about as far as what lies opposite, above or below.
        hidden = ~seen & seen[mirror]
        known, weight = np.where(hidden, known[mirror], known), np.where(hidden, MIRRORED, weight)
    return np.asarray(fit), float((off[seen] > 1).mean())


def _ray(picture: U8, tones: F32, middle: F64, angle: float, longest: float) -> tuple[float, float]:
    """Distance from the middle of an eye to the skin in one direction, and how thick the dark line before it is; NaN if
    hair or the other eye comes first."""
    steps = np.arange(1.0, max(longest, 8.0), 0.5)
    at = middle + steps[:, None] * np.array([np.cos(angle), np.sin(angle)])
    at = np.clip(np.rint(at).astype(int), 0, picture.shape[0] - 1)
    colours = picture[at[:, 1], at[:, 0]].astype(np.float32)
    bare = np.abs(colours[:, None] - tones).max(axis=2).min(axis=1) < SKIN_LEVELS
    run = 2 * SKIN_RUN
    starts = np.flatnonzero(np.convolve(bare, np.ones(run), "valid") >= run)
    ink = colours.mean(axis=1) < INK_LIGHT * float(tones[0].mean())
    if not len(starts):
        return float("nan"), float("nan")
    stop = int(starts[0])
    begin = stop
    while begin > 0 and (ink[begin - 1] or begin > stop - 3) and stop > 0:
        begin -= 1
    return float(steps[stop]), float((stop - begin) * 0.5)


def _spread(out: F32, points: F32, *, found: tuple[F64, F64], drawn: tuple[F64, F64]) -> None:
    """Move the landmarks of one eye to its outline, and those round it by less the further they are."""
    place = points[:, :2].astype(np.float64) - found[0]
    away = np.linalg.norm(place / found[1], axis=1)
    growth = drawn[1] - found[1]
    rim = place / np.maximum(away, 1.0)[:, None]  # where the ray through the point leaves the eye
    wide = 1 + FADE * max(float((growth / found[1]).max()), 0.1)
    t = np.clip((away - 1) / (wide - 1), 0, 1)
    move = rim / found[1] * growth + (drawn[0] - found[0])
    out[:, :2] += (move * (1 - t)[:, None]).astype(np.float32)


def _lay_lids(out: F32, eye: rings.Eye, drawn: _Outline) -> None:
    """Lids along the outline: those of a person's eye, spread, would cut its corners."""
    inwards = float(np.sign(out[eye.inner, 0] - out[eye.outer, 0]))
    turn = np.linspace(0, np.pi, len(eye.upper) + 2)
    for line, side in ((eye.upper, -1), (eye.lower, 1)):
        middle, half = drawn.box
        wanted = np.stack([-np.cos(turn) * inwards * half[0], side * np.sin(turn) * half[1]], axis=1)
        wanted += middle - drawn.middle
        out[[eye.outer, *line, eye.inner], :2] = drawn.at(np.arctan2(wanted[:, 1], wanted[:, 0])).astype(np.float32)
