"""Takes a voice chunk by chunk and the director's controls, gives motion latents frame by frame: the whole of motion/.

The mouth (`speech.py`) and the gestures (`gesture.py`) run at 100 Hz, are put together (`compose.py`), sampled at the
frame rate (`timing.py`), and last of all, after every gain, feeling, smoothing and resampling, the closures of the lips
are enforced. A frame comes out as soon as its audio and the look-ahead are in. The gestures lead the voice by the same
look-ahead, as people's nods do. State is a value: the same seed and samples give the same frames at any chunking, a
talk can be replayed, forked or batched. What it does not do: no clock, no sound output, no pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, NAMES, sample_of_frame
from visavis_runtime.audio.prosody import ProsodyState, finish_prosody, start_prosody, step_prosody
from visavis_runtime.motion.articulation import enforce_closures
from visavis_runtime.motion.compose import compose, seal_lips
from visavis_runtime.motion.controls import Controls, DialState, step_dials
from visavis_runtime.motion.gesture import GestureState, step_gestures
from visavis_runtime.motion.regions import REGIONS
from visavis_runtime.motion.timing import HOP, check_fps, first_row, frame_count, last_row, sample_frames

if TYPE_CHECKING:
    from visavis_runtime.motion.speech import Mouth

ROW_HZ = 100
_MOUTH = REGIONS.index("mouth")
LEAD_MAX_ROWS = 8
FPS = 40
RISE_ROWS = 10
"""A talk starts from rest and is itself after 100 ms."""

Rows = npt.NDArray[np.float32]


class Voice(Protocol):
    """What listens to the voice: `speech.Speech`. Immutable; its state is a value."""

    @property
    def lookahead_s(self) -> float:
        """How much of the future a row of the mouth waits for."""

    def start(self) -> Any:
        """State before the first sample."""

    def step(self, samples: Rows, state: Any) -> tuple[Mouth, Any]:
        """Feed n >= 0 samples; the rows that are ready."""

    def finish(self, state: Any) -> tuple[Mouth, Any]:
        """The rows still owed; ceil(samples / 160) in all."""


class TalkState(NamedTuple):
    """One talk between two steps. Rows are 10 ms; `frame` is the next frame to come out."""

    speech: Any
    prosody: ProsodyState
    gesture: GestureState
    dials: DialState | None
    samples: int
    frame: int
    waiting: tuple[Rows, Rows, Rows]
    """Mouth rows (curves, closures, speaking) whose accents are not in yet."""
    accents: Rows
    """Accents that lead rows `gesture.frame` and on."""
    accents_to_skip: int
    """What is heard at row t moves the face at row t - lead; so the first few accents come too late for any row."""
    rows: Rows
    """Finished latents [m, 64] from row `first_row(frame)` on, and their closures [m, 2]."""
    closures: Rows


class Talker:
    """Immutable: one serves any number of talks."""

    def __init__(self, speech: Voice, *, fps: int = FPS) -> None:
        """Raises InputError FPS_RANGE."""
        self.speech = speech
        self.fps = check_fps(fps)
        self._lead_rows = min(LEAD_MAX_ROWS, int(speech.lookahead_s * ROW_HZ + 1e-6))

    def start(self, *, seed: int) -> TalkState:
        """State of a talk before its first sample; the seed is the person's habits and chances."""
        empty = np.zeros((0, len(ARKIT_NAMES)), np.float32)
        pairs = np.zeros((0, 2), np.float32)
        flat = np.zeros(0, np.float32)
        return TalkState(
            speech=self.speech.start(), prosody=start_prosody(), gesture=GestureState(seed), dials=None,
            samples=0, frame=0, waiting=(empty, pairs, flat), accents=flat, accents_to_skip=self._lead_rows,
            rows=np.zeros((0, len(NAMES)), np.float32), closures=pairs,
        )  # fmt: skip

    def step(self, samples: Rows, controls: Controls, state: TalkState) -> tuple[Rows, TalkState]:
        """Feed n >= 0 samples (16 kHz mono float32).

        Returns the frames that are ready, [k, 64] float32 (names in visavis.latents), and the next state.
        """
        samples = np.asarray(samples, dtype=np.float32)
        mouth, speech = self.speech.step(samples, state.speech)
        mouth = _from_rest(mouth, first=state.gesture.frame + state.waiting[0].shape[0])
        prosody, heard = step_prosody(samples, state.prosody)
        state = state._replace(speech=speech, prosody=heard, samples=state.samples + samples.shape[0])
        state = _gesticulate(mouth, prosody.accent, controls=controls, state=state)
        known = state.gesture.frame
        count = 0
        while last_row(state.frame + count, fps=self.fps) < known:
            count += 1
        return self._emit(count, state=state)

    def finish(self, controls: Controls, state: TalkState) -> tuple[Rows, TalkState]:
        """The frames still owed: `ceil(samples * fps / 16000)` in all, and the mouth is shut in the last one."""
        mouth, speech = self.speech.finish(state.speech)
        mouth = _from_rest(mouth, first=state.gesture.frame + state.waiting[0].shape[0])
        prosody, heard = finish_prosody(state.prosody)
        state = state._replace(speech=speech, prosody=heard)
        total = frame_count(state.samples, fps=self.fps)
        if total:
            first = state.gesture.frame + state.waiting[0].shape[0]
            shut_at = sample_of_frame(total - 1, fps=self.fps) / HOP
            mouth = mouth._replace(curves=_closing(mouth.curves, first=first, shut_at=shut_at))
        silence = np.zeros(self._lead_rows, np.float32)
        accents = np.concatenate([prosody.accent, silence])
        state = _gesticulate(mouth, accents, controls=controls, state=state)
        return self._emit(total - state.frame, state=state)

    def _emit(self, count: int, *, state: TalkState) -> tuple[Rows, TalkState]:
        """Sample the next `count` frames, shut the lips where they must be, forget the rows that are done."""
        start = first_row(state.frame, fps=self.fps)
        latents, closures = sample_frames(
            state.rows, state.closures, start_row=start, first=state.frame, count=count, fps=self.fps
        )
        if closures.any():
            latents = seal_lips(enforce_closures(latents, closures), closures)
        frame = state.frame + count
        done = first_row(frame, fps=self.fps) - start
        return latents, state._replace(frame=frame, rows=state.rows[done:], closures=state.closures[done:])


