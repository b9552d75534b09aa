"""Heads of the sample portraits; the tests skip, or fail where they are required, if something is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from engine_runs import need

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
