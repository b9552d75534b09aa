import json

import pytest

from visavis.errors import InputError
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.training.__main__ import main


def test_one_command_makes_a_network_from_nothing(espeak, has_flite, tmp_path):
    small = "--espeak-hours 0.005 --flite-hours 0.005 --sound-hours 0.005 --held-out-minutes 0.2 --rows 2 --steps 1"
    main(["--seed", "5", "--out", str(tmp_path), *small.split()])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["parity"] <= 1e-4
    assert {"espeak 80 ms", "flite 80 ms", "sounds 80 ms"} <= set(figures)
    assert load_speech(path=tmp_path / "speech.onnx").lookahead_s == 0.08


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [("--steps 0", "OPTION_VALUE"), ("--rows -1", "OPTION_VALUE"), ("--seed -1", "OPTION_VALUE"),
     ("--material nowhere", "MATERIAL_MISSING"), ("--resume", "FILE_NOT_FOUND"), ("--export-only", "FILE_NOT_FOUND")],
)  # fmt: skip
def test_what_is_wrong_is_said_before_the_work(tmp_path, arguments, reason):
    with pytest.raises(InputError) as caught:
        main(["--out", str(tmp_path / "run"), *arguments.split()])
    assert caught.value.reason == reason
    assert not (tmp_path / "run" / "data").exists()
