# Reads the golden messages and faces of the bridge with the addon, prints what it found as one line of JSON, and quits.
extends SceneTree

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
	print("REPORT ", to_json({"messages": messages, "cases": cases, "refused": _refused()}))
	quit()


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
