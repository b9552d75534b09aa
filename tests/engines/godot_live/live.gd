# Plays the demo by itself, writes down every draw, saves pictures, and prints a word when something has happened.
#
# The test reads the words, and ends or starts server and bridge at them. log.json holds a row of each draw.
extends Node

var main: Control
var rows := []
var events := []
var _best := {}  # name -> how far the mouth was open in the picture of that name
var _step := 0
var _at_ms := 0
var _interrupted_ms := 0


func _ready() -> void:
	main = load("res://demo/main.tscn").instance()
	main.get_node("Innkeeper").port = int(OS.get_environment("PORT"))
	main.get_node("Innkeeper").random_seed = 7
	add_child(main)
	for name in ["line_started", "line_finished", "line_interrupted", "state_changed"]:
		main.source.connect(name, self, "_on_event", [name])
	main.source.connect("failed", self, "_on_failed")


# Before the source and the drivers, which are further down in the tree: a row and a picture are of the draw before.
func _process(_delta: float) -> void:
	var row: Dictionary = main.source.counts()
	row["ms"] = OS.get_ticks_msec()
	row["state"] = main.source.state
	row["position"] = main.source.play_position
	row["face"] = Array(main.source.face)
	rows.append(row)
	call("_step_%d" % _step, row)


# Idle life first, with a gaze to the model's left, then a line.
func _step_0(row: Dictionary) -> void:
	if row["state"] == "live" and row["pictures_shown"] > 12:
		_picture("idle")
		_say("innkeeper")
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
		_say("guard")
		_next()


# A line that is interrupted after a second and a half.
func _step_2(row: Dictionary) -> void:
	if row["position"] > 24000:
		main.source.interrupt()
		_interrupted_ms = row["ms"]
		_next()


func _step_3(row: Dictionary) -> void:
	if row["ms"] - _interrupted_ms > 600:
		_picture("interrupted")
		_say("captain")
		_next()


# The server goes in the middle of a line.
func _step_4(row: Dictionary) -> void:
	if row["position"] > 20000:
		print("KILL SERVER")
		_next()


func _step_5(row: Dictionary) -> void:
	if row["state"] == "away":
		_at_ms = row["ms"]
		_next()


func _step_6(row: Dictionary) -> void:
	if row["ms"] - _at_ms > 700:
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
		_at_ms = row["ms"]
		_next()


func _step_10(row: Dictionary) -> void:
	if row["ms"] - _at_ms > 2500:
		_picture("happy")
		_end()


func _next() -> void:
	_step += 1


func _say(name: String) -> void:
	main._on_line(load("res://npc/%s.wav" % name), name)


func _heard(name: String) -> bool:
	for event in events:
		if event["name"] == name:
			return true
	return false


func _picture(name: String) -> void:
	var picture := get_viewport().get_texture().get_data()
	picture.flip_y()
	picture.save_png("res://%s.png" % name)
	events.append({"ms": OS.get_ticks_msec(), "name": "picture", "value": name, "face": Array(main.source.face)})


func _on_event(value, name: String) -> void:
	events.append({"ms": OS.get_ticks_msec(), "name": name, "value": value})


func _on_failed(reason: String, message: String) -> void:
	events.append({"ms": OS.get_ticks_msec(), "name": "failed", "value": reason, "message": message})


func _end() -> void:
	var report := {"rows": rows, "events": events, "interrupted_ms": _interrupted_ms}
	report["portrait"] = _edges(main.portrait.get_global_rect())
	report["model"] = _edges(main.window.get_global_rect())
	report["found"] = main.stage.get_child(0).get_child(main.stage.get_child(0).get_child_count() - 1).found.size()
	var file := File.new()
	file.open("res://log.json", File.WRITE)
	file.store_string(to_json(report))
	file.close()
	get_tree().quit()


func _edges(rect: Rect2) -> Array:
	return [rect.position.x, rect.position.y, rect.end.x, rect.end.y]
