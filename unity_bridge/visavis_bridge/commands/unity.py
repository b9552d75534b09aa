"""`visavis unity install`: puts the Unity package into a project."""

from __future__ import annotations

import argparse
from pathlib import Path

NEXT = """\
Next, in Unity {editor}:
  1. Open the project; the package is under Packages > Visavis. Commit its folder with the project.
  2. In a terminal: visavis avatar build PORTRAIT.png -o npcs/innkeeper.visavis
                    visavis serve --bridge --avatars npcs
  3. Package Manager > Visavis > Samples: import "01 Texture NPC", put its script on an empty object, press Play.
Documentation: {folder}/Documentation~/index.md"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `visavis unity`."""
    parser = subparsers.add_parser("unity", help="put the Unity package into a project")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    installing = actions.add_parser(
        "install", help="copy com.visavis.unity into a project, or replace its copy (edits of that copy go)",
        description="Copies com.visavis.unity into PROJECT_DIR/Packages and names it in the manifest.",
    )  # fmt: skip
    installing.add_argument("project", type=Path, metavar="PROJECT_DIR", help="the folder that holds Assets")
    installing.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Install, and say what to do next."""
    from visavis_bridge.unity_project import PACKAGE, install

    done = install(arguments.project)
    if not done.changed:
        print(f"{PACKAGE} {done.version} is up to date in {done.folder}")
    elif done.before not in {"", done.version}:
        print(f"{PACKAGE} {done.version} replaced {done.before} in {done.folder}")
    else:
        print(f"{PACKAGE} {done.version} is now in {done.folder}")
    print(NEXT.format(editor=done.editor, folder=done.folder))
    return 0
