"""Gives our defaults as the text of a YAML or JSON file: what ACE's GetConfigs asks for.

All but `stream` has the names and places of NVIDIA's sample config files, so the sample client takes this file as one.

What it does not do: it reads nothing; the values are those of the code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from visavis_runtime.serve.ace.limits import CHUNK_MAX_S, CLIP_MAX_S, FPS, RATE_MAX_HZ, RATE_MIN_HZ
from visavis_runtime.serve.ace.names import EMOTION_DIALS, EMOTIONS, FACE_DIALS, JOINTS, SHAPES
from visavis_runtime.serve.config import ServerConfig

NAME = "visavis_ace"


def defaults(config: ServerConfig) -> dict[str, object]:
    """All of them, as plain values two levels deep."""
    return {
        "stream": {
            "frames_per_second": FPS, "sample_rate_min_hz": RATE_MIN_HZ, "sample_rate_max_hz": RATE_MAX_HZ,
            "chunk_max_s": CHUNK_MAX_S, "clip_max_s": CLIP_MAX_S, "idle_timeout_s": config.idle_timeout_s,
            "burst_mode": not config.ace_paced, "a2e_output": config.ace_a2e_output, "joints": list(JOINTS),
        },
        "face_parameters": {name: dial.default for name, dial in FACE_DIALS.items()},
        "blendshape_parameters": {
            "enable_clamping_bs_weight": False,
            "multipliers": dict.fromkeys(SHAPES, 1.0),
            "offsets": dict.fromkeys(SHAPES, 0.0),
        },
        "live_transition_time": 0.0,
        "beginning_emotion": dict.fromkeys(EMOTIONS, 0.0),
        "post_processing_parameters": {name: dial.default for name, dial in EMOTION_DIALS.items()},
        "emotion_with_timecode_list": {},
    }  # fmt: skip


def as_json(values: Mapping[str, object]) -> str:
    """As JSON, indented."""
    return json.dumps(values, indent=2) + "\n"


def as_yaml(values: Mapping[str, object], *, indent: int = 0) -> str:
    """As YAML in block style; scalars, lists and what is empty are written as JSON, which YAML contains."""
    text = ""
    for name, value in values.items():
        text += "  " * indent + f"{name}:"
        if isinstance(value, Mapping) and value:
            text += "\n" + as_yaml(value, indent=indent + 1)
        else:
            text += f" {json.dumps(value)}\n"
    return text
