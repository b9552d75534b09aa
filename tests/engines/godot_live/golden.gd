# Reads the golden messages and faces of the bridge with the addon, prints what it found as one line of JSON, and quits.
extends SceneTree

const Head = preload("res://addons/visavis/visavis_face_head.gd")
const Source = preload("res://addons/visavis/visavis_source.gd")
const Voice = preload("res://addons/visavis/voice.gd")
const Follower = preload("res://addons/visavis/follower.gd")
const Vocabulary = preload("res://addons/visavis/vocabulary.gd")
const Wire = preload("res://addons/visavis/wire.gd")


func _init() -> void:
	var golden := OS.get_environment("GOLDEN")
	var messages := {}
	for name in OS.get_environment("MESSAGES").split(" "):
		messages[name] = _read(golden.plus_file(name + ".bin"))
	var cases := []
	for case in JSON.parse(_bytes(golden.plus_file("follow.json")).get_string_from_utf8()).result:
		cases.append({"name": case["name"], "worst": _follow(case)})
	var report := {"messages": messages, "cases": cases, "refused": _refused()}
	var turned: Basis = Head.turned(0.3, 0.2, 0.1)
	report["turned"] = [_numbers(turned.x), _numbers(turned.y), _numbers(turned.z)]
	report["mono"] = _mono([100, 200, -100, -200, 7, -7])
	report["gaze"] = _gaze()
	report["late"] = _late()
	print("REPORT ", to_json(report))
	quit()


func _numbers(vector: Vector3) -> Array:
	return [vector.x, vector.y, vector.z]


# What the face hears of a stereo sound.
func _mono(samples: Array) -> Array:
	var both := StreamPeerBuffer.new()
	for sample in samples:
		both.put_16(sample)
	var sound: AudioStreamSample = Voice.sound_of(both.data_array, 16000)
	sound.stereo = true
	var heard := StreamPeerBuffer.new()
	heard.data_array = Voice.pcm_of(sound)
	var mono := []
	while heard.get_position() < heard.get_size():
		mono.append(heard.get_16())
	return mono


# The jaw at 1 s of a line of 5 s whose sound was paused until all of its frames had come; frame k has k / 300.
func _late() -> float:
	var follower := Follower.new()
	follower.mine[1] = true
	for k in 300:
		var face := PoolRealArray(_face({"parts": ["jawOpen"]}, {"face": [k / 300.0]}))
		follower.hear(face, 1, k * 16000 / 60, k / 60.0)
	follower.show(5.0, 1, 15990.0)
	return follower.show(5.2, 1, 16000.0)[Vocabulary.NAMES.find("jawOpen")]


# Of a face at (1, 1, 1) that looks along -x, at a point two metres ahead; its left is then +z.
func _gaze() -> Array:
	var source := Source.new()
	var eyes := Transform(Basis(Vector3.UP, -PI / 2.0), Vector3(1, 1, 1))
	source.look_at_point(Vector3(-1, 1.3, 1.5), eyes)
	var gaze: Array = source._wishes.due(1.0)["gaze"]
	source.free()
	return gaze


# The fields of a message; its bytes once more, written from these fields.
func _read(path: String) -> Dictionary:
	var data := _bytes(path)
	var message: Dictionary = Wire.message_of(data)
	var again: PoolByteArray = Wire.bytes_of(message["kind"], message["character"], message["payload"], message)
	message["same_bytes"] = again == data
	if message["codec"] == Vocabulary.CODEC_FLOAT32:
		message["face"] = Array(Wire.face_of(message["payload"]))
	message["payload"] = Marshalls.raw_to_base64(message["payload"]) if message["payload"].size() else ""
	return message


# The largest difference of a case between what is shown and what should be.
func _follow(case: Dictionary) -> float:
	var follower := Follower.new()
	for line in case["mine"]:
		follower.mine[int(line)] = true
	var worst := 0.0
	for step in case["steps"]:
		match step["do"]:
			"hear":
				follower.hear(_face(case, step), int(step["line"]), int(step["line_sample"]), step["now_s"])
			"away":
				follower.away()
			"lost":
				follower.lost(step["now_s"])
			"forget":
				follower.forget(int(step["line"]))
			"show":
				var shown: PoolRealArray = follower.show(step["now_s"], int(step["line"]), step["position"])
				for i in case["parts"].size():
					var value: float = shown[Vocabulary.NAMES.find(case["parts"][i])]
					worst = max(worst, abs(value - step["shown"][i]))
	return worst


func _face(case: Dictionary, step: Dictionary) -> PoolRealArray:
	var face := PoolRealArray()
	face.resize(64)
	for i in 64:
		face[i] = 0.0
	for i in case["parts"].size():
		face[Vocabulary.NAMES.find(case["parts"][i])] = step["face"][i]
	return face


# Messages that are none: each has to give {}.
func _refused() -> Array:
	var whole := _bytes(OS.get_environment("GOLDEN").plus_file("motion_line.bin"))
	var other_version := whole
	other_version[4] = 2
	var other_magic := whole
	other_magic[0] = 0
	var found := []
	for data in [PoolByteArray(), whole.subarray(0, 94), whole.subarray(0, 200), other_version, other_magic]:
		found.append(Wire.message_of(data))
	return found


func _bytes(path: String) -> PoolByteArray:
	var file := File.new()
	file.open(path, File.READ)
	return file.get_buffer(file.get_len())
