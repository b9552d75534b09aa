"""What the engine tests share: is an engine there, heads made of the sample portraits, runs of three.js and Godot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.animation import Tracks, tracks_from_latents

ENGINES = Path(__file__).resolve().parent / "engines"
MODULES = ENGINES / "node_modules"
PICTURES = ENGINES.parent.parent / "out" / "engines"
"""Pictures to look at after a run."""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def need(found: object, what: str) -> None:
    """Skip with the reason, or fail where engines are required."""
    if found:
        return
    if os.environ.get("VISAVIS_REQUIRE_ENGINES") == "1":
        pytest.fail(f"{what}, and VISAVIS_REQUIRE_ENGINES=1 wants the engine tests to run")
    pytest.skip(f"{what}: `make engines` installs what the engine tests need")


def need_node(*packages: str) -> None:
    need(shutil.which("node"), "node is not installed")
    for package in packages:
        need((MODULES / package).is_dir(), f"the node package {package} is not installed")


def chromium() -> str:
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    need(found, "chromium is not installed")
    return str(found)


def row(**values: float) -> np.ndarray:
    """Latents [64] by name; a name without its side sets both."""
    latents = np.zeros(64, np.float32)
    for name, value in values.items():
        latents[[i for known, i in INDEX.items() if known in (name, f"{name}Left", f"{name}Right")]] = value
    return latents


def shots_of(avatar: Avatar, poses: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Poses as the page wants them: weights by name, quaternions, metres."""
    tracks = tracks_from_latents(avatar, latents=np.stack(list(poses.values())), fps=60)
    return [
        {
            "name": name,
            "shapes": dict(zip(ARKIT_NAMES, tracks.shapes[k].tolist(), strict=True)),
            "head": tracks.head_turn[k].tolist(),
            "shift": (tracks.head_shift[k] * 0.01).tolist(),
            "body": (tracks.body_shift[k] * 0.01).tolist(),
            "left": tracks.eye_turn["left"][k].tolist(),
            "right": tracks.eye_turn["right"][k].tolist(),
        }
        for k, name in enumerate(poses)
    ]


def source_camera(avatar: Avatar) -> dict[str, Any]:
    """The portrait's own orthographic camera, metres: what it sees is the picture."""
    scale, rotation, (x, y, _) = avatar.camera.scale, avatar.camera.rotation, avatar.camera.translation
    matrix = np.eye(4)
    matrix[:3, :3] = rotation.T
    last = avatar.size - 0.5
    edges = {"left": (-0.5 - x), "right": last - x, "top": 0.5 - y, "bottom": -last - y}
    return {
        **{name: float(edge) / scale / 100 for name, edge in edges.items()},
        "turn": matrix.ravel().tolist(),
        "far": 1.0,
    }


def draw_in_browser(
    glb: bytes,
    *,
    avatar: Avatar,
    folder: Path,
    size: int,
    poses: dict[str, np.ndarray] | None = None,
    times_s: list[float] | None = None,
) -> dict[str, Any]:
    """Let three.js draw a head; pictures NAME.png and at_K.png lie in the folder afterwards. Returns its report."""
    need_node("three", "playwright-core")
    (folder / "head.glb").write_bytes(glb)
    job = {
        "glb": str(folder / "head.glb"),
        "out": str(folder),
        "size": size,
        "chromium": chromium(),
        "camera": source_camera(avatar),
        "shots": shots_of(avatar, poses) if poses else [],
        "times": times_s or [],
    }
    (folder / "job.json").write_text(json.dumps(job))
    command = ["node", str(ENGINES / "web" / "draw.mjs"), str(folder / "job.json")]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert shown.returncode == 0, shown.stderr[-3000:]
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


def show_in_godot(glb: bytes, *, folder: Path) -> dict[str, Any]:
    """Let Godot 3 import and show a head; rest.png, jaw.png and turned.png lie in the folder. Returns its report."""
    for program in ("godot3", "xvfb-run"):
        need(shutil.which(program), f"{program} is not installed")
    for source in (ENGINES / "godot").iterdir():
        shutil.copy(source, folder)
    (folder / "head.glb").write_bytes(glb)
    godot = ["xvfb-run", "-a", "-s", "-screen 0 800x700x24", "godot3", "--path", ".", "--audio-driver", "Dummy"]
    output = ""
    for arguments in (["--editor", "--quit"], []):
        # Its cache and settings go into the folder, not into the user's home.
        shown = subprocess.run(
            [*godot, *arguments], cwd=folder, env={**os.environ, "HOME": str(folder)}, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        output = shown.stdout + shown.stderr
    lines = [line.removeprefix("REPORT ") for line in output.splitlines() if line.startswith("REPORT ")]
    assert lines, output[-3000:]
    report: dict[str, Any] = json.loads(lines[0])
    return {**report, "output": output}


def talk_of(avatar: Avatar, *, count: int = 90) -> Tracks:
    """A short motion: mouth, lids, head and eyes go to and fro at 60 keys a second."""
    t = np.arange(count) / 60
    latents = np.zeros((count, 64), np.float32)
    latents[:, INDEX["jawOpen"]] = 0.35 - 0.35 * np.cos(9 * t)
    latents[:, INDEX["mouthSmileLeft"]] = 0.5 * np.sin(2 * t) ** 2
    latents[:, INDEX["headY"]] = 0.01 * np.sin(2 * t)
    latents[:, INDEX["headYaw"]] = 0.08 * np.sin(3 * t)
    latents[:, INDEX["leftEyeYaw"]] = latents[:, INDEX["rightEyeYaw"]] = 0.2 * np.sin(4 * t)
    return tracks_from_latents(avatar, latents=latents, fps=60)
