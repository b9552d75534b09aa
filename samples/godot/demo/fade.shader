shader_type canvas_item;
// The bust ends softly instead of at the edge of its window.

void fragment() {
	vec4 colour = texture(TEXTURE, UV);
	float below = smoothstep(0.0, 0.20, UV.y);  // Godot 3 draws viewports upside down: row 0 is the lowest
	float beside = smoothstep(0.0, 0.10, UV.x) * smoothstep(1.0, 0.90, UV.x);
	COLOR = vec4(colour.rgb, colour.a * below * beside);
}
