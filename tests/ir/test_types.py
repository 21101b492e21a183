"""Types, their text, and the element types."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from diptych.ir import DTYPES, ParseError, TensorType, dtype_named, dtype_of, dtypes, named, parse_type

from tests.ir.programs import PROGRAMS

BATCH = named("batch")


def test_a_type_says_its_rank_size_and_memory() -> None:
    type = TensorType(dtypes.f64, (2, 3))
    assert (type.rank, type.size, type.bytes(), type.is_static) == (2, 6, 48, True)
    assert type.static_shape() == (2, 3)
    assert TensorType(dtypes.bool_).size == 1
    assert type.with_shape([4]) == TensorType(dtypes.f64, (4,))
    assert type.with_dtype(dtypes.i8) == TensorType(dtypes.i8, (2, 3))


def test_a_type_with_names() -> None:
    type = parse_type("f32[2*batch+3,time]")
    assert type.names() == {"batch", "time"}
    assert not type.is_static
    assert type.size == (2 * BATCH + 3) * named("time")
    with pytest.raises(TypeError, match="is not a number: bind its names first"):
        type.static_shape()


TEXTS = {
    "f32[]": TensorType(dtypes.f32),
    "bool[3]": TensorType(dtypes.bool_, (3,)),
    "bf16[batch,784]": TensorType(dtypes.bf16, (BATCH, 784)),
    "c128[2*batch+3,0]": TensorType(dtypes.c128, (2 * BATCH + 3, 0)),
}


@pytest.mark.parametrize("text", TEXTS)
def test_text_and_back(text: str) -> None:
    assert str(TEXTS[text]) == text
    assert parse_type(text) == TEXTS[text]


def test_every_type_of_the_programs_reads_back() -> None:
    for program in PROGRAMS.values():
        for type in (*program.parameter_types, *program.result_types):
            assert parse_type(str(type)) == type


def test_blanks_and_order_of_terms_do_not_matter() -> None:
    assert parse_type("f32[ 3+batch*2 , floordiv( batch , 2 ) ]") == parse_type("f32[2*batch+3,floordiv(batch,2)]")


MALFORMED = {
    "f32": "type is 'f32' but must be like f32[2,batch]",
    "f32[2": "type is 'f32[2' but must be like f32[2,batch]",
    "f32[2]x": "type is 'f32[2]x' but must be like f32[2,batch]",
    "f33[2]": "dtype 'f33' is unknown\n  try: f32",
    "zzzzz[2]": "dtype 'zzzzz' is unknown",
    "f32[-2]": "type is [-2] but must be without negative sizes",
    "f32[,]": "dimension '' is malformed at its end",
    "f32[4611686018427387904]": "type is [4611686018427387904] but must be under 2**62 elements",
    f"f32[{','.join('1' * 65)}]": f"type 'f32[{'1,' * 18}' has 65 axes but must have at most 64",
}


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_type(text)
    assert str(caught.value) == MALFORMED[text]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes_are_single_and_found_by_name_and_numpy_type(dtype: dtypes.DType) -> None:
    assert dtype_named(dtype.name) is dtype
    assert dtype_of(dtype.numpy) is dtype
    assert pickle.loads(pickle.dumps(dtype)) is dtype
    assert sum([dtype.is_bool, dtype.is_integer, dtype.is_float, dtype.is_complex]) == 1
    assert dtype.bytes * 8 == max(dtype.bits, 8)


def test_what_holds_of_each_kind_of_dtype() -> None:
    assert [dtype.name for dtype in DTYPES if dtype.is_differentiable] == ["f16", "bf16", "f32", "f64", "c64", "c128"]
    assert [dtype.name for dtype in DTYPES if not dtype.is_ordered] == ["c64", "c128"]
    assert (dtypes.c64.real, dtypes.c128.real, dtypes.i8.real) == (dtypes.f32, dtypes.f64, dtypes.i8)


def test_byte_order_is_not_part_of_a_dtype_and_others_are_refused() -> None:
    assert dtype_of(np.dtype(">f4")) is dtypes.f32
    with pytest.raises(TypeError) as caught:
        dtype_of("U3")
    assert str(caught.value).startswith("dtype is <U3 but must be one of bool, i8,")
