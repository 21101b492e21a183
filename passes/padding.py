"""Programs for batches of many sizes: one for the largest, in which what lies behind the end of a smaller one changes
nothing.

Arrays come filled up, with rows that are like real ones, and how many are real comes in as a number. That an equation
may work on them follows from the ways to compute it in parts: what can be cut along an axis makes each row of its own
rows alone, and what is a sum over parts is the same without the others, which are zeros then. Maxima and the like take
their neutral element there. Nested functions are filled up likewise; rounds of a scan that are none keep its state.
What nothing is known of is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

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
from diptych.ir.ops.contraction import convolution_layout

from .aliasing import SAME
from .expressions import full, scalar
from .padded_axes import Axis, any_axis_of, are_real, axis_of, factors_of, is_leading, regrouped
from .specialise import attribute_of, type_of
from .splitters import RULES, WHOLE, Way

_CUMULATIVE = frozenset((ops.cumulative_sum, ops.cumulative_prod, ops.cumulative_max, ops.cumulative_min))
_WITHOUT_OPERANDS = frozenset((ops.constant, ops.iota, ops.broadcast))
_BLOCKS = (ops.slice, ops.dynamic_slice, ops.dynamic_update_slice)
_ANY_ROW = "a row of its results may come of any row"
Axes = tuple[Axis | None, ...]  # of a value; None of an axis along which all rows are alike, so that any order is right


class Padded(NamedTuple):
    """A function for sizes up to some, and how the rows of its results lie."""

    function: Function
    axes: tuple[Axes, ...]


def padded(function: Function, capacities: Mapping[str, int]) -> Padded:
    """The function for sizes of these names up to `capacities`, which all its named dimensions are. Behind its
    parameters come, in the order of `capacities`, how many rows are real, each an i64[], 1 or more. What is no real row
    of results is left to be cut out. Raises Unsupported, with the user's line, for an equation that might see rows
    which are none."""
    given = [_own(parameter) for parameter in function.parameters]
    for parameter in function.parameters:
        for dim in parameter.shape:
            if isinstance(dim, Dimension) and str(dim) not in capacities:
                raise Unsupported(f"padding: a parameter has {dim} rows, but must have a number or a name of them")
    made = _Padding(function, capacities, given, len(given))
    return Padded(made.run(), tuple(made.result_axes))


class _Padding:
    """One function. `given`: how rows of its parameters lie; `counts_at`: where the counts come among them. A round of
    a scan over `rounds`, a name, has its place behind all, and keeps the first results, `carries`, if it is none."""

    def __init__(
        self, function: Function, capacities: Mapping[str, int], given: Sequence[Axes], counts_at: int,
        rounds: str | None = None, carries: int = 0,
    ) -> None:  # fmt: skip
        self.function, self.capacities = function, capacities
        self.given, self.counts_at = given, counts_at
        self.rounds, self.carries = rounds, carries
        self.is_repeated = rounds is not None  # also in rounds that are none
        self.b = Builder(function.name)
        self.b.find_location = False
        self.values: dict[Value, Value] = {}
        self.axes: dict[Value, Axes] = {}
        self.counts: dict[str, Value] = {}
        self.result_axes: list[Axes] = []

    def run(self) -> Function:
        for place, (parameter, axes) in enumerate(zip(self.function.parameters, self.given, strict=True)):
            if place == self.counts_at:
                self._add_counts()
            self.values[parameter] = self.b.parameter(type_of(parameter.type, self.capacities), parameter.name)
            self.axes[parameter] = axes
        if not self.counts:
            self._add_counts()
        place_of_round = None if self.rounds is None else self.b.parameter(TensorType(dtypes.i64), "place")
        for equation in self.function.equations:
            self.b.location = equation.location
            try:
                made, axes = self._emit(equation)
            except TypeRuleError as error:
                raise _refused(equation, f"more rows do not fit: {error.message}") from None
            self.b.suggest(made, [result.name for result in equation.results])
            self.values.update(zip(equation.results, made, strict=True))
            self.axes.update(zip(equation.results, axes, strict=True))
        self.result_axes = [self.axes[result] for result in self.function.results]
        results = [self.values[result] for result in self.function.results]
        if place_of_round is not None and self.rounds is not None:
            is_real = self.b.lt(place_of_round, self.counts[self.rounds])
            first = self.counts_at
            for place, before in enumerate(self.function.parameters[first : first + self.carries]):
                shape = results[place].shape
                chosen = self.b.broadcast(is_real, shape=shape, axes=()) if shape else is_real
                results[place] = self.b.select(chosen, results[place], self.values[before])
        return self.b.finish(results)

    def _add_counts(self) -> None:
        for name in self.capacities:
            self.counts[name] = self.b.parameter(TensorType(dtypes.i64), f"count_{name}")

    # -- equations ----

    def _emit(self, equation: Equation) -> tuple[Sequence[Value], Sequence[Axes]]:
        op = equation.op
        if op is ops.dimension:
            return (self._size(equation),), [()]
        if op is ops.scan and _has_names(equation):
            return self._scan(equation)
        if op is ops.cond and _has_names(equation):
            return self._cond(equation)
        ragged = [_ragged(value) for value in (*equation.operands, *equation.results)]
        if op.has_effect and (self.is_repeated or any(ragged)):
            raise _refused(equation, "it does more than compute")
        if not any(ragged):
            return self._as_it_is(equation), [_own(result) for result in equation.results]
        for each in (*equation.operands, *equation.results):
            self._check(equation, each)
        if op is ops.random_bits:
            return self._random(equation)
        if not any(ragged[: len(equation.operands)]) and op in _WITHOUT_OPERANDS:
            return self._as_it_is(equation), [self._made_of_nothing(equation)]
        if op in SAME:
            return self._as_it_is(equation), [self.axes[equation.operands[0]]]
        if op is ops.reshape:
            return self._reshaped(equation)
        neutral = _NEUTRAL.get(op)
        if neutral is not None:
            return self._reduced(equation, neutral)
        if op in _CUMULATIVE and not equation.attributes["reverse"]:
            return self._cumulative(equation)
        return self._by_ways(equation)

    def _as_it_is(self, equation: Equation, operands: Sequence[Value] | None = None) -> tuple[Value, ...]:
        if operands is None:
            operands = [self.values[operand] for operand in equation.operands]
        attributes = {name: self._attribute(equation, name, value) for name, value in equation.attributes.items()}
        return self.b.emit(equation.op, operands, attributes)

    def _attribute(self, equation: Equation, name: str, value: Any) -> Any:
        if isinstance(value, Function):
            if value.names():
                raise _refused(equation, "it has rows within a nested function")
            return value
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

    def _made_of_nothing(self, equation: Equation) -> Axes:
        """The axes of what counts along one of them, and is the same everywhere else."""
        found = list(_own(equation.results[0]))
        if equation.op is ops.iota:
            own: int = equation.attributes["axis"]
            found[own] = self._in_order(equation, found[own], equation.results[0].shape[own])
        return tuple(found)

    def _random(self, equation: Equation) -> tuple[Sequence[Value], Sequence[Axes]]:
        """Random bits: those of real rows are the ones that come in turn where there are no others."""
        shape = equation.results[0].shape
        axes = [axis_of(dim) for dim in shape]
        if None in axes:
            raise _refused(equation, "its numbers come in another order where there are more rows")
        first = next(place for place, dim in enumerate(shape) if isinstance(dim, Dimension))
        if all(dim == 1 for dim in shape[:first]) and len(_ragged(equation.results[0])) == 1:
            return self._as_it_is(equation), [tuple(axes)]
        whole = type_of(equation.results[0].type, self.capacities).static_shape()
        key, counter = (self.values[operand] for operand in equation.operands)
        bits = self.b.random_bits(key, counter, shape=(int(np.prod(whole)),), dtype=equation.attributes["dtype"])
        place, stride = full(self.b, TensorType(dtypes.i64, whole), 0), scalar(self.b, dtypes.i64, 1)
        for axis in reversed(range(len(whole))):
            rows = self.b.iota(shape=whole, axis=axis, dtype=dtypes.i64)
            place = self.b.add(place, self.b.mul(rows, self.b.broadcast(stride, shape=whole, axes=())))
            stride = self.b.mul(stride, self._count(shape[axis]))
        return (self.b.gather(bits, place, axes=(0,), bounds="clip"),), [tuple(axes)]

    def _reshaped(self, equation: Equation) -> tuple[Sequence[Value], Sequence[Axes]]:
        operand = equation.operands[0]
        axes = [
            any_axis_of(dim) if axis is None else axis
            for axis, dim in zip(self.axes[operand], operand.shape, strict=True)
        ]
        found = regrouped(axes, equation.results[0].shape)
        if found is None:
            raise _refused(equation, _ANY_ROW)
        return self._as_it_is(equation), [tuple(found)]

    def _cumulative(self, equation: Equation) -> tuple[Sequence[Value], Sequence[Axes]]:
        """What goes along an axis does not see the rows behind."""
        found = list(self.axes[equation.operands[0]])
        own: int = equation.attributes["axis"]
        found[own] = self._in_order(equation, found[own], equation.operands[0].shape[own])
        return self._as_it_is(equation), [tuple(found) for _ in equation.results]

    def _in_order(self, equation: Equation, axis: Axis | None, dim: Dim) -> Axis:
        """An axis of which the places of rows matter: those that are none must be the last ones."""
        found = axis_of(dim) if axis is None else axis
        if found is None or not is_leading(found):
            raise _refused(equation, _ANY_ROW)
        return found

    # -- nested functions ----

    def _scan(self, equation: Equation) -> tuple[Sequence[Value], Sequence[Axes]]:
        for each in (*equation.operands, *equation.results):
            self._check(equation, each)
        attributes = equation.attributes
        constants, carries, length = attributes["constants"], attributes["carries"], attributes["length"]
        name = str(length) if isinstance(length, Dimension) else None
        if name is not None and name not in self.capacities:
            raise _refused(equation, f"it has {length} rounds")
        rounds = axis_of(length)
        given: list[Axes] = []
        for place, operand in enumerate(equation.operands):
            axes = self.axes[operand]
            if place >= constants + carries:
                if name is not None and axes[0] not in (None, rounds):
                    raise _refused(equation, _ANY_ROW)
                axes = axes[1:]
            given.append(axes)
        given, body, outputs = self._settled(equation, given, constants, carries, name)
        operands = [self.values[operand] for operand in equation.operands]
        operands[constants:constants] = self.counts.values()
        whole = evaluate(length, self.capacities)
        if name is not None:
            operands.append(self.b.iota(shape=(whole,), axis=0, dtype=dtypes.i64))
        made = self.b.scan(
            *operands, body=body, length=whole, constants=constants + len(self.counts), carries=carries,
            reverse=attributes["reverse"],
        )  # fmt: skip
        state = given[constants : constants + carries]
        return made, [*state, *((rounds, *each) for each in outputs)]

    def _settled(
        self, equation: Equation, given: list[Axes], constants: int, carries: int, name: str | None
    ) -> tuple[list[Axes], Function, list[Axes]]:
        """The axes of what the body of a scan is given, with a state that has the same before a round and after it; the
        body, and the axes of its outputs."""
        while True:
            inner = _Padding(equation.attributes["body"], self.capacities, given, constants, name, carries)
            inner.is_repeated |= self.is_repeated
            body = inner.run()
            settled = list(given)
            for place in range(carries):
                settled[constants + place] = self._joined(equation, given[constants + place], inner.result_axes[place])
            if settled == given:
                return given, body, inner.result_axes[carries:]
            given = settled

    def _cond(self, equation: Equation) -> tuple[Sequence[Value], Sequence[Axes]]:
        for each in (*equation.operands, *equation.results):
            self._check(equation, each)
        condition, *operands = equation.operands
        given = [self.axes[operand] for operand in operands]
        branches = [
            _Padding(equation.attributes[name], self.capacities, given, len(given)) for name in ("on_true", "on_false")
        ]
        for branch in branches:
            branch.is_repeated = self.is_repeated
        on_true, on_false = (branch.run() for branch in branches)
        inside = [self.values[condition], *(self.values[operand] for operand in operands), *self.counts.values()]
        made = self.b.cond(*inside, on_true=on_true, on_false=on_false)
        pairs = zip(*(branch.result_axes for branch in branches), strict=True)
        return made, [self._joined(equation, left, right) for left, right in pairs]

    def _joined(self, equation: Equation, left: Axes, right: Axes) -> Axes:
        """Axes of a value that is one or the other. Rows that are all alike are in any order."""
        found: list[Axis | None] = []
        for one, other in zip(left, right, strict=True):
            if one is not None and other is not None and one != other:
                raise _refused(equation, _ANY_ROW)
            found.append(other if one is None else one)
        return tuple(found)

    # -- proofs ----

    def _check(self, equation: Equation, value: Value) -> None:
        """Raises Unsupported for a size that is no product: which rows are real is not known then."""
        for dim in value.shape:
            if isinstance(dim, Dimension) and factors_of(dim) is None:
                raise _refused(equation, f"it has {dim} rows")

    def _reduced(
        self, equation: Equation, neutral: Callable[[np.dtype[Any]], complex]
    ) -> tuple[Sequence[Value], Sequence[Axes]]:
        """A reduction, of which rows that are none have the neutral element."""
        operand = equation.operands[0]
        attributes = equation.attributes
        axes = attributes["axes"] if "axes" in attributes else (attributes["axis"],)
        along = [axis for axis in _ragged(operand) if axis in axes]
        if "axis" in attributes:
            for axis in along:  # the result is a place
                self._in_order(equation, self.axes[operand][axis], operand.shape[axis])
        value = self._masked(operand, self.values[operand], along, neutral(operand.dtype.numpy))
        kept = tuple([each for axis, each in enumerate(self.axes[operand]) if axis not in axes])
        return self._as_it_is(equation, [value]), [kept for _ in equation.results]

    def _by_ways(self, equation: Equation) -> tuple[Sequence[Value], Sequence[Axes]]:
        """An equation whose every ragged axis is cut by one of its ways."""
        rule = RULES.get(equation.op)
        if rule is None:
            raise _refused(equation, "it may read any row")
        operands = [self.values[operand] for operand in equation.operands]
        is_block = equation.op in _BLOCKS
        inside = self._within_rows(equation, operands) if is_block else ()
        blocks = self._with_room(equation, operands) if is_block else ()
        of_numbers = self._trial(equation, operands)
        uncovered = [set(_ragged(operand)) for operand in equation.operands]
        unmade = [set(_ragged(result)) for result in equation.results]
        found = [list(_own(result)) for result in equation.results]
        sums: list[list[int]] = [[] for _ in operands]
        if equation.attributes.get("bounds") == "error":  # indices of rows that are none are made errors
            uncovered[0].difference_update(equation.attributes["axes"])
            operands = self._checked_indices(equation, operands)
            if equation.op is ops.scatter:
                for axis in unmade[0].intersection(equation.attributes["axes"]):
                    x = equation.operands[0]
                    found[0][axis] = self._in_order(equation, self.axes[x][axis], x.shape[axis])
                    unmade[0].discard(axis)
        if equation.op is ops.broadcast:  # along an axis that is new all rows are the same
            unmade[0].intersection_update(equation.attributes["axes"])
        if equation.op is ops.convolution:
            self._slide(equation, sums, uncovered, unmade, found)
        if is_block:
            (unmade[0] if equation.op is not ops.dynamic_update_slice else uncovered[1]).difference_update(blocks)
            uncovered[0].difference_update(inside)
            if equation.op is ops.dynamic_update_slice:
                unmade[0].difference_update(inside)
                for axis in inside:
                    found[0][axis] = axis_of(equation.results[0].shape[axis])
        for way in rule.ways(of_numbers):
            is_along, own = self._along(equation, way)
            if not is_along:
                continue
            for place, axis in enumerate(way.operands):
                uncovered[place].discard(axis)
                if way.is_partial and axis != WHOLE:
                    sums[place].append(axis)
            if not way.is_partial:
                for place, axis in enumerate(way.results):
                    unmade[place].discard(axis)
                    found[place][axis] = own
        if any(uncovered) or any(unmade):
            raise _refused(equation, _ANY_ROW)
        masked = [
            self._masked(operand, value, axes, 0)
            for operand, value, axes in zip(equation.operands, operands, sums, strict=True)
        ]
        made = self._as_it_is(equation, masked)
        if blocks and equation.op is ops.dynamic_update_slice:
            made = (self._without_room(made[0], equation.operands[0]),)
        return made, [tuple(each) for each in found]

    def _slide(
        self, equation: Equation, sums: list[list[int]], uncovered: Sequence[set[int]], unmade: Sequence[set[int]],
        found: Sequence[list[Axis | None]],
    ) -> None:  # fmt: skip
        """Takes the axes that a convolution slides along, where rows that are none are zeros as beyond its ends: with a
        row of the result for each of x, or of both x and the kernel."""
        attributes, (x, kernel), result = equation.attributes, equation.operands, equation.results[0]
        roles = convolution_layout(attributes["layout"])
        axes = zip(roles.x[2:], roles.kernel[2:], roles.result[2:], strict=True)
        steps = zip(attributes["stride"], attributes["x_dilation"], attributes["kernel_dilation"], strict=True)
        for (own, other, made), (stride, *dilations) in zip(axes, steps, strict=True):
            size = x.shape[own]
            if not isinstance(size, Dimension) or stride != 1 or dilations[0] != 1:
                continue
            is_alike = result.shape[made] == size and not isinstance(kernel.shape[other], Dimension)
            is_summed = kernel.shape[other] == size and not isinstance(result.shape[made], Dimension)
            if not is_alike and not (is_summed and dilations[1] == 1):
                continue
            lies = self._in_order(equation, self.axes[x][own], size)
            sums[0].append(own)
            uncovered[0].discard(own)
            if is_alike:
                unmade[0].discard(made)
                found[0][made] = lies
            else:
                self._in_order(equation, self.axes[kernel][other], size)
                sums[1].append(other)
                uncovered[1].discard(other)

    def _within_rows(self, equation: Equation, operands: list[Value]) -> Sequence[int]:
        """The axes along which a block of a number of rows lies among real ones, where its begin is moved to."""
        if equation.op is ops.slice:
            return ()
        is_written, x = equation.op is ops.dynamic_update_slice, equation.operands[0]
        block = equation.operands[1] if is_written else equation.results[0]
        axes = [axis for axis in _ragged(x) if not isinstance(block.shape[axis], Dimension)]
        for axis in axes:
            self._in_order(equation, self.axes[x][axis], x.shape[axis])
            place = axis + (2 if is_written else 1)
            operands[place] = self._begin(operands[place], self._count(x.shape[axis]), block.shape[axis])
        return axes

    def _begin(self, begin: Value, size: Value, count: Dim) -> Value:
        """Where a block of so many rows begins that is moved to lie among `size` of them."""
        last = self.b.sub(size, self._count(count))
        return self.b.max(self.b.min(self.b.cast(begin, dtype=dtypes.i64), last), scalar(self.b, dtypes.i64, 0))

    def _with_room(self, equation: Equation, operands: list[Value]) -> Sequence[int]:
        """The axes along which a block of real rows, and others, lies in what has a number of rows. There that gets as
        many more rows as a block may have, so that the block begins where the real one does; what is written in place
        of rows that are none is what stands there."""
        is_written, x = equation.op is ops.dynamic_update_slice, equation.operands[0]
        block = equation.operands[1] if is_written else equation.results[0]
        first = 2 if is_written else 1
        axes = [
            axis
            for axis in _ragged(block)
            if not isinstance(x.shape[axis], Dimension) and _own(block)[axis] is not None
        ]
        if equation.op is ops.slice:
            start, stride = equation.attributes["start"], equation.attributes["stride"]
            axes = [axis for axis in axes if start[axis] == 0 and stride[axis] == 1]
        if not axes:
            return ()
        whole = type_of(block.type, self.capacities).static_shape()
        room = type_of(x.type, self.capacities).static_shape()
        high = tuple([whole[axis] if axis in axes else 0 for axis in range(x.rank)])
        none = (0,) * x.rank
        operands[0] = self.b.pad(operands[0], scalar(self.b, x.dtype, 0), low=none, high=high, interior=none)
        if equation.op is ops.slice:
            return axes
        for axis in axes:
            size = scalar(self.b, dtypes.i64, room[axis])
            operands[first + axis] = self._begin(operands[first + axis], size, block.shape[axis])
        if is_written:
            before = self.b.dynamic_slice(operands[0], *operands[first:], sizes=whole)
            for axis in axes:
                operands[1] = self.b.select(self._are_real(block, axis), operands[1], before)
        return axes

    def _without_room(self, value: Value, x: Value) -> Value:
        """What was written, as large as `x`."""
        shape = type_of(x.type, self.capacities).static_shape()
        return self.b.slice(value, start=(0,) * x.rank, limit=shape, stride=(1,) * x.rank)

    def _checked_indices(self, equation: Equation, operands: list[Value]) -> list[Value]:
        """The operands, of which indices of real rows are out of bounds where they pick a row that is none."""
        axes: Sequence[int] = equation.attributes["axes"]
        found, first = list(operands), len(operands) - len(axes)
        x = equation.operands[0]
        for place, axis in enumerate(axes, first):
            dim, index = x.shape[axis], operands[place]
            if isinstance(dim, Dimension):
                self._in_order(equation, self.axes[x][axis], dim)
                count = self.b.cast(self._count(dim), dtype=index.dtype)
                beyond = self.b.ge(index, self.b.broadcast(count, shape=index.shape, axes=()))
                for own in _ragged(equation.operands[place]):
                    beyond = self.b.bitwise_and(beyond, self._are_real(equation.operands[place], own))
                size = full(self.b, index.type, int(evaluate(dim, self.capacities)))
                found[place] = self.b.select(beyond, size, index)
        return found

    def _count(self, dim: Dim) -> Value:
        """How many rows are real of so many, which are a product."""
        factors = factors_of(dim)
        assert factors is not None
        count = scalar(self.b, dtypes.i64, factors[0])
        for name in factors[1].elements():
            count = self.b.mul(count, self.counts[name])
        return count

    def _trial(self, equation: Equation, operands: Sequence[Value]) -> Equation:
        """The equation, of numbers."""
        attributes = {name: self._attribute(equation, name, value) for name, value in equation.attributes.items()}
        types = equation.op.infer([operand.type for operand in operands], attributes)
        return Equation(equation.op, tuple(operands), attributes, tuple(map(Value, types)), equation.location)

    def _along(self, equation: Equation, way: Way) -> tuple[bool, Axis | None]:
        """Whether a way cuts ragged axes of one size alone, whose rows lie alike, and how they lie. Numbers do not
        tell: two names may have one capacity."""
        cut = [
            (operand.shape[axis], self.axes[operand][axis])
            for operand, axis in zip(equation.operands, way.operands, strict=True)
            if axis != WHOLE
        ]
        made = [] if way.is_partial else [
            result.shape[axis] for result, axis in zip(equation.results, way.results, strict=True)
        ]  # fmt: skip
        sizes = {*made, *(dim for dim, _ in cut)}
        lies = {axis for _, axis in cut if axis is not None}
        is_along = bool(cut) and len(sizes) == 1 and isinstance(sizes.pop(), Dimension) and len(lies) <= 1
        return is_along, lies.pop() if is_along and lies else None

    def _masked(self, operand: Value, value: Value, axes: Sequence[int], neutral: complex) -> Value:
        """What stands for an operand, with the neutral element in rows of these axes that are none."""
        for axis in axes:
            value = self.b.select(self._are_real(operand, axis), value, full(self.b, value.type, neutral))
        return value

    def _are_real(self, operand: Value, axis: int) -> Value:
        """For each element of an operand, whether its row along the axis is real."""
        lies = self.axes[operand][axis] or any_axis_of(operand.shape[axis])
        rows = are_real(self.b, lies, self.counts, self.capacities)
        return self.b.broadcast(rows, shape=type_of(operand.type, self.capacities).shape, axes=(axis,))


def _has_names(equation: Equation) -> bool:
    values = (*equation.operands, *equation.results)
    return any(map(_ragged, values)) or any(nested.names() for _, nested in equation.functions())


def _ragged(value: Value) -> list[int]:
    """The axes whose sizes have names."""
    return [axis for axis, dim in enumerate(value.shape) if isinstance(dim, Dimension)]


def _own(value: Value) -> Axes:
    """The axes of a value that are known by its type: a product may be of any order."""
    found = [axis_of(dim) for dim in value.shape]
    return tuple([axis if axis is None or len(axis) < 2 else None for axis in found])


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
