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
from visavis.vocabulary import REGIONS
from visavis_runtime.audio.prosody import ProsodyState
from visavis_runtime.motion.articulation import enforce_closures
from visavis_runtime.motion.compose import compose, seal_lips
from visavis_runtime.motion.controls import Controls, DialState, step_many_dials
from visavis_runtime.motion.flat import Axis, Index, axis_of_counts
from visavis_runtime.motion.gate import Gate, gate_from, gate_rows, seals_of_gate
from visavis_runtime.motion.gesture import GestureState, step_many_gestures
from visavis_runtime.motion.timing import first_row, sample_frames

if TYPE_CHECKING:
    from visavis_runtime.motion.mouth import Mouth

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
    axis: Axis
    """Which talk they belong to."""
    known: Index
    """[B] how many rows of each talk are finished since its start."""


def compose_rows(
    mouths: Sequence[Mouth], accents: Sequence[Rows], *, controls: Sequence[Controls], states: Sequence[TalkState]
) -> tuple[Fresh, list[TalkState]]:
    """Finish the rows whose mouth and accents have both arrived; the others wait in the states."""
    late = [min(state.accents_to_skip, len(one)) for one, state in zip(accents, states, strict=True)]
    accents = [one[skip:] for one, skip in zip(accents, late, strict=True)]
    mouth, mouth_axis = _joined([state.waiting for state in states], mouths)
    (accent,), accent_axis = _joined([(state.accents,) for state in states], [(one,) for one in accents])
    axis = axis_of_counts(np.minimum(mouth_axis.counts, accent_axis.counts))
    curves, closures, speaking = _firsts(mouth, whole=mouth_axis, axis=axis)
    (stress,) = _firsts([accent], whole=accent_axis, axis=axis)
    dials, eased = step_many_dials(controls, axis=axis, states=[state.dials for state in states])
    gestures, lived = step_many_gestures(
        speaking, stress, axis=axis, controls=controls, dials=dials, states=[state.gesture for state in states]
    )
    gate = gate_rows([state.gate for state in states], first=[state.gesture.frame for state in states], axis=axis)
    driven = dials.regions[:, _MOUTH].astype(np.float32)  # a mouth that is left to somebody else is not shut either
    fresh = Fresh(
        rows=compose(curves * gate[:, None], gestures, dials=dials),
        closures=closures * (seals_of_gate(gate) * driven)[:, None],
        axis=axis,
        known=np.array([gesture.frame for gesture in lived]),
    )
    mouths_left = _rests(mouth, whole=mouth_axis, axis=axis)
    accents_left = _rests([accent], whole=accent_axis, axis=axis)
    return fresh, [
        state._replace(
            gesture=gesture, gate=gate_from(state.gate, row=gesture.frame), dials=dial,
            waiting=waiting, accents=left, accents_to_skip=state.accents_to_skip - skip,
        )
        for state, gesture, dial, skip, waiting, (left,)
        in zip(states, lived, eased, late, mouths_left, accents_left, strict=True)
    ]  # fmt: skip


def emit_frames(fresh: Fresh, *, until: Index, states: Sequence[TalkState]) -> list[tuple[Rows, TalkState]]:
    """Sample the frames of every talk before frame `until[i]`, shut the lips where they must be, forget rows done."""
    spans = _spans(fresh.axis.ends - fresh.axis.counts, fresh.axis.ends)
    added = [(fresh.rows[span], fresh.closures[span]) for span in spans]
    (rows, closures), whole = _joined([(state.rows, state.closures) for state in states], added)
    fps, first = np.array([(state.fps, state.frame) for state in states]).T
    axis = axis_of_counts(np.maximum(until - first, 0))
    at = whole.ends - whole.counts - first_row(first, fps=fps)
    of, frames = axis.of, first + axis.counts
    latents, shut = sample_frames(
        rows, closures, frames=first[of] + axis.place, fps=fps[of], at=at[of], end=whole.ends[of]
    )
    if shut.any():
        latents = seal_lips(enforce_closures(latents, shut), shut)
    given = _spans(axis.ends - axis.counts, axis.ends)
    kept = _spans(np.minimum(at + first_row(frames, fps=fps), whole.ends), whole.ends)
    return [
        (latents[ready], state._replace(frame=frame, rows=rows[rest], closures=closures[rest]))
        for state, frame, ready, rest in zip(states, frames.tolist(), given, kept, strict=True)
    ]


def _joined(old: Sequence[Sequence[Rows]], new: Sequence[Sequence[Rows]]) -> tuple[list[Rows], Axis]:
    """Arrays of the old rows of every talk, each followed by its new ones, and their axis."""
    arrays = [
        np.concatenate([part for pair in zip(*column, strict=True) for part in pair])
        for column in zip(zip(*old, strict=True), zip(*new, strict=True), strict=True)
    ]
    return arrays, axis_of_counts([len(before[-1]) + len(after[-1]) for before, after in zip(old, new, strict=True)])


def _firsts(arrays: Sequence[Rows], *, whole: Axis, axis: Axis) -> list[Rows]:
    """Of every talk on the axis `whole` its first rows, as many as on `axis`."""
    if len(axis.of) == len(whole.of):
        return list(arrays)
    at = (whole.ends - whole.counts)[axis.of] + axis.place
    return [array[at] for array in arrays]


def _rests(arrays: Sequence[Rows], *, whole: Axis, axis: Axis) -> list[tuple[Rows, ...]]:
    """Of every talk the rows that `_firsts` leaves."""
    spans = _spans(whole.ends - whole.counts + axis.counts, whole.ends)
    return [tuple(array[span] for array in arrays) for span in spans]


def _spans(begins: Index, ends: Index) -> list[slice]:
    return list(map(slice, begins.tolist(), ends.tolist()))
