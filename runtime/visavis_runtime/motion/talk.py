"""Takes what the voices of many talks bring in one step, gives finished rows and frames, and what each talk keeps.

All rows of all talks stand in one long axis (`flat.py`); a talk alone is a batch of one. A row of a talk is finished
when its mouth and its accents are both there; a frame when the rows around it are. What it does not do: it hears
nothing, and only `talker.py` calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import sample_of_frame
from visavis_runtime.audio.prosody import ProsodyState
from visavis_runtime.motion.articulation import enforce_closures
from visavis_runtime.motion.compose import compose, seal_lips
from visavis_runtime.motion.controls import Controls, DialState, step_many_dials
from visavis_runtime.motion.flat import Index, owners, places
from visavis_runtime.motion.gate import Gate, gate_from, gate_rows, seals_of_gate
from visavis_runtime.motion.gesture import GestureState, step_many_gestures
from visavis_runtime.motion.regions import REGIONS
from visavis_runtime.motion.timing import first_row, sample_frames

if TYPE_CHECKING:
    from visavis_runtime.motion.speech import Mouth

_MOUTH = REGIONS.index("mouth")

Rows = npt.NDArray[np.float32]


class TalkState(NamedTuple):
    """One talk between two steps. Rows are 10 ms; `frame` is the next frame to come out, at `fps` a second."""

    fps: int
    speech: Any
    prosody: ProsodyState
    gesture: GestureState
    gate: Gate
    dials: DialState | None
    samples: int
    frame: int
    waiting: tuple[Rows, ...]
    """Mouth rows (curves, closures, speaking) whose accents are not in yet."""
    accents: Rows
    """Accents that lead rows `gesture.frame` and on."""
    accents_to_skip: int
    """What is heard at row t moves the face at row t - lead; so the first few accents come too late for any row."""
    rows: Rows
    """Finished latents [m, 64] from row `first_row(frame)` on, and their closures [m, 2]."""
    closures: Rows

    @property
    def next_sample(self) -> int:
        """Sample index of the next frame to come out."""
        return sample_of_frame(self.frame, fps=self.fps)


class Fresh(NamedTuple):
    """Rows that one step has finished, talk after talk."""

    rows: Rows
    """Latents [N, 64]."""
    closures: Rows
    """[N, 2]"""
    counts: Index
    """[B] how many of them each talk has."""
    known: Index
    """[B] how many rows of each talk are finished since its start."""


def compose_rows(
    mouths: Sequence[Mouth], accents: Sequence[Rows], *, controls: Sequence[Controls], states: Sequence[TalkState]
) -> tuple[Fresh, list[TalkState]]:
    """Finish the rows whose mouth and accents have both arrived; the others wait in the states."""
    late = [min(state.accents_to_skip, len(one)) for one, state in zip(accents, states, strict=True)]
    accents = [one[skip:] for one, skip in zip(accents, late, strict=True)]
    mouth, mouth_counts = _joined([state.waiting for state in states], mouths)
    accent, accent_counts = _joined([(state.accents,) for state in states], [(one,) for one in accents])
    counts = np.minimum(mouth_counts, accent_counts)
    mouth_ends, accent_ends = np.cumsum(mouth_counts), np.cumsum(accent_counts)
    curves, closures, speaking = (array[_firsts(counts, ends=mouth_ends, of=mouth_counts)] for array in mouth)
    stress = accent[0][_firsts(counts, ends=accent_ends, of=accent_counts)]
    dials, eased = step_many_dials(controls, counts=counts, states=[state.dials for state in states])
    gestures, lived = step_many_gestures(
        speaking, stress, counts=counts, controls=controls, dials=dials, states=[state.gesture for state in states]
    )
    gate = gate_rows([state.gate for state in states], first=[state.gesture.frame for state in states], counts=counts)
    driven = dials.regions[:, _MOUTH].astype(np.float32)  # a mouth that is left to somebody else is not shut either
    fresh = Fresh(
        rows=compose(curves * gate[:, None], gestures, dials=dials),
        closures=closures * (seals_of_gate(gate) * driven)[:, None],
        counts=counts,
        known=np.array([gesture.frame for gesture in lived]),
    )
    left = zip(mouth_counts - counts, mouth_ends, accent_counts - counts, accent_ends, strict=True)
    return fresh, [
        state._replace(
            gesture=gesture, gate=gate_from(state.gate, row=gesture.frame), dials=dial,
            waiting=tuple(array[mouth_end - mouths_left : mouth_end] for array in mouth),
            accents=accent[0][accent_end - accents_left : accent_end],
            accents_to_skip=state.accents_to_skip - skip,
        )
        for state, gesture, dial, skip, (mouths_left, mouth_end, accents_left, accent_end)
        in zip(states, lived, eased, late, left, strict=True)
    ]  # fmt: skip


def emit_frames(fresh: Fresh, *, until: Index, states: Sequence[TalkState]) -> list[tuple[Rows, TalkState]]:
    """Sample the frames of every talk before frame `until[i]`, shut the lips where they must be, forget rows done."""
    (rows, closures), lengths = _joined(
        [(state.rows, state.closures) for state in states], _parted((fresh.rows, fresh.closures), counts=fresh.counts)
    )
    fps, first = np.array([(state.fps, state.frame) for state in states]).T
    count = np.maximum(until - first, 0)
    ends = np.cumsum(lengths)
    at = ends - lengths - first_row(first, fps=fps)
    of = owners(count)
    latents, shut = sample_frames(
        rows, closures, frames=first[of] + places(count), fps=fps[of], at=at[of], end=ends[of]
    )
    if shut.any():
        latents = seal_lips(enforce_closures(latents, shut), shut)
    frames = first + count
    done = np.minimum(at + first_row(frames, fps=fps), ends)
    given = _parted((latents,), counts=count)
    kept = zip(frames.tolist(), done.tolist(), ends.tolist(), strict=True)
    return [
        (one, state._replace(frame=frame, rows=rows[begin:end], closures=closures[begin:end]))
        for (one,), state, (frame, begin, end) in zip(given, states, kept, strict=True)
    ]


def _joined(old: Sequence[Sequence[Rows]], new: Sequence[Sequence[Rows]]) -> tuple[list[Rows], Index]:
    """Arrays of the old rows of every talk, each followed by its new ones, and how many rows each talk has."""
    arrays = [
        np.concatenate([part for pair in zip(*column, strict=True) for part in pair])
        for column in zip(zip(*old, strict=True), zip(*new, strict=True), strict=True)
    ]
    return arrays, np.array([len(before[-1]) + len(after[-1]) for before, after in zip(old, new, strict=True)])


def _parted(arrays: Sequence[Rows], *, counts: Index) -> list[tuple[Rows, ...]]:
    """The rows of each talk; the other way round."""
    ends = np.cumsum(counts).tolist()
    spans = [slice(end - count, end) for end, count in zip(ends, counts.tolist(), strict=True)]
    return [tuple(array[span] for array in arrays) for span in spans]


def _firsts(counts: Index, *, ends: Index, of: Index) -> Index:
    """Where the first `counts[i]` rows of every talk are, whose `of[i]` rows end at `ends[i]`."""
    return places(counts) + np.repeat(ends - of, counts)
