from __future__ import annotations

import json

from visavis_runtime.serve.ace.configs import as_json, as_yaml, defaults
from visavis_runtime.serve.config import ServerConfig


def test_yaml_and_json_say_the_same() -> None:
    values = defaults(ServerConfig(ace_paced=True))
    read: dict[str, dict[str, object]] = {}
    for line in as_yaml(values).splitlines():
        name, _, value = line.strip().partition(":")
        if line.startswith("  "):
            at = [*read.values()][-1]
            if line.startswith("    "):
                at = at[[*at][-1]]  # type: ignore[assignment]
            at[name] = json.loads(value) if value else {}
        else:
            read[name] = {}
    assert read == json.loads(as_json(values))
    assert read["stream"]["burst_mode"] is False
    assert read["post_processing_parameters"] == {"emotion_strength": 0.6, "max_emotions": 3}
