# Takes the 64 numbers of a VisavisSource, moves a head made by `visavis avatar export`: shapes, joints, eyes.
#
# What the numbers mean in the head, the couplings and the limits are those of docs/native-head.md. Any other model with
# ARKit shapes works too: a shape is found by any of its usual names, and what is not there is left alone.
# What it does not do: no neck; the head turns where the skull sits on it.
extends Node

const Vocabulary = preload("vocabulary.gd")

const KNEE = 0.85  # share of a limit up to which a turn is obeyed exactly; beyond it bends towards the limit
const TONGUE_JAW = 0.22  # the jaw lets the tongue out

export var source: NodePath  # a VisavisSource
export var head: NodePath  # root of the imported .glb; empty: the parent
export var unshaded := true  # the picture's own light; false for heads of `export --lit`
export var head_width_m := 0.138  # extras.headWidthMetres of the node Head in the .glb
export var turn_limits_rad := Vector3(0.28, 0.19, 0.20)  # extras.limitsRadians: yaw, pitch, roll
export var eye_limits_rad := Vector2(0.43, 0.31)  # the same of the eyes: yaw, pitch
export var shift_limit := 0.08  # extras.limitsHeadWidths

var found := []  # names of the shapes that the head has
var missing := []

var _source: Node = null
var _shapes := []  # [index of the latent, mesh, property]
var _skeleton: Skeleton = null
var _bones := {}
var _eyes := {}  # "left", "right" -> [node, its transform at rest]
var _at := {}  # name -> index


func _ready() -> void:
	_source = get_node(source)
	for i in Vocabulary.NAMES.size():
		_at[Vocabulary.NAMES[i]] = i
	take(get_parent() if head.is_empty() else get_node(head))


# Another head than before.
func take(root: Node) -> void:
	_shapes = []
	_bones = {}
	_eyes = {}
	found = []
	_find(root, _aliases())
	missing = []
	for name in Vocabulary.NAMES.slice(0, Vocabulary.ALIASES.size() - 1):
		if not found.has(name):
			missing.append(name)


func _process(_delta: float) -> void:
	var face: PoolRealArray = _source.face
	_couple(face)


func _aliases() -> Dictionary:
	var index_of := {}
	for i in Vocabulary.ALIASES.size():
		for alias in Vocabulary.ALIASES[i]:
			index_of[alias.to_lower()] = i
	return index_of


func _find(node: Node, index_of: Dictionary) -> void:
	if node is MeshInstance:
		_find_shapes(node, index_of)
		for side in ["Left", "Right"]:
			if node.name == "Eye" + side:
				_eyes[side.to_lower()] = [node, node.transform]
	if node is Skeleton:
		_skeleton = node
		for bone in ["chest", "head"]:  # Godot 3 writes the names of bones small
			_bones[bone] = node.find_bone(bone)
	for child in node.get_children():
		_find(child, index_of)


func _find_shapes(mesh: MeshInstance, index_of: Dictionary) -> void:
	for property in mesh.get_property_list():
		var name: String = property.name
		if not name.begins_with("blend_shapes/"):
			continue
		var alias := name.trim_prefix("blend_shapes/").split(".")  # models may call them Face.jawOpen
		var index: int = index_of.get(alias[-1].to_lower(), -1)
		if index >= 0:
			_shapes.append([index, mesh, name])
			if not found.has(Vocabulary.NAMES[index]):
				found.append(Vocabulary.NAMES[index])
	if unshaded and mesh.mesh != null:
		for i in mesh.mesh.get_surface_count():
			var material := mesh.mesh.surface_get_material(i) as SpatialMaterial
			if material != null:
				material.flags_unshaded = true  # Godot 3 does not know the unlit extension


# What the renderer does beside the plain numbers, and then the head.
func _couple(face: PoolRealArray) -> void:
	var jaw: float = face[_at["jawOpen"]]
	jaw += TONGUE_JAW * face[_at["tongueOut"]] * (1.0 - jaw)
	face[_at["jawOpen"]] = jaw
	face[_at["mouthClose"]] = min(face[_at["mouthClose"]], jaw)
	for side in ["Left", "Right"]:
		var open: float = 1.0 - face[_at["eyeBlink" + side]]
		for shape in ["eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown"]:
			face[_at[shape + side]] *= open
	for shape in _shapes:
		shape[1].set(shape[2], face[shape[0]])
	_turn_head(face)
	for side in _eyes:
		var eye: Array = _eyes[side]
		var yaw := _within(face[_at[side + "EyeYaw"]], eye_limits_rad.x)
		var pitch := _within(face[_at[side + "EyePitch"]], eye_limits_rad.y)
		eye[0].transform = eye[1] * Transform(turned(yaw, pitch, face[_at[side + "EyeRoll"]]), Vector3())


func _turn_head(face: PoolRealArray) -> void:
	if _skeleton == null:
		return
	var yaw := _within(face[_at["headYaw"]], turn_limits_rad.x)
	var pitch := _within(face[_at["headPitch"]], turn_limits_rad.y)
	var roll := _within(face[_at["headRoll"]], turn_limits_rad.z)
	var nearer := _within(face[_at["headZ"]], shift_limit) * head_width_m
	var aside := _within(face[_at["headX"]], shift_limit) * head_width_m
	var up := _within(face[_at["headY"]], shift_limit) * head_width_m
	_pose("head", Transform(turned(yaw, pitch, roll), Vector3(0, 0, nearer)))
	_pose("chest", Transform(Basis(), Vector3(aside, up, 0)))  # breath lifts shoulders and head


func _pose(bone: String, pose: Transform) -> void:
	if _bones.get(bone, -1) >= 0:
		_skeleton.set_bone_pose(_bones[bone], pose)


# yaw > 0 turns to the subject's left (+x), pitch > 0 looks up, roll > 0 tips to the subject's right shoulder.
static func turned(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Basis:
	return Basis(Vector3.UP, yaw_rad) * Basis(Vector3.RIGHT, -pitch_rad) * Basis(Vector3.BACK, roll_rad)


static func _within(value: float, limit: float) -> float:
	var share := abs(value) / limit
	if share > KNEE:
		share = KNEE + (1.0 - KNEE) * tanh((share - KNEE) / (1.0 - KNEE))
	return sign(value) * share * limit
