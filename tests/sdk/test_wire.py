"""Messages become values and wishes become messages, field by field."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.errors import ProtocolError
from visavis.frames import Event, EventKind, Latency, MotionFrame
from visavis.latents import NAMES, SPACE
from visavis.v1 import motion_pb2, talk_pb2, texture_pb2
from visavis.wire import control_message, frames_of, ready_of, start_message
from visavis.wishes import Control, TalkOptions


def test_start_carries_every_option() -> None:
    options = TalkOptions(
        avatar="guard", sample_rate_hz=24_000, motion=False, motion_fps=30, textures="rgba", texture_fps=20,
        texture_size_px=256, jpeg_quality=70, background=False, audio_echo=True, quality="best", pacing="burst", seed=0,
    )  # fmt: skip
    start = start_message(options, control=Control(distance=0.0), from_latents=[0.5] * 64, resume=("abc", 7)).start
    assert (start.avatar, start.audio.sample_rate_hz, start.audio.channel_count) == ("guard", 24_000, 1)
    assert (start.motion_off, start.motion_fps, start.audio_echo) == (True, 30, True)
    assert (start.quality, start.pacing) == (talk_pb2.QUALITY_BEST, talk_pb2.PACING_BURST)
    texture = start.texture
    assert (texture.format, texture.fps, texture.size_px) == (texture_pb2.TEXTURE_FORMAT_RGBA, 20, 256)
    assert (texture.jpeg_quality, texture.background_off) == (70, True)
    assert start.HasField("seed")
    assert start.control.HasField("distance")
    assert (len(start.from_latents), start.resume.token, start.resume.last_sequence) == (64, "abc", 7)
    plain = start_message(TalkOptions(), control=Control()).start
    assert not any(plain.HasField(name) for name in ("seed", "control", "texture", "resume"))


def test_a_wish_says_only_what_it_changes() -> None:
    message = control_message(Control(gaze=(0.0, 0.0), emotion={}, regions=["mouth"]), at_sample=0, line="a")
    assert all(message.HasField(name) for name in ("gaze", "emotion", "regions", "sample_index"))
    assert not any(message.HasField(name) for name in ("distance", "head_gain", "lip_gain", "blink_rate"))
    assert not control_message(Control()).HasField("sample_index")


def test_several_frames_of_a_message_share_their_stamps() -> None:
    motion = motion_pb2.Motion(
        sample_indices=[0, 266], latents=np.arange(128).tolist(),
        stamps=motion_pb2.LatencyStamps(received_ns=1, motion_done_ns=2_000_001, rendered_ns=0, sent_ns=3_000_001),
    )  # fmt: skip
    first, second = frames_of(talk_pb2.TalkResponse(motion=motion))
    assert isinstance(first, MotionFrame)
    assert isinstance(second, MotionFrame)
    assert second["eyeBlinkLeft"] == 64.0
    assert (second.sample, second.line, second.line_sample) == (266, "", -1)
    assert first.latency == second.latency == Latency(motion_ms=2.0, send_ms=1.0, sent_ns=3_000_001)
    with pytest.raises(ProtocolError):
        frames_of(talk_pb2.TalkResponse(motion=motion_pb2.Motion(sample_indices=[1], latents=[0.0] * 63)))


def test_what_a_newer_server_says_is_no_error() -> None:
    assert frames_of(talk_pb2.TalkResponse()) == []
    event = talk_pb2.Event()
    event.ParseFromString(b"\x08\x63")
    assert frames_of(talk_pb2.TalkResponse(event=event)) == [Event(EventKind.UNKNOWN)]


def test_another_latent_space_is_refused() -> None:
    assert ready_of(talk_pb2.Ready(latent_space=SPACE, names=NAMES)).limits.ahead_s == 10.0
    with pytest.raises(ProtocolError, match="face65"):
        ready_of(talk_pb2.Ready(latent_space="visavis.face65.v1", names=NAMES))
