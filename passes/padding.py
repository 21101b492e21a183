"""Programs for batches of many sizes: one for the largest, in which what lies behind the end of a smaller one changes
nothing.

Arrays come filled up, with rows that are like real ones, and how many are real comes in as a number. That an equation
may work on them follows from the ways to compute it in parts: what can be cut along an axis makes each row of its own
rows alone, and what is a sum over parts is the same without the others, which are zeros then. Maxima and the like take
their neutral element there. What nothing is known of is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import (
    Builder,
    Dim,
    Dimension,
    Equation,
    Function,
    Op,
    TensorType,
    TypeRuleError,
    Unsupported,
    Value,
    dtypes,
    evaluate,
    ops,
)

from .aliasing import SAME
from .expressions import full, scalar
from .specialise import attribute_of, specialise, type_of
from .splitters import RULES, WHOLE, Way

_CUMULATIVE = frozenset((ops.cumulative_sum, ops.cumulative_prod, ops.cumulative_max, ops.cumulative_min))
_WITHOUT_OPERANDS = frozenset((ops.constant, ops.iota, ops.broadcast))


def padded(function: Function, capacities: Mapping[str, int]) -> Function:
    """The function for sizes of these names up to `capacities`, which all its named dimensions are. Behind its
    parameters come, in the order of `capacities`, how many rows are real, each an i64[], 1 or more. Of results whose
    sizes have names, what lies behind is left to be cut off. Raises Unsupported, with the user's line, for an equation
    that might see rows which are none."""
    return _Padding(function, capacities).run()


class _Padding:
    def __init__(self, function: Function, capacities: Mapping[str, int]) -> None:
        self.function, self.capacities = function, capacities
        self.b = Builder(function.name)
        self.b.find_location = False
        self.values: dict[Value, Value] = {}
        self.counts: dict[str, Value] = {}

    def run(self) -> Function:
        for parameter in self.function.parameters:
            self.values[parameter] = self.b.parameter(type_of(parameter.type, self.capacities), parameter.name)
        for name in self.capacities:
            self.counts[name] = self.b.parameter(TensorType(dtypes.i64), f"count_{name}")
        for equation in self.function.equations:
            self.b.location = equation.location
            try:
                made = self._emit(equation)
            except TypeRuleError as error:
                raise _refused(equation, f"more rows do not fit: {error.message}") from None
            self.b.suggest(made, [result.name for result in equation.results])
            self.values.update(zip(equation.results, made, strict=True))
        return self.b.finish(self.values[result] for result in self.function.results)

    # -- equations ----

    def _emit(self, equation: Equation) -> tuple[Value, ...]:
        op = equation.op
        if op is ops.dimension:
            return (self._size(equation),)
        ragged = [_ragged(value) for value in (*equation.operands, *equation.results)]
        if not any(ragged):
            return self._as_it_is(equation)
        for each in (*equation.operands, *equation.results):
            self._check(equation, each)
        if op.has_effect:
            raise _refused(equation, "it does more than compute")
        if op is ops.random_bits:
            self._check_leading(equation)
            return self._as_it_is(equation)
        if not any(ragged[: len(equation.operands)]) and op in _WITHOUT_OPERANDS:
            return self._as_it_is(equation)
        if op in SAME:
            return self._as_it_is(equation)
        neutral = _NEUTRAL.get(op)
        if neutral is not None:
            return self._reduced(equation, neutral)
        return self._by_ways(equation)

    def _as_it_is(self, equation: Equation, operands: Sequence[Value] | None = None) -> tuple[Value, ...]:
        if operands is None:
            operands = [self.values[operand] for operand in equation.operands]
        attributes = {name: self._attribute(equation, name, value) for name, value in equation.attributes.items()}
        return self.b.emit(equation.op, operands, attributes)

    def _attribute(self, equation: Equation, name: str, value: Any) -> Any:
        if isinstance(value, Function):
            if _computes_with_sizes(value):
                raise _refused(equation, "it computes with how many rows there are within a nested function")
            return specialise(value, self.capacities) if value.names() else value
        return attribute_of(equation.op.attributes[name].kind, value, self.capacities)

    def _size(self, equation: Equation) -> Value:
        """A size that is computed with: of how many rows are real."""
        total = scalar(self.b, dtypes.i64, 0)
        size: Dim = equation.attributes["size"]
        if isinstance(size, int):
            return self._as_it_is(equation)[0]
        for monomial, coefficient in size.terms:
            term = scalar(self.b, dtypes.i64, coefficient)
            for atom, power in monomial:
                if not isinstance(atom, str):
                    raise _refused(equation, f"it is a size, {size}, that is no polynomial")
                for _ in range(power):
                    term = self.b.mul(term, self.counts[atom])
            total = self.b.add(total, term)
        dtype = equation.attributes["dtype"]
        return total if dtype is dtypes.i64 else self.b.cast(total, dtype=dtype)

    # -- proofs ----

    def _check(self, equation: Equation, value: Value) -> None:
        """Raises Unsupported for a size that is not so many times a name: which rows are real is not known then."""
        for dim in value.shape:
            if isinstance(dim, Dimension) and _named(dim) is None:
                raise _refused(equation, f"it has {dim} rows")

    def _check_leading(self, equation: Equation) -> None:
        shape = equation.results[0].shape
        axis = next(place for place, dim in enumerate(shape) if isinstance(dim, Dimension))
        if any(dim != 1 for dim in shape[:axis]) or len(_ragged(equation.results[0])) > 1:
            raise _refused(equation, "its numbers come in another order where there are more rows")

    def _reduced(self, equation: Equation, neutral: Callable[[np.dtype[Any]], complex]) -> tuple[Value, ...]:
        """A reduction, of which rows that are none have the neutral element."""
        operand = equation.operands[0]
        attributes = equation.attributes
        axes = attributes["axes"] if "axes" in attributes else (attributes["axis"],)
        along = [axis for axis in _ragged(operand) if axis in axes]
        value = self.values[operand]
        return self._as_it_is(equation, [self._masked(operand, value, along, neutral(operand.dtype.numpy))])

    def _by_ways(self, equation: Equation) -> tuple[Value, ...]:
        """An equation whose every ragged axis is cut by one of its ways."""
        if equation.op in _CUMULATIVE and not equation.attributes["reverse"]:
            return self._as_it_is(equation)  # what comes before does not see what comes behind
        rule = RULES.get(equation.op)
        if rule is None:
            raise _refused(equation, "it may read any row")
        operands = [self.values[operand] for operand in equation.operands]
        of_numbers = self._trial(equation, operands)
        uncovered = [set(_ragged(operand)) for operand in equation.operands]
        unmade = [set(_ragged(result)) for result in equation.results]
        sums: list[list[int]] = [[] for _ in operands]
        if equation.attributes.get("bounds") == "error":  # indices of rows that are none are made errors
            uncovered[0].difference_update(equation.attributes["axes"])
            if equation.op is ops.scatter:
                unmade[0].difference_update(equation.attributes["axes"])
            operands = self._checked_indices(equation, operands)
        if equation.op is ops.broadcast:  # along an axis that is new all rows are the same
            unmade[0].intersection_update(equation.attributes["axes"])
        for way in rule.ways(of_numbers):
            if not self._is_along(equation, way):
                continue
            for place, axis in enumerate(way.operands):
                uncovered[place].discard(axis)
                if way.is_partial and axis != WHOLE:
                    sums[place].append(axis)
            if not way.is_partial:
                for place, axis in enumerate(way.results):
                    unmade[place].discard(axis)
            elif equation.op.has_functions:
                raise _refused(equation, "it adds rows up within a nested function")
        if any(uncovered) or any(unmade):
            raise _refused(equation, "a row of its results may come of any row")
        masked = [
            self._masked(operand, value, axes, 0)
            for operand, value, axes in zip(equation.operands, operands, sums, strict=True)
        ]
        return self._as_it_is(equation, masked)

    def _checked_indices(self, equation: Equation, operands: list[Value]) -> list[Value]:
        """The operands, of which indices of real rows are out of bounds where they pick a row that is none."""
        axes: Sequence[int] = equation.attributes["axes"]
        found, first = list(operands), len(operands) - len(axes)
        for place, axis in enumerate(axes, first):
            dim, index = equation.operands[0].shape[axis], operands[place]
            if isinstance(dim, Dimension):
                count = self.b.cast(self._count(dim), dtype=index.dtype)
                beyond = self.b.ge(index, self.b.broadcast(count, shape=index.shape, axes=()))
                for own in _ragged(equation.operands[place]):
                    beyond = self.b.bitwise_and(beyond, self._are_real(equation.operands[place], own))
                size = full(self.b, index.type, int(evaluate(dim, self.capacities)))
                found[place] = self.b.select(beyond, size, index)
        return found

    def _count(self, dim: Dimension) -> Value:
        """How many rows are real of so many."""
        name, factor = _named(dim) or ("", 0)
        count = self.counts[name]
        return count if factor == 1 else self.b.mul(count, scalar(self.b, dtypes.i64, factor))

    def _trial(self, equation: Equation, operands: Sequence[Value]) -> Equation:
        """The equation, of numbers."""
        attributes = {name: self._attribute(equation, name, value) for name, value in equation.attributes.items()}
        types = equation.op.infer([operand.type for operand in operands], attributes)
        return Equation(equation.op, tuple(operands), attributes, tuple(map(Value, types)), equation.location)

    def _is_along(self, equation: Equation, way: Way) -> bool:
        """Whether a way cuts ragged axes of one name, and none else."""
        cut = [
            operand.shape[axis] for operand, axis in zip(equation.operands, way.operands, strict=True) if axis != WHOLE
        ]
        made = [] if way.is_partial else [
            result.shape[axis] for result, axis in zip(equation.results, way.results, strict=True)
        ]  # fmt: skip
        names = {_named(dim) if isinstance(dim, Dimension) else None for dim in (*cut, *made)}
        return bool(cut) and len({name and name[0] for name in names}) == 1 and None not in names

    def _masked(self, operand: Value, value: Value, axes: Sequence[int], neutral: complex) -> Value:
        """What stands for an operand, with the neutral element in rows of these axes that are none."""
        for axis in axes:
            value = self.b.select(self._are_real(operand, axis), value, full(self.b, value.type, neutral))
        return value

    def _are_real(self, operand: Value, axis: int) -> Value:
        """For each element of an operand, whether its row along the axis is real."""
        dim, shape = operand.shape[axis], type_of(operand.type, self.capacities).shape
        assert isinstance(dim, Dimension)
        rows = self.b.iota(shape=shape, axis=axis, dtype=dtypes.i64)
        return self.b.lt(rows, self.b.broadcast(self._count(dim), shape=shape, axes=()))


def _computes_with_sizes(function: Function) -> bool:
    return any(
        each.op is ops.dimension or any(_computes_with_sizes(nested) for _, nested in each.functions())
        for each in function.equations
    )


def _ragged(value: Value) -> list[int]:
    """The axes whose sizes have names."""
    return [axis for axis, dim in enumerate(value.shape) if isinstance(dim, Dimension)]


def _named(dim: Dimension) -> tuple[str, int] | None:
    """The name, and how many times it a dimension is; None of others."""
    if len(dim.terms) != 1:
        return None
    (monomial, factor), *_ = dim.terms
    if len(monomial) != 1 or monomial[0][1] != 1 or not isinstance(monomial[0][0], str):
        return None
    return monomial[0][0], factor


def _refused(equation: Equation, reason: str) -> Unsupported:
    return Unsupported(f"{equation.op.name}: padding might change its result: {reason}", location=equation.location)


def _lowest(dtype: np.dtype[Any]) -> Any:
    return False if dtype.kind == "b" else np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _highest(dtype: np.dtype[Any]) -> Any:
    return True if dtype.kind == "b" else np.iinfo(dtype).max if dtype.kind in "iu" else np.inf


# What changes nothing where it is among what is reduced, of a dtype.
_NEUTRAL: dict[Op, Callable[[np.dtype[Any]], complex]] = {
    ops.reduce_sum: lambda dtype: 0,
    ops.reduce_prod: lambda dtype: 1,
    ops.reduce_max: _lowest,
    ops.reduce_min: _highest,
    ops.reduce_and: lambda dtype: True,
    ops.reduce_or: lambda dtype: False,
    ops.argmax: _lowest,
    ops.argmin: _highest,
}
