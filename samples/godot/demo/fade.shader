shader_type canvas_item;
// The bust ends softly instead of at the edge of its window.

void fragment() {
	vec4 colour = texture(TEXTURE, UV);
	float below = smoothstep(1.0, 0.80, UV.y);
	float beside = smoothstep(0.0, 0.10, UV.x) * smoothstep(1.0, 0.90, UV.x);
	COLOR = vec4(colour.rgb, colour.a * below * beside);
}
