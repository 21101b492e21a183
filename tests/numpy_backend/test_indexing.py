"""Rows of tables, read and added to in their places."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.numpy.indexing import (
    add_rows,
    add_rows_inside,
    check,
    replace_block,
    set_rows,
    set_rows_inside,
    take_rows,
)
from diptych.backends.numpy.program import Program
from diptych.ir import DiptychError, parse

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_checks(dtype: type) -> None:
    check("gather: indices[0]", np.array([0, 4], dtype), 5)
    check("gather: indices[0]", np.array([], dtype), 0)
    with pytest.raises(DiptychError, match=r"^gather: indices\[0\] is 5 but must be from 0 to 4: axis 0 has size 5"):
        check("gather: indices[0]", np.array([0, 5], dtype), 5)
    with pytest.raises(DiptychError, match=r"^gather: indices\[0\] is 0 but must be absent: axis 0 has size 0"):
        check("gather: indices[0]", np.array([0], dtype), 0)


def test_indices_below_zero() -> None:
    with pytest.raises(DiptychError, match=r"^gather: indices\[0\] is -1 but must be from 0 to 4: axis 0 has size 5"):
        check("gather: indices[0]", np.array([3, -1]), 5)


@pytest.mark.parametrize("dtype, size", [(np.int8, 300), (np.int8, 128), (np.int16, 1 << 16)])
def test_indices_below_zero_of_few_bits(dtype: type, size: int) -> None:
    """Seen without a sign they may lie below the size."""
    check("gather: indices[0]", np.array([0, np.iinfo(dtype).max], dtype), size)
    with pytest.raises(DiptychError, match=rf"^gather: indices\[0\] is -1 but must be from 0 to {size - 1}: axis 0"):
        check("gather: indices[0]", np.array([-1, 3], dtype), size)


def test_rows_are_taken() -> None:
    x, index = RANDOM.random((5, 2, 3)), np.array([[4, 0], [1, 4]])
    out = np.empty((2, 2, 2, 3))
    take_rows(x, index, out)
    assert np.array_equal(out, x[index])


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 4), (0,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.complex128])
def test_rows_are_added(shape: tuple[int, ...], dtype: type) -> None:
    x = (RANDOM.random((5, 2)) * 9).astype(dtype)
    updates = (RANDOM.random((*shape, 2)) * 9).astype(dtype)
    index = RANDOM.integers(0, 5, shape)
    wanted = x.copy()
    np.add.at(wanted, index, updates)
    for begin in (x, None):
        out = np.empty_like(x) if begin is not None else x.copy()
        add_rows(begin, updates, np.asarray(index), out)
        np.testing.assert_allclose(out, wanted, rtol=1e-6)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 4), (0,)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.bool_, np.complex128])
@pytest.mark.parametrize("index_dtype", [np.int32, np.uint64, np.int8])
def test_rows_are_replaced(shape: tuple[int, ...], dtype: type, index_dtype: type) -> None:
    """Of several updates of a row the last one stays, as in the reference."""
    x = (RANDOM.random((5, 2)) * 9).astype(dtype)
    updates = (RANDOM.random((*shape, 2)) * 9).astype(dtype)
    index = np.asarray(RANDOM.integers(0, 5, shape).astype(index_dtype))
    wanted = x.copy()
    for row, update in zip(index.reshape(-1), updates.reshape(-1, 2), strict=True):
        wanted[row] = update
    for begin in (x, None):
        out = np.empty_like(x) if begin is not None else x.copy()
        set_rows(begin, updates, index, out)
        assert np.array_equal(out, wanted)
    with pytest.raises(DiptychError, match=r"^scatter: indices\[0\] is 5 but must be from 0 to 4: axis 0 has size 5"):
        set_rows(None, updates[..., :1], np.full((1,), 5, index_dtype), out)


@pytest.mark.parametrize("index_dtype", [np.int8, np.uint64, np.int64])
@pytest.mark.parametrize("size", [5, 300])
def test_updates_out_of_bounds_are_dropped(index_dtype: type, size: int) -> None:
    x, updates = RANDOM.random((size, 2)), RANDOM.random((3, 4, 2))
    index = RANDOM.integers(0, 5, (3, 4)).astype(index_dtype)
    index[0, 1], index[2] = np.iinfo(index_dtype).max if size == 5 else 0, 4
    if index_dtype is not np.uint64:
        index[0, 0] = -1
    kept = [(int(row), update) for row, update in zip(index.reshape(-1), updates.reshape(-1, 2), strict=True)
            if 0 <= row < size]  # fmt: skip
    assert size == 300 or len(kept) < 12
    added, written, out = x.copy(), x.copy(), np.empty_like(x)
    for row, update in kept:
        added[row] += update
        written[row] = update
    add_rows_inside(x, updates, index, out)
    np.testing.assert_allclose(out, added, rtol=1e-12)
    set_rows_inside(x, updates, index, out)
    assert np.array_equal(out, written)
    if size == 5:
        add_rows_inside(x, updates, np.full((3, 4), size, index_dtype), out)
        assert np.array_equal(out, x)


def test_blocks_are_replaced_inside() -> None:
    x, update = RANDOM.random((4, 5)), RANDOM.random((2, 2))
    out = np.empty_like(x)
    replace_block(x, update, np.array(3), np.array(-1), out)
    wanted = x.copy()
    wanted[2:4, 0:2] = update
    assert np.array_equal(out, wanted)


@pytest.mark.parametrize("distinct", [1, 40, 300, 10**6])
@pytest.mark.parametrize("width", [3, 50])
def test_rows_that_come_once_are_not_summed(distinct: int, width: int) -> None:
    """Bit for bit what numpy's sums of all runs are."""
    index = RANDOM.integers(0, distinct, 200) if distinct < 10**6 else RANDOM.permutation(1000)[:200]
    updates = RANDOM.standard_normal((200, width)).astype(np.float32)
    out = np.zeros((1000, width), np.float32)
    add_rows(None, updates, index, out)
    rows, starts = np.unique(np.sort(index), return_index=True)
    wanted = np.add.reduceat(updates[np.argsort(index, kind="stable")], starts, 0)
    assert np.array_equal(out[rows], wanted) and np.count_nonzero(out.any(1)) == len(rows)


@pytest.mark.parametrize("combine, name", [("add", "add_rows"), ("set", "set_rows")])
def test_a_table_that_nobody_reads_later_is_written_to_where_it_is(combine: str, name: str) -> None:
    text = f"""
    func @f(%x: f32[5,2], %i: i64[3], %u: f32[3,2]) -> (f32[5,2]) {{
      %e: f32[5,2] = exp %x
      %s: f32[5,2] = scatter %e, %u, %i {{axes=[0], combine={combine}}}
      %n: f32[5,2] = neg %s
      return %n
    }}"""
    source = Program(parse(text)).source
    assert f"{name}(None, " in source
