"""The container: what is put in comes out, the same calls give the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.write.glb.document import Document, read_accessor, read_document


def _shape() -> np.ndarray:
    values = np.zeros((70, 3), np.float32)
    values[3], values[69] = (1, -2, 3), (0.5, 0, 0)
    return values


def test_numbers_come_back() -> None:
    document = Document()
    flat = np.arange(5, dtype=np.uint16)
    vectors = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
    matrices = np.arange(32, dtype=np.float32).reshape(2, 4, 4)
    numbers = [document.accessor(values, bounds=values.ndim == 2) for values in (flat, vectors, matrices)]
    head, binary = read_document(document.to_bytes())
    for number, values in zip(numbers, (flat, vectors, matrices), strict=True):
        np.testing.assert_array_equal(read_accessor(head, binary, number), values)
    assert head["accessors"][1]["min"] == vectors.min(axis=0).tolist()
    assert head["accessors"][2]["type"] == "MAT4"


def test_shapes_are_sparse_over_shared_zeros() -> None:
    document = Document()
    moving, still = document.displacements(_shape()), document.displacements(np.zeros((70, 3), np.float32))
    head, binary = read_document(document.to_bytes())
    np.testing.assert_array_equal(read_accessor(head, binary, moving), _shape())
    assert not read_accessor(head, binary, still).any()
    assert head["accessors"][moving]["sparse"]["count"] == 2
    assert head["accessors"][moving]["max"] == [1, 0, 3]
    assert "sparse" not in head["accessors"][still]
    assert head["accessors"][moving]["bufferView"] == head["accessors"][still]["bufferView"]


def test_a_hundredth_of_a_millimetre_is_not_stored() -> None:
    document = Document()
    values = _shape()
    values[10] = 9e-6
    number = document.displacements(values)
    head, binary = read_document(document.to_bytes())
    np.testing.assert_array_equal(read_accessor(head, binary, number), _shape())


def test_every_view_begins_on_four_bytes() -> None:
    document = Document()
    document.image(b"12345", name="odd")
    document.accessor(np.arange(3, dtype=np.uint8))
    head, binary = read_document(document.to_bytes())
    assert [view["byteOffset"] % 4 for view in head["bufferViews"]] == [0, 0]
    assert head["buffers"][0]["byteLength"] == len(binary)


def test_other_files_are_refused() -> None:
    data = Document().to_bytes()
    for wrong in (b"glTX" + data[4:], data + b"\0\0\0\0"):
        with pytest.raises(ValueError, match="glTF"):
            read_document(wrong)
