# Plays the demo by itself, writes down every draw, saves pictures, and prints a word when something has happened.
#
# The test reads the words, and ends or starts server and bridge at them. log.json holds a row of each draw.
extends Node

var main: Control
var rows := []
var events := []
var came := []  # pictures: when, line, line_sample
var _pictures := {}  # name -> Image
var _best := {}  # name -> how far the mouth was open in the picture of that name
var _step := 0
var _draws := 0  # since the step began
var _at_ms := 0  # when the step began
var _interrupted_ms := 0


func _ready() -> void:
	process_priority = 100  # after the source and the drivers
	main = load("res://demo/main.tscn").instance()
	main.get_node("Innkeeper").port = int(OS.get_environment("PORT"))
	main.get_node("Innkeeper").random_seed = 7
	add_child(main)
	main.camera.get_viewport().msaa = Viewport.MSAA_DISABLED  # software OpenGL
	for name in ["line_started", "line_finished", "line_interrupted", "state_changed"]:
		main.source.connect(name, self, "_on_event", [name])
	main.source.connect("failed", self, "_on_failed")
	main.source._link.connect("message_came", self, "_on_message")


# A step gets the row of the draw before: that is what is on the screen now.
func _process(_delta: float) -> void:
	rows.append(_row(main.source))
	_draws += 1
	if rows.size() > 1:
		call("_step_%d" % _step, rows[-2])


func _row(source: Node) -> Dictionary:
	return {
		"ms": OS.get_ticks_msec(),
		"state": source.state,
		"source": source._follower.source,
		"position": source.play_position,
		"newest": source._follower.newest_sample(source._follower.source),
		"face": Array(source.face),
		"motion": source.motion_count,
		"pictures_shown": source._pictures.shown_count,
		"picture_line": source._pictures.shown_line,
		"picture_sample": source._pictures.shown_sample,
	}


# Idle life first, then a line.
func _step_0(row: Dictionary) -> void:
	if row["state"] == "live" and row["pictures_shown"] > 12:
		_picture("idle")
		_say(0)
		_next()


# The moments in which the mouth is open most and least while it speaks.
func _step_1(row: Dictionary) -> void:
	var open: float = row["face"][17] - row["face"][18]
	if row["source"] > 0 and row["position"] > 4000:
		if open > _best.get("open", 0.1) + 0.03:
			_best["open"] = open
			_picture("open")
		if open < _best.get("shut", 1.0) - 0.03:
			_best["shut"] = open
			_picture("shut")
	if _heard("line_finished"):
		_say(1)
		_next()


# A line that is interrupted after a second and a half.
func _step_2(row: Dictionary) -> void:
	if row["position"] > 24000:
		main.source.interrupt()
		_interrupted_ms = OS.get_ticks_msec()
		_next()


func _step_3(_row: Dictionary) -> void:
	if _lasts(600):
		_picture("interrupted")
		var bytes: PoolByteArray = load("res://npc/captain.wav").data
		main.source.say(bytes, 16000)
		_next()


# The server goes in the middle of a line.
func _step_4(row: Dictionary) -> void:
	if row["position"] > 20000:
		print("KILL SERVER")
		_next()


func _step_5(row: Dictionary) -> void:
	if row["state"] == "away":
		_next()


func _step_6(_row: Dictionary) -> void:
	if _lasts(700):
		_picture("away")
		print("START SERVER")
		_next()


func _step_7(row: Dictionary) -> void:
	if row["state"] == "live" and row["source"] == -1:
		_picture("back")
		print("KILL BRIDGE")
		_next()


func _step_8(row: Dictionary) -> void:
	if row["state"] == "lost":
		print("START BRIDGE")
		_next()


func _step_9(row: Dictionary) -> void:
	if row["state"] == "live" and row["source"] == -1:
		main.emotion.select(1)
		main.strength.value = 0.9  # tells the source
		main._look_at(main.window.get_global_rect().position + Vector2(main.window.rect_size.x, 0))
		_next()


# A person looks away now and then: the picture is taken when the look is there, or after ten seconds all the same.
func _step_10(row: Dictionary) -> void:
	var look: float = row["face"][55] + row["face"][52]
	if _lasts(10000) or (_lasts(2500) and look > 0.15):
		_picture("happy")
		_end()


func _next() -> void:
	_step += 1
	_draws = 0
	_at_ms = OS.get_ticks_msec()


# Whether this step has lasted so long, and five draws.
func _lasts(time_ms: int) -> bool:
	return OS.get_ticks_msec() - _at_ms > time_ms and _draws > 5


# As a click on its button does.
func _say(line: int) -> void:
	main.lines.get_child(line).emit_signal("pressed")


func _heard(name: String) -> bool:
	for event in events:
		if event["name"] == name:
			return true
	return false


func _picture(name: String) -> void:
	_pictures[name] = get_viewport().get_texture().get_data()
	events.append({"ms": OS.get_ticks_msec(), "name": "picture", "value": name, "face": rows[-2]["face"]})


func _on_event(value, name: String) -> void:
	events.append({"ms": OS.get_ticks_msec(), "name": name, "value": value})


func _on_failed(reason: String, message: String) -> void:
	events.append({"ms": OS.get_ticks_msec(), "name": "failed", "value": reason, "message": message})


func _on_message(message: Dictionary) -> void:
	if message["kind"] == 2:
		came.append([OS.get_ticks_msec(), message["line"], message["line_sample"]])


func _end() -> void:
	for name in _pictures:
		_pictures[name].flip_y()
		_pictures[name].save_png("res://%s.png" % name)
	var report := {"rows": rows, "events": events, "came": came, "interrupted_ms": _interrupted_ms}
	report["portrait"] = _edges(main.portrait)
	report["model"] = _edges(main.window)
	report["found"] = main.stage.get_child(0).get_child(main.stage.get_child(0).get_child_count() - 1).found.size()
	var file := File.new()
	file.open("res://log.json", File.WRITE)
	file.store_string(to_json(report))
	file.close()
	get_tree().quit()


# Where a control is in the pictures, px.
func _edges(control: Control) -> Array:
	var rect := control.get_global_rect()
	var px: float = OS.window_size.x / main.rect_size.x
	return [rect.position.x * px, rect.position.y * px, rect.end.x * px, rect.end.y * px]
