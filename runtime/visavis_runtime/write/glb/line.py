"""Takes the latents of a talk and an avatar, writes the head that says the line: a .glb, and its sound beside it.

The animation has 60 keys a second whatever the pictures' rate is, as the curves have: an engine's rate is not known
and a closure of 40 ms must not fall between two keys. glTF holds no sound; the file names the one that belongs to it in
the animation's `extras.audio`. Key 0 is the first sample of that sound.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile

from visavis.errors import OutputError
from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.curves import ROWS_PER_S
from visavis_runtime.write.glb.animation import tracks_from_latents
from visavis_runtime.write.glb.document import read_document
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
    """Write the head and its sound; see `check_sound` for what the sound may replace.

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


def check_sound(path: Path, *, source: Path | None) -> None:
    """Refuse to put the sound of the .glb at `path` over a .wav that is not ours; `source` is the voice itself.

    The user has named the .glb and not the .wav, so only the sound of an earlier line of that name is replaced.

    Raises:
        OutputError: OUTPUT_SOUND.
    """
    sound = path.with_suffix(".wav")
    spoken = source is not None and sound.resolve() == source.resolve()
    if sound.exists() and not spoken and not _is_sound_of(sound.name, path):
        raise OutputError(
            f"The sound of {path.name} would be written over {sound}, which is not of an earlier line: give the .glb"
            " another name or move that file.",
            reason="OUTPUT_SOUND",
        )


def _is_sound_of(name: str, path: Path) -> bool:
    """Whether a .glb that lies at `path` already tells `name` as its sound."""
    try:
        head, _ = read_document(path.read_bytes())
        return any(line.get("extras", {}).get("audio") == name for line in head.get("animations", []))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error):
        return False  # no such file, or not one of ours
