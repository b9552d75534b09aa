"""Heads of the sample portraits; the tests skip, or fail where they are required, if something is missing."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from engine_runs import need
from godot_project import GodotProject

from visavis.errors import WeightsError
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture

PORTRAITS = ("innkeeper", "guard", "scholar", "android")


@pytest.fixture(scope="session")
def npc(root: Path) -> Callable[[str], Avatar]:
    """An avatar by the name of its sample portrait, built once."""
    built: dict[str, Avatar] = {}

    def avatar(name: str) -> Avatar:
        if name not in built:
            try:
                built[name] = build_avatar(read_picture(root / "samples" / "portraits" / f"{name}.png"))
            except WeightsError as error:
                need(False, f"the face networks cannot be had ({error})")
        return built[name]

    return avatar


@pytest.fixture(scope="session")
def npc_folder(npc: Callable[[str], Avatar], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample portraits as avatars, as a server keeps them."""
    folder = tmp_path_factory.mktemp("avatars")
    for name in PORTRAITS:
        npc(name).save(folder / f"{name}.visavis")
    return folder


@pytest.fixture(scope="session")
def godot_sample(root: Path, npc_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> GodotProject:
    """samples/godot after its prepare.py, which finds the avatar built already, and after Godot's import."""
    folder = tmp_path_factory.mktemp("godot")
    made = folder / "npc"
    (made / "avatars").mkdir(parents=True)
    shutil.copy(npc_folder / "innkeeper.visavis", made / "avatars")
    spec = importlib.util.spec_from_file_location("prepare", root / "samples" / "godot" / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    prepare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(prepare)
    prepare.main(made)
    project = GodotProject(folder, npc=made)
    project.imported = project.run("--editor", "--quit")
    return project
