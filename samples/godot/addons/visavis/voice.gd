# Takes the sound of a line, plays it, and gives its play position: the clock that the face follows.
#
# Godot mixes sound in blocks, so the position of a player moves in steps; the time since the last mix fills the steps in,
# and the latency of the output is what is mixed but not heard yet. The sum may jitter by a block, so that it is held from
# running backwards. What it does not do: no pitch; a player that does not play at scale 1 would drift.

const Vocabulary = preload("vocabulary.gd")

var player: Node = null  # an AudioStreamPlayer, or the 2D or 3D one

var _position_s := 0.0
var _latency_s := 0.0
var _length_s := 0.0


# Play from the start.
func start(sound: AudioStreamSample) -> void:
	_position_s = 0.0
	_length_s = sound.get_length()
	_latency_s = AudioServer.get_output_latency()  # asked for once: it is slow
	player.stream = sound
	player.play()


func stop() -> void:
	player.stop()


# Where the listener is in the line, 16 kHz samples: 0 to its length, never less than before.
func position() -> float:
	var mixed_s: float = player.get_playback_position()
	if mixed_s > 0.0 and not player.stream_paused:
		var heard_s := mixed_s + AudioServer.get_time_since_last_mix() - _latency_s
		_position_s = clamp(heard_s, _position_s, _length_s)
	return _position_s * Vocabulary.SAMPLE_RATE_HZ


# int16 mono, little-endian, of a sound that Godot has imported: what the face hears. Empty: it is compressed.
static func pcm_of(sound: AudioStreamSample) -> PoolByteArray:
	var pcm := sound.data
	if sound.format == AudioStreamSample.FORMAT_16_BITS:
		return _mono_of(pcm) if sound.stereo else pcm
	return PoolByteArray()


# A sound that Godot plays, of int16 mono.
static func sound_of(pcm: PoolByteArray, rate_hz: int) -> AudioStreamSample:
	var sound := AudioStreamSample.new()
	sound.format = AudioStreamSample.FORMAT_16_BITS
	sound.mix_rate = rate_hz
	sound.data = pcm
	return sound


static func _mono_of(pcm: PoolByteArray) -> PoolByteArray:
	var both := StreamPeerBuffer.new()
	both.data_array = pcm
	var mono := StreamPeerBuffer.new()
	for _i in range(pcm.size() / 4):
		mono.put_16((both.get_16() + both.get_16()) / 2)
	return mono.data_array
