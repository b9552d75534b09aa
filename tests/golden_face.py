"""The one face that all golden packets show; `python tests/golden_face.py` writes them again."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from visavis.latents import INDEX
from visavis_bridge import ifacialmocap, live_link, vmc

GOLDEN = Path(__file__).resolve().parents[1] / "unity_bridge" / "golden" / "udp"
SUBJECT, SAMPLE = "Visavis", 40_100
SHOWN = {
    "jawOpen": 0.5, "mouthClose": 0.125, "mouthSmileLeft": 0.25, "mouthSmileRight": 0.75, "eyeBlinkLeft": 1.0,
    "jawRight": 0.0625, "mouthFunnel": 0.375, "tongueOut": 1.25, "browInnerUp": -0.5,
}  # fmt: skip
TURNED_DEG = {
    "headYaw": 18.0, "headPitch": -9.0, "headRoll": 4.5, "leftEyeYaw": 10.0, "leftEyePitch": 5.0,
    "rightEyeYaw": 8.0, "rightEyePitch": 5.0,
}  # fmt: skip
PLACED = {"headX": 0.1, "headY": -0.05, "headZ": 0.2}


def golden_latents() -> np.ndarray:
    latents = np.zeros(64, np.float32)
    for name, value in {**SHOWN, **PLACED}.items():
        latents[INDEX[name]] = value
    for name, value in TURNED_DEG.items():
        latents[INDEX[name]] = math.radians(value)
    return latents


def golden_packets() -> dict[str, bytes]:
    """The bytes by file name."""
    latents = golden_latents()
    (face,) = live_link.packets(latents, subject=SUBJECT, sample=SAMPLE)
    (text,) = ifacialmocap.packets(latents)
    bundles = vmc.packets(latents, sample=SAMPLE)
    return {
        "live_link_face.bin": face,
        "ifacialmocap.bin": text,
        **{f"vmc_{k}.bin": data for k, data in enumerate(bundles)},
    }


if __name__ == "__main__":
    written = golden_packets()
    for file, data in written.items():
        (GOLDEN / file).write_bytes(data)
    described = {
        "subject": SUBJECT, "sample": SAMPLE, "shapes": SHOWN, "angles_deg": TURNED_DEG, "head_widths": PLACED,
        "packets": {file: len(data) for file, data in written.items()},
    }  # fmt: skip
    (GOLDEN / "udp.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
