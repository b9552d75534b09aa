"""Takes the latents of a talk and an avatar, writes the head that says the line: a .glb, and its sound beside it.

The animation has 60 keys a second whatever the pictures' rate is, as the curves have: an engine's rate is not known
and a closure of 40 ms must not fall between two keys. glTF holds no sound; the file names the one that belongs to it in
the animation's `extras.audio`. Key 0 is the first sample of that sound.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.curves import ROWS_PER_S
from visavis_runtime.write.glb.animation import tracks_from_latents
from visavis_runtime.write.glb.export import Look, glb_from_avatar
from visavis_runtime.write.glb.part import Float


def write_line(
    path: Path,
    *,
    avatar: Avatar,
    look: Look,
    latents: Float,
    clip: AudioClip,
    sound: Path | None,
    sound_name: str,
) -> None:
    """Write the head and its sound.

    Args:
        path: of the .glb.
        avatar: the face.
        look: how the head is written.
        latents: [k, 64] float32 at `ROWS_PER_S` rows a second.
        clip: the voice.
        sound: path of the .wav; None if the voice lies there already.
        sound_name: its name as the .glb tells it.
    """
    tracks = tracks_from_latents(avatar, latents=latents, fps=ROWS_PER_S)
    path.write_bytes(glb_from_avatar(avatar, look=look, tracks=tracks, audio=sound_name))
    if sound is not None:
        samples = np.clip(clip.original, -1, 1)
        soundfile.write(sound, samples, clip.source_rate_hz, format="WAV", subtype="PCM_16")
