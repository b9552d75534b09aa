from visavis.v1 import audio_pb2 as _audio_pb2
from visavis.v1 import motion_pb2 as _motion_pb2
from visavis.v1 import texture_pb2 as _texture_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Quality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUALITY_UNSPECIFIED: _ClassVar[Quality]
    QUALITY_FAST: _ClassVar[Quality]
    QUALITY_BALANCED: _ClassVar[Quality]
    QUALITY_BEST: _ClassVar[Quality]

class Pacing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PACING_UNSPECIFIED: _ClassVar[Pacing]
    PACING_PACED: _ClassVar[Pacing]
    PACING_BURST: _ClassVar[Pacing]

class EventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_TYPE_UNSPECIFIED: _ClassVar[EventType]
    EVENT_TYPE_LINE_STARTED: _ClassVar[EventType]
    EVENT_TYPE_LINE_FINISHED: _ClassVar[EventType]
    EVENT_TYPE_LINE_INTERRUPTED: _ClassVar[EventType]
    EVENT_TYPE_UNDERRUN: _ClassVar[EventType]
    EVENT_TYPE_RECOVERED: _ClassVar[EventType]
    EVENT_TYPE_DROPPED: _ClassVar[EventType]
    EVENT_TYPE_DEGRADED: _ClassVar[EventType]
    EVENT_TYPE_MARKER: _ClassVar[EventType]
    EVENT_TYPE_WARNING: _ClassVar[EventType]
    EVENT_TYPE_GOODBYE: _ClassVar[EventType]
QUALITY_UNSPECIFIED: Quality
QUALITY_FAST: Quality
QUALITY_BALANCED: Quality
QUALITY_BEST: Quality
PACING_UNSPECIFIED: Pacing
PACING_PACED: Pacing
PACING_BURST: Pacing
EVENT_TYPE_UNSPECIFIED: EventType
EVENT_TYPE_LINE_STARTED: EventType
EVENT_TYPE_LINE_FINISHED: EventType
EVENT_TYPE_LINE_INTERRUPTED: EventType
EVENT_TYPE_UNDERRUN: EventType
EVENT_TYPE_RECOVERED: EventType
EVENT_TYPE_DROPPED: EventType
EVENT_TYPE_DEGRADED: EventType
EVENT_TYPE_MARKER: EventType
EVENT_TYPE_WARNING: EventType
EVENT_TYPE_GOODBYE: EventType

class TalkRequest(_message.Message):
    __slots__ = ("start", "audio", "end_of_line", "marker", "control", "interrupt", "ack", "ping", "leave", "acknowledged")
    START_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    END_OF_LINE_FIELD_NUMBER: _ClassVar[int]
    MARKER_FIELD_NUMBER: _ClassVar[int]
    CONTROL_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    LEAVE_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    start: Start
    audio: _audio_pb2.AudioChunk
    end_of_line: _audio_pb2.EndOfLine
    marker: _audio_pb2.Marker
    control: Control
    interrupt: Interrupt
    ack: Ack
    ping: Ping
    leave: Leave
    acknowledged: int
    def __init__(self, start: _Optional[_Union[Start, _Mapping]] = ..., audio: _Optional[_Union[_audio_pb2.AudioChunk, _Mapping]] = ..., end_of_line: _Optional[_Union[_audio_pb2.EndOfLine, _Mapping]] = ..., marker: _Optional[_Union[_audio_pb2.Marker, _Mapping]] = ..., control: _Optional[_Union[Control, _Mapping]] = ..., interrupt: _Optional[_Union[Interrupt, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., ping: _Optional[_Union[Ping, _Mapping]] = ..., leave: _Optional[_Union[Leave, _Mapping]] = ..., acknowledged: _Optional[int] = ...) -> None: ...

class TalkResponse(_message.Message):
    __slots__ = ("sequence", "ready", "motion", "texture", "audio_echo", "event", "pong", "summary")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    MOTION_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_FIELD_NUMBER: _ClassVar[int]
    AUDIO_ECHO_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    PONG_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    ready: Ready
    motion: _motion_pb2.Motion
    texture: _texture_pb2.Texture
    audio_echo: _audio_pb2.AudioEcho
    event: Event
    pong: Pong
    summary: Summary
    def __init__(self, sequence: _Optional[int] = ..., ready: _Optional[_Union[Ready, _Mapping]] = ..., motion: _Optional[_Union[_motion_pb2.Motion, _Mapping]] = ..., texture: _Optional[_Union[_texture_pb2.Texture, _Mapping]] = ..., audio_echo: _Optional[_Union[_audio_pb2.AudioEcho, _Mapping]] = ..., event: _Optional[_Union[Event, _Mapping]] = ..., pong: _Optional[_Union[Pong, _Mapping]] = ..., summary: _Optional[_Union[Summary, _Mapping]] = ...) -> None: ...

class TalkManyRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[NumberedRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[NumberedRequest, _Mapping]]] = ...) -> None: ...

