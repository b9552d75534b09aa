"""Avatar files of strangers, over real gRPC: the child process that opens them refuses what is unsafe or damaged."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from avatar_server import AvatarServer, zipped

from visavis_runtime.face.avatar import MESH_ARRAYS
from visavis_runtime.face.entries import npz_from_arrays

pytestmark = [pytest.mark.xdist_group("upload"), pytest.mark.usefixtures("nothing_stays")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_unsafe_bundles(server: AvatarServer, bundle: dict[str, bytes]) -> None:
    link = zipfile.ZipInfo("picture.png")
    link.external_attr = 0o120777 << 16
    good = list(bundle.items())
    unsafe = {
        "parent": [*good, ("../evil.visavis", b"x")],
        "absolute": [*good, ("/evil.visavis", b"x")],
        "backslash": [*good, ("..\\evil.visavis", b"x")],
        "link": [(link, b"../../secret"), *(entry for entry in good if entry[0] != "picture.png")],
        "twice": [*good, good[0]],
        "case": [*good, ("PICTURE.png", b"x")],
        "many": [*good, *((f"{number}.txt", b"") for number in range(2001))],
        "ratio": [("mesh.npz", bytes(30_000_000)), *(entry for entry in good if entry[0] != "mesh.npz")],
        "size": [("mesh.npz", bytes(100 << 20)), *(entry for entry in good if entry[0] != "mesh.npz")],
        "code": [*good, ("run.py", b"import os")],
    }
    for kind, entries in unsafe.items():
        code, reason, sentence = server.refusal(zipped(entries))
        assert (code, reason) == ("INVALID_ARGUMENT", "BUNDLE_UNSAFE"), kind
        assert str(server.store.folder) not in sentence
    assert not list(server.store.folder.parent.rglob("evil*"))


def test_models_and_pickles_in_bundles(server: AvatarServer, bundle: dict[str, bytes]) -> None:
    pickled = io.BytesIO()
    np.savez(pickled, **dict.fromkeys(MESH_ARRAYS, np.array([{}], dtype=object)))
    for entries in (bundle | {"net.onnx": b"x"}, {"archive/data.pkl": b"x"}, bundle | {"mesh.npz": pickled.getvalue()}):
        assert server.refusal(zipped(list(entries.items())))[:2] == ("INVALID_ARGUMENT", "MODEL_UNSAFE")


def test_damaged_bundles(server: AvatarServer, bundle: dict[str, bytes]) -> None:
    whole = zipped(list(bundle.items()))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    lying = bundle | {"mesh.npz": npz_from_arrays({"vertices": np.zeros((3, 3), np.float32)})}
    partial = {name: data for name, data in bundle.items() if name != "mouth.npz"}
    for data in (bytes(flipped), whole[: len(whole) // 2], zipped(list(lying.items())), zipped(list(partial.items()))):
        assert server.refusal(data)[:2] == ("DATA_LOSS", "BUNDLE_DAMAGED")


def test_a_bundle_of_another_version(server: AvatarServer, bundle: dict[str, bytes]) -> None:
    head = json.dumps(json.loads(bundle["avatar.json"]) | {"format": "visavis.avatar.v99"}).encode()
    newer = zipped(list((bundle | {"avatar.json": head}).items()))
    assert server.refusal(newer)[:2] == ("FAILED_PRECONDITION", "BUNDLE_VERSION")
