from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from visavis.errors import InputError
from visavis_runtime.bench.lipsync_rhubarb import SHAPES, track_of_cues, track_of_rhubarb

RECORDED = json.dumps(
    {
        "metadata": {"soundFile": "line.wav", "duration": 0.91},
        "mouthCues": [
            {"start": 0.00, "end": 0.12, "value": "X"},
            {"start": 0.12, "end": 0.19, "value": "A"},
            {"start": 0.19, "end": 0.47, "value": "D"},
            {"start": 0.47, "end": 0.61, "value": "G"},
            {"start": 0.61, "end": 0.75, "value": "F"},
            {"start": 0.75, "end": 0.91, "value": "B"},
        ],
    }
)
"""In the format of Rhubarb's read-me; written by hand, not by the program."""


def test_cues_become_a_mouth() -> None:
    track = track_of_cues(RECORDED, frames=100)
    assert track.aperture.shape == (100,)
    assert track.aperture[15] == 0.0
    assert track.aperture[30] == 1.0
    assert track.bite[50]
    assert not track.bite[30]
    assert track.width is not None
    assert track.width[70] < track.width[30] < track.width[80]
    assert not track.aperture[91:].any()
    assert track.visemes is None


def test_every_shape_of_the_program_is_known() -> None:
    assert set(SHAPES) == set("ABCDEFGHX")
    assert {name for name, shape in SHAPES.items() if shape.aperture == 0.0} == {"A", "X"}
    full = np.float32(max(shape.aperture for shape in SHAPES.values()))
    shut = {name for name, shape in SHAPES.items() if shape.aperture <= 0.15 * full and not shape.bite}
    assert shut == {"A", "X"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"mouthCues": [{"start": 0, "end": 1, "value": "Q"}]}'])
def test_another_answer_is_told(text: str) -> None:
    with pytest.raises(InputError, match="rhubarb"):
        track_of_cues(text, frames=10)


def test_the_program_is_run_on_a_wav_and_read(tmp_path: Path) -> None:
    program = tmp_path / "rhubarb"
    program.write_text(f"#!/bin/sh\nfor last; do :; done\ntest -s \"$last\" || exit 1\ncat <<'END'\n{RECORDED}\nEND\n")
    program.chmod(0o755)
    track = track_of_rhubarb(str(program), samples=np.zeros(14_560, np.float32))
    assert track.aperture.shape == (91,)
    assert track.aperture.max() == 1.0


def test_a_failing_program_is_told(tmp_path: Path) -> None:
    program = tmp_path / "rhubarb"
    program.write_text("#!/bin/sh\necho 'no acoustic model' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(InputError, match="no acoustic model"):
        track_of_rhubarb(str(program), samples=np.zeros(1600, np.float32))