def _gesticulate(mouth: Mouth, accents: Rows, *, controls: Controls, state: TalkState) -> TalkState:
    """Turn mouth rows and accents that have both arrived into finished rows."""
    mouth = _joined(state.waiting, mouth)
    skipped = min(state.accents_to_skip, accents.shape[0])
    accents = np.concatenate([state.accents, accents[skipped:]])
    count = min(mouth.speaking.shape[0], accents.shape[0])
    dials, dial_state = step_dials(controls, count=count, state=state.dials)
    gestures, gesture = step_gestures(
        mouth.speaking[:count], accents[:count], controls=controls, dials=dials, state=state.gesture
    )
    rows = compose(mouth.curves[:count], gestures, dials=dials)
    return state._replace(
        gesture=gesture,
        dials=dial_state,
        waiting=(mouth.curves[count:], mouth.closures[count:], mouth.speaking[count:]),
        accents=accents[count:],
        accents_to_skip=state.accents_to_skip - skipped,
        rows=np.concatenate([state.rows, rows]),
        closures=np.concatenate([state.closures, mouth.closures[:count] * _driven(dials.regions)]),
    )


def _driven(regions: npt.NDArray[np.float64]) -> Rows:
    """[t, 1] float32: a mouth that is left to somebody else is not shut either."""
    return regions[:, _MOUTH, None].astype(np.float32)


def _joined(waiting: tuple[Rows, Rows, Rows], mouth: Mouth) -> Mouth:
    return mouth._replace(
        curves=np.concatenate([waiting[0], mouth.curves]),
        closures=np.concatenate([waiting[1], mouth.closures]),
        speaking=np.concatenate([waiting[2], mouth.speaking]),
    )


def _from_rest(mouth: Mouth, *, first: int) -> Mouth:
    """Ease the first rows of a talk out of a shut mouth; the network guesses until it has heard enough."""
    if first >= RISE_ROWS or not mouth.curves.shape[0]:
        return mouth
    x = np.clip(np.arange(first, first + mouth.curves.shape[0]) / RISE_ROWS, 0.0, 1.0)
    eased: Rows = mouth.curves * (x * x * (3.0 - 2.0 * x)).astype(np.float32)[:, None]
    return mouth._replace(curves=eased)


def _closing(curves: Rows, *, first: int, shut_at: float) -> Rows:
    """Ease the last rows (`curves` [n, 52] from row `first` on) to a shut mouth at row `shut_at`.

    A line that ends in silence is not touched by it; one cut off in a vowel would otherwise leave the mouth open.
    """
    left = shut_at - np.arange(first, first + curves.shape[0])
    x = np.clip(left / max(1.0, shut_at - first), 0.0, 1.0)
    eased: Rows = curves * (x * x * (3.0 - 2.0 * x)).astype(np.float32)[:, None]
    return eased
