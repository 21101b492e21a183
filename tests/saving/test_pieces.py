"""Parts of arrays are read block by block, out of the pieces that have some of them and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych
import ml_dtypes
import numpy as np
import pytest
from diptych.backends.mesh import make_mesh
from diptych.ir import DiptychError
from diptych.saving import pieces
from diptych.saving.index import Array
from diptych.saving.pieces import Pieces, blocks
from diptych.saving.places import axes_on


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (5,), (40,), (3, 5), (2, 3, 7), (1, 2, 1, 30), (4, 1)])
@pytest.mark.parametrize("most", [4, 12, 24, 10_000])
def test_blocks_are_in_the_order_of_bytes(shape: tuple[int, ...], most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "BLOCK_BYTES", most)
    array = np.arange(np.prod(shape, dtype=int), dtype=np.int32).reshape(shape)
    found = b""
    for offset, size in blocks(shape, 4):
        block = array[tuple(slice(start, start + length) for start, length in zip(offset, size, strict=True))]
        assert block.shape == size and block.nbytes <= most
        found += block.tobytes()
    assert found == array.tobytes()


@pytest.mark.parametrize("dtype", ["bool", "float32", "complex128", ml_dtypes.bfloat16])
def test_what_is_larger_than_a_block(dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "BLOCK_BYTES", 48)
    array = np.arange(3 * 5 * 7).reshape(3, 5, 7).astype(dtype)
    diptych.save_checkpoint(tmp_path, {"a": array, "b": array[1].T, "c": array[0, 0, 1]}, 0)
    found = diptych.load_checkpoint(tmp_path)
    for name, wanted in (("a", array), ("b", array[1].T), ("c", array[0, 0, 1])):
        assert found[name].dtype == wanted.dtype and np.array_equal(found[name], wanted)


def in_two(folder: Path) -> tuple[Path, Array, np.ndarray]:
    """An array of 4 by 6 in two pieces, beside each other."""
    whole = np.arange(24.0).reshape(4, 6)
    place = diptych.save_checkpoint(folder, {"left": whole[:, :2], "right": whole[:, 2:]}, 0)
    arrays = json.loads((place / "index.json").read_text())["arrays"]
    (left,), (right,) = (arrays[name]["pieces"] for name in ("left", "right"))
    right["offset"] = [0, 2]
    return place, Array(dtype="float64", shape=[4, 6], pieces=[left, right]), whole


def test_parts(tmp_path: Path) -> None:
    folder, array, whole = in_two(tmp_path)
    boxes = [((0, 4), (0, 6)), ((1, 3), (1, 5)), ((2, 2), (0, 6)), ((3, 4), (5, 6))]
    found = Pieces(folder).parts("x", array, np.dtype("float64"), boxes)
    for ((top, bottom), (left, right)), part in zip(boxes, found, strict=True):
        assert np.array_equal(part, whole[top:bottom, left:right])


def test_pieces_that_have_nothing_of_a_part_are_not_read(tmp_path: Path) -> None:
    folder, array, whole = in_two(tmp_path)
    array.pieces[0].sha256 = "0" * 64
    (found,) = Pieces(folder).parts("x", array, np.dtype("float64"), [((0, 2), (3, 6))])
    assert np.array_equal(found, whole[:2, 3:])
    with pytest.raises(DiptychError, match=r"part-00000.safetensors: x is not what was written: its checksum is "):
        Pieces(folder).parts("x", array, np.dtype("float64"), [((0, 2), (1, 6))])


def head(told: object) -> bytes:
    text = json.dumps(told).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read: it is no safetensors file"),
        ((10**9).to_bytes(8, "little"), "cannot be read: it is no safetensors file"),
        (head([]), "cannot be read: it is no safetensors file"),
        (head({"x@0": 3}), "cannot be read: it is no safetensors file"),
        (head({"x@0": {"data_offsets": [0, "8"]}}), "cannot be read: it is no safetensors file"),
        (head({}), "cannot be read: there is no x@0 in it"),
        (head({"x@0": {"data_offsets": [0, 8]}}), "has 8 bytes but must have 32"),
        (head({"x@0": {"data_offsets": [0, 32]}}) + b"x" * 31, "cannot be read: it ends too early"),
        (head({"x@0": {"data_offsets": [-(10**6), 32 - 10**6]}}), "cannot be read: it is no safetensors file"),
        (head({"x@0": {"data_offsets": [10**30, 32 + 10**30]}}), "cannot be read: it ends too early"),
    ],
)
def test_files_that_are_not_what_was_written(data: bytes, message: str, tmp_path: Path) -> None:
    folder = diptych.save_checkpoint(tmp_path, {"x": np.arange(4.0)}, 1)
    (folder / "part-00000.safetensors").write_bytes(data)
    with pytest.raises(DiptychError) as refused:
        diptych.load_checkpoint(tmp_path)
    assert refused.value.message == f"{folder}/part-00000.safetensors: x {message}"


def test_how_what_is_loaded_is_split() -> None:
    rules = {r".*kernel": (None, "model"), r"odd.*": ("model",), r"deep.*": ("model", None, None)}
    mesh = make_mesh({"data": 2, "model": 4}, rules, zero=True)
    for name, shape, saved, wanted in [
        ("a/kernel", (6, 8), None, ". model"),
        ("a/kernel", (6, 8), "model .", ". model"),  # rules first
        ("a/kernel/Adam", (6, 8), None, "data model"),  # kept for a/kernel
        ("bias", (8,), None, None),
        ("bias", (8,), "model", "model"),
        ("odd", (6,), None, None),  # rules that do not fit say nothing here
        ("deep", (8, 8), ". data", ". data"),
        (3, (8, 8), "rows data+model", ". data+model"),  # an axis that is no more
        (3, (8, 4), "data data+model", "data model"),
        (3, (7, 8), "model data", ". data"),
        (None, (7, 8), "model", None),
        (None, (), "", None),
    ]:
        assert axes_on(mesh, name, shape, saved) == wanted, (name, shape, saved)


@pytest.mark.parametrize(
    "pieces_of",
    [
        lambda left, right: [left, {**right, "offset": [0, 0]}, left],  # one twice, and a hole
        lambda left, right: [left, left, left],
        lambda left, right: [],
    ],
)
def test_pieces_that_leave_holes(pieces_of: Callable[[Any, Any], list[Any]], tmp_path: Path) -> None:
    folder, array, _ = in_two(tmp_path)
    left, right = (piece.model_dump() for piece in array.pieces)
    holed = Array(dtype="float64", shape=[4, 6], pieces=pieces_of(left, right))
    with pytest.raises(DiptychError, match=r"x: its pieces do not make up \[4, 6\]"):
        Pieces(folder).parts("x", holed, np.dtype("float64"), [((0, 4), (0, 6))])


def test_a_piece_that_is_larger_than_its_file(tmp_path: Path) -> None:
    folder, array, _ = in_two(tmp_path)
    size = 2**40
    piece = {**array.pieces[0].model_dump(), "shape": [size]}
    piece["offset"] = [0]
    huge = Array(dtype="float64", shape=[size], pieces=[piece])
    with pytest.raises(DiptychError, match=r"part-00000.safetensors: x has 64 bytes but must have 8796093022208"):
        Pieces(folder).parts("x", huge, np.dtype("float64"), [((0, size),)])
