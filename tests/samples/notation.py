"""Short forms for samples: arrays by dtype, types from text, calls with their attributes as keywords."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import DType, Op, TensorType, dtype_named, dtypes, parse_dimension

from . import Refusal, Sample

INF, NAN = float("inf"), float("nan")


def _of(dtype: DType) -> Callable[[Any], np.ndarray]:
    def array(values: Any) -> np.ndarray:
        return np.array(values).astype(dtype.numpy) if dtype is dtypes.bf16 else np.array(values, dtype.numpy)

    return array


b1, i8, i16, i32, i64 = map(_of, (dtypes.bool_, dtypes.i8, dtypes.i16, dtypes.i32, dtypes.i64))
u8, u16, u32, u64 = map(_of, (dtypes.u8, dtypes.u16, dtypes.u32, dtypes.u64))
f16, bf16, f32, f64, c64, c128 = map(
    _of, (dtypes.f16, dtypes.bf16, dtypes.f32, dtypes.f64, dtypes.c64, dtypes.c128)
)  # fmt: skip


def typed(text: str) -> TensorType:
    """The type written `f32[2,batch]`."""
    match = re.fullmatch(r"(\w+)\[(.*)\]", text)
    assert match, text
    sizes = tuple(parse_dimension(size) for size in match[2].split(",") if size)
    return TensorType(dtype_named(match[1]), sizes)


def case(
    op: Op,
    operands: Sequence[np.ndarray],
    results: Sequence[np.ndarray],
    /,
    *,
    tolerance: float = 0.0,
    smooth: bool = True,
    called: str = "",
    **attributes: Any,
) -> Sample:
    """A sample; `called` is its `name`, and its `gradient` is `smooth` where all numbers are finite."""
    smooth = smooth and all(map(_is_finite, (*operands, *results)))
    return Sample(op, operands, results, attributes, tolerance, smooth, called)


def _is_finite(array: np.ndarray) -> bool:
    return array.dtype.kind in "bui" or bool(np.isfinite(array).all())


def refusal(op: Op, operands: str, message: str, /, **attributes: Any) -> Refusal:
    """A refused call of operands whose types stand in a text, with blanks between."""
    return Refusal(op, [typed(text) for text in operands.split()], f"{op.name}: {message}", attributes)
