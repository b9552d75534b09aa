"""Takes reports of an engine, gives the responses that a client gets.

Several reports of frames of one line become one Motion: the fuller the server, the fewer its messages. Numbers and
stamps are filled in when a response is sent (`outbox.py`). What it does not do: no decision what is sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from visavis.v1 import audio_pb2, talk_pb2, texture_pb2
from visavis_runtime.serve.messages import Closed, Echo, Frames, Notice, Picture

Response = talk_pb2.TalkResponse
_LATENTS = b"\x12"
"""What stands in a Motion before the length and the bytes of its latents, which go in as they are."""
_FORMATS = {"jpeg": texture_pb2.TEXTURE_FORMAT_JPEG, "rgba": texture_pb2.TEXTURE_FORMAT_RGBA}


def response_of_frames(reports: Sequence[Frames], *, sequence: int, sent_ns: int) -> Response:
    """One Motion of all frames of the reports, which are of one line."""
    response = Response(sequence=sequence)
    motion = response.motion
    motion.line_id = reports[0].line
    for frames in reports:
        motion.sample_indices.extend(frames.samples)
        motion.MergeFromString(_LATENTS + _varint(len(frames.latents)) + frames.latents)
        motion.line_sample_indices.extend(frames.line_samples)
    last, stamps = reports[-1], motion.stamps
    stamps.received_ns, stamps.motion_done_ns, stamps.sent_ns = last.received_ns, last.done_ns, sent_ns
    return response


def response_of_picture(picture: Picture, *, sequence: int, sent_ns: int) -> Response:
    """One Texture."""
    response = Response(sequence=sequence)
    texture = response.texture
    texture.sample_index, texture.line_id, texture.line_sample_index = picture.sample, picture.line, picture.line_sample
    texture.format = _FORMATS[picture.format]
    texture.width_px = texture.height_px = picture.size_px
    texture.data = picture.data
    stamps = texture.stamps
    stamps.received_ns, stamps.motion_done_ns = picture.received_ns, picture.done_ns
    stamps.rendered_ns, stamps.sent_ns = picture.rendered_ns, sent_ns
    return response


def response_of_echo(echo: Echo, *, sequence: int, sent_ns: int) -> Response:
    """One AudioEcho."""
    return Response(
        sequence=sequence,
        audio_echo=audio_pb2.AudioEcho(
            sample_index=echo.sample, line_id=echo.line, line_sample_index=echo.line_sample, pcm=echo.pcm
        ),
    )


def response_of_notice(notice: Notice, *, sequence: int, sent_ns: int) -> Response:
    """One Event."""
    return Response(
        sequence=sequence,
        event=talk_pb2.Event(
            type=f"EVENT_TYPE_{notice.kind}",
            sample_index=notice.sample,
            line_id=notice.line,
            count=notice.count,
            reason=notice.reason,
            message=notice.message,
        ),
    )


def response_of_closed(
    closed: Closed, *, motion_frames: int, texture_frames: int, dropped_frames: int, first_frame_ms: float
) -> Response:
    """The Summary."""
    return Response(
        summary=talk_pb2.Summary(
            motion_frames=motion_frames,
            texture_frames=texture_frames,
            dropped_frames=dropped_frames,
            underruns=closed.underruns,
            first_frame_ms=first_frame_ms,
            step_p50_ms=closed.step_ms[0],
            step_p99_ms=closed.step_ms[1],
            audio_s=closed.audio_s,
        )
    )


def _varint(number: int) -> bytes:
    """A length as protobuf writes it."""
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])
