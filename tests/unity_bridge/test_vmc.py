from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from golden_face import GOLDEN, SAMPLE, SHOWN, TURNED_DEG, golden_latents, golden_packets
from osc_reader import blends, bones, read_packet
from scipy.spatial.transform import Rotation

from visavis.errors import InputError
from visavis.latents import ARKIT_NAMES, INDEX
from visavis_bridge import vmc
from visavis_bridge.vrm import PRESETS

ETHERNET_BYTES = 1500 - 28


def _golden() -> list[bytes]:
    return [path.read_bytes() for path in sorted(GOLDEN.glob("vmc_*.bin"))]


def _messages(packets: list[bytes]) -> list[tuple[str, list[Any]]]:
    return [message for packet in packets for message in read_packet(packet)]


def test_the_golden_packets() -> None:
    golden = _golden()
    assert [data for name, data in golden_packets().items() if name.startswith("vmc_")] == golden
    assert len(golden) == 4
    assert all(len(data) < ETHERNET_BYTES for data in golden)


def test_an_independent_reader_finds_the_face() -> None:
    golden = _golden()
    messages = _messages(golden)
    assert messages[0] == ("/VMC/Ext/OK", [1])
    assert messages[1][0] == "/VMC/Ext/T"
    assert messages[1][1] == pytest.approx([SAMPLE / 16_000])
    assert read_packet(golden[-1]) == [("/VMC/Ext/Blend/Apply", [])]
    assert [address for address, _ in messages].count("/VMC/Ext/Blend/Apply") == 1
    weights = blends(messages)
    assert len(weights) == 52 + len(PRESETS)
    for name in ARKIT_NAMES:
        clip = name[0].upper() + name[1:]
        assert weights[clip] == pytest.approx(min(max(SHOWN.get(name, 0.0), 0.0), 1.0)), clip
    assert weights["Blink_L"] == 1.0
    assert weights["Blink_R"] == 0.0


def test_python_osc_reads_the_same() -> None:
    reason = "python-osc, an independent reader, is not installed: pip install -e .[dev]"
    osc_packet = pytest.importorskip("pythonosc.osc_packet", reason=reason)
    for data in _golden():
        theirs = [(timed.message.address, timed.message.params) for timed in osc_packet.OscPacket(data).messages]
        assert theirs == read_packet(data)


def _turned(**angles_rad: float) -> Rotation:
    latents = np.zeros(64)
    for name, value in angles_rad.items():
        latents[INDEX[name]] = value
    x, y, z, *q = bones(_messages(vmc.packets(latents, sample=0)))["Head"]
    assert (x, y, z) == (0.0, 0.0, 0.0)
    return Rotation.from_quat(q)


def test_rotations_are_those_of_unity() -> None:
    """A face that looks along +z has its own right at +x, up at +y. The formula of a rotation knows no handedness."""
    ahead, up = np.array([0, 0, 1.0]), np.array([0, 1.0, 0])
    assert _turned(headYaw=0.5).apply(ahead)[0] < -0.4  # to its left
    assert _turned(headPitch=0.5).apply(ahead)[1] > 0.4  # up
    assert _turned(headRoll=0.5).apply(up)[0] > 0.4  # the top of the head to its right shoulder


def test_turns_are_put_together_as_in_the_renderer() -> None:
    from visavis_runtime.face.portrait.pose import rotation_from_angles

    mirror = np.diag([-1.0, 1, 1])
    random = np.random.default_rng(2)
    for yaw, pitch, roll in random.uniform(-0.8, 0.8, (20, 3)):
        ours = _turned(headYaw=yaw, headPitch=pitch, headRoll=roll).as_matrix()
        np.testing.assert_allclose(mirror @ ours @ mirror, rotation_from_angles(yaw, pitch, roll), atol=1e-6)


def test_eyes_turn_like_the_head() -> None:
    turned = bones(_messages(_golden()))
    assert set(turned) == {"Head", "LeftEye", "RightEye"}
    yaw_deg = Rotation.from_quat(turned["LeftEye"][3:]).as_euler("YXZ", degrees=True)[0]
    assert yaw_deg == pytest.approx(-TURNED_DEG["leftEyeYaw"], abs=1e-4)


@pytest.mark.parametrize(("clips", "count"), [("all", 62), ("arkit", 52), ("presets", 10)])
def test_clips_can_be_chosen(clips: str, count: int) -> None:
    packets = vmc.packets(golden_latents(), sample=0, clips=vmc.Clips(clips))
    assert len(blends(_messages(packets))) == count
    assert read_packet(packets[-1]) == [("/VMC/Ext/Blend/Apply", [])]


def test_unknown_clips_name_the_known() -> None:
    with pytest.raises(InputError, match="all, arkit or presets") as caught:
        vmc.vmc_sender("127.0.0.1", clips="vrm2")
    assert caught.value.reason == "CLIPS"
