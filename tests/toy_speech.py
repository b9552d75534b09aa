"""A stand-in for the speech network where a test is about everything around it: opens the jaw with the energy.

It keeps the contract (100 Hz, look-ahead, state as a value) and shuts the lips for 40 ms twice a second.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.audio.prosody import finish_prosody, start_prosody, step_prosody
from visavis_runtime.motion.mouth import Mouth


class ToyState(NamedTuple):
    prosody: Any
    energy: np.ndarray
    given: int


class ToySpeech:
    lookahead_s = 0.08
    _rows_ahead = 8

    def start(self) -> ToyState:
        return ToyState(start_prosody(), np.zeros(0, np.float32), 0)

    def samples_for(self, row: int) -> int:
        return 160 * (row + self._rows_ahead + 1)

    def step_many(self, samples: Any, states: Any) -> list[tuple[Mouth, ToyState]]:
        return [self.step(one, state) for one, state in zip(samples, states, strict=True)]

    def step(self, samples: np.ndarray, state: ToyState) -> tuple[Mouth, ToyState]:
        prosody, heard = step_prosody(samples, state.prosody)
        return self._give(np.concatenate([state.energy, prosody.energy]), heard, state.given, keep=self._rows_ahead)

    def finish(self, state: ToyState) -> tuple[Mouth, ToyState]:
        prosody, heard = finish_prosody(state.prosody)
        return self._give(np.concatenate([state.energy, prosody.energy]), heard, state.given, keep=0)

    def _give(self, energy: np.ndarray, heard: Any, given: int, *, keep: int) -> tuple[Mouth, ToyState]:
        count = max(0, len(energy) - keep)
        out = energy[:count]
        curves = np.zeros((count, 52), np.float32)
        curves[:, INDEX["jawOpen"]] = 0.7 * out
        curves[:, INDEX["mouthFunnel"]] = 0.2 * out
        rows = np.arange(given, given + count)
        closures = np.zeros((count, 2), np.float32)
        closures[:, 0] = rows % 50 < 4
        closures[:, 1] = (rows % 70 >= 30) & (rows % 70 < 34)
        return Mouth(curves, closures, (out > 0.3).astype(np.float32)), ToyState(heard, energy[count:], given + count)
