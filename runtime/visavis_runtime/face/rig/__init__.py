"""Rig: the mesh that is moved: depth, rest, the 52 shapes, light, limits."""
