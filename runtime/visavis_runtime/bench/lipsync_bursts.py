"""Takes sounds that are not speech, gives how far the jaw moves on them: coughs, music, noise, knocks.

The sounds are generated. Training knows music, noise and knocks of the same generator (other draws) and has never heard
its coughs. A person who coughs opens the mouth, but a cough in the audio of a line must not look like a word. Beside
them stands the jaw on speech.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from visavis_runtime.bench.lipsync_figures import Figure, Statistic, figures, share
from visavis_runtime.bench.lipsync_track import jaw_of_speech
from visavis_runtime.motion.speech import Speech
from visavis_runtime.reference import sounds

Samples = npt.NDArray[np.float32]

KINDS: Mapping[str, Callable[..., Samples]] = {
    "coughs": sounds.coughs,
    "music": sounds.music,
    "noise": sounds.noise,
    "knocks": sounds.knocks,
}
CLIPS, QUICK_CLIPS = 16, 4
CLIP_S = 5.0
_SEED = 930
_MEAN = Statistic(share, lambda row: row[2])


def burst_figures(speech: Speech, *, voices: Sequence[Samples], quick: bool) -> dict[str, Figure]:
    """By kind, and for `speech`: `KIND_jaw_mean` (mean `jawOpen`), `KIND_jaw_peak` (mean of the clips' highest)."""
    most = QUICK_CLIPS if quick else CLIPS
    found = _jaw_figures("speech", speech=speech, clips=voices[:most])
    for kind, make in KINDS.items():
        clips = [make(np.random.default_rng((_SEED, clip)), seconds=CLIP_S) for clip in range(most)]
        found |= _jaw_figures(kind, speech=speech, clips=clips)
    return found


def _jaw_figures(kind: str, *, speech: Speech, clips: Sequence[Samples]) -> dict[str, Figure]:
    rows = []
    for samples in clips:
        jaw = jaw_of_speech(speech, samples=samples)
        rows.append({
            f"{kind}_jaw_mean": np.array([jaw.sum(dtype=np.float64), len(jaw), 1.0]),
            f"{kind}_jaw_peak": np.array([jaw.max(), 1.0, 1.0], np.float64),
        })  # fmt: skip
    return figures(rows, statistics=dict.fromkeys(rows[0], _MEAN)) if rows else {}
