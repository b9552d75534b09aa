"""Values <-> messages of visavis.v1: the only file of the client that knows both.

Sample indices pass as they are; `Talk` moves them where a talk was taken up anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visavis.errors import ProtocolError
from visavis.frames import (
    AudioFrame,
    AvatarInfo,
    Event,
    EventKind,
    Frame,
    Latency,
    Limits,
    MotionFrame,
    Ready,
    Summary,
    TextureFrame,
)
from visavis.latents import NAMES, SPACE
from visavis.v1 import audio_pb2, avatar_pb2, motion_pb2, talk_pb2, texture_pb2
from visavis.wishes import Control, TalkOptions

PROTOCOL_VERSION = 1


def start_message(
    options: TalkOptions,
    *,
    control: Control,
    from_latents: Sequence[float] = (),
    resume: tuple[str, int] | None = None,
) -> talk_pb2.TalkRequest:
    """Start; `resume` = (token, last sequence that arrived)."""
    start = talk_pb2.Start(
        avatar=options.avatar,
        audio=audio_pb2.AudioFormat(
            encoding=audio_pb2.AUDIO_ENCODING_S16LE, sample_rate_hz=options.sample_rate_hz, channel_count=1
        ),
        motion_fps=options.motion_fps,
        motion_off=not options.motion,
        audio_echo=options.audio_echo,
        quality=f"QUALITY_{options.quality.upper()}",
        pacing=f"PACING_{options.pacing.upper()}",
        seed=options.seed,
        from_latents=from_latents,
        protocol_version=PROTOCOL_VERSION,
    )
    if options.textures is not None:
        start.texture.CopyFrom(
            texture_options(
                options.textures,
                fps=options.texture_fps,
                size_px=options.texture_size_px,
                jpeg_quality=options.jpeg_quality,
                background=options.background,
            )
        )
    if control != Control():
        start.control.CopyFrom(control_message(control))
    if resume is not None:
        start.resume.CopyFrom(talk_pb2.Resume(token=resume[0], last_sequence=resume[1]))
    return talk_pb2.TalkRequest(start=start)


def texture_options(
    name: str, *, fps: int, size_px: int, jpeg_quality: int, background: bool
) -> talk_pb2.TextureOptions:
    """Pictures by the name of their format."""
    return talk_pb2.TextureOptions(
        format=f"TEXTURE_FORMAT_{name.upper()}",
        fps=fps,
        size_px=size_px,
        jpeg_quality=jpeg_quality,
        background_off=not background,
    )


def control_message(control: Control, *, at_sample: int | None = None, line: str = "") -> talk_pb2.Control:
    """A wish as a message; `at_sample` at the talk's rate if it is of a line, else of the talk's clock."""
    message = talk_pb2.Control(
        sample_index=at_sample,
        line_id=line,
        distance=control.distance,
        head_gain=control.head_gain,
        lip_gain=control.lip_gain,
        blink_rate=control.blink_rate,
    )
    if control.gaze is not None:
        message.gaze.CopyFrom(talk_pb2.Gaze(yaw_rad=control.gaze[0], pitch_rad=control.gaze[1]))
    if control.emotion is not None:
        message.emotion.CopyFrom(talk_pb2.Emotion(weights=dict(control.emotion)))
    if control.regions is not None:
        message.regions.CopyFrom(talk_pb2.Regions(names=list(control.regions)))
    return message


def ready_of(message: talk_pb2.Ready) -> Ready:
    """Raises ProtocolError LATENT_SPACE when the server's latents are not ours."""
    if message.latent_space != SPACE or tuple(message.names) != NAMES:
        raise ProtocolError(
            f"The server speaks the latent space {message.latent_space!r}, this client {SPACE}: update the older one.",
            reason="LATENT_SPACE",
        )
    limits = message.limits
    return Ready(
        talk_id=message.talk_id,
        names=NAMES,
        motion_fps=message.motion_fps,
        texture_fps=message.texture_fps,
        look_ahead_ms=message.look_ahead_ms,
        latency_ms=message.latency_ms,
        seed=message.seed,
        limits=Limits(
            ahead_s=limits.ahead_s or Limits.ahead_s,
            idle_timeout_s=limits.idle_timeout_s or Limits.idle_timeout_s,
            ack_timeout_s=limits.ack_timeout_s or Limits.ack_timeout_s,
            resume_s=limits.resume_s,
            message_bytes=limits.message_bytes or Limits.message_bytes,
            talk_s=limits.talk_s,
        ),
        ai_generated=message.marking.ai_generated,
        marks=tuple(message.marking.marks),
        server_version=message.server_version,
    )


