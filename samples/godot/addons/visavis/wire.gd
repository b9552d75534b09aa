# Takes the bytes of one message of the bridge, gives its fields, and back: 96 bytes of header, then the payload.
#
# The layout is that of unity_bridge/WIRE.md (little-endian); the names of the fields are those of its table. A message is
# a Dictionary with them, `payload` (PoolByteArray) and `content` (of JSON). What this does not do: no transport.

const Vocabulary = preload("vocabulary.gd")

const MAGIC_NUMBER = 0x53565356  # "VSVS", read as a little-endian number
const NAME_BYTES = 32


# The bytes of a request. `fields`: any of codec, flags, line, sequence, line_sample, rate_hz; the rest is 0.
static func bytes_of(kind: int, character: String, payload: PoolByteArray, fields: Dictionary) -> PoolByteArray:
	var out := StreamPeerBuffer.new()
	out.put_u32(MAGIC_NUMBER)
	out.put_u8(Vocabulary.VERSION)
	out.put_u8(kind)
	out.put_u8(fields.get("codec", Vocabulary.CODEC_EMPTY))
	out.put_u8(fields.get("flags", 0))
	out.put_u32(payload.size())
	out.put_u32(fields.get("line", 0))
	out.put_u64(fields.get("sequence", 0))
	out.put_64(fields.get("sample", 0))
	out.put_64(fields.get("line_sample", Vocabulary.NO_LINE))
	out.put_64(fields.get("sent_ns", 0))
	out.put_u16(fields.get("width_px", 0))
	out.put_u16(fields.get("height_px", 0))
	out.put_u32(fields.get("rate_hz", 0))
	out.put_u64(0)
	var name := character.to_ascii()
	name.resize(NAME_BYTES)
	for i in range(character.length(), NAME_BYTES):
		name[i] = 0
	out.put_data(name)
	out.put_data(payload)
	return out.data_array


# The same for a payload of JSON.
static func json_bytes_of(kind: int, character: String, content: Dictionary, fields := {}) -> PoolByteArray:
	var named := fields.duplicate()
	named["codec"] = Vocabulary.CODEC_JSON
	return bytes_of(kind, character, JSON.print(content).to_utf8(), named)


# The fields of a message, or {} if it is not one of version 1 of the wire.
static func message_of(data: PoolByteArray) -> Dictionary:
	if data.size() < Vocabulary.HEADER_BYTES:
		return {}
	var header := StreamPeerBuffer.new()
	header.data_array = data.subarray(0, Vocabulary.HEADER_BYTES - 1)
	if header.get_u32() != MAGIC_NUMBER or header.get_u8() != Vocabulary.VERSION:
		return {}
	var message := {}
	message["kind"] = header.get_u8()
	message["codec"] = header.get_u8()
	message["flags"] = header.get_u8()
	var size := header.get_u32()
	message["line"] = header.get_u32()
	message["sequence"] = header.get_u64()
	message["sample"] = header.get_64()
	message["line_sample"] = header.get_64()
	message["sent_ns"] = header.get_64()
	message["width_px"] = header.get_u16()
	message["height_px"] = header.get_u16()
	message["rate_hz"] = header.get_u32()
	header.seek(Vocabulary.HEADER_BYTES - NAME_BYTES)
	message["character"] = header.get_data(NAME_BYTES)[1].get_string_from_ascii()
	if size != data.size() - Vocabulary.HEADER_BYTES:
		return {}
	message["payload"] = data.subarray(Vocabulary.HEADER_BYTES, -1) if size else PoolByteArray()
	if message["codec"] == Vocabulary.CODEC_JSON:
		var parsed := JSON.parse(message["payload"].get_string_from_utf8())
		message["content"] = parsed.result if parsed.error == OK and parsed.result is Dictionary else {}
	return message


# The 64 numbers of a MOTION payload.
static func face_of(payload: PoolByteArray) -> PoolRealArray:
	var numbers := StreamPeerBuffer.new()
	numbers.data_array = payload
	var face := PoolRealArray()
	face.resize(Vocabulary.NAMES.size())
	for i in face.size():
		face[i] = numbers.get_float()
	return face
