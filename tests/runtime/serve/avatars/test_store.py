"""The folder of avatars: only names reach it, files appear whole, what is known about them follows the files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import DamageError, ExistsError, InputError, LimitError, MissingError, VisavisError
from visavis_runtime.serve.avatars.store import STALE_S, AvatarStore, checked_name


@pytest.fixture
def store(tmp_path: Path) -> AvatarStore:
    store = AvatarStore(tmp_path / "deep" / "avatars")
    store.open()
    assert store.names() == []
    with store.incoming():
        pass
    return store


def _put(store: AvatarStore, name: str, data: bytes, *, overwrite: bool = False) -> None:
    with store.incoming() as path:
        path.write_bytes(data)
        store.put(name, path, overwrite=overwrite)


def test_who_asks_for_an_unknown_avatar_hears_which_are_there(store: AvatarStore) -> None:
    with pytest.raises(MissingError, match="keeps none yet"):
        store.path("guard")
    for name in ("guard", "innkeeper"):
        _put(store, name, b"one")
    with pytest.raises(MissingError, match=r"did you mean innkeeper\?"):
        store.path("inkeeper")
    with pytest.raises(MissingError, match=r"known are guard, innkeeper\."):
        store.path("xyzzy")
    for number in range(9):
        _put(store, f"npc-{number}", b"one")
    with pytest.raises(MissingError, match=r"npc-5, and 3 more\."):
        store.path("xyzzy")


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_a_name_is_a_plain_word_or_refused(name: str) -> None:
    if 1 <= len(name) <= 64 and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_"):
        assert checked_name(name) == name
        return
    with pytest.raises(InputError) as caught:
        checked_name(name)
    assert caught.value.reason == "AVATAR_NAME"
    assert str(caught.value).isprintable()


def test_files_appear_whole_and_are_replaced_only_on_purpose(store: AvatarStore) -> None:
    _put(store, "guard", b"one")
    with pytest.raises(ExistsError):
        _put(store, "guard", b"two")
    assert store.path("guard").read_bytes() == b"one"
    with store.path("guard").open("rb") as running_talk:
        _put(store, "guard", b"two", overwrite=True)
        assert running_talk.read() == b"one"
    assert store.path("guard").read_bytes() == b"two"
    store.delete("guard")
    assert store.names() == []
    with pytest.raises(MissingError):
        store.path("guard")
    with pytest.raises(MissingError):
        store.delete("guard")


def test_what_is_not_taken_is_gone(store: AvatarStore) -> None:
    with store.incoming() as path:
        path.write_bytes(b"half")
    assert not path.exists()


def test_only_what_a_killed_server_left_is_cleared(store: AvatarStore) -> None:
    old, fresh = (store.folder / ".incoming" / name for name in ("old", "fresh"))
    old.touch()
    fresh.touch()
    os.utime(old, (time.time() - 2 * STALE_S,) * 2)
    store.open()
    assert [path.name for path in (store.folder / ".incoming").iterdir()] == ["fresh"]


def test_strange_files_are_no_avatars(store: AvatarStore) -> None:
    for name in ("Big.visavis", "a b.visavis", ".visavis", "notes.txt", "ok.visavis"):
        (store.folder / name).write_bytes(b"x")
    assert store.names() == ["ok"]
    with pytest.raises(InputError) as caught:
        store.info("ok")
    assert caught.value.reason == "BUNDLE_FORMAT"
    assert str(store.folder) not in str(caught.value)


def test_what_is_known_follows_the_file(store: AvatarStore) -> None:
    for data, kind in ((b"x", InputError), (b"PK\x03\x04xx", DamageError)):
        (store.folder / "npc.visavis").write_bytes(data)
        with pytest.raises(kind):
            store.info("npc")


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        AvatarStore(tmp_path / "file").open()
    assert caught.value.reason == "AVATAR_FOLDER"


def test_a_store_that_takes_no_more_is_told(store: AvatarStore) -> None:
    (store.folder / ".incoming").rmdir()
    (store.folder / ".incoming").touch()
    with pytest.raises(LimitError) as caught, store.incoming():
        pass
    assert caught.value.reason == "STORE_FULL"
    assert isinstance(caught.value, VisavisError)
