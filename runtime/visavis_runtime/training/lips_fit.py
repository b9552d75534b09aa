"""`python -m visavis_runtime.training.lips_fit MATERIAL`: fits the articulation to measured lips.

Made the numbers of jaw and lips in `motion.targets`: 899 sentences of one man (GRID s1; `reference.lips`), phones by
forced alignment, maximum a posteriori: squared errors of aperture, width and heights, once as they are and once without
the one-second trend, plus a pull to the numbers that are there (`--prior`; the first fit was pulled to a table made by
hand). One man with one sentence frame cannot teach what he never says: without evidence the prior stays. His amplitude
is not taken over (`GAINS`).

Prints the rows of the table, and the scores of the table and of a free linear filter over the phones (+-240 ms) on the
100 sentences that are never fitted. The table is put into `motion.targets` by hand: it is source, to be judged.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from visavis_runtime.motion import targets
from visavis_runtime.motion.articulation import curves_of_channels, enforce_closures
from visavis_runtime.motion.phones import PHONE_INDEX, Segment
from visavis_runtime.reference.align import open_aligner
from visavis_runtime.reference.lips import SAID, Clip, read_lips, read_sound
from visavis_runtime.reference.lips_score import LipScore, aperture_and_width, score_lips
from visavis_runtime.training.lips_fit_model import ROW_OF_PHONE, Mouth, Sentences, sentences

_LOG = logging.getLogger(__name__)

GAINS = (0.7, 0.4)
"""Vertical and horizontal amplitude of the man against the table's: he reads quietly, a generic face may open more, and
lips seen by a landmark network narrow less than those of a rig."""

_STEPS, _CLIPS, _RATE = 600, 48, 0.05
_WEIGHTS = (1.0, 1.0, 0.15, 0.3, 0.03)  # a landmark network sees aperture and width best, the chin hardly
_SPREAD_OF_TARGETS = (0.20, 0.12, 0.12, 0.15, 0.10, 0.10, 0.30)
_SPREAD_OF_STRENGTHS = (0.70, 0.25, 0.70, 0.70, 0.30)  # natural log
_SPREAD_OF_SILENCE, _SPREAD_OF_FADES = 0.12, 0.30
_LAGS = range(-6, 7)
_RIDGE = 30.0


def main(arguments: list[str] | None = None) -> None:
    """Fit, print the rows and the scores."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    lips = read_lips(options.material / "lips_grid_s1")
    segments = align_clips(lips.clips, kept=options.timings)
    fit, held_out = ([c for c in part if c.seen.all() and c.name in segments] for part in (lips.fit, lips.held_out))
    _LOG.info("shipped table: %s", score_table(held_out, segments=segments))
    _LOG.info("free linear filter: %s", score_filter(fit, held_out=held_out, segments=segments))
    mouth = fit_mouth(
        sentences(fit, lips=lips, segments=segments), steps=options.steps, prior=options.prior, seed=options.seed
    )
    said = sentences(held_out, lips=lips, segments=segments)
    _LOG.info("fitted, before rounding: %s", _score(mouth, said=said, clips=held_out))
    _LOG.info("%s", "\n".join(rows_of_mouth(mouth)))


def align_clips(clips: Sequence[Clip], *, kept: Path) -> dict[str, tuple[Segment, ...]]:
    """Phones of every clip by forced alignment, read from `kept` (json) where they are there already.

    Raises:
        InputError: TRAINING_EXTRA_MISSING, ALIGNMENT_FAILED.
    """
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    aligner = open_aligner(pronounced=SAID, scored=False)
    for clip in clips:
        if clip.name not in known:
            known[clip.name] = aligner.align(read_sound(clip), transcript=clip.transcript).segments
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(known), "utf-8")
    return {name: tuple(Segment(*segment) for segment in said) for name, said in known.items()}


def fit_mouth(said: Sentences, *, steps: int = _STEPS, prior: float = 2.0, seed: int = 0) -> Mouth:
    """Mouth fitted to the clips of `said`; `prior` is the strength of the pull to what is shipped."""
    generator = torch.Generator().manual_seed(seed)
    mouth = Mouth(gains=GAINS)
    start = [mouth.targets().detach().clone(), mouth.strengths.detach().clone(), mouth.fades.detach().clone()]
    measured = said.measured - said.measured.mean(dim=1, keepdim=True)
    scale, weights = measured.std(dim=(0, 1)).clamp(min=1e-3), torch.tensor(_WEIGHTS)
    optimiser = torch.optim.Adam(mouth.parameters(), lr=_RATE)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, 2.0 * (1.0 - step / steps))
        drawn = said.part(torch.randperm(len(said.row), generator=generator)[:_CLIPS])
        error = (mouth(drawn) - drawn.measured) / scale
        own_level = error.mean(dim=1, keepdim=True) * torch.tensor([0.0, 1.0, 1.0, 1.0, 1.0])
        loss = (weights * ((error - own_level) ** 2 + _without_trend(error) ** 2).mean(dim=(0, 1))).sum()
        loss = loss + 1e-3 * prior * _distance(mouth, start=start)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return mouth


def score_table(clips: Sequence[Clip], *, segments: dict[str, tuple[Segment, ...]]) -> LipScore:
    """Score of the shipped targets and articulation on aligned phones."""
    mouths = []
    for clip in clips:
        drawn = targets.targets_of_segments(segments[clip.name], frames=310)
        latents = np.pad(curves_of_channels(drawn.channels), ((0, 0), (0, 12)))
        mouths.append(aperture_and_width(enforce_closures(latents, drawn.closures)[:, :52]))
    return score_lips(mouths, clips=clips)


