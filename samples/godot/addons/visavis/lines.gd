# Takes the lines that a character has to say, gives the one whose sound plays, and its position.
#
# A line waits for its turn: LINE_STARTED comes, and 50 ms of its motion (and its first picture) are there, so that from
# then on frames keep ahead of the sound. At the latest 0.4 s after LINE_STARTED the sound starts without them: a voice
# without a face is better than none. What it does not do: no connection; the source hands it what was answered.

const Saying = preload("saying.gd")
const Vocabulary = preload("vocabulary.gd")
const Voice = preload("voice.gd")

signal began(id)
signal ended(id)
signal stopped(id)
signal forgotten(line)  # its frames are of no use any more

const LEAD_SAMPLES = 0.05 * Vocabulary.SAMPLE_RATE_HZ
const WAIT_MOST_S = 0.4

var _voice := Voice.new()
var _queue := []  # of Saying
var _playing: Saying = null
var _count := 0
var _early := {}  # line -> when: LINE_STARTED may come before the answer that numbers the line


# The player of the sounds.
func use(player: Node) -> void:
	_voice.player = player
	player.connect("finished", self, "_on_sound_finished")


# A line that was asked for with a request of this number; gives its id. Request 0: it could not be sent.
func add(sound: AudioStreamSample, request: int) -> int:
	if request == 0:
		return 0
	_count += 1
	var saying := Saying.new()
	saying.id = _count
	saying.sound = sound
	saying.request = request
	_queue.append(saying)
	return saying.id


func empty() -> bool:
	return _playing == null and _queue.empty()


# The bridge's number of the line whose sound plays, 0: none.
func playing_line() -> int:
	return _playing.line if _playing != null else 0


# The same as a set.
func playing() -> Dictionary:
	return {_playing.line: true} if _playing != null else {}


# Of that sound, 16 kHz samples.
func position() -> float:
	return _voice.position()


# The answer to a request: the line has this number.
func number(request: int, line: int) -> void:
	for saying in _queue:
		if saying.request == request:
			saying.line = line
			if _early.has(line):
				start(line, _early[line])
	_early.clear()


# LINE_STARTED: its frames come from now on. It comes twice, to all and to who says the line.
func start(line: int, now_s: float) -> void:
	_early[line] = now_s
	for saying in _queue:
		if saying.line == line and not saying.has_started:
			saying.has_started = true
			saying.started_s = now_s


# Begin the sound of the next line when it is time. `pictures` null: none are asked for.
func advance(now_s: float, follower, pictures) -> void:
	if _playing != null or _queue.empty() or not _queue[0].has_started:
		return
	var next: Saying = _queue[0]
	var has_lead: bool = follower.newest_sample(next.line) >= LEAD_SAMPLES
	if pictures != null:
		has_lead = has_lead and pictures.has_line(next.line)
	if has_lead or now_s - next.started_s > WAIT_MOST_S:
		_playing = _queue.pop_front()
		_voice.start(_playing.sound)
		emit_signal("began", _playing.id)


# LINE_INTERRUPTED: the line is over.
func stop(line: int) -> void:
	if _playing != null and _playing.line == line:
		_voice.stop()
		_end("stopped")
		return
	for saying in _queue.duplicate():
		if saying.line == line:
			_queue.erase(saying)
			_tell_stopped(saying)


# A request was refused.
func refuse(request: int) -> void:
	for saying in _queue.duplicate():
		if saying.request == request:
			_queue.erase(saying)
			_tell_stopped(saying)


# The connection is gone: what has not begun never will. A sound that plays comes to its end.
func drop_waiting() -> void:
	var waiting := _queue
	_queue = []
	for saying in waiting:
		_tell_stopped(saying)


func stop_all() -> void:
	if _playing != null:
		_voice.stop()
		_end("stopped")
	drop_waiting()


func _on_sound_finished() -> void:
	if _playing != null:
		_end("ended")


func _end(how: String) -> void:
	var saying := _playing
	_playing = null
	emit_signal("forgotten", saying.line)
	emit_signal(how, saying.id)


func _tell_stopped(saying: Saying) -> void:
	emit_signal("forgotten", saying.line)
	emit_signal("stopped", saying.id)
