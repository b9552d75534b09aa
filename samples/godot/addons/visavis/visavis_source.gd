# Takes what a character has to say, gives its face: 64 numbers and a picture at every draw, in step with the sound.
#
# One node is one character of a bridge (`visavis serve --bridge`). It asks for the character, plays the lines, follows
# their sound and comes back by itself when the bridge or the server was gone. Drivers (VisavisFaceHead,
# VisavisFaceTexture) read `face` and `texture` from it; so may your own. What it does not do: it draws nothing.
extends Node

const Follower = preload("follower.gd")
const Link = preload("link.gd")
const Lines = preload("lines.gd")
const Pictures = preload("pictures.gd")
const Vocabulary = preload("vocabulary.gd")
const Voice = preload("voice.gd")
const Wire = preload("wire.gd")
const Wishes = preload("wishes.gd")

signal line_started(id)  # its sound begins
signal line_finished(id)  # its sound has ended
signal line_interrupted(id)  # it was stopped, or could not be said
signal state_changed(state)
signal failed(reason, message)  # the bridge or the server refused something, and why

const OPEN_AGAIN_S = 2.0  # without a word of the character: it was refused, or another engine has closed it
const GAZE_YAW_MOST_RAD = 0.61
const GAZE_PITCH_MOST_RAD = 0.43

export var host := "127.0.0.1"
export var port := 8614  # the bridge's WebSocket
export var character := "npc"  # 1 to 32 letters, digits, - and _; all engines that name it see the same face
export var avatar := ""  # name of an avatar of the server; empty: motion only
export(String, "none", "rgba", "jpeg") var textures := "none"  # rgba: bridge on this machine; jpeg: elsewhere
export var texture_fps := 25
export var texture_size_px := 512
export var background := true  # false: the head alone; over transparency with rgba
export var random_seed := -1  # gestures repeat with the same seed; -1: another one each time
export var voice: NodePath  # AudioStreamPlayer, 2D or 3D; empty: one is made
export var close_on_exit := true  # false: it lives on in the bridge, for other engines and for a quicker start
export var offset_s := 0.0  # added to the sound's position, for outputs that lie about their latency

var state := "connecting"  # connecting, live, away (no server), lost (no bridge)
var face := PoolRealArray()  # 64 numbers, names in vocabulary.gd
var texture: ImageTexture  # the picture; empty until one has come
var latency_ms := 0.0  # the most that a frame comes after its audio
var ai_generated := true  # show it to the people who see the face
var last_error := ""
var play_position := -1.0  # of the last draw, 16 kHz samples of the line; -1: no sound plays
var motion_count := 0  # messages that have come

var _link := Link.new()
var _follower := Follower.new()
var _pictures := Pictures.new()
var _lines := Lines.new()
var _wishes := Wishes.new()
var _open_request := 0
var _open_again_s := 0.0


func _ready() -> void:
	texture = _pictures.texture
	face = _follower.show(_now_s())
	var player := get_node_or_null(voice)
	if player == null:
		player = AudioStreamPlayer.new()
		add_child(player)
	_lines.use(player)
	_lines.connect("began", self, "_on_line", ["line_started"])
	_lines.connect("ended", self, "_on_line", ["line_finished"])
	_lines.connect("stopped", self, "_on_line", ["line_interrupted"])
	_lines.connect("forgotten", self, "_on_line_forgotten")
	_link.connect("opened", self, "_open")
	_link.connect("lost", self, "_on_lost")
	_link.connect("message_came", self, "_on_message")
	start()


func _exit_tree() -> void:
	interrupt()
	if close_on_exit:
		_link.ask(Vocabulary.KIND_CLOSE, character, PoolByteArray())
	_link.stop()


# Connect with what the properties say now. Called once by itself; call it again after a change.
func start() -> void:
	_link.start(host, port, character)


# Say a sound that Godot has imported (16 bit, not compressed), or int16 mono bytes with their rate. Lines are said one
# after the other. Gives the line's id for the signals, 0 if it cannot be said (`failed` tells why).
func say(sound, rate_hz := 0) -> int:
	if sound is PoolByteArray:
		sound = Voice.sound_of(sound, rate_hz)
	var pcm: PoolByteArray = Voice.pcm_of(sound)
	if pcm.empty():
		return _refuse("SOUND_FORMAT", "The sound is empty or compressed: in its import settings set Compress to Disabled.")
	if pcm.size() > Vocabulary.MESSAGE_BYTES:
		return _refuse("SOUND_LENGTH", "The sound is larger than 8 MiB: say it in sentences.")
	if state != "live":
		return _refuse("NOT_LIVE", "%s is %s: wait for the state live. %s" % [character, state, last_error])
	var fields := {"codec": Vocabulary.CODEC_PCM_S16, "flags": Vocabulary.FLAG_LAST, "rate_hz": int(sound.mix_rate)}
	return _lines.add(sound, _link.ask(Vocabulary.KIND_SAY, character, pcm, fields))


# Stop the sound and everything that waits, at once; the mouth shuts within 120 ms.
func interrupt() -> void:
	if not _lines.empty():
		_link.ask(Vocabulary.KIND_INTERRUPT, character, PoolByteArray())
	_lines.stop_all()


