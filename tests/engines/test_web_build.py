"""The page without a browser: its modules read the golden files, and what the bridge serves is built of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from engine_runs import ENGINES, MODULES, need_node


def test_golden_messages_and_faces_in_the_modules_of_the_page(root: Path) -> None:
    need_node()
    golden = root / "unity_bridge" / "golden"
    command = ["node", str(ENGINES / "web" / "golden.mjs"), str(root / "samples" / "web" / "src"), str(golden)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert shown.returncode == 0, shown.stderr[-3000:]
    report = json.loads(shown.stdout)
    assert sorted(report["messages"]) == sorted(path.stem for path in golden.glob("*.bin"))
    assert len(report["cases"]) == len(json.loads((golden / "follow.json").read_text(encoding="utf-8")))
    assert report["draws"] > 150
    assert report["worst"] <= 1e-4


def test_a_fresh_build_gives_the_files_that_the_bridge_serves(root: Path, tmp_path: Path) -> None:
    need_node("esbuild", "three")
    source = root / "samples" / "web"
    wanted = json.loads((source / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    here = json.loads((ENGINES / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {name: here[name] for name in wanted} == wanted
    command = ["node", str(source / "build.mjs"), str(MODULES), str(tmp_path)]
    subprocess.run(command, check=True, timeout=120)
    served = root / "unity_bridge" / "visavis_bridge" / "page"
    built, kept = ({p.relative_to(d): p.read_bytes() for p in d.rglob("*.*")} for d in (tmp_path, served))
    assert {name for name in built.keys() | kept.keys() if built.get(name) != kept.get(name)} == set(), (
        "run `npm install && npm run build` in samples/web"
    )
