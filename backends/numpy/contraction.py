"""How matrix products are written: transposes as strides that BLAS reads, the result into its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import prod

import numpy as np
from diptych.ir import Equation, Op, Value, ops

from .convolution import Attributes, Plan, plan_of
from .elementwise import Emitter
from .pairing import LEAST, Paired, PairedProducts
from .writer import Writer


def _matmul(w: Writer, equation: Equation) -> None:
    lhs, rhs = equation.operands
    attributes = equation.attributes
    left_batch, right_batch = attributes["lhs_batch"], attributes["rhs_batch"]
    left_contract, right_contract = attributes["lhs_contract"], attributes["rhs_contract"]
    left_free, right_free = _free(lhs, left_batch, left_contract), _free(rhs, right_batch, right_contract)
    left = _stacked(w, lhs, left_batch, left_free, left_contract)
    right = _stacked(w, rhs, right_batch, right_contract, right_free)
    result = equation.results[0]
    out = w.out(result)
    shape = (*(_size(lhs, [axis]) for axis in left_batch), _size(lhs, left_free), _size(rhs, right_free))
    if shape != result.type.static_shape():
        out = w.define(f"{out}.reshape({shape})", of=out)
    inner = _size(lhs, left_contract)
    function = _function(equation, shape, inner)
    is_paired = w.threads > 1 and prod(shape) * inner >= LEAST
    if isinstance(function, Turned):
        turned = Turned(Paired(w.threads)) if is_paired else function
        room = w.place(w.room_begin(equation), (shape[1], shape[0]), result.dtype.numpy)
        w.line(f"{w.constant(turned, 'turned')}({left}, {right}, {out}, {room})")
        return
    if function is np.dot and is_paired:
        w.line(f"{w.constant(Paired(w.threads), 'paired')}({left}, {right}, {out})")
        return
    name = getattr(function, "__name__", "apart")
    w.line(f"{w.constant(function, name, key=(name, function))}({left}, {right}, {out})")


# OpenBLAS has kernels of its own for products of at most so many multiplications, which take a third to nine tenths of
# the time where a matrix has few columns, or very few rows.
SMALL_PRODUCT, FEW_COLUMNS, FEW_ROWS = 1_000_000, 64, 10
MOST_PIECES, LEAST_PIECE = 64, 8

# Where a matrix lies turned round, the product of both turned round takes less time, half of it for 16 rows, up to so
# many of them, where the matrix has so many elements for each square of the rows, and so many at least.
MOST_TURNED_ROWS, TURNED_RATIO, LEAST_TURNED = 64, 64, 1 << 14


def _function(equation: Equation, shape: Sequence[int], inner: int) -> Callable[..., np.ndarray]:
    """What takes the product: for two matrices np.dot, which calls the same BLAS and takes half as long to get there;
    vectors it rounds otherwise. A product with few columns or rows is taken in pieces that are small, or turned
    round."""
    dtype = equation.results[0].dtype
    if len(shape) != 2 or min(shape) < 2 or dtype.name not in ("f32", "f64"):
        return np.matmul
    rows, columns = shape
    if dtype.name == "f32" and rows * inner * columns > SMALL_PRODUCT:
        if columns <= FEW_COLUMNS and (pieces := _pieces(rows, inner * columns)):
            return _rows_apart(pieces)
        if rows <= FEW_ROWS and (pieces := _pieces(columns, inner * rows)):
            return _columns_apart(pieces)
    is_few = FEW_ROWS < rows <= MOST_TURNED_ROWS and dtype.name == "f32"
    if is_few and inner * columns >= max(TURNED_RATIO * rows * rows, LEAST_TURNED):
        contract = equation.attributes["rhs_contract"]
        if min(contract) > max(_free(equation.operands[1], (), contract)):
            return _TURNED
    return np.dot


class Turned:
    """The product of two matrices, as that of both turned round, which `product` writes."""

    __slots__ = ("product",)

    def __init__(self, product: Callable[[np.ndarray, np.ndarray, np.ndarray], object]) -> None:
        self.product = product

    def __call__(
        self, lhs: np.ndarray, rhs: np.ndarray, out: np.ndarray | None = None, room: np.ndarray | None = None
    ) -> np.ndarray:
        rows, columns = lhs.shape[0], rhs.shape[1]
        room = np.empty((columns, rows), lhs.dtype) if room is None else room
        self.product(rhs.T, lhs.T, room)
        out = np.empty((rows, columns), lhs.dtype) if out is None else out
        np.copyto(out, room.T)
        return out


_TURNED = Turned(np.dot)


def _pieces(size: int, each: int) -> int:
    """In how many equal pieces an axis falls whose products, `each` for one element, are small then; 0 if in none."""
    most = min(MOST_PIECES, size // LEAST_PIECE)
    fitting = (count for count in range(2, most + 1) if size % count == 0 and size // count * each <= SMALL_PRODUCT)
    return next(fitting, 0)


@cache
def _rows_apart(pieces: int) -> Callable[..., np.ndarray]:
    """The product of two matrices, some rows at a time."""

    def apart(lhs: np.ndarray, rhs: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        out = np.empty((lhs.shape[0], rhs.shape[1]), lhs.dtype) if out is None else out
        size = lhs.shape[0] // pieces
        np.matmul(lhs.reshape(pieces, size, lhs.shape[1]), rhs, out.reshape(pieces, size, rhs.shape[1]))
        return out

    return apart


@cache
def _columns_apart(pieces: int) -> Callable[..., np.ndarray]:
    """The product of two matrices, some columns at a time."""

    def apart(lhs: np.ndarray, rhs: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        out = np.empty((lhs.shape[0], rhs.shape[1]), lhs.dtype) if out is None else out
        size = rhs.shape[1] // pieces
        stacks, target = (x.reshape(-1, pieces, size).transpose(1, 0, 2) for x in (rhs, out))
        np.matmul(lhs, stacks, target)
        return out

    return apart


def product_of(equation: Equation) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A matrix product as a function of arrays, taken as the line written for it takes it."""
    both = stacks(equation)
    left, right = (_stack(value, *stack) for value, stack in zip(equation.operands, both, strict=True))
    (*batch, rows, inner), (*_, columns) = (shape for _, shape in both)
    function = _function(equation, (*batch, rows, columns), inner)
    shape = equation.results[0].type.static_shape()
    if left is right is None and shape == (*batch, rows, columns):
        return function
    return partial(_product, function, left, right, shape)


