"""Takes a talk that begins or is taken up, gives the Ready that says what it is and what the server allows."""

from __future__ import annotations

from visavis import __version__
from visavis.latents import NAMES, SPACE
from visavis.v1 import talk_pb2
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.talk import LiveTalk


def ready_of(talk: LiveTalk, *, config: ServerConfig, resumed: bool) -> talk_pb2.TalkResponse:
    """Of a talk that has a slot."""
    opened, spec = talk.opened, talk.spec
    assert opened is not None
    ready = talk_pb2.Ready(
        talk_id=f"{opened.talk}", latent_space=SPACE, names=NAMES, motion_fps=spec.motion_fps,
        texture_fps=spec.pictures.fps if spec.pictures else 0, look_ahead_ms=opened.look_ahead_s * 1e3,
        latency_ms=opened.latency_s * 1e3, seed=spec.seed, resume_token=talk.token, server_version=__version__,
        resumed=resumed, marking=talk_pb2.Marking(ai_generated=True),
        limits=talk_pb2.Limits(
            ahead_s=config.ahead_s, ahead_max_s=config.ahead_max_s, idle_timeout_s=config.idle_timeout_s,
            ack_timeout_s=config.ack_timeout_s, resume_s=config.resume_s, message_bytes=config.message_bytes,
            talk_s=config.talk_s,
        ),
    )  # fmt: skip
    if resumed and talk.intake.received is not None:
        line, count = talk.intake.received
        ready.received.add(line_id=line, sample_count=count)
    return talk_pb2.TalkResponse(ready=ready)
