from __future__ import annotations

import json
from typing import Any

from visavis_runtime.serve.ace.configs import as_json, as_yaml, defaults
from visavis_runtime.serve.config import ServerConfig


def test_yaml_and_json_say_the_same() -> None:
    values = defaults(ServerConfig(ace_paced=True))
    read: dict[str, Any] = {}
    for line in as_yaml(values).splitlines():
        name, _, value = line.strip().partition(":")
        if line.startswith("  "):
            at = [*read.values()][-1]
            if line.startswith("    "):
                at = at[[*at][-1]]
            at[name] = json.loads(value) if value else {}
        else:
            read[name] = json.loads(value) if value else {}
    assert read == json.loads(as_json(values))
    assert read["stream"]["burst_mode"] is False
    assert read["post_processing_parameters"] == {"emotion_strength": 0.6, "max_emotions": 3}


def test_the_file_is_one_that_the_sample_client_takes() -> None:
    """What `run_inference` reads of its config file, by these names and at these places."""
    values = json.loads(as_json(defaults(ServerConfig())))
    assert set(values["blendshape_parameters"]) == {"multipliers", "offsets", "enable_clamping_bs_weight"}
    assert values["face_parameters"]["skinStrength"] == 1.0
    assert values["post_processing_parameters"]["emotion_strength"] == 0.6
    assert values["live_transition_time"] == 0.0
    assert len(values["beginning_emotion"]) == 10
    assert values["emotion_with_timecode_list"] == {}
    assert "\nemotion_with_timecode_list: {}\n" in as_yaml(values)
