"""A talk over real gRPC: saying, hearing, steering, interrupting, ending."""

from __future__ import annotations

import numpy as np
import pytest
from sdk.heard import frames_of, kinds_of, loud, motion_of, ramp, run
from sdk.talk_face import STEP
from sdk.talk_server import Script, serving

import visavis
from visavis import AudioFrame, Client, Event, EventKind, MotionFrame, TextureFrame
from visavis.errors import CapacityError, InputError, UnavailableError, VisavisError


def test_ten_lines() -> None:
    async def work() -> None:
        script = Script()
        async with serving(script) as target, Client(target) as client:
            async with client.talk(seed=11) as talk:
                line = await talk.say(ramp(25))
                talk.end()
                frames = await frames_of(talk)
            assert (talk.ready.motion_fps, talk.ready.seed, talk.ready.limits.resume_s) == (50, 11, 2.0)
            assert talk.ready.names == visavis.NAMES
            assert await line.finished()
            assert talk.summary is not None
            assert talk.summary.motion_frames == 26
        motion = motion_of(frames)
        assert [frame.line_sample for frame in motion] == [STEP * j for j in range(25)]
        assert [frame["jawOpen"] for frame in motion] == pytest.approx([j / 26 for j in range(1, 26)], abs=1e-4)
        assert motion[0].latency == visavis.Latency(motion_ms=2.0, send_ms=1.5, sent_ns=4_500_000)
        assert motion[0].latents.shape == (64,)
        assert kinds_of(frames) == [EventKind.LINE_STARTED, EventKind.LINE_FINISHED]
        assert script.starts[0].protocol_version == 1
        assert {len(request.audio.pcm) for request in script.requests if request.HasField("audio")} == {1280, 640}

    run(work())


def test_what_is_wrong_with_a_voice_is_said_at_once() -> None:
    async def work() -> None:
        async with serving(Script()) as target, Client(target) as client:
            with pytest.raises(InputError, match="8000, 16000, 22050"):
                client.talk(sample_rate_hz=11_025)
            async with client.talk() as talk:
                with pytest.raises(InputError, match=r"sample_rate_hz=24000") as raised:
                    await talk.say(loud(1), sample_rate_hz=24_000)
                assert raised.value.reason == "AUDIO_RATE"
                with pytest.raises(InputError) as raised:
                    await talk.say(np.zeros(0, np.float32))
                assert raised.value.reason == "AUDIO_EMPTY"
                await talk.say(loud(0.1), line="welcome")
                with pytest.raises(InputError) as raised:
                    await talk.say(loud(0.1), line="welcome")
                assert raised.value.reason == "LINE_TWICE"
                talk.end()
                with pytest.raises(InputError) as raised:
                    await talk.say(loud(0.1))
                assert raised.value.reason == "TALK_ENDED"
                await talk.control(distance=0.1)  # its line is not over
                await talk.finish()
                for late in (talk.say(loud(0.1)), talk.control(distance=0.1)):
                    with pytest.raises(InputError) as raised:
                        await late
                    assert raised.value.reason == "TALK_ENDED"
            async with client.talk() as talk:
                pass
            with pytest.raises(UnavailableError) as over:
                await talk.say(loud(0.1))
            assert over.value.reason == "TALK_OVER"

    run(work())


def test_pictures_and_sound_come_with_the_motion() -> None:
    async def work() -> None:
        async with serving(Script()) as target, Client(target) as client:
            async with client.talk(avatar="innkeeper", textures="rgba", texture_size_px=256, audio_echo=True) as talk:
                await talk.say(ramp(3))
                talk.end()
                frames = await frames_of(talk)
            pictures = [frame for frame in frames if isinstance(frame, TextureFrame)]
            sound = np.concatenate([frame.samples for frame in frames if isinstance(frame, AudioFrame)])
            assert len(pictures) == 3
            assert pictures[0].rgba().tolist() == np.arange(16).reshape(2, 2, 4).tolist()
            assert np.array_equal(sound, np.round(ramp(3) * 32768).astype(np.int16))
            async with client.talk(avatar="innkeeper", textures="jpeg", motion=False) as talk:
                await talk.say(ramp(3))
                talk.end()
                frames = await frames_of(talk)
            assert motion_of(frames) == []
            picture = next(frame for frame in frames if isinstance(frame, TextureFrame))
            with pytest.raises(InputError, match="imdecode"):
                picture.rgba()

    run(work())


