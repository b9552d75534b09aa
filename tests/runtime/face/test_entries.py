"""Entries of a bundle: exact both ways, and what lies about its type or size is refused by its header."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from visavis.errors import InputError
from visavis_runtime.face.entries import arrays_from_npz, npz_from_arrays, picture_from_png, png_from_picture
from visavis_runtime.face.spec import ArraySpec


def test_arrays_keep_type_and_values_and_objects_are_refused() -> None:
    arrays = {"f": np.linspace(0, 1, 7, dtype=np.float32), "b": np.array([True, False]), "empty": np.zeros((0, 3))}
    back = arrays_from_npz(npz_from_arrays(arrays))
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
    packed = io.BytesIO()
    np.savez(packed, x=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="pickled") as caught:
        arrays_from_npz(packed.getvalue())
    assert caught.value.reason == "MODEL_UNSAFE"
    deflated = io.BytesIO()
    np.savez_compressed(deflated, x=np.zeros(1000, np.float32))
    with pytest.raises(ValueError, match="packed twice"):
        arrays_from_npz(deflated.getvalue())


def _spec(dtype: str, *axes: int) -> ArraySpec:
    return ArraySpec(dtype, axes, -1, 1)


@pytest.mark.parametrize(
    ("specs", "fault"),
    [
        ({"x": _spec("float64", 3)}, "float32"),
        ({"x": _spec("float32", 3, 1)}, "axes"),
        ({"y": _spec("float32", 3)}, "missing"),
    ],
)
def test_arrays_of_another_kind_are_refused(specs: dict[str, ArraySpec], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        arrays_from_npz(npz_from_arrays({"x": np.zeros(3, np.float32)}), specs=specs)


@pytest.mark.parametrize("shape", [(10**13,), (10**9, 3), (-5, 3), (2**62, 2**62), (10**18, 0)])
def test_a_header_that_claims_what_is_not_there_reserves_nothing(shape: tuple[int, ...]) -> None:
    member, packed = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(member, {"descr": "<f4", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.npy", member.getvalue() + bytes(100))
    with pytest.raises(ValueError, match="claims"):
        arrays_from_npz(packed.getvalue())


@pytest.mark.parametrize("channels", [3, 4])
def test_pictures_are_exact_even_where_they_are_transparent(channels: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (12, 9, channels)).astype(np.uint8)
    picture[:4, :, -1] = 0
    np.testing.assert_array_equal(picture_from_png(png_from_picture(picture), shape=(12, 9, channels)), picture)


def test_a_picture_of_another_size_is_refused_by_its_header() -> None:
    data = png_from_picture(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="4x4"):
        picture_from_png(data, shape=(8, 8, 3))
    with pytest.raises(ValueError, match="not a PNG"):
        picture_from_png(b"GIF89a" + bytes(40), shape=(8, 8, 3))
    with pytest.raises(ValueError, match="channels of 8 bits"):
        picture_from_png(data, shape=(4, 4, 4))
