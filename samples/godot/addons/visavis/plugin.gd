# Makes the three nodes known to the editor: the source of a face, and what shows it. Icons are the editor's own.
tool
extends EditorPlugin

const NODES = {
	"VisavisSource": [preload("visavis_source.gd"), "AudioStreamPlayer3D"],
	"VisavisFaceTexture": [preload("visavis_face_texture.gd"), "TextureRect"],
	"VisavisFaceHead": [preload("visavis_face_head.gd"), "MeshInstance"],
}


func _enter_tree() -> void:
	var theme := get_editor_interface().get_base_control()
	for name in NODES:
		add_custom_type(name, "Node", NODES[name][0], theme.get_icon(NODES[name][1], "EditorIcons"))


func _exit_tree() -> void:
	for name in NODES:
		remove_custom_type(name)
