"""How reductions are written."""

from __future__ import annotations

from dataclasses import dataclass
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


LONGEST = 4096  # elements whose sum by BLAS, one after another, is still about as exact as numpy's by pairs


@dataclass(frozen=True, slots=True)
class Summing:
    """How a sum is taken by products with ones, in a third to a tenth of numpy's time: of the rows of x, or of its
    columns, `length` elements into each one, of which `piece` are added at a time; by numpy where that is 0. `turned`:
    x has its channels second, and is added up in the order of one that has them last, so that both have the same bits.
    """

    axes: tuple[int, ...]
    of_rows: bool
    length: int
    piece: int
    dtype: np.dtype[Any]
    turned: bool = False

    def into(self, x: np.ndarray, out: np.ndarray) -> None:
        """Writes the sums of x into the contiguous `out`."""
        if self.turned:
            x = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        if not self.piece or not x.flags.c_contiguous:
            np.add.reduce(x, self.axes, None, out)
            return
        row, flat = ones(self.piece, self.dtype), out.reshape(-1)
        if self.of_rows:
            if self.piece == self.length:
                np.dot(x.reshape(-1, self.piece), row, out=flat)
            else:
                sums = np.dot(x.reshape(-1, self.piece), row)
                np.add.reduce(sums.reshape(-1, self.length // self.piece), 1, None, flat)
        elif self.piece == self.length:
            np.dot(row, x.reshape(self.piece, -1), out=flat)
        else:
            np.add.reduce(np.matmul(row, x.reshape(-1, self.piece, flat.size)), 0, None, flat)


def summing(equation: Equation) -> Summing | None:
    """How a sum is taken by products; None of one that numpy takes itself."""
    (x,), axes = equation.operands, equation.attributes["axes"]
    shape = x.type.static_shape()
    length = prod(shape[axis] for axis in axes)
    if x.dtype.name not in ("f32", "f64") or length < 2:
        return None
    of_rows = axes == tuple(range(x.rank - len(axes), x.rank))
    turned = x.rank > 2 and axes == (0, *range(2, x.rank))
    if not of_rows and not turned and axes != tuple(range(len(axes))):
        return None
    piece = length
    if length > LONGEST:
        piece = next((size for size in range(LONGEST, LONGEST // 16, -1) if length % size == 0), 0)
    if turned:
        return Summing(tuple(range(len(axes))), False, length, piece, x.dtype.numpy, turned=True)
    return Summing(axes, of_rows, length, piece, x.dtype.numpy) if piece else None


def _sum(w: Writer, equation: Equation) -> None:
    (x,), (result,), how = equation.operands, equation.results, summing(equation)
    if how is None:
        _reduce(w, equation)
        return
    source, out = w.array(x), w.out(result)
    if source not in w.contiguous or how.piece != how.length or how.turned:
        w.line(f"{w.constant(how.into, 'sum_into', key=how)}({source}, {out})")
        return
    row = w.constant(ones(how.piece, how.dtype), "ones")
    count = prod(result.type.static_shape())
    matrix = w.shaped(source, x, (count, how.length) if how.of_rows else (how.length, count))
    left, right = (matrix, row) if how.of_rows else (row, matrix)
    w.line(f"{w.constant(np.dot, 'dot')}({left}, {right}, {w.shaped(out, result, (count,))})")


@lru_cache(maxsize=1024)
def ones(length: int, dtype: np.dtype[Any]) -> np.ndarray:
    """A row of ones, not to be written."""
    row = np.ones(length, dtype)
    row.flags.writeable = False
    return row


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
