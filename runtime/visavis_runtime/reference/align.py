"""Takes a recording and the words spoken in it, gives the phones with their times: forced alignment by pocketsphinx.

Two passes: the first finds the words, their pronunciations and the pauses, the second the phones inside each word. The
search over the word lattice is switched off, because it hands impossible durations to the second pass, which then
fails; beams are widened when a hard clip fails all the same. All states of the acoustic model are scored in every
frame, so that each phone comes with a score: how far its states lie below the best state of the frame. A transcript
that does not fit, a mumbled word, a noise have low scores and can be left out.

Times are those of the sound. A pause that the aligner has drawn into a phone is taken out of it (`pauses.py`); the
silence of a closure lies in the stop that it belongs to, as the aligner's model has learnt it and as `espeak.py`
draws it. Nothing is recognised here: what is said must be known.

The aligner comes with the extra `training`; its acoustic model is American English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.audio.features import RATE_HZ
from visavis_runtime.motion.phones import PHONE_INDEX, Segment
from visavis_runtime.reference.espeak import open_espeak
from visavis_runtime.reference.pauses import FRAME_S, quiet_frames, without_pause

_BEAMS = (1e-48, 1e-120, 0.0)
_SCORE_NATS = 1024 * np.log(1.0001)  # unit of the scores: 1.0001 ** 1024
_RMS = 0.08  # of the frames that are loud: the level that the model is used to
_PEAK = 0.95
_SHORTEST_S = 0.1
_NEW = "_"  # ends the name of a pronunciation of ours; words have letters and apostrophes only
_FAILED = (
    "The words do not fit the recording of {:.1f} s ({}); check that the transcript is what is said, word by word."
)


class Word(NamedTuple):
    """One word as it was said: `segments` first to last (exclusive) of the alignment are its phones."""

    text: str
    start_s: float
    end_s: float
    first: int
    last: int


class Alignment(NamedTuple):
    """`segments` from the start to the end of the sound, pauses as SIL; `words`; `scores [n] float32` <= 0 a segment.

    A score is in nats a frame below the best state of the model: about -2 for clear speech, below -6 for what is
    something else.
    """

    segments: tuple[Segment, ...]
    words: tuple[Word, ...]
    scores: npt.NDArray[np.float32]


def has_aligner() -> bool:
    """Whether pocketsphinx is installed."""
    try:
        _pocketsphinx()
    except InputError:
        return False
    return True


class Aligner:
    """An open pocketsphinx for many recordings; make it with `open_aligner`."""

    def __init__(self, module: Any, *, pronounced: Mapping[str, Sequence[str]], scored: bool) -> None:
        self._module = module
        self._pronounced = pronounced
        self._scored = scored
        self._decoders: dict[float, Any] = {}

    def align(self, samples: npt.NDArray[np.float32], *, transcript: str) -> Alignment:
        """Phones of `samples [n] float32` at 16 kHz, as `aligned` gives them.

        Raises:
            InputError: ALIGNMENT_FAILED, ESPEAK_MISSING.
        """
        seconds = len(samples) / RATE_HZ
        words = words_of_text(transcript)
        if not words or seconds < _SHORTEST_S:
            raise InputError(_FAILED.format(seconds, f"{len(words)} words"), reason="ALIGNMENT_FAILED")
        pcm, fault = _levelled(samples), ""
        for beam in _BEAMS:
            decoder = self._decoders.pop(beam, None) or _open_decoder(self._module, beam=beam, scored=self._scored)
            text = " ".join(_add_words(decoder, words=words, pronounced=self._pronounced))
            try:
                found = _read(_run(decoder, pcm=pcm, text=text), seconds=seconds, quiet=quiet_frames(samples))
            except RuntimeError as error:
                fault = str(error)
                continue  # a decoder that has failed is not used again
            self._decoders[beam] = decoder
            return found
        raise InputError(_FAILED.format(seconds, fault), reason="ALIGNMENT_FAILED")


def open_aligner(*, pronounced: Mapping[str, Sequence[str]] | None = None, scored: bool = True) -> Aligner:
    """Aligner of the installed pocketsphinx.

    `pronounced` names, for words that are said in a way of their own, the phones of each pronunciation
    (`{"z": ["Z EH D"]}`). Words that the dictionary lacks are pronounced by espeak-ng. Without `scored` only the states
    of the words at hand are computed, at a quarter of the cost; the scores then tell little.

    Raises:
        InputError: TRAINING_EXTRA_MISSING without pocketsphinx.
    """
    return Aligner(_pocketsphinx(), pronounced=pronounced or {}, scored=scored)


def aligned(samples: npt.NDArray[np.float32], *, transcript: str) -> Alignment:
    """Phones of one recording `samples [n] float32` at 16 kHz.

    `transcript` is what is said, word by word, in any spelling and punctuation.

    Raises:
        InputError: TRAINING_EXTRA_MISSING without pocketsphinx, ALIGNMENT_FAILED when the words do not fit the sound,
            ESPEAK_MISSING when a word is not in the dictionary and espeak-ng is not there to pronounce it.
    """
    return open_aligner().align(samples, transcript=transcript)


def words_of_text(text: str) -> list[str]:
    """Words of a text in lower case, letters and inner apostrophes only; digits and signs are passed over."""
    plain = text.lower().replace("\u2019", "'").replace("\u2018", "'")
    words = [word.strip("'") for word in re.sub(r"[^a-z']+", " ", plain).split()]
    return [word for word in words if word]


def _pocketsphinx() -> Any:
    try:
        import pocketsphinx
    except ImportError as error:
        raise InputError(
            "pocketsphinx, which aligns transcripts with recordings, is not installed: "
            "run `pip install visavis[training]`.",
            reason="TRAINING_EXTRA_MISSING",
        ) from error
    return pocketsphinx


def _open_decoder(module: Any, *, beam: float, scored: bool) -> Any:
    model = Path(module.__file__).parent / "model" / "en-us"
    config = module.Config(
        hmm=str(model / "en-us"),
        dict=str(model / "cmudict-en-us.dict"),
        lm=None,
        loglevel="FATAL",
        beam=beam,
        pbeam=beam,
        wbeam=min(beam, 7e-29),
        bestpath=False,
        compallsen=scored,
        cmn="batch",  # of this recording alone: nothing is carried over from the one before
    )
    return module.Decoder(config)


def _levelled(samples: npt.NDArray[np.float32]) -> bytes:
    """16-bit samples whose loud parts have the usual level: the silences of the model are absolute."""
    power = np.square(samples[: len(samples) // 160 * 160].reshape(-1, 160), dtype=np.float64).mean(axis=1)
    rms = float(np.sqrt(power[power >= np.quantile(power, 0.6)].mean())) + 1e-9
    gain = min(_RMS / rms, _PEAK / (float(np.abs(samples).max()) + 1e-9))
    return bytes((np.clip(samples * gain, -1, 1) * 32767).astype("<i2").tobytes())


def _add_words(decoder: Any, *, words: Sequence[str], pronounced: Mapping[str, Sequence[str]]) -> list[str]:
    """Names of the words in the dictionary, after those that it lacks were added to it."""
    unknown = sorted({word for word in words if decoder.lookup_word(word + _NEW) is None})
    lacking = [word for word in unknown if word not in pronounced and decoder.lookup_word(word) is None]
    added = {**{word: [phones] for word, phones in _spoken_by_espeak(lacking).items()}, **pronounced}
    for word in unknown:
        for number, phones in enumerate(added.get(word, ()), start=1):
            decoder.add_word(f"{word}{_NEW}" + (f"({number})" if number > 1 else ""), phones, True)
    return [word if decoder.lookup_word(word + _NEW) is None else word + _NEW for word in words]


def _spoken_by_espeak(words: Sequence[str]) -> dict[str, str]:
    if not words:
        return {}
    espeak = open_espeak()
    spoken = {}
    for word in words:
        phones = [segment.phone for segment in espeak.speak(word, voice="en-us").segments if segment.phone != "SIL"]
        spoken[word] = " ".join(phones) or "AH"
    return spoken


def _run(decoder: Any, *, pcm: bytes, text: str) -> Any:
    """Both passes; the decoder's own alignment.

    Raises:
        RuntimeError: the words do not fit.
    """
    decoder.set_align_text(text)
    _hear(decoder, pcm=pcm)
    if decoder.hyp() is None:
        raise RuntimeError("the last word was not reached")
    decoder.set_alignment()
    _hear(decoder, pcm=pcm)
    found = decoder.get_alignment()
    if found is None:
        raise RuntimeError("no phones were found")
    return found


def _hear(decoder: Any, *, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _read(found: Any, *, seconds: float, quiet: npt.NDArray[np.bool_]) -> Alignment:
    segments: list[Segment] = []
    words: list[Word] = []
    scores: list[float] = []
    for word in found:
        first = len(segments)
        for phone in word:
            name = phone.name if phone.name in PHONE_INDEX else "SIL"  # breaths and noises
            start_s, frames = phone.start * FRAME_S, max(phone.duration, 1)
            segment = Segment(name, start_s, start_s + frames * FRAME_S)
            parts = [segment] if name == "SIL" else without_pause(segment, quiet=quiet)
            segments += parts
            scores += [phone.score / frames * _SCORE_NATS] * len(parts)
        text = re.sub(r"\(\d+\)$", "", word.name).removesuffix(_NEW)
        if re.fullmatch(r"[a-z']+", text):
            spoken = [segment for segment in segments[first:] if segment.phone != "SIL"]
            words.append(Word(text, spoken[0].start_s, spoken[-1].end_s, first, len(segments)))
    if segments:
        segments[-1] = segments[-1]._replace(end_s=max(seconds, segments[-1].end_s))
    return Alignment(tuple(segments), tuple(words), np.array(scores, np.float32))
