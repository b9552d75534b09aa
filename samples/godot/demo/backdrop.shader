shader_type canvas_item;
// A calm dark room: a soft light behind the two faces.

void fragment() {
	vec2 from_light = (UV - vec2(0.5, 0.38)) * vec2(1.15, 1.0);
	float light = smoothstep(0.85, 0.0, length(from_light));
	vec3 colour = mix(vec3(0.043, 0.048, 0.062), vec3(0.150, 0.165, 0.200), light * light);
	// A grain of less than one step of 8 bits hides the bands of a slow gradient.
	float grain = fract(sin(dot(FRAGCOORD.xy, vec2(12.9898, 78.233))) * 43758.5453) - 0.5;
	COLOR = vec4(colour + grain / 255.0, 1.0);
}
