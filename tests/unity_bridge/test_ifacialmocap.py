from __future__ import annotations

import re

import numpy as np
import pytest
from golden_face import GOLDEN, golden_latents, golden_packets
from udp_listener import UdpListener

from visavis.frames import MotionFrame
from visavis.latents import INDEX
from visavis_bridge import ifacialmocap

APP_PACKET = (
    "eyeLookIn_L-25|eyeLookOut_L-0|eyeLookIn_R-0|eyeLookOut_R-13|eyeLookDown_L-25|eyeLookDown_R-25|"
    "=head#-16.512114,4.3503346,0.26299524,0.032684557,-0.08100321,-0.39741653|"
    "rightEye#8.96733,-4.780719,-0.74686855|leftEye#8.807489,-9.080697,-1.4018708|"
)
"""Recorded from the app (not all of its shapes): both eyes look down and to the subject's right."""


def _read(text: str) -> tuple[dict[str, int], dict[str, list[float]]]:
    """The grammar of the developers' page, piece by piece."""
    shapes, turns = text.split("=")
    weights = dict(re.findall(r"(\w+)-(\d+)\|", shapes))
    assert "".join(f"{name}-{weight}|" for name, weight in weights.items()) == shapes
    parts = dict(re.findall(r"(\w+)#([-\d.,]+)\|", turns))
    assert "".join(f"{name}#{numbers}|" for name, numbers in parts.items()) == turns
    return (
        {name: int(weight) for name, weight in weights.items()},
        {name: [float(number) for number in numbers.split(",")] for name, numbers in parts.items()},
    )


def test_the_golden_packet() -> None:
    golden = (GOLDEN / "ifacialmocap.bin").read_bytes()
    assert golden_packets()["ifacialmocap.bin"] == golden
    weights, turns = _read(golden.decode("ascii"))
    assert len(weights) == 52
    assert {name: weight for name, weight in weights.items() if weight} == {
        "jawOpen": 50, "mouthClose": 12, "mouthSmile_L": 25, "mouthSmile_R": 75, "eyeBlink_L": 100, "jawRight": 6,
        "mouthFunnel": 38, "tongueOut": 100,
    }  # fmt: skip
    assert turns["head"] == pytest.approx([9.0, 18.0, 4.5, 0.015, -0.0075, 0.03], abs=1e-4)
    assert turns["leftEye"] == pytest.approx([-5.0, 10.0, 0.0], abs=1e-4)
    assert turns["rightEye"] == pytest.approx([-5.0, 8.0, 0.0], abs=1e-4)


def test_signs_are_those_of_the_app() -> None:
    weights, recorded = _read(APP_PACKET)
    assert weights["eyeLookIn_L"] > 0
    assert weights["eyeLookDown_L"] > 0
    latents = np.zeros(64)
    latents[INDEX["leftEyeYaw"]] = latents[INDEX["leftEyePitch"]] = -0.1
    _, ours = _read(ifacialmocap.packets(latents)[0].decode("ascii"))
    assert np.sign(ours["leftEye"][:2]).tolist() == np.sign(recorded["leftEye"][:2]).tolist() == [1, -1]


def test_weights_are_whole_and_within_range() -> None:
    for value in (-5.0, 0.004, 0.996, 7.0, 1e-9):
        weights, _ = _read(ifacialmocap.packets(np.full(64, value))[0].decode("ascii"))
        assert set(weights.values()) <= {0, 100}


def test_it_fits_one_ethernet_frame() -> None:
    assert len(ifacialmocap.packets(np.full(64, -1e3))[0]) < 1400
    assert len(ifacialmocap.packets(np.ones(64))[0]) < 1400


def test_it_sends() -> None:
    with UdpListener() as listener, ifacialmocap.ifacialmocap_sender(listener.address) as sender:
        sender.send("guard", MotionFrame(0, golden_latents()))
        assert listener.take(1) == ifacialmocap.packets(golden_latents())
