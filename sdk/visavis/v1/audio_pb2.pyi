from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AudioEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIO_ENCODING_UNSPECIFIED: _ClassVar[AudioEncoding]
    AUDIO_ENCODING_S16LE: _ClassVar[AudioEncoding]
    AUDIO_ENCODING_F32LE: _ClassVar[AudioEncoding]
AUDIO_ENCODING_UNSPECIFIED: AudioEncoding
AUDIO_ENCODING_S16LE: AudioEncoding
AUDIO_ENCODING_F32LE: AudioEncoding

class AudioFormat(_message.Message):
    __slots__ = ("encoding", "sample_rate_hz", "channel_count")
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    encoding: AudioEncoding
    sample_rate_hz: int
    channel_count: int
    def __init__(self, encoding: _Optional[_Union[AudioEncoding, str]] = ..., sample_rate_hz: _Optional[int] = ..., channel_count: _Optional[int] = ...) -> None: ...

class AudioChunk(_message.Message):
    __slots__ = ("line_id", "sample_index", "pcm")
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    PCM_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    sample_index: int
    pcm: bytes
    def __init__(self, line_id: _Optional[str] = ..., sample_index: _Optional[int] = ..., pcm: _Optional[bytes] = ...) -> None: ...

class Marker(_message.Message):
    __slots__ = ("line_id", "sample_index", "name")
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    sample_index: int
    name: str
    def __init__(self, line_id: _Optional[str] = ..., sample_index: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class EndOfLine(_message.Message):
    __slots__ = ("line_id",)
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    line_id: str
    def __init__(self, line_id: _Optional[str] = ...) -> None: ...

class AudioEcho(_message.Message):
    __slots__ = ("sample_index", "line_id", "line_sample_index", "pcm")
    SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    LINE_SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    PCM_FIELD_NUMBER: _ClassVar[int]
    sample_index: int
    line_id: str
    line_sample_index: int
    pcm: bytes
    def __init__(self, sample_index: _Optional[int] = ..., line_id: _Optional[str] = ..., line_sample_index: _Optional[int] = ..., pcm: _Optional[bytes] = ...) -> None: ...
