# One NPC, shown twice: on the left its portrait as a live picture, on the right its head as a model.
#
# One VisavisSource drives both, so that they move alike. Buttons say lines, the mouse is what it looks at.
# `python samples/godot/prepare.py` makes the head and the lines; without them the screen says so.
extends Control

const Head = preload("res://addons/visavis/visavis_face_head.gd")
const Vocabulary = preload("res://addons/visavis/vocabulary.gd")

const HEAD = "res://npc/innkeeper.glb"
const LINES = ["innkeeper", "guard", "captain"]
const PREPARE = "Run `python samples/godot/prepare.py`, go back to the editor, which imports what that made, and press Play again."
const REACH_M = 0.5  # how far before the face the mouse is

onready var source := $Innkeeper
onready var portrait := $Room/Faces/Picture/Frame/Portrait
onready var window := $Room/Faces/Model/Window
onready var camera := $Room/Faces/Model/Window/Viewport/Camera
onready var stage := $Room/Faces/Model/Window/Viewport/Head
onready var words := $Room/Words
onready var lines := $Room/Controls/Lines
onready var stop := $Room/Controls/Interrupt
onready var emotion := $Room/Controls/Emotion
onready var strength := $Room/Controls/Strength
onready var status := $Room/Status

var _words := {}  # id of a line -> what it says


func _ready() -> void:
	for signal_name in ["line_finished", "line_interrupted"]:
		source.connect(signal_name, self, "_on_line_over")
	source.connect("line_started", self, "_on_line_started")
	stop.connect("pressed", source, "interrupt")
	emotion.connect("item_selected", self, "_on_emotion")
	strength.connect("value_changed", self, "_on_emotion")
	emotion.add_item("neutral")
	for name in Vocabulary.EMOTIONS:
		emotion.add_item(name)
	if ResourceLoader.exists(HEAD):
		_show_head()
		for line in LINES:
			_add_line(line)
	else:
		words.text = PREPARE


func _process(_delta: float) -> void:
	var waiting: bool = source.state != "live"
	for button in lines.get_children():
		button.disabled = waiting
	status.text = _status()


func _input(event: InputEvent) -> void:
	if event is InputEventMouseMotion:
		_look_at(event.position)


func _show_head() -> void:
	var head: Spatial = load(HEAD).instance()
	stage.add_child(head)
	var face := Head.new()
	face.source = source.get_path()
	head.add_child(face)


# A button whose label is the first sentence of what it says.
func _add_line(name: String) -> void:
	var file := File.new()
	var text := name.capitalize()
	if file.open("res://npc/%s.txt" % name, File.READ) == OK:  # not there in an exported game
		text = file.get_as_text().strip_edges()
	var button := Button.new()
	button.text = text.split("!")[0].split(",")[0]
	button.connect("pressed", self, "_on_line", [load("res://npc/%s.wav" % name), text])
	lines.add_child(button)


# The mouse is before the face that it is nearer to.
func _look_at(mouse: Vector2) -> void:
	var is_left := mouse.x < rect_size.x / 2.0
	var view: Rect2 = portrait.get_global_rect() if is_left else window.get_global_rect()
	var at: Vector2 = (mouse - view.position) / view.size * window.rect_size
	var eyes: Transform = stage.global_transform.translated(Vector3(0, 0.05, 0))
	source.look_at_point(camera.project_position(at, camera.translation.z - REACH_M), eyes)


func _status() -> String:
	if source.state == "live":
		return "live   ·   this face is generated" if source.ai_generated else "live"
	return "%s   ·   %s" % [source.state, source.last_error if source.last_error else "one moment"]


func _on_line(sound: AudioStreamSample, text: String) -> void:
	var id: int = source.say(sound)
	if id:
		_words[id] = text
		stop.disabled = false


func _on_line_started(id: int) -> void:
	words.text = _words.get(id, "")


func _on_line_over(id: int) -> void:
	_words.erase(id)
	words.text = ""
	stop.disabled = _words.empty()


func _on_emotion(_value: float) -> void:
	var name: String = emotion.get_item_text(emotion.selected)
	source.set_emotion({} if emotion.selected == 0 else {name: strength.value})
