"""Speaks a line with espeak-ng in this process: samples and timed phones, about 200 times faster than real time.

Calls libespeak-ng through ctypes and listens to its phoneme events. Two traps are handled here. A voice that espeak-ng
does not know makes it go on silently with the last one: a refused name raises. And the event of a stop marks its burst,
while the closure, the part that the lips show, is the digital silence before it: segments of stops are drawn back over
that silence.

The library keeps one global voice, so one `Espeak` per process and no threads. Only the training needs it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.motion.phones import STOPS, VOWELS, Segment, phones_from_ipa

_SYNCHRONOUS, _PHONEME_EVENTS_AS_IPA, _DONT_EXIT = 2, 1 | 2, 0x8000
_EVENT_END, _EVENT_PHONEME = 0, 7
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1
_QUIET = 3e-3  # samples below this count as the silence of a closure
_LONGEST_CLOSURE_S, _STEP_S = 0.12, 0.002
_SHORT_GAP_S = 0.05


class Spoken(NamedTuple):
    """`samples [n] float32, -1..1` at `rate_hz`, with the phones spoken."""

    samples: npt.NDArray[np.float32]
    rate_hz: int
    segments: tuple[Segment, ...]


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("id", _Id),
    )  # fmt: skip


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """An open libespeak-ng. Make it with `open_espeak`."""

    def __init__(self, library: Any, *, rate_hz: int, data_path: str) -> None:
        self.rate_hz = rate_hz
        self.data_path = data_path
        self._library = library
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._events: list[tuple[int, str]] = []
        self._callback = _Callback(self._receive)  # kept here: C holds only the address

    def variants(self) -> tuple[str, ...]:
        """Names of the voice variants installed (`f3`, `klatt2`, ...), sorted."""
        return tuple(sorted(os.listdir(os.path.join(self.data_path, "voices", "!v"))))

    def speak(self, text: str, *, voice: str, words_per_minute: int = 170, pitch: int = 50, range_: int = 50) -> Spoken:
        """Speech of `text` by `voice` (such as `en-us+f3`); pitch and range_ are espeak-ng's 0..100.

        Raises:
            InputError: VOICE_REFUSED when espeak-ng does not know the voice.
        """
        variant = voice.partition("+")[2]
        known = not variant or variant in self.variants()  # an unknown variant would be passed over in silence
        if not known or self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise InputError(
                f"espeak-ng refuses the voice {voice!r}; `espeak-ng --voices` lists the ones it has.",
                reason="VOICE_REFUSED",
            )
        for number, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, range_)):
            self._library.espeak_SetParameter(number, value, 0)
        self._blocks.clear()
        self._events.clear()
        # The library knows one callback in the whole process: another Espeak may have set its own and be gone by now.
        self._library.espeak_SetSynthCallback(self._callback)
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        pcm = np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.int16)
        samples = pcm.astype(np.float32) / 32768.0
        segments = _segments_of_events(self._events, samples=len(samples), rate_hz=self.rate_hz)
        return Spoken(samples, self.rate_hz, _draw_back_stops(segments, samples=samples, rate_hz=self.rate_hz))

    def _receive(self, wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            self._blocks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        at = 0
        while events[at].type != _EVENT_END:
            if events[at].type == _EVENT_PHONEME:
                self._events.append((events[at].sample, bytes(events[at].id.string).decode("utf-8", "ignore")))
            at += 1
        return 0


def open_espeak() -> Espeak:
    """Load and start libespeak-ng.

    Raises:
        InputError: ESPEAK_MISSING when the library is not installed.
    """
    try:
        library = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
    except OSError as error:
        raise InputError(
            "libespeak-ng is not installed; training needs it (Debian and Ubuntu: apt install libespeak-ng1).",
            reason="ESPEAK_MISSING",
        ) from error
    library.espeak_Info.restype = ctypes.c_char_p
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS_AS_IPA | _DONT_EXIT)
    path = ctypes.c_char_p()
    library.espeak_Info(ctypes.byref(path))
    return Espeak(library, rate_hz=int(rate_hz), data_path=(path.value or b"").decode())


def _segments_of_events(events: list[tuple[int, str]], *, samples: int, rate_hz: int) -> list[Segment]:
    """Segments between phoneme events; an event of several phones is shared out, vowels getting twice the time."""
    segments: list[Segment] = []
    ends = [sample for sample, _ in events[1:]] + [samples]
    for (start, name), end in zip(events, ends, strict=True):
        phones = phones_from_ipa(name) if name else ("SIL",)
        if name.startswith("(") or not phones or end <= start:
            continue  # a language switch, a stress mark, an empty event
        if phones == ("SIL",) and segments and end - start < _SHORT_GAP_S * rate_hz:
            segments[-1] = segments[-1]._replace(end_s=end / rate_hz)  # a gap between sounds, not a pause
            continue
        weights = np.array([2.0 if phone in VOWELS else 1.0 for phone in phones])
        cuts = (start + np.concatenate([[0.0], np.cumsum(weights) / weights.sum()]) * (end - start)) / rate_hz
        segments += [Segment(p, float(a), float(b)) for p, a, b in zip(phones, cuts[:-1], cuts[1:], strict=True)]
    return segments


def _draw_back_stops(segments: list[Segment], *, samples: npt.NDArray[np.float32], rate_hz: int) -> tuple[Segment, ...]:
    drawn = segments[:1]
    step = int(_STEP_S * rate_hz)
    for segment in segments[1:]:
        before = drawn[-1]
        if segment.phone in STOPS:
            event = start = int(segment.start_s * rate_hz)
            earliest = max(int(before.start_s * rate_hz) + 2 * step, event - int(_LONGEST_CLOSURE_S * rate_hz))
            while start - step > earliest and np.abs(samples[start - step : start]).max() < _QUIET:
                start -= step
            if start < event and before.end_s > start / rate_hz:
                drawn[-1] = before._replace(end_s=start / rate_hz)
                segment = segment._replace(start_s=start / rate_hz)
        drawn.append(segment)
    return tuple(drawn)
