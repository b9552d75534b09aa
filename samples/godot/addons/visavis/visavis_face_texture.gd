# Takes the picture of a VisavisSource, gives it to a node: a TextureRect, a Sprite (2D, 3D) or the material of a mesh.
#
# The texture is one object for the whole life of the source, so it is set once; the source renews what is in it. Nothing
# is shown before the first picture has come.
extends Node

export var source: NodePath  # a VisavisSource whose `textures` is rgba or jpeg
export var target: NodePath  # TextureRect, Sprite, Sprite3D or MeshInstance; empty: the parent
export var surface := 0  # of a MeshInstance

var _source: Node = null
var _is_set := false


func _ready() -> void:
	_source = get_node(source)


func _process(_delta: float) -> void:
	if _is_set or _source.texture.get_width() == 0:
		return
	var node := get_parent() if target.is_empty() else get_node(target)
	if node is MeshInstance:
		_material_of(node).albedo_texture = _source.texture
	else:
		node.texture = _source.texture
	_is_set = true


# The material of its own that the surface has, or one that shows the picture's own light.
func _material_of(mesh: MeshInstance) -> SpatialMaterial:
	var material := mesh.get_surface_material(surface) as SpatialMaterial
	if material == null:
		material = SpatialMaterial.new()
		material.flags_unshaded = true
		material.flags_transparent = true  # rgba without background
		mesh.set_surface_material(surface, material)
	return material