def score_filter(
    fit: Sequence[Clip], *, held_out: Sequence[Clip], segments: dict[str, tuple[Segment, ...]]
) -> LipScore:
    """Score of a ridge from the phones at 13 lags to aperture and width: how much there is to be had."""
    inputs = np.concatenate([_phones_at_lags(clip, segments=segments[clip.name]) for clip in fit])
    wanted = np.concatenate([np.stack([c.aperture, c.width - c.width.mean()], axis=-1) for c in fit])
    square = inputs.T @ inputs + _RIDGE * np.eye(inputs.shape[1])
    weights = np.linalg.solve(square, inputs.T @ wanted)
    mouths = []
    for clip in held_out:
        drawn = _phones_at_lags(clip, segments=segments[clip.name]) @ weights
        grid_s = np.arange(310) / 100
        aperture, width = (np.interp(grid_s, clip.t_s, column).astype(np.float32) for column in drawn.T)
        mouths.append((aperture, width))
    return score_lips(mouths, clips=held_out)


def rows_of_mouth(mouth: Mouth) -> list[str]:
    """The fitted numbers as source lines of `motion.targets`."""
    wanted, strengths = mouth.targets().detach().numpy(), mouth.capped().exp().detach().numpy()
    rows = []
    for (names, old), (jaw, *rest, close) in zip(targets.TABLE.items(), wanted, strict=True):
        rows.append(_row(names, (jaw, close, old[2], *rest, old[8])))
    for (names, old), (jaw, *rest, close) in zip(targets.STRENGTHS.items(), strengths, strict=True):
        rows.append(_row(names, (jaw, close, old[2], *rest, old[6])))
    for side, name in zip(mouth.fades.exp().clamp(0.025, 0.12).detach().numpy(), ("before", "after"), strict=True):
        for kind, (jaw, rounding, wide, lips, close) in zip(targets.KINDS, side, strict=True):
            rows.append(f"{name} {kind}: {jaw:.3f} {close:.3f} {rounding:.3f} {wide:.3f} {lips:.3f}")
    return rows


def _row(names: str, values: Sequence[float]) -> str:
    numbers = (f"{v:.1f}" if v >= 0.995 else f"{v if v > 0.015 else 0:.2f}"[1:] for v in values)
    return f"    {chr(34) + names + chr(34) + ':':<16} ({', '.join(numbers)}),"


def _distance(mouth: Mouth, *, start: Sequence[Tensor]) -> Tensor:
    """Squared distance from where the fit began, in spreads of the prior."""
    strengths = torch.tensor(_SPREAD_OF_STRENGTHS).repeat(len(start[1]), 1)
    strengths[[ROW_OF_PHONE["SIL"], ROW_OF_PHONE["P"]]] = _SPREAD_OF_SILENCE
    moved = [
        (mouth.targets() - start[0]) / torch.tensor(_SPREAD_OF_TARGETS),
        (mouth.strengths - start[1]) / strengths,
        (mouth.fades - start[2]) / _SPREAD_OF_FADES,
    ]
    return torch.stack([(part**2).sum() for part in moved]).sum()


def _without_trend(error: Tensor) -> Tensor:
    """`[B, T, C]` less its moving mean over a second (25 pictures)."""
    padded = torch.nn.functional.pad(error.transpose(1, 2), (12, 12), mode="replicate")
    return error - torch.nn.functional.avg_pool1d(padded, 25, stride=1).transpose(1, 2)


def _score(mouth: Mouth, *, said: Sentences, clips: Sequence[Clip]) -> LipScore:
    with torch.no_grad():
        drawn = mouth(said).numpy()
    grid_s = np.arange(310) / 100
    mouths = [
        tuple(np.interp(grid_s, clip.t_s, column).astype(np.float32) for column in rows[:, :2].T)
        for rows, clip in zip(drawn, clips, strict=True)
    ]
    return score_lips([(aperture, width) for aperture, width in mouths], clips=clips)


def _phones_at_lags(clip: Clip, *, segments: Sequence[Segment]) -> np.ndarray:
    """`[T, 13 * 40 + 1]`: share of every phone in the pictures around each picture, and 1."""
    shares = np.zeros((len(clip.t_s), len(PHONE_INDEX)))
    for phone, start_s, end_s in segments:
        overlap_s = np.minimum(clip.t_s + 0.02, end_s) - np.maximum(clip.t_s - 0.02, start_s)
        shares[:, PHONE_INDEX[phone]] += np.clip(overlap_s, 0.0, None) / 0.04
    padded = np.pad(shares, ((_LAGS[-1], _LAGS[-1]), (0, 0)), mode="edge")
    columns = [padded[_LAGS[-1] + lag :][: len(shares)] for lag in _LAGS]
    return np.concatenate([*columns, np.ones((len(shares), 1))], axis=1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m visavis_runtime.training.lips_fit", description=__doc__)
    parser.add_argument("material", type=Path, help="folder with lips_grid_s1")
    parser.add_argument("--timings", type=Path, required=True, help="json file that keeps the alignment")
    parser.add_argument("--steps", type=int, default=_STEPS)
    parser.add_argument("--prior", type=float, default=2.0, help="pull to the shipped numbers")
    parser.add_argument("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    main()
