"""Takes the PCM of one clip buffer by buffer, gives samples for the face, and each frame's share of the PCM back.

What comes in at 16 to 144 kHz goes to the face at 16 kHz (`audio.resample`) and back to the client byte for byte, cut
so that frame k carries the audio from its own time to the next frame's. The last frame carries what is left. What it
does not do: it changes no sample, and nothing is kept that has been sent.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError, LimitError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.audio.resample import ResampleStream
from visavis_runtime.motion.timing import frame_count
from visavis_runtime.serve.ace.limits import CHUNK_MAX_S, CLIP_MAX_S, FPS

Signal = npt.NDArray[np.float32]
SAMPLE_BYTES = 2


class Clip:
    """The audio of one stream."""

    def __init__(self, *, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.samples = 0
        """That came in, at the client's rate."""
        self.heard = 0
        """That went to the face, at 16 kHz."""
        self._resample = ResampleStream(source_hz=rate_hz, target_hz=SAMPLE_RATE_HZ)
        self._held = bytearray()
        self._sent = 0

    @property
    def held_bytes(self) -> int:
        """Audio that waits for its frames."""
        return len(self._held)

    @property
    def frames(self) -> int:
        """Frames of the audio so far: `ceil(duration * 30)`."""
        return -(-self.samples * FPS // self.rate_hz)

    def add(self, pcm: bytes) -> Signal:
        """A buffer of int16 little-endian (it may be empty); what is ready at 16 kHz [m] float32.

        Raises:
            InputError: AUDIO_ALIGNMENT.
            LimitError: CHUNK_TOO_LONG, CLIP_TOO_LONG.
        """
        if len(pcm) % SAMPLE_BYTES:
            raise InputError(
                f"A buffer has {len(pcm)} bytes; send whole 16 bit samples, an even number.", reason="AUDIO_ALIGNMENT"
            )
        count = len(pcm) // SAMPLE_BYTES
        if count > CHUNK_MAX_S * self.rate_hz:
            raise LimitError(
                f"A buffer lasts {count / self.rate_hz:.1f} s; {CHUNK_MAX_S} s are allowed: send shorter ones.",
                reason="CHUNK_TOO_LONG",
            )
        if self.samples + count > CLIP_MAX_S * self.rate_hz:
            raise LimitError(
                f"The clip is longer than {CLIP_MAX_S} s: end it and send the rest as another stream.",
                reason="CLIP_TOO_LONG",
            )
        self.samples += count
        self._held += pcm
        signal = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768.0)
        return self._heard(self._resample.step(signal))

    def finish(self) -> Signal:
        """The samples still owed to the face, so that its frames are as many as `frames`.

        Raises:
            InputError: AUDIO_EMPTY.
        """
        if not self.samples:
            raise InputError(
                "The clip has no audio: send at least one sample before end_of_audio.", reason="AUDIO_EMPTY"
            )
        tail = self._resample.step(np.zeros(0, np.float32), last=True)
        # A resampler rounds; the sample more or less must not cost or add a frame.
        below = self.samples * SAMPLE_RATE_HZ // self.rate_hz
        total = below if frame_count(below, fps=FPS) == self.frames else below + 1
        owed = max(0, total - self.heard)
        return self._heard(np.concatenate([tail[:owed], np.zeros(max(0, owed - tail.shape[0]), np.float32)]))

    def take(self, frame: int, *, last: bool) -> bytes:
        """The bytes that frame number `frame` carries."""
        end = self.samples if last else (frame + 1) * self.rate_hz // FPS
        count = max(0, end * SAMPLE_BYTES - self._sent)
        share = bytes(self._held[:count])
        del self._held[:count]
        self._sent += len(share)
        return share

    def _heard(self, samples: Signal) -> Signal:
        self.heard += samples.shape[0]
        return samples
