"""Takes what a frame holds, gives the message that an ACE client reads: the only place that fills in its fields.

Every message of animation data has one frame: a time code, 52 weights, three joints, the frame's audio and, as
metadata, the emotions. What it does not do: no arithmetic.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from google.protobuf import any_pb2

from visavis.ace.v1 import ace_pb2
from visavis_runtime.serve.ace.curves import Rows, head_translation, joint_rotations
from visavis_runtime.serve.ace.feelings import Key, Weights, by_name
from visavis_runtime.serve.ace.limits import FPS
from visavis_runtime.serve.ace.names import AGGREGATE_KEY, AGGREGATE_TYPE, EMOTIONS, JOINTS, SHAPES

Answer = ace_pb2.AnimationDataStream


def header_answer(audio_header: ace_pb2.AudioHeader) -> Answer:
    """The first message: the client's own audio header, the names, and when this began (seconds since 1970)."""
    return Answer(
        animation_data_stream_header=ace_pb2.AnimationDataStreamHeader(
            audio_header=audio_header,
            skel_animation_header=ace_pb2.SkelAnimationHeader(blend_shapes=SHAPES, joints=JOINTS),
            start_time_code_since_epoch=time.time(),
        )
    )


def frame_answer(frame: int, *, latent: Rows, weights: Rows, pcm: bytes, emotions: ace_pb2.EmotionAggregate) -> Answer:
    """Frame number `frame`: `latent` [64] for the joints, `weights` [52] as they are to be sent."""
    at_s = frame / FPS
    data = ace_pb2.AnimationData()
    skeleton = data.skel_animation
    row = skeleton.blend_shape_weights.add(time_code=at_s)
    row.values.extend(weights.tolist())
    turns = skeleton.rotations.add(time_code=at_s)
    for real, i, j, k in joint_rotations(latent):
        turns.values.add(real=real, i=i, j=j, k=k)
    shifts = skeleton.translations.add(time_code=at_s)
    x, y, z = head_translation(latent)
    shifts.values.add(x=x, y=y, z=z)
    for _ in JOINTS[1:]:
        shifts.values.add()
    data.audio.time_code = at_s
    data.audio.audio_buffer = pcm
    data.metadata[AGGREGATE_KEY].CopyFrom(any_pb2.Any(type_url=AGGREGATE_TYPE, value=emotions.SerializeToString()))
    return Answer(animation_data=data)


def aggregate(frame: int, *, given: Iterable[Key], shown: Weights, fill_a2e_output: bool) -> ace_pb2.EmotionAggregate:
    """The emotions of a frame: wishes that came into force, weights [10] that the face shows."""
    at_s = frame / FPS
    emotions = ace_pb2.EmotionAggregate()
    for key in given:
        emotions.input_emotions.add(time_code=key.time_s, emotion=by_name(key.weights))
    if fill_a2e_output:
        emotions.a2e_output.add(time_code=at_s, emotion=dict.fromkeys(EMOTIONS, 0.0))
    emotions.a2f_smoothed_output.add(time_code=at_s, emotion=by_name(shown))
    return emotions


def status_answer(code: ace_pb2.Status.Code, message: str) -> Answer:
    """A status; SUCCESS is the last message of a stream."""
    return Answer(status=ace_pb2.Status(code=code, message=message))


def end_answer() -> Answer:
    """All audio has been made into frames."""
    return Answer(event=ace_pb2.Event(event_type=ace_pb2.Event.EVENT_TYPE_END_OF_A2F_AUDIO_PROCESSING))