_Stack = tuple[tuple[int, ...] | None, tuple[int, ...]]  # how axes are turned, if at all, and the shape then


def _stack(value: Value, order: tuple[int, ...], shape: tuple[int, ...]) -> _Stack | None:
    """How an operand becomes a stack of matrices; None of one that is."""
    turned = None if order == tuple(range(value.rank)) else order
    return None if turned is None and shape == value.type.static_shape() else (turned, shape)


def _product(
    function: Callable[..., np.ndarray], left: _Stack | None, right: _Stack | None, shape: tuple[int, ...],
    lhs: np.ndarray, rhs: np.ndarray,
) -> np.ndarray:  # fmt: skip
    if left is not None:
        lhs = (lhs if left[0] is None else lhs.transpose(left[0])).reshape(left[1])
    if right is not None:
        rhs = (rhs if right[0] is None else rhs.transpose(right[0])).reshape(right[1])
    return function(lhs, rhs).reshape(shape)


def _free(value: Value, batch: Sequence[int], contract: Sequence[int]) -> list[int]:
    return [axis for axis in range(value.rank) if axis not in batch and axis not in contract]


def _size(value: Value, axes: Sequence[int]) -> int:
    shape = value.type.static_shape()
    return prod(shape[axis] for axis in axes)


def _stacked(w: Writer, value: Value, batch: Sequence[int], rows: Sequence[int], columns: Sequence[int]) -> str:
    """The operand as a stack of matrices: a view, save where several axes merge that do not lie side by side."""
    name = w.array(value)
    order = (*batch, *rows, *columns)
    if order != tuple(range(value.rank)):
        contiguous = False
        name = w.define(f"{name}.transpose({order})", of=name)
    else:
        contiguous = name in w.contiguous
    if len(rows) == len(columns) == 1:
        return name
    shape = (*(_size(value, [axis]) for axis in batch), _size(value, rows), _size(value, columns))
    merges = len(rows) > 1 or len(columns) > 1
    return w.define(f"{name}.reshape({shape})", of=name, copies=value.type.bytes() if merges and not contiguous else 0)


def stacks(equation: Equation) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """For each operand of a matrix product, the order of axes and the shape in which it is a stack of matrices."""
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for value, side in zip(equation.operands, ("lhs", "rhs"), strict=True):
        batch, contract = equation.attributes[f"{side}_batch"], equation.attributes[f"{side}_contract"]
        free = _free(value, batch, contract)
        rows, columns = (free, contract) if side == "lhs" else (contract, free)
        shape = (*(_size(value, [axis]) for axis in batch), _size(value, rows), _size(value, columns))
        found.append(((*batch, *rows, *columns), shape))
    return found


def copied(equation: Equation) -> int:
    """Bytes that a convolution takes beside its room."""
    return _plan(equation).copied * equation.results[0].dtype.bytes


def _plan(equation: Equation) -> Plan:
    x, kernel = (operand.type.static_shape() for operand in equation.operands)
    return plan_of(x, kernel, equation.results[0].type.static_shape(), Attributes(**equation.attributes))


def _convolution(w: Writer, equation: Equation) -> None:
    x, kernel = (w.array(operand) for operand in equation.operands)
    result = equation.results[0]
    plan = _plan(equation)
    run = plan.run if w.threads == 1 else partial(plan.run, product=PairedProducts(w.threads))
    run, room = w.constant(run, "convolve"), w.room(equation, result.dtype.numpy)
    w.line(f"{run}({x}, {kernel}, {w.out(result)}, {room})")


def _convolution_room(equation: Equation) -> int:
    return _plan(equation).size * equation.results[0].dtype.bytes


EMITTERS: dict[Op, Emitter] = {ops.matmul: _matmul, ops.convolution: _convolution}


def _product_room(equation: Equation) -> int:
    (_, (*batch, rows, inner)), (_, (*_, columns)) = stacks(equation)
    is_turned = isinstance(_function(equation, (*batch, rows, columns), inner), Turned)
    return equation.results[0].type.bytes() if is_turned else 0


# Bytes that an equation needs beside its operands and results.
ROOM: dict[Op, Callable[[Equation], int]] = {ops.matmul: _product_room, ops.convolution: _convolution_room}


def writes(equation: Equation) -> bool:
    """Whether these emitters take the equation: integers and half precision go to the kernels."""
    return equation.op in EMITTERS and equation.operands[0].dtype.name in ("f32", "f64", "c64", "c128")
