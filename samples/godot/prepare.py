"""Makes what the Godot project shows: an avatar, its head as .glb, and lines as .wav, in `samples/godot/npc`.

Run it with the Python that has visavis: `python samples/godot/prepare.py`. It takes the sample portrait of the innkeeper
and three sample lines, and leaves alone what is there already. Godot reads no FLAC, so lines become .wav; none of it is
committed, because it is made in ten seconds. What it does not do: no server; see README.md beside this file.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import soundfile

SAMPLES = Path(__file__).resolve().parents[1]
NPC = Path(__file__).parent / "npc"
AVATARS = NPC / "avatars"
"""Where `visavis serve --avatars` finds the avatar."""
PORTRAIT = "innkeeper"
LINES = ("innkeeper", "guard", "captain")


def visavis(*arguments: str | Path) -> None:
    """Run one command of visavis; ends the program if it fails, after it has said why."""
    if subprocess.run([sys.executable, "-m", "visavis.cli", *map(str, arguments)], check=False).returncode != 0:
        raise SystemExit(1)


def main() -> None:
    AVATARS.mkdir(parents=True, exist_ok=True)
    (AVATARS / ".gdignore").touch()  # Godot need not look into this folder
    avatar, head = AVATARS / f"{PORTRAIT}.visavis", NPC / f"{PORTRAIT}.glb"
    if not avatar.exists():
        visavis("avatar", "build", SAMPLES / "portraits" / f"{PORTRAIT}.png", "-o", avatar)
    if not head.exists():
        visavis("avatar", "export", avatar, "-o", head)
    for line in LINES:
        samples, rate_hz = soundfile.read(SAMPLES / "lines" / f"{line}.flac", dtype="int16")
        soundfile.write(NPC / f"{line}.wav", samples, rate_hz, subtype="PCM_16")
        shutil.copy(SAMPLES / "lines" / f"{line}.txt", NPC)
    print(f"{NPC} is ready. Next: visavis serve --bridge --avatars {AVATARS}")


if __name__ == "__main__":
    main()
