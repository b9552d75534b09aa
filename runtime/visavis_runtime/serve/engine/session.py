"""One live talk: takes commands and the time, gives what the motion step needs, and reports of what came out of it.

The layers meet here: `Timeline` says what the face hears now, `Talker` makes motion of it (many talks in one call,
`slots.py`), `Ledger` says which line each frame belongs to, `PictureClock` which pictures are due. All of it is data
that can be sent, so a talk can be parked and taken up again, in another engine too. What it does not do: no maths, no
transport, no clock of its own.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from visavis.latents import SAMPLE_RATE_HZ, sample_of_frame
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.streams import alone
from visavis_runtime.motion.talk import TalkState
from visavis_runtime.motion.talker import Talker
from visavis_runtime.motion.timing import HOP, frame_count
from visavis_runtime.serve.engine.ease import EaseIn
from visavis_runtime.serve.engine.ledger import Happening, Ledger
from visavis_runtime.serve.engine.pictures import PictureClock
from visavis_runtime.serve.engine.steering import Steering
from visavis_runtime.serve.engine.timeline import BURST_GRAIN, Timeline
from visavis_runtime.serve.messages import (
    Closed,
    Eaten,
    Echo,
    EndLine,
    Feed,
    Finish,
    Frames,
    Interrupt,
    Mark,
    Notice,
    PicturesWanted,
    Read,
    Report,
    Signal,
    Steer,
    TalkSpec,
)  # fmt: skip

TELL_QUEUE = 32_000
"""The gateway hears of queues that are longer than two seconds."""
_STEPS_KEPT = 512


class Step(NamedTuple):
    """What `Talker.step_many` needs of this talk."""

    samples: Signal
    controls: Controls
    state: TalkState


class Session:
    """One talk in its slot."""

    def __init__(self, talk: int, spec: TalkSpec, *, talker: Talker, now_ns: int, report: Callable[[Report], None]):
        self.spec = spec
        self.timeline = Timeline(paced=spec.paced, now_ns=now_ns, echo=spec.echo)
        self.steering = Steering(spec.controls)
        self.ledger = Ledger()
        self.pictures = PictureClock(spec.pictures, lossless=not spec.paced) if spec.pictures else None
        self.state = talker.start(seed=spec.seed, fps=spec.motion_fps, mouth_open=False)
        self.ease = EaseIn(spec.from_latents)
        self.origin = 0
        """Sample of the talk at which the talker began: 0, unless it had to begin again."""
        self.underruns, self.received_ns = 0, 0
        self.steps_ms: deque[float] = deque(maxlen=_STEPS_KEPT)
        self.attach(talk, talker=talker, report=report, now_ns=now_ns)

    def attach(self, talk: int, *, talker: Talker, report: Callable[[Report], None], now_ns: int) -> None:
        """Sit down in a slot, for the first time or after being parked."""
        self.talk, self.talker, self._report = talk, talker, report
        self._flush = round(talker.latency_s(self.spec.motion_fps) * SAMPLE_RATE_HZ)
        self.timeline.resume(now_ns=now_ns)

    def __getstate__(self) -> dict[str, object]:
        """All but what belongs to one engine: its models, and the batch that this talk was last a row of."""
        kept = {key: value for key, value in vars(self).items() if key not in ("talker", "_report")}
        kept["state"] = self.state._replace(speech=alone(self.state.speech))
        return kept

    @property
    def next_sample(self) -> int:
        """Sample of the next frame."""
        return self.origin + sample_of_frame(self.state.frame, fps=self.spec.motion_fps)

    def obey(self, command: Feed | EndLine | Mark | Steer | Interrupt | Finish | Read | PicturesWanted) -> None:
        """Do what the gateway says. Raises InputError for controls out of range."""
        match command:
            case Feed():
                samples = np.frombuffer(command.samples, np.float32)
                self.timeline.queue.feed(command.line, samples, received_ns=command.received_ns)
            case EndLine():
                self.timeline.queue.end(command.line)
            case Mark():
                self.timeline.mark(command.line, sample=command.sample, marker=command.name)
            case Steer():
                self.steering.add(command)
            case Interrupt():
                self._interrupt()
            case Finish():
                self.timeline.finish()
            case Read():
                self.timeline.read = max(self.timeline.read, command.sample)
            case PicturesWanted():
                if self.pictures:
                    self.pictures.want(command.wanted)

    def take(self, now_ns: int, *, piece: int = BURST_GRAIN) -> Step | None:
        """What the face hears now, of a burst at most `piece` samples; None: nothing."""
        if self.pictures is not None and not self.pictures.room:
            return None
        queued = self.timeline.queue.queued
        next_sample = self.origin + self.state.gesture.frame * HOP
        heard = self.timeline.take(now_ns, flush=self._flush, most=self._most(piece, next_sample=next_sample))
        if heard is None:
            return None
        if queued > TELL_QUEUE:
            self._report(Eaten(self.talk, self.timeline.queue.queued))
        if heard.received_ns:
            self.received_ns = heard.received_ns
        for cue in heard.cues:
            self._tell_mouth(shut=cue.shut, sample=cue.sample)
        return Step(heard.samples, self.steering.at(next_sample, self.timeline), self.state)

    def accept(self, latents: Signal, state: TalkState, *, done_ns: int, step_ms: float) -> None:
        """Frames [k, 64] that the step gave."""
        if not math.isfinite(np.vdot(latents, latents)):  # a sum tells of all, at a third of the cost
            self._begin_again()
            return
        samples = self._samples(latents.shape[0])
        self.state = state
        self.steps_ms.append(step_ms)
        if samples:
            self._tell_frames(samples, self.ease.apply(latents, samples=samples), done_ns=done_ns)
        if not self.spec.paced:  # a burst may have no frame after its last line that could tell of its end
            for happening in self.ledger.ended(self.next_sample, self.timeline):
                self._tell(happening)

    @property
    def over(self) -> bool:
        """All that came in has been shown and the mouth is shut."""
        drawn = self.pictures is None or not self.pictures.waiting
        return self.timeline.done and not self.timeline.ends and drawn

    def take_dropped(self) -> int:
        """Pictures dropped since the last call."""
        if self.pictures is None:
            return 0
        dropped, self.pictures.dropped = self.pictures.dropped, 0
        return dropped

    def closed(self) -> Closed:
        """The last report."""
        p50, p99 = np.percentile(self.steps_ms, [50, 99]) if self.steps_ms else (0.0, 0.0)
        spoken_s = self.timeline.spoken / SAMPLE_RATE_HZ
        return Closed(self.talk, underruns=self.underruns, step_ms=(float(p50), float(p99)), audio_s=spoken_s)

    def _samples(self, count: int) -> list[int]:
        first, fps = self.state.frame, self.spec.motion_fps
        return [self.origin + sample_of_frame(j, fps=fps) for j in range(first, first + count)]

    def _most(self, piece: int, *, next_sample: int) -> int:
        """A burst stops where the controls change, so that they change there and not at the end of a long piece."""
        due = None if self.spec.paced else self.steering.next_due(self.timeline)
        return piece if due is None or due <= next_sample else min(piece, due - next_sample)

    def _tell(self, happening: Happening) -> None:
        self.underruns += happening.kind == "UNDERRUN"
        self._report(
            Notice(self.talk, happening.kind, happening.sample, line=happening.line, message=happening.message)
        )

    def _tell_frames(self, samples: list[int], latents: Signal, *, done_ns: int) -> None:
        for entry in self.ledger.read(samples, self.timeline):
            if isinstance(entry, Happening):
                self._tell(entry)
                continue
            at, line = entry.at, entry.line
            if line is None and not self.spec.paced:
                continue  # a burst is its lines and nothing else
            name = line.name if line else ""
            received_ns = self.received_ns if line else 0
            self._report(
                Frames(
                    self.talk, samples[at], latents[at].tobytes(), name, entry.line_samples, received_ns, done_ns
                )
            )  # fmt: skip
            if self.pictures:
                self.pictures.offer(
                    samples[at], latents[at], line=name, line_samples=entry.line_samples,
                    received_ns=self.received_ns, done_ns=done_ns,
                )  # fmt: skip
        for sound in self.timeline.sound.take(self.next_sample):
            pcm = np.clip(sound.samples * 32768.0, -32768, 32767).astype("<i2").tobytes()
            self._report(Echo(self.talk, sound.sample, sound.line, sound.line_sample, pcm))

    def _tell_mouth(self, *, shut: bool, sample: int) -> None:
        at = sample - self.origin
        if shut:  # in the last frame that belongs to what ends here, as at the end of a talk
            at = sample_of_frame(max(0, frame_count(at, fps=self.spec.motion_fps) - 1), fps=self.spec.motion_fps)
            self.state = self.talker.shut_mouth(self.state, at_sample=at)
            self.ledger.shut_at = self.origin + self.state.gate[-1].end * HOP
        else:
            self.state = self.talker.open_mouth(self.state, at_sample=at)

    def _interrupt(self) -> None:
        shown = self.next_sample
        for line in self.timeline.interrupt(shown=shown):
            self._report(Notice(self.talk, "LINE_INTERRUPTED", shown, line=line.name, count=line.played))
        self._tell_mouth(shut=True, sample=shown)
        self._report(Eaten(self.talk, 0))

    def _begin_again(self) -> None:
        """Numbers went wrong: this talk, and no other, starts its motion anew from where the face was."""
        self._report(
            Notice(
                self.talk,
                "WARNING",
                self.next_sample,
                reason="MOTION_RESTARTED",
                message="The motion of this talk had to begin again.",
            )
        )
        self.origin = self.timeline.position
        self.state = self.talker.start(seed=self.spec.seed, fps=self.spec.motion_fps, mouth_open=True)
        self.ease = EaseIn(self.ease.last)
