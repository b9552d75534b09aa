"""The limits of the ACE contract; what an operator may change is in `ServerConfig` (ace_*)."""

from __future__ import annotations

FPS = 30
RATE_MIN_HZ, RATE_MAX_HZ = 16_000, 144_000
CHUNK_MAX_S = 10
CLIP_MAX_S = 300
HELD_MAX_BYTES = 300 * 16_000 * 2
"""Audio of one clip that waits for its frames; beyond it the server reads no further until frames have gone out. A
whole clip at 16 kHz fits, so a client may send all of it before it reads."""
KEYS_MAX = 10_000
"""Emotions that wait for their time: more than one for each frame of the longest clip."""
MESSAGE_BYTES = CHUNK_MAX_S * RATE_MAX_HZ * 2 + (1 << 18)
"""The largest message that the contract allows: ten seconds at 144 kHz and emotions."""
