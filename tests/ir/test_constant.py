"""Constants: immutable, compared by dtype, shape and bits."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.ir import DTYPES, Constant, TensorType, dtypes

from tests.ir.programs import special_values


def test_a_constant_is_a_read_only_copy() -> None:
    source = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    constant = Constant(source)
    source[0, 0] = 9
    assert constant.array[0, 0] == 0
    assert constant.type == TensorType(dtypes.f32, (2, 3))
    with pytest.raises(ValueError, match="read-only"):
        constant.array[0, 0] = 1


def test_order_in_memory_and_byte_order_do_not_matter() -> None:
    source = np.arange(6.0).reshape(2, 3)
    assert Constant(np.asfortranarray(source)) == Constant(source)
    assert Constant(source.astype(">f8")) == Constant(source)
    assert Constant(source.astype(">f8")).array.dtype.isnative


def test_a_dtype_converts() -> None:
    assert Constant([1, 2], dtypes.bf16).type == TensorType(dtypes.bf16, (2,))
    assert Constant(1.5).type == TensorType(dtypes.f64)
    with pytest.raises(TypeError, match="must be one of bool"):
        Constant("text")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_equality_is_of_bits(dtype: dtypes.DType) -> None:
    values = special_values(dtype)
    singles = [Constant(value) for value in values]
    for left, ours in zip(values, singles, strict=True):
        for right, theirs in zip(values, singles, strict=True):
            same = left.tobytes() == right.tobytes()
            assert (ours == theirs) is same
            assert not same or hash(ours) == hash(theirs)
    assert Constant(values) == Constant(values.copy())
    long = np.tile(values, 50)
    assert Constant(long) == Constant(long.copy())
    assert hash(Constant(long)) == hash(Constant(long.copy()))
    assert Constant(long) != Constant(long[::-1])


def test_zeros_of_either_sign_differ_and_nan_equals_itself() -> None:
    assert Constant(0.0) != Constant(-0.0)
    assert Constant(np.nan) == Constant(np.nan)
    assert Constant(np.nan) != Constant(-np.nan)


def test_shape_and_dtype_count() -> None:
    assert Constant([1.0, 2.0]) != Constant([[1.0, 2.0]])
    assert Constant(np.zeros(2, np.int32)) != Constant(np.zeros(2, np.uint32))
    assert Constant(np.zeros(1, np.int32)) != Constant(np.zeros((), np.int32))
    assert Constant(1.0) != 1.0


def test_is_all_tells_zeros_apart() -> None:
    assert Constant([2.0, 2.0]).is_all(2)
    assert not Constant([2.0, 1.0]).is_all(2)
    assert Constant([0.0, 0.0]).is_all(0)
    assert not Constant([0.0, -0.0]).is_all(0)
    assert not Constant(np.array([complex(0, -0.0)])).is_all(0)
    assert Constant(np.zeros(3, np.int8)).is_all(0)
    assert Constant([True]).is_all(1)
    assert not Constant(np.zeros((0, 3))).is_all(0)
    assert not Constant(np.nan).is_all(np.nan)


def test_item_gives_the_number_of_a_scalar() -> None:
    assert Constant(np.float32(1.5)).item() == 1.5
    assert type(Constant(np.int8(3)).item()) is int
