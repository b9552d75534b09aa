"""Draws the sample portraits: `python samples/portraits/draw.py NAME|all -o DIR [--size 1024]`.

Every picture comes from code and fixed random seeds alone; the same machine draws the same pixels again.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

NAMES = ("innkeeper", "guard", "android", "scholar")
SUPERSAMPLE = 1.5
SIZE_PX = 1024


def draw_portrait(name: str, *, size: int = SIZE_PX) -> npt.NDArray[np.uint8]:
    """uint8 RGB [size, size, 3]; drawn larger and averaged down."""
    cv2.setNumThreads(1)
    large = importlib.import_module(name).draw(round(size * SUPERSAMPLE))
    small = cv2.resize(large, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(np.round(np.clip(small, 0, 1) * 255), np.uint8)


def write_png(picture: npt.NDArray[np.uint8], path: Path) -> None:
    """Writes beside the target first, so that an interrupted run leaves no half picture."""
    temporary = path.with_suffix(".part.png")
    cv2.imwrite(str(temporary), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    os.replace(temporary, path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent, help="folder for the .png files")
    parser.add_argument("--size", type=int, default=SIZE_PX, help="width and height in pixels")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in NAMES if options.name == "all" else (options.name,):
        path = options.out / f"{name}.png"
        write_png(draw_portrait(name, size=options.size), path)
        print(path)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
