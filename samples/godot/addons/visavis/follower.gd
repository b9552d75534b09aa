# Takes motion as it arrives and the play position of the sound, gives the 64 numbers of a draw.
#
# The sound is the clock: a frame of a line that this game says is shown when its sound is there, never because it has
# come. A source that ends, stalls or is lost is left over 120 ms, so that no mouth stays open and nothing jumps. The
# reference is unity_bridge/golden/follower.py; follow.json holds its cases. Times are seconds of one clock of the caller's.

const Vocabulary = preload("vocabulary.gd")

const EASE_S = 0.12
const STALL_S = 0.1  # a sound that stands still for so long has stalled; frames further behind it are missing
const SILENT_S = 0.5  # no motion for so long: nobody drives this face
const BLINK_EVERY_S = 4.0
const BLINK_S = 0.15
const REST = 0
const IDLE = -1
const NEVER_S = -1e9

var mine := {}  # numbers of the lines whose sound this game plays: not shown without it
var source := REST  # REST, IDLE or the number of a line: what the last draw followed

var _samples := {}  # line -> Array of line_sample
var _faces := {}  # line -> Array of PoolRealArray, as many
var _idle = null
var _heard_s := NEVER_S
var _lost_s := NEVER_S
var _is_lost := false
var _is_away := false
var _since_s := NEVER_S
var _held := PoolRealArray()
var _shown := PoolRealArray()
var _nobody := PoolRealArray()
var _position := -1.0
var _moved_s := NEVER_S
var _blinks := [Vocabulary.NAMES.find("eyeBlinkLeft"), Vocabulary.NAMES.find("eyeBlinkRight")]


func _init() -> void:
	_nobody.resize(Vocabulary.NAMES.size())
	for i in _nobody.size():
		_nobody[i] = 0.0
	_held = _nobody
	_shown = _nobody


# A motion message; `line` 0 and `line_sample` -1 between lines.
func hear(face: PoolRealArray, line: int, line_sample: int, now_s: float) -> void:
	_heard_s = now_s
	_is_away = false
	_is_lost = false
	if not mine.has(line):
		_idle = face
		return
	if not _samples.has(line):
		_samples[line] = []
		_faces[line] = []
	_samples[line].append(line_sample)
	_faces[line].append(face)


# How far the frames of a line have come, 16 kHz samples; -1: none has.
func newest_sample(line: int) -> int:
	return _samples[line][-1] if _samples.has(line) else -1


# The event AWAY: the bridge has no face for us. The next motion ends it.
func away() -> void:
	_is_away = true


# The connection to the bridge is gone. The next motion ends it.
func lost(now_s: float) -> void:
	_is_lost = true
	_lost_s = now_s


# The sound of a line has ended or was stopped.
func forget(line: int) -> void:
	for earlier in _samples.keys():
		if earlier <= line:  # frames that were on their way when a line was interrupted
			_samples.erase(earlier)
			_faces.erase(earlier)


# The face of this draw: `position` is that of the sound of `line`, 16 kHz samples; line 0: no sound plays.
func show(now_s: float, line := 0, position := -1.0) -> PoolRealArray:
	var now_source := _source_of(now_s, line, position)
	var target := _target_of(now_source, position)
	if now_source != source:
		source = now_source
		_since_s = now_s
		_held = _shown
	var share := min((now_s - _since_s) / EASE_S, 1.0)
	_shown = _mix(_held, target, share) if share < 1.0 else target
	return _blinking(now_s)


func _source_of(now_s: float, line: int, position: float) -> int:
	if line and position != _position:
		_position = position
		_moved_s = now_s
	if not line:
		_position = -1.0
	if _is_lost or _is_away or now_s - _heard_s > SILENT_S:
		return REST
	if line:
		var stalled := now_s - _moved_s > STALL_S
		if stalled or not _samples.has(line):
			return REST
		return REST if position - _samples[line][-1] > STALL_S * Vocabulary.SAMPLE_RATE_HZ else line
	return REST if _idle == null else IDLE


func _target_of(now_source: int, position: float) -> PoolRealArray:
	if now_source == REST:
		return _nobody
	return _idle if now_source == IDLE else _between(now_source, position)


# The face at `position`, on the straight line between its two neighbours. What the sound has passed is let go; what is
# to come is kept for as long as the sound takes, which a paused one or a slow device may make long.
func _between(line: int, position: float) -> PoolRealArray:
	var samples: Array = _samples[line]
	var faces: Array = _faces[line]
	while samples.size() > 1 and samples[1] <= position:
		samples.pop_front()
		faces.pop_front()
	if samples.size() == 1 or position <= samples[0]:
		return faces[0]
	return _mix(faces[0], faces[1], (position - samples[0]) / (samples[1] - samples[0]))


func _mix(one: PoolRealArray, other: PoolRealArray, share: float) -> PoolRealArray:
	var mixed := []  # an Array: writing into a pool locks it 64 times
	mixed.resize(one.size())
	for i in one.size():
		mixed[i] = lerp(one[i], other[i], share)
	return PoolRealArray(mixed)


# A life of its own while the connection is lost: one blink every four seconds, both eyes.
func _blinking(now_s: float) -> PoolRealArray:
	var lost_s := now_s - _lost_s
	var phase_s := fmod(lost_s, BLINK_EVERY_S)
	if not _is_lost or lost_s < BLINK_EVERY_S or phase_s >= BLINK_S:
		return _shown
	var face := _shown
	for i in _blinks:
		face[i] += 1.0 - abs(2.0 * phase_s / BLINK_S - 1.0)
	return face
