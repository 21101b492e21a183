"""Layouts as numpy has them: every view of a numpy array tells what its strides must be."""

from __future__ import annotations

import itertools
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager.tensors.layout import Layout, layout_of, reshaped, row_strides
from numpy.lib.stride_tricks import as_strided

VIEWS: dict[str, Any] = {
    "all": lambda x: x,
    "a row": lambda x: x[1],
    "a column": lambda x: x[:, 2],
    "every other": lambda x: x[:, ::2],
    "a corner": lambda x: x[1:, 1:3],
    "turned": lambda x: x.transpose(1, 0),
    "turned part": lambda x: x[:, 1:].transpose(1, 0),
    "one axis more": lambda x: x[:, None],
    "last axis more": lambda x: x[..., None],
    "one element": lambda x: x[2, 3],
    "nothing": lambda x: x[3:],
    "reshaped": lambda x: x.reshape(2, 6),
    "reshaped turned part": lambda x: x[:2].reshape(4, 2).transpose(1, 0),
}


def elements(strides: tuple[int, ...], array: np.ndarray) -> tuple[int, ...]:
    return tuple(stride // array.itemsize for stride in strides)


@pytest.mark.parametrize("name", VIEWS)
def test_views_lie_where_numpy_has_them(name: str) -> None:
    array = np.arange(12.0).reshape(3, 4)
    tensor, shown = VIEWS[name](torch.tensor(array)), VIEWS[name](array)
    if not isinstance(shown, np.ndarray):  # an element: numpy's is a copy
        shown = array[2:3, 3:4].reshape(())
    layout = layout_of(tensor)
    assert layout.sizes == shown.shape == tuple(tensor.shape)
    moving = [axis for axis, size in enumerate(shown.shape) if size > 1]
    strides = elements(shown.strides, array)
    assert [layout.strides[axis] for axis in moving] == [strides[axis] for axis in moving]
    if shown.size:
        assert layout.offset == (shown.ctypes.data - array.ctypes.data) // array.itemsize
    assert layout.is_contiguous == shown.flags.c_contiguous
    assert tensor.tolist() == shown.tolist()


def test_sharing_a_turned_array_keeps_its_strides() -> None:
    array = np.arange(6.0).reshape(2, 3).T
    tensor = torch.from_numpy(array)
    assert (tensor.stride(), tensor.is_contiguous()) == ((1, 3), False)
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        tensor.view(6)
    assert tensor.reshape(6).tolist() == array.reshape(6).tolist()


@pytest.mark.parametrize("sizes", [(6,), (3, 2), (2, 3), (1, 6), (2, 1, 3), (6, 1), (1, 2, 3, 1)])
@pytest.mark.parametrize("strides", list(itertools.product((1, 2, 3), repeat=2)))
def test_reshaping_moves_nothing_where_numpy_copies_nothing(sizes: tuple[int, ...], strides: tuple[int, ...]) -> None:
    base = np.arange(64)
    given = as_strided(base, (2, 3), tuple(stride * base.itemsize for stride in strides))
    wanted = given.reshape(sizes)
    found = reshaped(Layout((2, 3), strides), sizes)
    assert (found is not None) == np.shares_memory(wanted, base)
    if found is not None:
        shown = as_strided(base[found.offset :], found.sizes, [stride * base.itemsize for stride in found.strides])
        assert shown.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("sizes", "strides", "overlaps"),
    [
        ((2, 3), (3, 1), False),
        ((2, 3), (1, 2), False),
        ((2, 3), (0, 1), True),
        ((2, 3), (1, 1), True),
        ((2, 3), (2, 1), True),
        ((1, 3), (0, 1), False),
        ((), (), False),
    ],
)
def test_overlapping(sizes: tuple[int, ...], strides: tuple[int, ...], overlaps: bool) -> None:
    assert Layout(sizes, strides).overlaps is overlaps


def test_row_strides_of_empty_sizes() -> None:
    assert row_strides((2, 0, 3)) == (3, 3, 1)