# Weights 0..1 by name (Vocabulary.EMOTIONS), as {"happy": 0.6}; {} is neutral.
func set_emotion(weights: Dictionary) -> void:
	_wishes.wish("emotion", weights)


# Where the face looks, radians: yaw > 0 to its own left, pitch > 0 up; (0, 0) is straight out of the picture.
func set_gaze(yaw_rad: float, pitch_rad: float) -> void:
	var yaw := clamp(yaw_rad, -GAZE_YAW_MOST_RAD, GAZE_YAW_MOST_RAD)
	_wishes.wish("gaze", [yaw, clamp(pitch_rad, -GAZE_PITCH_MOST_RAD, GAZE_PITCH_MOST_RAD)])


# Look at a point of the world. `eyes`: where the face is, +z straight ahead, +x its own left; as the .glb imports.
func look_at_point(target: Vector3, eyes: Transform) -> void:
	var ahead: Vector3 = eyes.affine_inverse().xform(target)
	if ahead.length() > 0.001:
		set_gaze(atan2(ahead.x, ahead.z), atan2(ahead.y, Vector2(ahead.x, ahead.z).length()))


# Head widths, -1..1, > 0 further away.
func set_distance(head_widths: float) -> void:
	_wishes.wish("distance", clamp(head_widths, -1.0, 1.0))


func _process(_delta: float) -> void:
	var now_s := _now_s()
	_link.poll(now_s)
	if _link.is_open and now_s >= _open_again_s:
		_open()
	var wishes: Dictionary = _wishes.due(now_s) if state == "live" else {}
	if not wishes.empty():
		_link.ask_json(Vocabulary.KIND_CONTROL, character, wishes)
	_lines.advance(now_s, _follower, _pictures if textures != "none" else null)
	var line: int = _lines.playing_line()
	play_position = _lines.position() + offset_s * Vocabulary.SAMPLE_RATE_HZ if line else -1.0
	face = _follower.show(now_s, line, play_position)
	_pictures.show(line, play_position, _follower.source == Follower.REST)


func _open() -> void:
	_open_again_s = _now_s() + OPEN_AGAIN_S
	var options := {"motion_fps": 60}
	if avatar != "":
		options["avatar"] = avatar
	if textures != "none":
		options["textures"] = textures
		options["texture_fps"] = texture_fps
		options["texture_size_px"] = texture_size_px
		options["background"] = background
	if random_seed >= 0:
		options["seed"] = random_seed
	_open_request = _link.ask_json(Vocabulary.KIND_OPEN, character, options)


func _on_lost() -> void:
	if state != "connecting" and state != "lost":
		_become("lost")
		_follower.lost(_now_s())
		_follower.mine = _lines.playing()  # another bridge counts lines from 1 again
		_pictures.forget_lines()
	last_error = "No bridge at %s:%d: start `visavis serve --bridge`." % [host, port]
	_lines.drop_waiting()


func _on_message(message: Dictionary) -> void:
	_open_again_s = _now_s() + OPEN_AGAIN_S
	match message["kind"]:
		Vocabulary.KIND_MOTION:
			motion_count += 1
			var numbers := Wire.face_of(message["payload"])
			_follower.hear(numbers, message["line"], message["line_sample"], _now_s())
		Vocabulary.KIND_TEXTURE:
			_pictures.hear(message, _follower.mine.has(message["line"]))
		Vocabulary.KIND_EVENT:
			_on_event(message)
		Vocabulary.KIND_NAMES:
			_on_state(message["content"])
		Vocabulary.KIND_OK:
			if message["sequence"] == _open_request:
				_wishes.renew()
				_on_state(message["content"])
			elif message["line"]:
				_follower.mine[message["line"]] = true
				_lines.number(message["sequence"], message["line"])
		Vocabulary.KIND_ERROR:
			_on_refusal(message)


func _on_event(message: Dictionary) -> void:
	match message["content"].get("event", ""):
		"LINE_STARTED":
			_lines.start(message["line"], _now_s())
		"LINE_INTERRUPTED":
			_lines.stop(message["line"])
		"AWAY":
			_follower.away()
			_on_state({"state": "away", "reason": message["content"].get("reason", "")})
			last_error = message["content"].get("message", "")
		"READY":
			_become("live")


func _on_state(content: Dictionary) -> void:
	latency_ms = content.get("latency_ms", latency_ms)
	ai_generated = content.get("ai_generated", ai_generated)
	_become(content.get("state", state))


func _on_refusal(message: Dictionary) -> void:
	var reason: String = message["content"].get("reason", "")
	if message["sequence"] == _open_request:
		_become("away")
	_lines.refuse(message["sequence"])
	_refuse(reason, message["content"].get("message", ""))


func _refuse(reason: String, message: String) -> int:
	last_error = message
	emit_signal("failed", reason, message)
	return 0


func _become(new_state: String) -> void:
	if new_state == "live":
		last_error = ""
	if new_state != state:
		state = new_state
		emit_signal("state_changed", state)


func _on_line(id: int, what: String) -> void:
	emit_signal(what, id)


func _on_line_forgotten(line: int) -> void:
	_follower.forget(line)


# Seconds since Godot was started.
func _now_s() -> float:
	return OS.get_ticks_usec() / 1e6
