from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LatencyStamps(_message.Message):
    __slots__ = ("received_ns", "motion_done_ns", "rendered_ns", "sent_ns")
    RECEIVED_NS_FIELD_NUMBER: _ClassVar[int]
    MOTION_DONE_NS_FIELD_NUMBER: _ClassVar[int]
    RENDERED_NS_FIELD_NUMBER: _ClassVar[int]
    SENT_NS_FIELD_NUMBER: _ClassVar[int]
    received_ns: int
    motion_done_ns: int
    rendered_ns: int
    sent_ns: int
    def __init__(self, received_ns: _Optional[int] = ..., motion_done_ns: _Optional[int] = ..., rendered_ns: _Optional[int] = ..., sent_ns: _Optional[int] = ...) -> None: ...

class Motion(_message.Message):
    __slots__ = ("sample_indices", "latents", "line_id", "line_sample_indices", "stamps")
    SAMPLE_INDICES_FIELD_NUMBER: _ClassVar[int]
    LATENTS_FIELD_NUMBER: _ClassVar[int]
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    LINE_SAMPLE_INDICES_FIELD_NUMBER: _ClassVar[int]
    STAMPS_FIELD_NUMBER: _ClassVar[int]
    sample_indices: _containers.RepeatedScalarFieldContainer[int]
    latents: _containers.RepeatedScalarFieldContainer[float]
    line_id: str
    line_sample_indices: _containers.RepeatedScalarFieldContainer[int]
    stamps: LatencyStamps
    def __init__(self, sample_indices: _Optional[_Iterable[int]] = ..., latents: _Optional[_Iterable[float]] = ..., line_id: _Optional[str] = ..., line_sample_indices: _Optional[_Iterable[int]] = ..., stamps: _Optional[_Union[LatencyStamps, _Mapping]] = ...) -> None: ...