def test_interrupt_drops_what_is_queued() -> None:
    async def work() -> None:
        script = Script(pace_s=0.005)
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            first, second = await talk.say(loud(5)), await talk.say(loud(5))
            async for frame in talk:
                if isinstance(frame, MotionFrame) and frame.line_sample >= 10 * STEP:
                    break
            await talk.interrupt()
            assert not await first.finished()
            assert not await second.finished()
            third = await talk.say(ramp(3))
            assert await third.finished()
            assert sum(request.HasField("interrupt") for request in script.requests) == 1

    run(work())


def test_wishes_and_markers_reach_the_face() -> None:
    async def work() -> None:
        script = Script(pace_s=0.002)
        control = visavis.Control(head_gain=0.5)
        async with serving(script) as target, Client(target) as client, client.talk(control=control) as talk:
            line = await talk.say(loud(0.4))
            await talk.mark(line, 3200, "bow")
            await talk.control(emotion={"happy": 0.6}, at_sample=1600, line=line)
            await talk.control(gaze=(0.1, -0.1), distance=0.2)
            talk.end()
            frames = await frames_of(talk)
            with pytest.raises(InputError, match="-1 to 1"):
                await talk.control(distance=3.0)
            with pytest.raises(InputError) as raised:
                await talk.mark(line, 1, "late")
            assert raised.value.reason == "LINE_UNKNOWN"
        assert script.starts[0].control.head_gain == 0.5
        marker = next(frame for frame in frames if isinstance(frame, Event) and frame.kind is EventKind.MARKER)
        assert (marker.message, marker.line) == ("bow", line.id)
        wishes = [request.control for request in script.requests if request.HasField("control")]
        timed = next(wish for wish in wishes if wish.line_id)
        assert (timed.sample_index, timed.emotion.weights["happy"]) == (1600, pytest.approx(0.6))
        now = next(wish for wish in wishes if not wish.line_id)
        assert not now.HasField("sample_index")
        assert now.gaze.yaw_rad == pytest.approx(0.1)

    run(work())


def test_a_long_line_stays_below_what_the_server_allows() -> None:
    async def work() -> None:
        script = Script(ahead_s=1.0, pace_s=0.001)
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            await talk.say(loud(4))
            await talk.say(loud(1))
            talk.end()
            assert len(motion_of(await frames_of(talk))) == 250
            assert 8_000 < script.most_ahead <= 16_000

    run(work())


def test_refusals_are_errors_of_our_tree() -> None:
    async def work() -> None:
        script = Script(
            refuse=[("RESOURCE_EXHAUSTED", "12 of 12 talks", "CAPACITY", 1500), ("INTERNAL", "?", "BUG", 0)]
        )
        async with serving(script) as target, Client(target, token="secret") as client:
            with pytest.raises(CapacityError, match="12 of 12") as full:
                await client.talk().__aenter__()
            assert (full.value.retry_s, full.value.retryable) == (1.5, True)
            with pytest.raises(VisavisError) as bug:
                await client.talk().__aenter__()
            assert bug.value.code == "INTERNAL"
            assert script.metadata["authorization"] == "Bearer secret"

    run(work())


def test_no_server_says_how_to_start_one(free_port: int) -> None:
    async def work() -> None:
        async with Client(f"127.0.0.1:{free_port}") as client:
            with pytest.raises(UnavailableError, match=rf"visavis serve --listen 127.0.0.1:{free_port}"):
                await client.talk().__aenter__()
            with pytest.raises(UnavailableError):
                await client.health()

    run(work())


def test_a_talk_that_was_not_entered_says_so() -> None:
    async def work() -> None:
        with pytest.raises(InputError, match="async with"):
            await Client("127.0.0.1:1").talk().say(loud(1))

    run(work())
