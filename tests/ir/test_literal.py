"""Elements of constants as text: exact to the bit, and as short as can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.ir import DTYPES, ParseError, dtypes
from diptych.ir.literal import Numbers, part_text, parts
from hypothesis import given
from hypothesis import strategies as st

from tests.ir.programs import special_values

FLOATS = [dtype for dtype in DTYPES if dtype.is_float]


def texts(values: np.ndarray[Any, Any], dtype: dtypes.DType) -> list[str]:
    return [part_text(part) for part in parts(values, dtype)]


def read(dtype: dtypes.DType, *given: str) -> np.ndarray[Any, Any]:
    numbers = Numbers(dtype)
    for text in given:
        numbers.add(text)
    return numbers.array()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_special_values_read_back_to_the_bit(dtype: dtypes.DType) -> None:
    values = special_values(dtype)
    assert read(dtype, *texts(values, dtype)).tobytes() == values.tobytes()


@given(st.integers(0, 2**64 - 1))
def test_any_bits_read_back(bits: int) -> None:
    for dtype in FLOATS:
        values = np.array([bits >> (64 - dtype.bits)], f"u{dtype.bytes}").view(dtype.numpy)
        assert read(dtype, *texts(values, dtype)).tobytes() == values.tobytes()


@pytest.mark.parametrize("dtype", [dtypes.f16, dtypes.bf16], ids=str)
def test_every_value_of_sixteen_bits_reads_back(dtype: dtypes.DType) -> None:
    values = np.arange(2**16, dtype=np.uint16).view(dtype.numpy)
    assert read(dtype, *texts(values, dtype)).tobytes() == values.tobytes()


SHORTEST = {
    "f16": (0.1, "0.1"),
    "bf16": (0.1, "0.1"),
    "f32": (16777217 / 10, "1677721.8"),
    "f64": (0.1 + 0.2, "0.30000000000000004"),
}


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_floats_are_short(dtype: dtypes.DType) -> None:
    value, text = SHORTEST[dtype.name]
    assert texts(np.array([value]).astype(dtype.numpy), dtype) == [text]
    one = np.array([1.0, -0.0, 1e4]).astype(dtype.numpy)
    assert texts(one, dtype)[:2] == ["1.0", "-0.0"]


def test_nans_give_their_bits_unless_they_are_the_plain_one() -> None:
    bits = np.array([0x7FC00000, 0xFFC00000, 0x7F800001], np.uint32)
    assert texts(bits.view(np.float32), dtypes.f32) == ["nan", "nan(0xffc00000)", "nan(0x7f800001)"]
    assert texts(np.array([complex(np.nan, -np.inf)]), dtypes.c128) == ["nan", "-inf"]


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_writing_and_reading_heed_no_error_state(dtype: dtypes.DType) -> None:
    values = special_values(dtype)
    with np.errstate(all="raise"):
        assert read(dtype, *texts(values, dtype)).tobytes() == values.tobytes()


REFUSED: list[tuple[dtypes.DType, str, str]] = [
    (dtypes.bool_, "1", "element of bool is 1 but must be true or false"),
    (dtypes.i8, "true", "element of i8 is true but must be an integer"),
    (dtypes.i8, "1.0", "element of i8 is 1.0 but must be an integer"),
    (dtypes.i8, "128", "element of i8 is 128 but must be from -128 to 127"),
    (dtypes.u8, "-1", "element of u8 is -1 but must be from 0 to 255"),
    (dtypes.u64, "9" * 21, f"element of u64 is {'9' * 21} but must be an integer"),
    (dtypes.u64, "18446744073709551616", "element of u64 is 18446744073709551616 but must be from 0 to 1844674407370955"
     "1615"),
    (dtypes.f32, "true", "element of f32 is true but must be a number, inf or nan"),
    (dtypes.f32, "1_0", "element of f32 is 1_0 but must be a number, inf or nan"),
    (dtypes.f32, "-nan", "element of f32 is -nan but must be a number, inf or nan"),
    (dtypes.f32, "nan(0x7f800000)", "element of f32 is nan(0x7f800000) but must be a nan of f32"),
    (dtypes.f32, "nan(0x3f800000)", "element of f32 is nan(0x3f800000) but must be a nan of f32"),
    (dtypes.f32, "nan(0x1ffc00000)", "element of f32 is nan(0x1ffc00000) but must be a nan of f32"),
    (dtypes.f64, "1e999", "element of f64 is 1e999 but must be in its range"),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "text", "message"), REFUSED, ids=[f"{d} {t}" for d, t, _ in REFUSED])
def test_what_is_no_element_is_refused(dtype: dtypes.DType, text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(dtype, text)
    assert str(caught.value) == message


@pytest.mark.parametrize(("dtype", "largest", "beyond"), [
    (dtypes.f16, "65519.0", "65520.0"),
    (dtypes.bf16, "3.3895e+38", "3.4e+38"),
    (dtypes.f32, "3.4028235e+38", "3.5e+38"),
    (dtypes.c64, "3.4028235e+38", "3.5e+38"),
], ids=str)  # fmt: skip
def test_a_float_beyond_the_largest_is_refused(dtype: dtypes.DType, largest: str, beyond: str) -> None:
    assert np.isfinite(read(dtype, "0", largest).view(dtype.real.numpy)).all()
    with pytest.raises(ParseError) as caught:
        read(dtype, "0", beyond)
    assert str(caught.value) == f"element of {dtype} is {beyond} but must be in its range"
