"""Makes what the Godot project shows: an avatar, its head as .glb, and lines as .wav, in `samples/godot/npc`.

Run it with the Python that has visavis: `python samples/godot/prepare.py`. It takes the sample portrait of the
innkeeper and three sample lines; an avatar and a head that are there already stay. Godot reads no FLAC, so lines become
.wav; none of it is committed, because it is made in seconds. What it does not do: no server, see README.md.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import soundfile

SAMPLES = Path(__file__).resolve().parents[1]
NPC = Path(__file__).parent / "npc"
PORTRAIT = "innkeeper"
LINES = ("innkeeper", "guard", "captain")


def visavis(*arguments: str | Path) -> None:
    """Run one command of visavis; ends the program if it fails, after it has said why."""
    if subprocess.run([sys.executable, "-m", "visavis.cli", *map(str, arguments)], check=False).returncode != 0:
        raise SystemExit(1)


def main(npc: Path = NPC) -> None:
    avatars = npc / "avatars"
    avatars.mkdir(parents=True, exist_ok=True)
    (avatars / ".gdignore").touch()  # Godot need not look into this folder
    avatar, head = avatars / f"{PORTRAIT}.visavis", npc / f"{PORTRAIT}.glb"
    if not avatar.exists():
        visavis("avatar", "build", SAMPLES / "portraits" / f"{PORTRAIT}.png", "-o", avatar)
    if not head.exists():
        visavis("avatar", "export", avatar, "-o", head)
    for line in LINES:
        samples, rate_hz = soundfile.read(SAMPLES / "lines" / f"{line}.flac", dtype="int16")
        soundfile.write(npc / f"{line}.wav", samples, rate_hz, subtype="PCM_16")
        shutil.copy(SAMPLES / "lines" / f"{line}.txt", npc)
    print(f"{npc} is ready. Next: visavis serve --bridge --avatars {avatars}")


if __name__ == "__main__":
    main()
