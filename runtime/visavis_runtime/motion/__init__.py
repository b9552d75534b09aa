"""Features in, motion latents out: speech network, articulation, gestures, controls."""
