# Takes pictures as they come, gives the one that a draw shows, as one texture that is made once.
#
# Pictures come ahead of their sound. The newest of the line whose moment has come is shown, between lines the newest of
# no line of ours. Where the face should be at rest, the last picture between lines is shown: a picture cannot shut its
# mouth. Only what is shown is decoded. What it does not do: no blending between two pictures.

const Vocabulary = preload("vocabulary.gd")

const WAITING_MOST_BYTES = 67108864  # of our lines: 2.5 s of 25 RGBA pictures of 512 px a second
const FILTERED = 4  # Texture.FLAG_FILTER without mipmaps

var texture := ImageTexture.new()
var shown_line := 0  # the line and line_sample of the picture that is shown; 0 and -1 between lines
var shown_sample := -1
var count := 0  # pictures that have come
var shown_count := 0  # pictures that were shown

var _waiting := []  # of our lines, oldest first
var _waiting_bytes := 0
var _rest = null  # the newest of no line of ours
var _shown = null
var _image := Image.new()


# A TEXTURE message; `is_mine`: of a line whose sound this game plays.
func hear(message: Dictionary, is_mine: bool) -> void:
	count += 1
	if not is_mine:
		_rest = message
		return
	_waiting.append(message)
	_waiting_bytes += message["payload"].size()
	while _waiting_bytes > WAITING_MOST_BYTES:
		_pop()


# Whether a picture of a line of ours has come.
func has_line(line: int) -> bool:
	for message in _waiting:
		if message["line"] == line:
			return true
	return false


# Choose and decode: `line` and `position` (16 kHz samples) of the sound, line 0: none; `is_resting`: the face is at rest.
# True if the texture is another one than before.
func show(line: int, position: float, is_resting: bool) -> bool:
	var best = _rest if is_resting or not line else _newest(line, position)
	if best == null or best == _shown or not _decode(best):
		return false
	_shown = best
	shown_line = best["line"]
	shown_sample = best["line_sample"]
	shown_count += 1
	return true


# The connection is gone: another bridge counts lines from 1 again.
func forget_lines() -> void:
	_waiting.clear()
	_waiting_bytes = 0


# The newest picture of a line whose moment has come; the ones before it are of no use any more.
func _newest(line: int, position: float):
	var best = null
	while not _waiting.empty() and _is_due(_waiting[0], line, position):
		best = _pop()
	return best if best != null and best["line"] == line else null


# Lines count upwards: what is left of an earlier one was on its way when that was interrupted.
func _is_due(message: Dictionary, line: int, position: float) -> bool:
	return message["line"] < line or message["line"] == line and message["line_sample"] <= position


func _pop() -> Dictionary:
	var oldest: Dictionary = _waiting.pop_front()
	_waiting_bytes -= oldest["payload"].size()
	return oldest


func _decode(message: Dictionary) -> bool:
	if message["codec"] == Vocabulary.CODEC_JPEG:
		if _image.load_jpg_from_buffer(message["payload"]) != OK:
			return false
	else:
		_image.create_from_data(
			message["width_px"], message["height_px"], false, Image.FORMAT_RGBA8, message["payload"]
		)
	if texture.get_size() == _image.get_size() and texture.get_format() == _image.get_format():
		texture.set_data(_image)
	else:
		texture.create_from_image(_image, FILTERED)
	return true
