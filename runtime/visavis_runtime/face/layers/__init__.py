"""Layers: the pixels that are moved: person and wall, eyes, mouth."""