class NumberedRequest(_message.Message):
    __slots__ = ("talk", "request", "done", "cancelled")
    TALK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    talk: int
    request: TalkRequest
    done: bool
    cancelled: bool
    def __init__(self, talk: _Optional[int] = ..., request: _Optional[_Union[TalkRequest, _Mapping]] = ..., done: bool = ..., cancelled: bool = ...) -> None: ...

class TalkManyResponse(_message.Message):
    __slots__ = ("responses",)
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    responses: _containers.RepeatedCompositeFieldContainer[NumberedResponse]
    def __init__(self, responses: _Optional[_Iterable[_Union[NumberedResponse, _Mapping]]] = ...) -> None: ...

class NumberedResponse(_message.Message):
    __slots__ = ("talk", "response", "end")
    TALK_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    talk: int
    response: TalkResponse
    end: TalkEnd
    def __init__(self, talk: _Optional[int] = ..., response: _Optional[_Union[TalkResponse, _Mapping]] = ..., end: _Optional[_Union[TalkEnd, _Mapping]] = ...) -> None: ...

class Leave(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TalkEnd(_message.Message):
    __slots__ = ("code", "message", "reason", "retry_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RETRY_MS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    reason: str
    retry_ms: int
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., reason: _Optional[str] = ..., retry_ms: _Optional[int] = ...) -> None: ...

class Start(_message.Message):
    __slots__ = ("avatar", "audio", "motion_fps", "motion_off", "texture", "audio_echo", "quality", "pacing", "seed", "control", "resume", "from_latents", "protocol_version")
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    MOTION_FPS_FIELD_NUMBER: _ClassVar[int]
    MOTION_OFF_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_FIELD_NUMBER: _ClassVar[int]
    AUDIO_ECHO_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    PACING_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    CONTROL_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    FROM_LATENTS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    avatar: str
    audio: _audio_pb2.AudioFormat
    motion_fps: int
    motion_off: bool
    texture: TextureOptions
    audio_echo: bool
    quality: Quality
    pacing: Pacing
    seed: int
    control: Control
    resume: Resume
    from_latents: _containers.RepeatedScalarFieldContainer[float]
    protocol_version: int
    def __init__(self, avatar: _Optional[str] = ..., audio: _Optional[_Union[_audio_pb2.AudioFormat, _Mapping]] = ..., motion_fps: _Optional[int] = ..., motion_off: bool = ..., texture: _Optional[_Union[TextureOptions, _Mapping]] = ..., audio_echo: bool = ..., quality: _Optional[_Union[Quality, str]] = ..., pacing: _Optional[_Union[Pacing, str]] = ..., seed: _Optional[int] = ..., control: _Optional[_Union[Control, _Mapping]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ..., from_latents: _Optional[_Iterable[float]] = ..., protocol_version: _Optional[int] = ...) -> None: ...

class TextureOptions(_message.Message):
    __slots__ = ("format", "fps", "size_px", "jpeg_quality", "background_off")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    FPS_FIELD_NUMBER: _ClassVar[int]
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    JPEG_QUALITY_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_OFF_FIELD_NUMBER: _ClassVar[int]
    format: _texture_pb2.TextureFormat
    fps: int
    size_px: int
    jpeg_quality: int
    background_off: bool
    def __init__(self, format: _Optional[_Union[_texture_pb2.TextureFormat, str]] = ..., fps: _Optional[int] = ..., size_px: _Optional[int] = ..., jpeg_quality: _Optional[int] = ..., background_off: bool = ...) -> None: ...

class Resume(_message.Message):
    __slots__ = ("token", "last_sequence")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    token: str
    last_sequence: int
    def __init__(self, token: _Optional[str] = ..., last_sequence: _Optional[int] = ...) -> None: ...

class Control(_message.Message):
    __slots__ = ("sample_index", "line_id", "gaze", "distance", "emotion", "head_gain", "lip_gain", "blink_rate", "regions")
    SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    GAZE_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    HEAD_GAIN_FIELD_NUMBER: _ClassVar[int]
    LIP_GAIN_FIELD_NUMBER: _ClassVar[int]
    BLINK_RATE_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    sample_index: int
    line_id: str
    gaze: Gaze
    distance: float
    emotion: Emotion
    head_gain: float
    lip_gain: float
    blink_rate: float
    regions: Regions
    def __init__(self, sample_index: _Optional[int] = ..., line_id: _Optional[str] = ..., gaze: _Optional[_Union[Gaze, _Mapping]] = ..., distance: _Optional[float] = ..., emotion: _Optional[_Union[Emotion, _Mapping]] = ..., head_gain: _Optional[float] = ..., lip_gain: _Optional[float] = ..., blink_rate: _Optional[float] = ..., regions: _Optional[_Union[Regions, _Mapping]] = ...) -> None: ...

class Gaze(_message.Message):
    __slots__ = ("yaw_rad", "pitch_rad")
    YAW_RAD_FIELD_NUMBER: _ClassVar[int]
    PITCH_RAD_FIELD_NUMBER: _ClassVar[int]
    yaw_rad: float
    pitch_rad: float
    def __init__(self, yaw_rad: _Optional[float] = ..., pitch_rad: _Optional[float] = ...) -> None: ...

class Emotion(_message.Message):
    __slots__ = ("weights",)
    class WeightsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    weights: _containers.ScalarMap[str, float]
    def __init__(self, weights: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Regions(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class Interrupt(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Ack(_message.Message):
    __slots__ = ("sequence",)
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    def __init__(self, sequence: _Optional[int] = ...) -> None: ...

class Ping(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class Pong(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class Ready(_message.Message):
    __slots__ = ("talk_id", "latent_space", "names", "motion_fps", "texture_fps", "look_ahead_ms", "latency_ms", "seed", "limits", "marking", "resume_token", "server_version", "resumed", "received")
    TALK_ID_FIELD_NUMBER: _ClassVar[int]
    LATENT_SPACE_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    MOTION_FPS_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_FPS_FIELD_NUMBER: _ClassVar[int]
    LOOK_AHEAD_MS_FIELD_NUMBER: _ClassVar[int]
    LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    MARKING_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    talk_id: str
    latent_space: str
    names: _containers.RepeatedScalarFieldContainer[str]
    motion_fps: int
    texture_fps: int
    look_ahead_ms: float
    latency_ms: float
    seed: int
    limits: Limits
    marking: Marking
    resume_token: str
    server_version: str
    resumed: bool
    received: _containers.RepeatedCompositeFieldContainer[Received]
    def __init__(self, talk_id: _Optional[str] = ..., latent_space: _Optional[str] = ..., names: _Optional[_Iterable[str]] = ..., motion_fps: _Optional[int] = ..., texture_fps: _Optional[int] = ..., look_ahead_ms: _Optional[float] = ..., latency_ms: _Optional[float] = ..., seed: _Optional[int] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., marking: _Optional[_Union[Marking, _Mapping]] = ..., resume_token: _Optional[str] = ..., server_version: _Optional[str] = ..., resumed: bool = ..., received: _Optional[_Iterable[_Union[Received, _Mapping]]] = ...) -> None: ...

class Received(_message.Message):
    __slots__ = ("line_id", "sample_count")
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    sample_count: int
    def __init__(self, line_id: _Optional[str] = ..., sample_count: _Optional[int] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("ahead_s", "ahead_max_s", "idle_timeout_s", "ack_timeout_s", "resume_s", "message_bytes", "talk_s")
    AHEAD_S_FIELD_NUMBER: _ClassVar[int]
    AHEAD_MAX_S_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    ACK_TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    RESUME_S_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    TALK_S_FIELD_NUMBER: _ClassVar[int]
    ahead_s: float
    ahead_max_s: float
    idle_timeout_s: float
    ack_timeout_s: float
    resume_s: float
    message_bytes: int
    talk_s: float
    def __init__(self, ahead_s: _Optional[float] = ..., ahead_max_s: _Optional[float] = ..., idle_timeout_s: _Optional[float] = ..., ack_timeout_s: _Optional[float] = ..., resume_s: _Optional[float] = ..., message_bytes: _Optional[int] = ..., talk_s: _Optional[float] = ...) -> None: ...

class Marking(_message.Message):
    __slots__ = ("ai_generated", "marks")
    AI_GENERATED_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    ai_generated: bool
    marks: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ai_generated: bool = ..., marks: _Optional[_Iterable[str]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("type", "sample_index", "line_id", "count", "reason", "message")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    type: EventType
    sample_index: int
    line_id: str
    count: int
    reason: str
    message: str
    def __init__(self, type: _Optional[_Union[EventType, str]] = ..., sample_index: _Optional[int] = ..., line_id: _Optional[str] = ..., count: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Summary(_message.Message):
    __slots__ = ("motion_frames", "texture_frames", "dropped_frames", "underruns", "first_frame_ms", "step_p50_ms", "step_p99_ms", "audio_s")
    MOTION_FRAMES_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_FRAMES_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FRAMES_FIELD_NUMBER: _ClassVar[int]
    UNDERRUNS_FIELD_NUMBER: _ClassVar[int]
    FIRST_FRAME_MS_FIELD_NUMBER: _ClassVar[int]
    STEP_P50_MS_FIELD_NUMBER: _ClassVar[int]
    STEP_P99_MS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_S_FIELD_NUMBER: _ClassVar[int]
    motion_frames: int
    texture_frames: int
    dropped_frames: int
    underruns: int
    first_frame_ms: float
    step_p50_ms: float
    step_p99_ms: float
    audio_s: float
    def __init__(self, motion_frames: _Optional[int] = ..., texture_frames: _Optional[int] = ..., dropped_frames: _Optional[int] = ..., underruns: _Optional[int] = ..., first_frame_ms: _Optional[float] = ..., step_p50_ms: _Optional[float] = ..., step_p99_ms: _Optional[float] = ..., audio_s: _Optional[float] = ...) -> None: ...
