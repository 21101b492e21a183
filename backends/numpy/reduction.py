"""How reductions are written."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from diptych.ir import Equation, Op, ops

from .elementwise import Emitter
from .writer import Writer

UFUNCS: dict[Op, np.ufunc] = {
    ops.reduce_sum: np.add,
    ops.reduce_prod: np.multiply,
    ops.reduce_max: np.maximum,
    ops.reduce_min: np.minimum,
    ops.reduce_and: np.logical_and,
    ops.reduce_or: np.logical_or,
}


def _reduce(w: Writer, equation: Equation) -> None:
    ufunc = UFUNCS[equation.op]
    axes = equation.attributes["axes"]
    source = w.array(equation.operands[0])
    w.line(f"{w.constant(ufunc, ufunc.__name__)}.reduce({source}, {axes}, None, {w.out(equation.results[0])})")


LONGEST_ROW = 4096  # whose sum by BLAS, one element after another, is still about as exact as numpy's by pairs


def _sum(w: Writer, equation: Equation) -> None:
    """Sums of rows that lie side by side as a product with ones, which takes a third to a tenth of numpy's time."""
    (x,), axes = equation.operands, equation.attributes["axes"]
    if sums_to_channels(equation):
        w.line(f"{w.constant(sum_to_channels, 'sum_to_channels')}({w.array(x)}, {w.out(equation.results[0])})")
        return
    if not sums_rows(equation):
        _reduce(w, equation)
        return
    name = w.constant(ones(row_length(equation), x.dtype.numpy), "ones")
    w.line(f"{w.constant(sum_rows, 'sum_rows')}({w.array(x)}, {axes}, {name}, {w.out(equation.results[0])})")


def row_length(equation: Equation) -> int:
    """How many elements are summed into one."""
    shape = equation.operands[0].type.static_shape()
    return prod(shape[axis] for axis in equation.attributes["axes"])


def sums_rows(equation: Equation) -> bool:
    """Whether a sum is one of rows, short enough for `sum_rows`."""
    (x,), axes = equation.operands, equation.attributes["axes"]
    if axes != tuple(range(x.rank - len(axes), x.rank)) or x.dtype.name not in ("f32", "f64"):
        return False
    return 1 < row_length(equation) <= LONGEST_ROW


def sums_to_channels(equation: Equation) -> bool:
    """Whether a sum of floats leaves the second of three axes or more, where images have their channels."""
    (x,), axes = equation.operands, equation.attributes["axes"]
    return x.rank > 2 and axes == (0, *range(2, x.rank)) and x.dtype.name in ("f32", "f64")


def sum_to_channels(x: np.ndarray, out: np.ndarray) -> None:
    """The sums of x [batch, channels, ...] for each channel, in the order in which they are added up where x has its
    channels last: so they have the same bits whichever way round x is computed."""
    turned = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    np.add.reduce(turned, tuple(range(x.ndim - 1)), None, out)


@lru_cache(maxsize=1024)
def ones(length: int, dtype: np.dtype[Any]) -> np.ndarray:
    """A row of ones, not to be written."""
    row = np.ones(length, dtype)
    row.flags.writeable = False
    return row


def sum_rows(x: np.ndarray, axes: tuple[int, ...], ones: np.ndarray, out: np.ndarray) -> None:
    """x summed over its last axes, as many elements as there are `ones`, into the contiguous `out`."""
    if x.flags.c_contiguous:
        np.dot(x.reshape(-1, ones.size), ones, out=out.reshape(-1))
    else:
        np.add.reduce(x, axes, None, out)


def _arg(w: Writer, equation: Equation) -> None:
    function = np.argmax if equation.op is ops.argmax else np.argmin
    source = w.array(equation.operands[0])
    out = w.out(equation.results[0])
    w.line(f"{w.constant(function, function.__name__)}({source}, {equation.attributes['axis']}, {out})")


EMITTERS: dict[Op, Emitter] = {
    **dict.fromkeys(UFUNCS, _reduce),
    ops.reduce_sum: _sum,
    ops.argmax: _arg,
    ops.argmin: _arg,
}


def writes(equation: Equation) -> bool:
    """Whether these emitters take the equation: half precision, empty maxima and odd index types go to the kernels."""
    op = equation.op
    if op not in EMITTERS or equation.operands[0].dtype.name in ("f16", "bf16"):
        return False
    if op in (ops.argmax, ops.argmin):
        return equation.attributes["dtype"].numpy == np.dtype(np.intp)
    return op not in (ops.reduce_max, ops.reduce_min) or equation.operands[0].type.size != 0
