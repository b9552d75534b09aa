"""Takes voices chunk by chunk and the director's controls, gives motion latents frame by frame: the whole of motion/.

The mouth (`speech.py`) and the gestures (`gesture.py`) run at 100 Hz, are put together (`compose.py`), sampled at the
frame rate (`timing.py`), and last of all, after every gain, feeling, smoothing and resampling, the closures of the lips
are enforced. A frame comes out as soon as its audio and the look-ahead are in. The gestures lead the voice by the same
look-ahead, as people's nods do. Whether speech moves the mouth at all is said from outside (`gate.py`): between the
lines of a live talk it is shut.

State is a value: the same seed and samples give the same frames at any chunking, a talk can be replayed, forked or
batched. Many talks step in one call through the very same lines (`step_many`): their rows stand in one long axis
(`flat.py`), so that a hundred of them pay for each numpy call once. What it does not do: no clock, no sound output, no
pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from visavis.latents import ARKIT_NAMES, NAMES, SAMPLE_RATE_HZ, sample_of_frame
from visavis_runtime.audio.prosody import finish_prosody, start_prosody, step_prosodies
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.gate import open_gate, shut_gate, start_gate
from visavis_runtime.motion.gesture import GestureState
from visavis_runtime.motion.talk import Rows, TalkState, compose_rows, emit_frames
from visavis_runtime.motion.timing import HOP, ROW_HZ, check_fps, frame_count, last_row, ready_frames

if TYPE_CHECKING:
    from visavis_runtime.motion.mouth import Mouth

LEAD_MAX_ROWS = 8
FPS = 40
CHUNK_SAMPLES = SAMPLE_RATE_HZ // 50
"""20 ms: what a live voice comes in, for the declared latency."""


class Voice(Protocol):
    """What listens to voices: `speech.Speech`. Immutable; its state is a value."""

    @property
    def lookahead_s(self) -> float:
        """How much of the future a row of the mouth waits for."""

    def samples_for(self, row: int) -> int:
        """Samples that must have been fed before this row comes out."""

    def start(self) -> Any:
        """State before the first sample."""

    def step_many(self, samples: Sequence[Rows], states: Sequence[Any]) -> list[tuple[Mouth, Any]]:
        """Feed each of many streams n >= 0 samples; the rows that are ready."""

    def finish(self, state: Any) -> tuple[Mouth, Any]:
        """The rows still owed; ceil(samples / 160) in all."""


class Talker:
    """Immutable: one serves any number of talks."""

    def __init__(self, speech: Voice, *, fps: int = FPS) -> None:
        """Raises InputError FPS_RANGE."""
        self.speech = speech
        self.fps = check_fps(fps)
        self._lead_rows = min(LEAD_MAX_ROWS, int(speech.lookahead_s * ROW_HZ + 1e-6))

    def latency_s(self, fps: int) -> float:
        """The most that a live voice runs ahead of a frame's own sample before the frame comes out.

        A frame waits for the last row it is made of (up to a row after its sample, or half a frame), that row for its
        look-ahead, half an analysis window and the rest of the network's step (`samples_for`) or for the accent that it
        leads, and the sample that completes them for the rest of its 20 ms chunk. All of it repeats every second.

        Raises:
            InputError: FPS_RANGE.
        """
        frames = np.arange(check_fps(fps))
        rows = last_row(frames, fps=fps).tolist()
        needed = [max(self.speech.samples_for(row), (row + self._lead_rows + 1) * HOP) for row in rows]
        ahead: int = max(need - sample_of_frame(frame, fps=fps) for frame, need in enumerate(needed))
        return (ahead + CHUNK_SAMPLES - 1) / SAMPLE_RATE_HZ

    def start(self, *, seed: int, fps: int | None = None, mouth_open: bool = True) -> TalkState:
        """State of a talk before its first sample; the seed is the person's habits and chances.

        `fps` None is the talker's own. A talk whose mouth is not open lives, but does not speak before `open_mouth`.

        Raises:
            InputError: FPS_RANGE.
        """
        empty = np.zeros((0, len(ARKIT_NAMES)), np.float32)
        pairs = np.zeros((0, 2), np.float32)
        flat = np.zeros(0, np.float32)
        return TalkState(
            fps=self.fps if fps is None else check_fps(fps), speech=self.speech.start(), prosody=start_prosody(),
            gesture=GestureState(seed), gate=start_gate(mouth_open=mouth_open), dials=None, samples=0, frame=0,
            waiting=(empty, pairs, flat), accents=flat, accents_to_skip=self._lead_rows,
            rows=np.zeros((0, len(NAMES)), np.float32), closures=pairs,
        )  # fmt: skip

    def shut_mouth(self, state: TalkState, *, at_sample: int) -> TalkState:
        """The voice moves the mouth no more from sample `at_sample` on, until it is opened.

        It eases shut in the 70 ms before; where that is too late, in the next 70 ms of frames that are not made yet.
        Calls come in the order of time: what was to begin later than this is forgotten.
        """
        gate = shut_gate(state.gate, at_row=at_sample // HOP, next_row=state.gesture.frame)
        return state._replace(gate=gate)

    def open_mouth(self, state: TalkState, *, at_sample: int) -> TalkState:
        """From sample `at_sample` on the mouth eases, over 100 ms, into what the voice asks of it.

        Calls come in the order of time: what was to begin later than this is forgotten.
        """
        gate = open_gate(state.gate, at_row=at_sample // HOP, next_row=state.gesture.frame)
        return state._replace(gate=gate)

    def step(self, samples: Rows, controls: Controls, state: TalkState) -> tuple[Rows, TalkState]:
        """Feed n >= 0 samples (16 kHz mono float32).

        Returns the frames that are ready, [k, 64] float32 (names in visavis.latents), and the next state.
        """
        return self.step_many([samples], [controls], [state])[0]

    def step_many(
        self, samples: Sequence[Rows], controls: Sequence[Controls], states: Sequence[TalkState]
    ) -> list[tuple[Rows, TalkState]]:
        """What `step` gives for each of many talks, at a fraction of the cost.

        Raises:
            InputError: SAMPLES_UNFIT. Nothing is lost, for states are values: `speech.check_samples` tells who it was.
        """
        if not states:
            return []
        samples = [np.asarray(one, dtype=np.float32) for one in samples]
        mouths, speech = zip(*self.speech.step_many(samples, [state.speech for state in states]), strict=True)
        prosody = step_prosodies(samples, [state.prosody for state in states])
        accents = [heard.accent for heard, _ in prosody]
        states = [
            state._replace(speech=spoken, prosody=heard, samples=state.samples + one.shape[0])
            for one, spoken, (_, heard), state in zip(samples, speech, prosody, states, strict=True)
        ]
        fresh, states = compose_rows(mouths, accents, controls=controls, states=states)
        ready = ready_frames(fresh.known, fps=np.array([state.fps for state in states]))
        return emit_frames(fresh, until=ready, states=states)

    def finish(self, controls: Controls, state: TalkState) -> tuple[Rows, TalkState]:
        """The frames still owed: `ceil(samples * fps / 16000)` in all, and the mouth is shut in the last one."""
        mouth, speech = self.speech.finish(state.speech)
        prosody, heard = finish_prosody(state.prosody)
        total = frame_count(state.samples, fps=state.fps)
        gate, next_row = state.gate, state.gesture.frame
        if total:
            end = sample_of_frame(total - 1, fps=state.fps) // HOP
            gate = shut_gate(gate, at_row=end, next_row=next_row, least_rows=1)
        state = state._replace(speech=speech, prosody=heard, gate=gate)
        accents = np.concatenate([prosody.accent, np.zeros(self._lead_rows, np.float32)])
        fresh, states = compose_rows([mouth], [accents], controls=[controls], states=[state])
        return emit_frames(fresh, until=np.array([total]), states=states)[0]
