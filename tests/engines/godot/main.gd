extends Spatial
# Loads head.glb, prints what Godot made of it as one line of JSON, saves rest.png, jaw.png and turned.png, and quits.

var head
var face
var shots = ["rest", "jaw", "turned"]
var waited = 0

func _ready():
	head = load("res://head.glb").instance()
	add_child(head)
	face = find(head, "Face")
	var camera = Camera.new()
	camera.projection = Camera.PROJECTION_ORTHOGONAL
	camera.size = 0.30
	camera.translation = Vector3(0, 0, 1)
	add_child(camera)
	camera.current = true
	var nodes = {}
	describe(head, nodes)
	var shapes = []
	for property in face.get_property_list():
		if property.name.begins_with("blend_shapes/"):
			shapes.append(property.name.substr(13))
	var bones = []
	var skeleton = find_class(head, "Skeleton")
	for i in range(skeleton.get_bone_count()):
		bones.append(skeleton.get_bone_name(i))
	var player = find_class(head, "AnimationPlayer")
	var animations = {}
	if player:
		for name in player.get_animation_list():
			animations[name] = player.get_animation(name).length
	print("REPORT ", to_json({"nodes": nodes, "shapes": shapes, "bones": bones, "animations": animations}))

func _process(_delta):
	waited += 1
	if waited < 4:
		return
	var picture = get_viewport().get_texture().get_data()
	picture.flip_y()
	picture.save_png("res://" + shots.pop_front() + ".png")
	waited = 0
	if shots.empty():
		get_tree().quit()
		return
	for name in ["Face", "LowerTeeth", "Tongue"]:
		find(head, name).set("blend_shapes/jawOpen", 0.7 if shots[0] == "jaw" else 0.0)
	if shots[0] == "turned":
		var skeleton = find_class(head, "Skeleton")
		var bone = skeleton.find_bone("head")  # Godot 3 writes the names of bones small
		skeleton.set_bone_pose(bone, Transform(Basis(Vector3(0, 1, 0), 0.3), Vector3()))

func describe(node, nodes):
	nodes[node.name] = node.get_class()
	if node is MeshInstance:
		for i in range(node.mesh.get_surface_count()):
			node.mesh.surface_get_material(i).flags_unshaded = true  # Godot 3 does not know KHR_materials_unlit
	for child in node.get_children():
		describe(child, nodes)

func find(node, name):
	if node.name == name and node is MeshInstance:
		return node
	for child in node.get_children():
		var found = find(child, name)
		if found:
			return found
	return null

func find_class(node, kind):
	if node.is_class(kind):
		return node
	for child in node.get_children():
		var found = find_class(child, kind)
		if found:
			return found
	return null
