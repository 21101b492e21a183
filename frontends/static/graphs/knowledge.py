"""What is known of values before a run: the elements of those that depend on constants and sizes alone.

Shapes, axes and the like are tensors in TensorFlow. Their elements are computed here while a graph is built or lowered:
by the reference interpreter where all are numbers, symbolically where some are named dimensions.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Dimension, Equation, Function, TypeRuleError, Value, floor_divide, named, ops, product

Array = np.ndarray[Any, Any]
Leaf = Callable[[Value], Array | None]

MAX_ELEMENTS = 1 << 16  # a larger value is data, not a shape
MAX_TERMS = 32  # of a sum or product with named dimensions in it: a longer one is no size that anyone writes down

_fresh = itertools.count()


def symbols(shape: Sequence[int]) -> Array:
    """An array of numbers that are not known, each a dimension of its own."""
    array = np.empty(tuple(shape), dtype=object)
    array.reshape(-1)[:] = [named(f"unknown{next(_fresh)}") for _ in range(array.size)]
    return array


def is_symbolic(array: Array) -> bool:
    """Whether some elements are named dimensions."""
    return array.dtype == object


class Knowledge:
    """The known elements of the values of one builder. `leaf` answers for its parameters.

    With `symbolic`, integers that are not known get a name each, so that sums of them are known all the same.
    """

    def __init__(self, b: Builder, leaf: Leaf, *, symbolic: bool = True) -> None:
        self._b = b
        self._leaf = leaf
        self._symbolic = symbolic
        self._found: dict[Value, Array | None] = {}
        self._told: set[Value] = set()

    def tell(self, value: Value, array: Array) -> None:
        """Makes the elements of a value known."""
        self._found[value] = array
        self._told.add(value)

    def of(self, value: Value) -> Array | None:
        """The elements of `value`; None where they are not known. Iterative: definitions may be long chains."""
        pending = [value]
        while pending:
            current = pending[-1]
            if current in self._found:
                pending.pop()
                continue
            equation = self._b.definition(current)
            if equation is None:
                self._found[current] = self._or_symbols(current, self._leaf(current))
                continue
            operand = self._next_operand(equation)
            if operand is not None:
                pending.append(operand)
                continue
            for result, array in zip(equation.results, self._computed(equation), strict=True):
                self._found[result] = self._or_symbols(result, array)
        return self._found[value]

    def parameters_of(self, value: Value) -> set[Value]:
        """The parameters that the known elements of `value` depend on, but for what was told."""
        seen = {value} - self._told
        pending = list(seen)
        while pending:
            equation = self._b.definition(pending.pop())
            if equation is not None:
                fresh = [operand for operand in equation.operands if operand not in seen and operand not in self._told]
                seen.update(fresh)
                pending.extend(fresh)
        return {found for found in seen if self._b.definition(found) is None}

    def _next_operand(self, equation: Equation) -> Value | None:
        """An operand that must be looked at first; None where all are known, or one is known to be unknown."""
        if not _worth_knowing(equation):
            return None
        for operand in equation.operands:
            if operand not in self._found:
                return operand
            if self._found[operand] is None:
                return None
        return None

    def _computed(self, equation: Equation) -> Sequence[Array | None]:
        nothing = [None] * len(equation.results)
        if not _worth_knowing(equation):
            return nothing
        operands = [self._found.get(operand) for operand in equation.operands]
        if equation.op is ops.dimension:
            return [_whole(equation.attributes["size"], equation.attributes["dtype"].numpy)]
        known = [operand for operand in operands if operand is not None]
        if len(known) != len(operands):
            return nothing
        if any(is_symbolic(operand) for operand in known):
            return [_symbolic(equation, known)] if len(equation.results) == 1 else nothing
        return _numeric(equation, known)

    def _or_symbols(self, value: Value, array: Array | None) -> Array | None:
        if array is not None or not self._symbolic or not value.dtype.is_integer or not _is_small(value):
            return array
        return symbols(value.type.static_shape())


def _is_small(value: Value) -> bool:
    return value.type.is_static and product(value.shape) <= MAX_ELEMENTS


def _worth_knowing(equation: Equation) -> bool:
    if equation.has_effect or equation.op is ops.random_bits or equation.op.has_functions:
        return False
    return all(_is_small(result) for result in equation.results)


def _whole(size: Any, dtype: Any) -> Array:
    if not isinstance(size, Dimension):
        return np.array(size, dtype=dtype)
    array = np.empty((), dtype=object)
    array[()] = size
    return array


def _numeric(equation: Equation, operands: Sequence[Array]) -> Sequence[Array | None]:
    if equation.op is ops.constant:
        return [equation.attributes["value"].array]
    parameters = tuple(dict.fromkeys(equation.operands))
    arrays = dict(zip(equation.operands, operands, strict=True))
    function = Function("known", parameters, (equation,), equation.results)
    return [np.asarray(result) for result in evaluate(function, [arrays[parameter] for parameter in parameters])]


# -- symbolic: each entry computes on arrays of objects; what no entry covers is unknown, element by element ----

_Symbolic = Callable[..., Array]


def _elementwise(compute: Callable[..., Any]) -> _Symbolic:
    wide = np.frompyfunc(compute, 2, 1)
    return lambda x, y: np.asarray(wide(x.astype(object), y.astype(object)), dtype=object)


def _less(x: Any, y: Any) -> bool:
    """Whether one number is less than another, where that does not depend on names, which may stand for any number."""
    apart = x - y
    if isinstance(apart, Dimension):
        raise TypeRuleError(f"whether {x} is less than {y} depends on their names")
    return apart < 0


def _broadcast(x: Array, *, shape: Any, axes: Any) -> Array:
    view = x.reshape([x.shape[axes.index(axis)] if axis in axes else 1 for axis in range(len(shape))])
    return np.array(np.broadcast_to(view, shape))


def _slice(x: Array, *, start: Any, limit: Any, stride: Any) -> Array:
    return x[tuple(slice(*bounds) for bounds in zip(start, limit, stride, strict=True))]


def _folded(combine: Callable[[Any, Any], Any], initial: int) -> _Symbolic:
    def fold(x: Array, *, axes: Any) -> Array:
        moved = np.moveaxis(x, axes, range(len(axes)))
        rows = moved.reshape(-1, *moved.shape[len(axes) :])
        total = np.full(rows.shape[1:], initial, dtype=object)
        for row in rows:
            total = np.asarray(np.frompyfunc(combine, 2, 1)(total, row), dtype=object)
        return total

    return fold


def _same(x: Array, **_: Any) -> Array:
    return x


_SYMBOLIC: dict[Any, _Symbolic] = {
    ops.identity: _same,
    ops.stop_gradient: _same,
    ops.neg: lambda x: np.asarray(np.frompyfunc(lambda item: -item, 1, 1)(x), dtype=object),
    ops.add: _elementwise(lambda x, y: x + y),
    ops.sub: _elementwise(lambda x, y: x - y),
    ops.mul: _elementwise(lambda x, y: x * y),
    ops.floor_div: _elementwise(floor_divide),
    ops.lt: _elementwise(_less),
    ops.gt: _elementwise(lambda x, y: _less(y, x)),
    ops.le: _elementwise(lambda x, y: not _less(y, x)),
    ops.ge: _elementwise(lambda x, y: not _less(x, y)),
    ops.max: _elementwise(lambda x, y: y if _less(x, y) else x),
    ops.min: _elementwise(lambda x, y: x if _less(x, y) else y),
    ops.broadcast: _broadcast,
    ops.reshape: lambda x, *, shape: x.reshape(shape),
    ops.transpose: lambda x, *, permutation: x.transpose(permutation),
    ops.slice: _slice,
    ops.reverse: lambda x, *, axes: np.flip(x, axes),
    ops.concatenate: lambda *operands, axis: np.concatenate([item.astype(object) for item in operands], axis),
    ops.gather: lambda x, index, *, axes, bounds: np.take(x, index.astype(np.int64), axis=axes[0]),
    ops.select: lambda condition, x, y: np.where(condition.astype(bool), x, y),
    ops.reduce_sum: _folded(lambda x, y: x + y, 0),
    ops.reduce_prod: _folded(lambda x, y: x * y, 1),
}


def _symbolic(equation: Equation, operands: Sequence[Array]) -> Array | None:
    """The elements of the one result; None where they are not known."""
    result = equation.results[0]
    compute = _SYMBOLIC.get(equation.op)
    if equation.op is ops.cast and result.dtype.is_integer and equation.operands[0].dtype.is_integer:
        compute = _same
    if equation.op in (ops.reduce_sum, ops.reduce_prod) and operands[0].size > MAX_TERMS * max(
        1, product(result.shape)
    ):
        return None
    controls = operands[:1] if equation.op is ops.select else operands[1:] if equation.op is ops.gather else ()
    if compute is None or any(_has_names(control) for control in controls):
        return None
    try:
        found = np.asarray(compute(*operands, **equation.attributes), dtype=object).reshape(result.type.static_shape())
    except TypeRuleError:  # of more names than a dimension may have, or not known without them
        return None
    return found if _has_names(found) else found.astype(result.dtype.numpy)


def _has_names(array: Array) -> bool:
    return is_symbolic(array) and any(isinstance(item, Dimension) for item in array.flat)
