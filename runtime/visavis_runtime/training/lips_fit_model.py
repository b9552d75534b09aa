"""The articulation stage as a differentiable model: timed phones in, five measures of the lips out.

The twin of `motion.targets` and `motion.articulation` on the mean head's rig, in torch, so that targets, strengths and
fades can be fitted to measured lips; started from the numbers in `motion.targets` it gives the same mouth. Closures are
not fitted: they are hard there and hard here. What pucker and funnel do beside wide and what the jaw does beside the
lips cannot be told from a gap and a width alone; there the prior decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from visavis.latents import INDEX
from visavis_runtime.motion import targets
from visavis_runtime.motion.articulation import (
    JAW_GAIN,
    MET,
    PARTED,
    SHUT_JAW_MOST,
    TOUCH_CLOSE_SHARE,
    TOUCH_JAW_MOST,
    TOUCH_ROLL,
    TOUCH_UPPER,
    channel_map,
)
from visavis_runtime.motion.phones import Segment
from visavis_runtime.reference.lips import Clip, Lips
from visavis_runtime.reference.lips_score import INNER_PAIRS, rig_lips

USED = [targets.CHANNELS.index(name) for name in ("jaw", "pucker", "funnel", "wide", "upper", "lower", "close")]
GROUPS = [0, 1, 1, 2, 3, 3, 4]
"""Jaw, rounding, wide, lips and close: channels of a group share strengths and fades."""

STRENGTH_COLUMNS = [0, 3, 4, 5, 1]

MEASURES = ("aperture", "width", "upper", "lower", "chin")
_GROUP_COLUMNS = [targets.CHANNELS.index(name) for name in ("jaw", "pucker", "wide", "upper", "close")]
_NOSE, _CHIN = (2, 94), (152,)
_FAR_S = 99.0


class Sentences(NamedTuple):
    """B clips with at most K phones (diphthongs in two) and T pictures.

    `row`, `kind` [B, K] int64; `start_s`, `end_s`, `onset_s` (end of the last pause before) [B, K]; `t_s` [B, T];
    `closures` [B, T, 2]; `measured` [B, T, 5] in eye-corner distances.
    """

    row: Tensor
    kind: Tensor
    start_s: Tensor
    end_s: Tensor
    onset_s: Tensor
    t_s: Tensor
    closures: Tensor
    measured: Tensor

    def part(self, numbers: Tensor) -> Sentences:
        """The clips of these numbers."""
        return Sentences(*(column[numbers] for column in self))


class Mouth(nn.Module):
    """Targets (logit), strengths (log) and fades (log s) of the phone table, started from `motion.targets`.

    `gains` are the man's vertical and horizontal amplitude against the table's, `rest` his aperture when shut.
    """

    def __init__(self, *, gains: tuple[float, float]) -> None:
        super().__init__()
        wanted = torch.tensor(np.array(list(targets.TABLE.values()))[:, USED], dtype=torch.float32)
        strengths = torch.tensor(np.array(list(targets.STRENGTHS.values()))[:, STRENGTH_COLUMNS], dtype=torch.float32)
        fades = [[side[kind][_GROUP_COLUMNS] for kind in targets.KINDS] for side in (targets.BEFORE_S, targets.AFTER_S)]
        self.wanted = nn.Parameter(torch.logit(wanted.clamp(0.004, 0.99)))
        self.strengths = nn.Parameter(strengths.log())
        self.fades = nn.Parameter(torch.tensor(np.array(fades), dtype=torch.float32).log())
        self.rest = nn.Parameter(torch.tensor(0.006))
        self.gains = torch.tensor([gains[0], gains[1], *gains[:1] * 3])
        self.free, self.start = _free(wanted), wanted
        lips = rig_lips()
        self.rig = torch.tensor(np.stack([lips.gap, lips.width, lips.upper, lips.lower, lips.chin]).astype(np.float32))
        self.of_channels = torch.tensor(channel_map()[USED[:6]]) @ self.rig.T

    def targets(self) -> Tensor:
        """`[rows, 7]` 0..1; what is not free (a spread W, an open silence, lips that shut) stays."""
        return torch.where(self.free, torch.sigmoid(self.wanted), self.start)

    def capped(self) -> Tensor:
        """Log strengths `[rows, 5]`; no phone rules the jaw or the lips alone."""
        return torch.minimum(self.strengths, torch.tensor([1.1, 1.1, 1.1, 1.1, 1.8]))

    def channels(self, said: Sentences) -> Tensor:
        """Channels of `USED` `[B, T, 7]` before the closures."""
        fades_s = self.fades.exp().clamp(0.025, 0.12)[:, said.kind][..., None, :, :]
        centre_s, half_s = (said.start_s + said.end_s) / 2, ((said.end_s - said.start_s) / 2).clamp(min=0.01)
        offset_s = (said.t_s[:, :, None] - centre_s[:, None])[..., None]
        beyond_s = (offset_s.abs() - half_s[:, None, :, None] * targets.PLATEAU).clamp(min=0.0)
        decay = beyond_s / torch.where(offset_s < 0, fades_s[0], fades_s[1])
        early_s = (said.onset_s[:, None] - said.t_s[:, :, None]).clamp(min=0.0)[..., None]
        strength = (self.capped()[said.row][:, None] - decay - early_s / targets.FADE_INTO_PAUSE_S).exp()
        strength = strength * (said.start_s < _FAR_S)[:, None, :, None]
        weight = strength[..., GROUPS]
        pull = (weight * self.targets()[said.row][:, None]).sum(dim=2)
        return pull / (weight.sum(dim=2) + targets.REST_WEIGHT)

    def forward(self, said: Sentences) -> Tensor:
        """The five measures `[B, T, 5]`, of width, upper, lower and chin only their changes."""
        drawn = self.channels(said)
        shut, touch = said.closures[..., :1], said.closures[..., 1:] * (1.0 - said.closures[..., :1])
        close = torch.maximum(drawn[..., 6:] * (1.0 - touch), shut)
        jaw = drawn[..., :1] * JAW_GAIN
        jaw = jaw - touch * (jaw - TOUCH_JAW_MOST).clamp(min=0.0)
        jaw = jaw - shut * (jaw - SHUT_JAW_MOST).clamp(min=0.0)
        closed = (
            torch.maximum(((close - PARTED) / (MET - PARTED)).clamp(0.0, 1.0), shut) * (1.0 - touch)
            + TOUCH_CLOSE_SHARE * touch
        )
        keep = 1.0 - torch.maximum(shut, touch)
        upper = torch.maximum(drawn[..., 4:5] * (1.0 - shut), TOUCH_UPPER * touch)
        channels = [
            jaw / JAW_GAIN,
            drawn[..., 1:2],
            drawn[..., 2:3] * keep,
            drawn[..., 3:4],
            upper,
            drawn[..., 5:6] * keep,
        ]
        rig = torch.cat(channels, dim=-1) @ self.of_channels
        rig = (
            rig
            + closed * jaw * self.rig[:, INDEX["mouthClose"]]
            + TOUCH_ROLL * touch * self.rig[:, INDEX["mouthRollLower"]]
        )
        measures = torch.cat([rig[..., :1].clamp(min=0.0), rig[..., 1:]], dim=-1) * self.gains
        return measures + self.rest * torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0])


def sentences(clips: Sequence[Clip], *, lips: Lips, segments: dict[str, tuple[Segment, ...]]) -> Sentences:
    """The clips as tensors; every picture of them must have been seen."""
    parts = [[part for s in segments[clip.name] for part in targets.split_diphthong(s)] for clip in clips]
    most = max(len(said) for said in parts)
    phones = np.zeros((2, len(clips), most))
    times = np.full((3, len(clips), most), _FAR_S)
    times[2] = -1.0
    for b, said in enumerate(parts):
        pause_s = -1.0
        for k, part in enumerate(said):
            phones[:, b, k] = ROW_OF_PHONE[part.phone], targets.KINDS.index(targets.kind_of_phone(part.phone))
            times[:, b, k] = part.start_s, part.end_s, pause_s
            pause_s = part.end_s if part.phone == "SIL" else pause_s
    row, kind = (torch.tensor(column.astype(np.int64)) for column in phones)
    start_s, end_s, onset_s = (torch.tensor(column.astype(np.float32)) for column in times)
    return Sentences(
        row=row,
        kind=kind,
        start_s=start_s,
        end_s=end_s,
        onset_s=onset_s,
        t_s=torch.tensor(np.stack([clip.t_s for clip in clips])),
        closures=torch.tensor(np.stack([_closures(clip, segments=segments[clip.name]) for clip in clips])),
        measured=torch.tensor(np.stack([_measured(clip, lips=lips) for clip in clips])),
    )


ROW_OF_PHONE = {phone: row for row, names in enumerate(targets.TABLE) for phone in names.split()}


def _free(wanted: Tensor) -> Tensor:
    """True where a target may move: not in silence, not the jaw behind shut lips; what rounds does not spread.

    The close channel stays too: how nearly W, R and UW shut on a mean head is a choice beside what one man does.
    """
    free = torch.ones_like(wanted, dtype=torch.bool)
    free[ROW_OF_PHONE["SIL"]] = False
    for phone in ("UW", "W", "AO", "UH", "ER", "R", "SH"):
        free[ROW_OF_PHONE[phone], 3] = False
    for phone in ("IY", "EH", "IH", "AE"):
        free[ROW_OF_PHONE[phone], 1:3] = False
    free[ROW_OF_PHONE["P"], 0] = False
    free[:, 6] = False
    return free


def _closures(clip: Clip, *, segments: Sequence[Segment]) -> np.ndarray:
    """Closures `[T, 2]` of a clip at the times of its pictures."""
    frames = int(clip.t_s[-1] * 100) + 20
    drawn = targets.targets_of_segments(segments, frames=frames)
    columns = [np.interp(clip.t_s, np.arange(frames) / 100, c) for c in drawn.closures.T]
    return np.stack(columns, axis=-1).astype(np.float32)


def _measured(clip: Clip, *, lips: Lips) -> np.ndarray:
    """Aperture, width and the heights of upper lip, lower lip and chin above the base of the nose, `[T, 5]`."""
    place = {int(number): k for k, number in enumerate(lips.landmarks)}

    def height(*numbers: int) -> np.ndarray:
        return np.asarray(-clip.points[:, [place[n] for n in numbers], 1].mean(axis=1))

    upper, lower = (height(*(pair[k] for pair in INNER_PAIRS)) for k in (0, 1))
    nose = height(*_NOSE)
    columns = [clip.aperture, clip.width, upper - nose, lower - nose, height(*_CHIN) - nose]
    return np.stack(columns, axis=-1).astype(np.float32)
