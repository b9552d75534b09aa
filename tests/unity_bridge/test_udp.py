from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from osc_reader import blends, read_packet
from udp_listener import UdpListener

from visavis.errors import InputError, UnavailableError
from visavis.frames import MotionFrame
from visavis.latents import INDEX
from visavis_bridge.udp import OWNER_S, STALL_S, UdpSender, parse_address, resting
from visavis_bridge.vmc import vmc_sender


def _frame(jaw: float, *, sample: int = 0) -> MotionFrame:
    latents = np.zeros(64, np.float32)
    latents[INDEX["jawOpen"]] = jaw
    latents[INDEX["headYaw"]] = jaw
    return MotionFrame(sample, latents)


def _pack(character: str, frame: MotionFrame) -> list[bytes]:
    return [f"{character} {frame.sample} {frame['jawOpen']:.3f} {frame['headYaw']:.3f}".encode()]


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("127.0.0.1", ("127.0.0.1", 5)), ("localhost:39540", ("localhost", 39540)), (" studio-pc ", ("studio-pc", 5)),
        ("::1", ("::1", 5)), ("[::1]:77", ("::1", 77)), ("[fe80::1]", ("fe80::1", 5)), ("host:", ("host", 5)),
    ],
)  # fmt: skip
def test_addresses(text: str, parsed: tuple[str, int]) -> None:
    assert parse_address(text, port=5) == parsed


@pytest.mark.parametrize(
    "text", ["", ":5", "host:0", "host:70000", "host:five", "255.255.255.255", "239.0.0.1:5", "0.0.0.0", "::"]
)
def test_addresses_that_are_no_machine(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_address(text, port=5)
    assert caught.value.reason == "ADDRESS"


def test_an_unknown_host_says_so() -> None:
    with pytest.raises(UnavailableError, match=r"no-such-host\.invalid") as caught:
        UdpSender("no-such-host.invalid", port=5, pack=_pack).start()
    assert caught.value.reason == "HOST_UNKNOWN"


def test_broadcast_is_not_sent() -> None:
    with UdpSender("127.255.255.255", port=50123, pack=_pack) as sender:
        sender.send("a", _frame(0.5))
        assert sender.dropped == 1


def test_frames_arrive_in_order() -> None:
    with UdpListener() as listener, UdpSender(listener.address, port=1, pack=_pack) as sender:
        for k in range(50):
            sender.send("a", _frame(0.5, sample=k))
        assert [data.split()[1] for data in listener.take(50)] == [str(k).encode() for k in range(50)]
        assert sender.dropped == 0


def test_when_frames_stop_the_face_eases_to_rest_and_goes_on() -> None:
    with UdpListener() as listener, UdpSender(listener.address, port=1, pack=_pack) as sender:
        sender.send("a", _frame(0.8, sample=16_000))
        heard = [data.split() for data in listener.take(40)]
    samples = [int(words[1]) for words in heard]
    jaws = [float(words[2]) for words in heard]
    yaws = [float(words[3]) for words in heard]
    assert samples == sorted(samples)
    assert samples[1] - samples[0] >= STALL_S * 16_000
    assert jaws[0] == 0.8
    assert jaws == sorted(jaws, reverse=True)
    assert jaws[-1] == yaws[-1] == 0.0
    assert any(0 < yaw < 0.8 and jaw == 0 for jaw, yaw in zip(jaws, yaws, strict=True))
    shut = next(sample for sample, jaw in zip(samples, jaws, strict=True) if jaw == 0)
    assert (shut - samples[0]) / 16_000 >= STALL_S + 0.12


def test_rest_takes_the_shapes_first() -> None:
    latents = np.ones(64, np.float32)
    assert resting(latents, stalled_s=0.0).tolist() == [1.0] * 64
    later = resting(latents, stalled_s=0.3)
    assert later[:52].max() == 0.0
    assert later[52:].tolist() == pytest.approx([0.5] * 12)
    assert resting(latents, stalled_s=9.0).max() == 0.0


def test_a_port_of_one_face_belongs_to_the_first_that_speaks() -> None:
    with UdpListener() as listener, vmc_sender(listener.address, clips="presets") as sender:
        sender.send("guard", _frame(0.45))
        sender.send("innkeeper", _frame(0.0))
        weights = blends([message for data in listener.take(2) for message in read_packet(data)])
        assert weights["A"] == pytest.approx(1.0)
        time.sleep(OWNER_S + 0.1)
        sender.send("innkeeper", _frame(0.225))
        heard = [message for data in listener.drain(quiet_s=0.2) for message in read_packet(data)]
    assert [values[1] for address, values in heard if values[:1] == ["A"]][-1] < 0.51


def test_closing_ends_the_thread_and_later_frames_go_nowhere() -> None:
    with UdpListener() as listener:
        sender = UdpSender(listener.address, port=1, pack=_pack)
        sender.start()
        sender.send("a", _frame(0.5))
        sender.close()
        sender.send("a", _frame(0.5))
        assert len(listener.drain(quiet_s=0.4)) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "visavis-udp"]