def frames_of(response: talk_pb2.TalkResponse) -> list[Frame]:
    """The values of one response; none for Ready, Pong, Summary and what a newer server may send."""
    kind = response.WhichOneof("response")
    if kind == "motion":
        return list(_motion_frames(response.motion))
    if kind == "texture":
        return [_texture_frame(response.texture)]
    if kind == "audio_echo":
        echo = response.audio_echo
        samples = np.frombuffer(echo.pcm, "<i2")
        return [AudioFrame(echo.sample_index, samples, line=echo.line_id, line_sample=echo.line_sample_index)]
    if kind == "event":
        return [_event_of(response.event)]
    return []


def _motion_frames(motion: motion_pb2.Motion) -> list[MotionFrame]:
    count = len(motion.sample_indices)
    if len(motion.latents) != count * len(NAMES) or len(motion.line_sample_indices) not in (0, count):
        raise ProtocolError(
            f"The server sent {len(motion.latents)} latents for {count} frames of {len(NAMES)}: update the older side.",
            reason="MOTION_SHAPE",
        )
    latents = np.array(motion.latents, np.float32).reshape(count, len(NAMES))
    latents.flags.writeable = False
    latency = latency_of(motion.stamps)
    line_samples = motion.line_sample_indices or [-1] * count
    return [
        MotionFrame(sample, row, line=motion.line_id, line_sample=line_sample, latency=latency)
        for sample, row, line_sample in zip(motion.sample_indices, latents, line_samples, strict=True)
    ]


def _texture_frame(texture: texture_pb2.Texture) -> TextureFrame:
    return TextureFrame(
        texture.sample_index,
        texture.data,
        format=texture_pb2.TextureFormat.Name(texture.format).removeprefix("TEXTURE_FORMAT_").lower(),
        width_px=texture.width_px,
        height_px=texture.height_px,
        line=texture.line_id,
        line_sample=texture.line_sample_index,
        latency=latency_of(texture.stamps),
    )


def _event_of(event: talk_pb2.Event) -> Event:
    known = event.type in talk_pb2.EventType.values() and event.type != talk_pb2.EVENT_TYPE_UNSPECIFIED
    name = talk_pb2.EventType.Name(event.type).removeprefix("EVENT_TYPE_") if known else "UNKNOWN"
    return Event(
        EventKind(name) if name in EventKind.__members__ else EventKind.UNKNOWN,
        sample=event.sample_index,
        line=event.line_id,
        count=event.count,
        reason=event.reason,
        message=event.message,
    )


def latency_of(stamps: motion_pb2.LatencyStamps) -> Latency:
    """Nanoseconds of the server's clock as what each step took."""
    done_ns = stamps.rendered_ns or stamps.motion_done_ns
    return Latency(
        motion_ms=_ms(stamps.received_ns, stamps.motion_done_ns),
        render_ms=_ms(stamps.motion_done_ns, stamps.rendered_ns),
        send_ms=_ms(done_ns, stamps.sent_ns),
        sent_ns=stamps.sent_ns,
    )


def _ms(start_ns: int, end_ns: int) -> float:
    return (end_ns - start_ns) / 1e6 if start_ns and end_ns else 0.0


def summary_of(message: talk_pb2.Summary) -> Summary:
    """How the talk went."""
    return Summary(**{field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields})


def avatar_of(message: avatar_pb2.Avatar) -> AvatarInfo:
    """What the server keeps of an avatar."""
    return AvatarInfo(
        name=message.name,
        size_bytes=message.size_bytes,
        size_px=message.size_px,
        sha256=message.sha256,
        yaw_limit_rad=message.yaw_limit_rad,
        pitch_limit_rad=message.pitch_limit_rad,
        roll_limit_rad=message.roll_limit_rad,
        warnings=tuple(message.warnings),
    )
