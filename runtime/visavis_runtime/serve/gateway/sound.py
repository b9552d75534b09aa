"""Takes the audio bytes of a line as they come in, gives 16 kHz mono samples and warnings: live `audio/pcm.py`.

The rules are those of sound files, bent where a live line cannot wait: a chunk with values that are no numbers becomes
silence (the third one ends the talk), a gap is filled with silence, and the level is judged a second at a time. What
came in is remembered for `MEMORY_S`, so that a client which sends a piece again is not heard twice, and one that sends
another piece at the same place is told so. What it does not do: no lines in a row (`requests.py`).
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from visavis.errors import InputError, OrderError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.audio.pcm import LOUDEST_PEAK, QUIET_PEAK, level_warnings
from visavis_runtime.audio.resample import ResampleStream
from visavis_runtime.serve.messages import Signal

RATES_HZ = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
MEMORY_S = 2.0
GAP_MOST_S = 10.0
BAD_MOST = 2
"""Chunks of a talk that may hold values which are no numbers."""
_SHORT_S = 0.25
_ROOM = 0.5
"""Where the first peak of a sound in another unit goes: louder ones will follow."""
_LATER = ("[AUDIO_QUIET].", "[AUDIO_SILENT].")
"""Judged at the end of a line: every line begins quietly."""


class PcmFormat(NamedTuple):
    """How the bytes of a talk are to be read; `dtype` is "<i2" or "<f4"."""

    dtype: str
    rate_hz: int
    channels: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return int(self.dtype[2]) * self.channels


class Warned(NamedTuple):
    """Something about the input that people should know."""

    reason: str
    message: str
    samples: int = 0


class LineSound:
    """The sound of one line; `received` counts its samples (a channel) at the talk's own rate."""

    def __init__(self, form: PcmFormat, *, bad_chunks: int = 0) -> None:
        self.received = 0
        self.bad_chunks = bad_chunks
        """Of the whole talk so far."""
        self.warnings: list[Warned] = []
        """For whoever takes them out."""
        self._form = form
        self._stream = ResampleStream(source_hz=form.rate_hz, target_hz=SAMPLE_RATE_HZ)
        self._memory: deque[tuple[int, bytes]] = deque()
        self._told: set[str] = set()
        self._scale = 1.0
        self._peak = 0.0
        self._block: list[Signal] = []
        self._block_samples = 0
        self._blocks = 0

    def step(self, pcm: bytes, *, sample: int | None) -> Signal:
        """[n] float32 16 kHz of a chunk that begins at `sample` of the line (None: it follows on).

        Raises:
            InputError: AUDIO_ALIGNMENT, AUDIO_NOT_FINITE.
            OrderError: OUT_OF_ORDER.
        """
        size = self._form.frame_bytes
        if len(pcm) % size:
            raise InputError(
                f"A chunk has {len(pcm)} bytes; a multiple of {size} is needed (one sample of every channel).",
                reason="AUDIO_ALIGNMENT",
            )
        gap = 0
        if sample is not None and sample != self.received:
            gap = max(0, sample - self.received)
            pcm = pcm if gap else self._unheard(pcm, sample=sample)
        if not pcm:
            return np.zeros(0, np.float32)
        if gap:
            self._skip(gap)
        self._remember(pcm)
        mono = self._mono(pcm)
        self.received += mono.shape[0]
        self._judge(mono)
        if gap:
            mono = np.concatenate([np.zeros(gap, np.float32), mono])
        return self._stream.step(mono)

    def end(self) -> Signal:
        """What the filter still holds, [n] float32 16 kHz; nothing may follow."""
        if self._block:
            self._judge_block(level=not self._blocks and self._block_samples >= _SHORT_S * self._form.rate_hz)
        if self.received and self._peak < QUIET_PEAK:
            self._tell_level(level_warnings(np.array([self._peak], np.float32)), later=True)
        return self._stream.step(np.zeros(0, np.float32), last=True)

    def _unheard(self, pcm: bytes, *, sample: int) -> bytes:
        """The end of a chunk that begins before what has come in; its beginning must be what came in."""
        size = self._form.frame_bytes
        if sample < 0 or (self._memory and sample < self._memory[0][0]):
            raise OrderError(
                f"A chunk begins at sample {sample}, but {self.received} came in already and only the last "
                f"{MEMORY_S:g} s may be sent again: go on at {self.received}.",
                reason="OUT_OF_ORDER",
            )
        first = self._memory[0][0] if self._memory else 0
        known = b"".join(piece for _, piece in self._memory)[(sample - first) * size :]
        if pcm[: len(known)] != known[: len(pcm)]:
            raise OrderError(
                f"Other bytes came for samples from {sample} on, which came in already: go on at {self.received}.",
                reason="OUT_OF_ORDER",
            )
        return pcm[len(known) :]

    def _skip(self, gap: int) -> None:
        """Silence takes the place of `gap` samples that never came."""
        if gap > GAP_MOST_S * self._form.rate_hz:
            raise OrderError(
                f"{gap} samples are missing before this chunk; at most {GAP_MOST_S:g} s may be left out: "
                f"go on at {self.received} or begin a new line.",
                reason="OUT_OF_ORDER",
            )
        self._memory.clear()
        self.received += gap
        self._tell("AUDIO_GAP", f"{gap} samples were missing; silence took their place.", samples=gap)

    def _remember(self, pcm: bytes) -> None:
        self._memory.append((self.received, pcm))
        while self._memory[-1][0] - self._memory[0][0] > MEMORY_S * self._form.rate_hz:
            self._memory.popleft()

    def _mono(self, pcm: bytes) -> Signal:
        """[n] float32 within full scale, channels mixed."""
        form = self._form
        if form.dtype == "<i2":
            samples = np.frombuffer(pcm, "<i2").astype(np.float32) * np.float32(1 / 32768)
        else:
            samples = self._finite(np.frombuffer(pcm, "<f4"))
        if form.channels == 1:
            return samples
        return np.asarray(samples.reshape(-1, form.channels).mean(axis=1, dtype=np.float32))

    def _finite(self, samples: Signal) -> Signal:
        """Values as they are, scaled down if they are in another unit, silence if some are no numbers."""
        peak = float(np.abs(samples).max())
        if not np.isfinite(peak):
            self.bad_chunks += 1
            at = self.received + int(np.argmin(np.isfinite(samples))) // self._form.channels
            if self.bad_chunks > BAD_MOST:
                raise InputError(
                    f"The value at sample {at} is not a number, and it is the {self.bad_chunks}rd chunk with such: "
                    "check where the sound comes from.",
                    reason="AUDIO_NOT_FINITE",
                )
            self._told.discard("AUDIO_NOT_FINITE")
            self._tell("AUDIO_NOT_FINITE", f"The value at sample {at} is no number; its chunk is silent.", samples=at)
            return np.zeros_like(samples)
        if peak * self._scale > (LOUDEST_PEAK if self._scale == 1.0 else 1.0):
            self._scale = _ROOM / peak
            self._tell("AUDIO_SCALED", f"The peak is {peak:.3g} times full scale; it is scaled down: send -1 to 1.")
        return samples if self._scale == 1.0 else np.asarray(samples * self._scale, np.float32)

    def _judge(self, mono: Signal) -> None:
        self._block.append(mono)
        self._block_samples += mono.shape[0]
        if self._block_samples >= self._form.rate_hz:
            self._judge_block(level=True)

    def _judge_block(self, *, level: bool) -> None:
        """About a second of the line, or its end, which may be too short for its level to be judged."""
        samples = np.concatenate(self._block)
        self._peak = max(self._peak, float(np.abs(samples).max()))
        if level:
            self._tell_level(level_warnings(samples), later=False)
        self._block, self._block_samples = [], 0
        self._blocks += 1

    def _tell_level(self, sentences: list[str], *, later: bool) -> None:
        for sentence in sentences:
            text, _, reason = sentence.rpartition(" [")
            if sentence.endswith(_LATER) == later:
                self._tell(reason.rstrip("]."), text + ".")

    def _tell(self, reason: str, message: str, *, samples: int = 0) -> None:
        """Once a line."""
        if reason not in self._told:
            self._told.add(reason)
            self.warnings.append(Warned(reason, message, samples))
