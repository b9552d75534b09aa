from __future__ import annotations

import numpy as np
import pytest
from golden_face import GOLDEN, SAMPLE, SHOWN, SUBJECT, TURNED_DEG, golden_latents, golden_packets
from live_link_reader import CURVES, read_packet
from udp_listener import UdpListener

from visavis.frames import MotionFrame
from visavis.latents import ARKIT_NAMES
from visavis_bridge import live_link


def test_the_golden_packet() -> None:
    golden = (GOLDEN / "live_link_face.bin").read_bytes()
    assert golden_packets()["live_link_face.bin"] == golden
    assert len(golden) == 306 + len(SUBJECT)
    assert golden[:5].hex() == "0600000024"


def test_an_independent_reader_finds_the_face() -> None:
    read = read_packet((GOLDEN / "live_link_face.bin").read_bytes())
    assert read.subject == "Visavis"
    assert len(read.device) == 36
    assert (read.frame, read.sub_frame, read.rate) == (150, 0.375, (60, 1))
    assert (read.frame + read.sub_frame) / 60 == SAMPLE / 16_000
    for arkit, curve in zip(ARKIT_NAMES, CURVES, strict=False):
        assert read.values[curve] == pytest.approx(min(max(SHOWN.get(arkit, 0.0), 0.0), 1.0), abs=1e-7), curve
    turned = {name: read.values[name] * 180 for name in CURVES[52:]}
    assert turned == pytest.approx(
        {
            "HeadYaw": TURNED_DEG["headYaw"], "HeadPitch": -TURNED_DEG["headPitch"], "HeadRoll": TURNED_DEG["headRoll"],
            "LeftEyeYaw": 10.0, "LeftEyePitch": -5.0, "LeftEyeRoll": 0.0,
            "RightEyeYaw": 8.0, "RightEyePitch": -5.0, "RightEyeRoll": 0.0,
        },
        abs=1e-5,
    )  # fmt: skip


def test_frames_count_the_clock_of_the_talk() -> None:
    seen = [read_packet(live_link.packets(np.zeros(64), subject="A", sample=k * 16_000 // 60)[0]) for k in range(600)]
    times = np.array([read.frame + read.sub_frame for read in seen])
    np.testing.assert_allclose(times, np.arange(600), atol=60 / 16_000)
    assert all(0 <= read.sub_frame < 1 for read in seen)


def test_a_subject_is_a_device_and_any_name_becomes_one() -> None:
    def read(name: str) -> tuple[str, str]:
        packet = read_packet(live_link.packets(np.zeros(64), subject=name, sample=0)[0])
        return packet.device, packet.subject

    assert read("guard") == read("guard")
    assert read("guard")[0] != read("innkeeper")[0]
    assert read("Die Wärterin ")[1] == "Die_W_rterin"
    assert read("")[1] == "Visavis"
    assert len(read("x" * 500)[1]) == 64


def test_characters_share_a_port() -> None:
    frame = MotionFrame(16_000, golden_latents())
    with UdpListener() as listener, live_link.live_link_sender(listener.address) as sender:
        for character in ("guard", "innkeeper", "guard"):
            sender.send(character, frame)
        heard = [read_packet(data) for data in listener.take(3)]
    assert [read.subject for read in heard] == ["guard", "innkeeper", "guard"]
    assert heard[0].values["JawOpen"] == 0.5
