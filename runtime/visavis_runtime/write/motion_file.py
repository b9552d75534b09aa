"""Takes the motion latents of a talk, gives an .npz that any numpy can read without us: names, rate and space inside.

Arrays: `latents` [k, 64] float32 (radians), `names` [64], `fps`, `space` (`visavis.face64.v1`), `sample_rate_hz`, and
`sample` [k] int64, the 16 kHz sample that each frame belongs to. Never pickled.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import DamageError
from visavis.latents import NAMES, SAMPLE_RATE_HZ, SPACE, sample_of_frame


class Motion(NamedTuple):
    """A talk's latents [k, 64] float32 at `fps` frames a second."""

    latents: npt.NDArray[np.float32]
    fps: int


def write_motion(path: Path, *, motion: Motion) -> None:
    """Write the .npz."""
    count = motion.latents.shape[0]
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            latents=motion.latents,
            names=np.array(NAMES),
            fps=np.int64(motion.fps),
            space=np.array(SPACE),
            sample_rate_hz=np.int64(SAMPLE_RATE_HZ),
            sample=np.array([sample_of_frame(j, fps=motion.fps) for j in range(count)], np.int64),
        )


def read_motion(path: Path) -> Motion:
    """Read it back. Raises DamageError MOTION_DAMAGED."""
    try:
        with np.load(path, allow_pickle=False) as file:
            space, names = str(file["space"]), tuple(file["names"].tolist())
            motion = Motion(latents=file["latents"], fps=int(file["fps"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DamageError(f"{path.name} is not a motion file ({error}).", reason="MOTION_DAMAGED") from error
    if space != SPACE or names != NAMES or motion.latents.shape[1:] != (len(NAMES),):
        raise DamageError(f"{path.name} holds motion of space {space!r}, not {SPACE}.", reason="MOTION_DAMAGED")
    return motion
