import json

from visavis_runtime.motion.speech import load_speech
from visavis_runtime.training.__main__ import main


def test_one_command_makes_a_network_from_nothing(espeak, has_flite, tmp_path):
    small = "--espeak-hours 0.005 --flite-hours 0.005 --sound-hours 0.005 --held-out-minutes 0.2 --rows 2 --steps 1"
    main(["--seed", "5", "--out", str(tmp_path), *small.split()])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["parity"] <= 1e-4
    assert {"espeak 80 ms", "flite 80 ms", "sounds 80 ms"} <= set(figures)
    assert load_speech(path=tmp_path / "speech.onnx").lookahead_s == 0.08
