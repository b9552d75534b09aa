from visavis.v1 import motion_pb2 as _motion_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TextureFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEXTURE_FORMAT_UNSPECIFIED: _ClassVar[TextureFormat]
    TEXTURE_FORMAT_JPEG: _ClassVar[TextureFormat]
    TEXTURE_FORMAT_RGBA: _ClassVar[TextureFormat]
TEXTURE_FORMAT_UNSPECIFIED: TextureFormat
TEXTURE_FORMAT_JPEG: TextureFormat
TEXTURE_FORMAT_RGBA: TextureFormat

class Texture(_message.Message):
    __slots__ = ("sample_index", "line_id", "line_sample_index", "format", "width_px", "height_px", "data", "stamps")
    SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    LINE_ID_FIELD_NUMBER: _ClassVar[int]
    LINE_SAMPLE_INDEX_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    STAMPS_FIELD_NUMBER: _ClassVar[int]
    sample_index: int
    line_id: str
    line_sample_index: int
    format: TextureFormat
    width_px: int
    height_px: int
    data: bytes
    stamps: _motion_pb2.LatencyStamps
    def __init__(self, sample_index: _Optional[int] = ..., line_id: _Optional[str] = ..., line_sample_index: _Optional[int] = ..., format: _Optional[_Union[TextureFormat, str]] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., data: _Optional[bytes] = ..., stamps: _Optional[_Union[_motion_pb2.LatencyStamps, _Mapping]] = ...) -> None: ...
