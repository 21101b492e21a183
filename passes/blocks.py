"""What one block of a fused group computes, for backends that go through large groups block by block.

A block is a box within the group's shape: one index along each axis before the one that is cut, a run along that one,
everything along the others. What a reduction over leading axes makes of a block is part of its result, to be reduced
with those of the other blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from diptych.ir import Builder, Equation, Function, Op, Value, ops

from .elementwise import ELEMENTWISE, REDUCTIONS

Sizes = tuple[int, ...]
Axes = tuple[int | None, ...]  # for each axis of a value, the axis of the group that it lies along; None: it is whole
Index = tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`function` computes one block. Its parameters are `parameters`: the place of an operand of the group, and the
    axes that it is cut along. For each result, `results` has the axes that it is cut along; None of a part."""

    function: Function
    parameters: tuple[tuple[int, Axes], ...]
    results: tuple[Axes | None, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """How a group is gone through: boxes of the sizes `shape` that begin at each of `starts`, and then, where the axis
    that is cut is not a multiple of their length, smaller ones, of the sizes `rest`, at `rest_starts`. `parts` says
    which op reduces the parts of each result that has some."""

    shape: Sizes
    starts: tuple[Sizes, ...]
    rest: Sizes
    rest_starts: tuple[Sizes, ...]
    parts: tuple[Op | None, ...]


def blocks_of(body: Function, most: int) -> Blocks | None:
    """Blocks of at most about `most` elements for a group; None where it has no more than twice as many, or cannot be
    cut so."""
    group = _Shape(body)
    shape, sums = group.shape, group.leading
    if prod(shape) <= 2 * most or not group.is_regular:
        return None
    axis = next(axis for axis in range(len(shape)) if prod(shape[axis + 1 :]) <= most)
    axis = min(axis, group.rows - 1)
    if sums and axis >= min(sums):
        return _behind_sums(group, most)
    length = _even(shape[axis], most // prod(shape[axis + 1 :]))
    box = (*(1,) * axis, length, *shape[axis + 1 :])
    parts = tuple(group.reducers.get(result) for result in body.results)
    return _boxes(shape, box, axis, parts)


def _behind_sums(group: _Shape, most: int) -> Blocks | None:
    """Blocks that hold all of the axes that are reduced."""
    shape, first = group.shape, max(group.leading)
    whole = prod(shape[:first])
    axis = next((a for a in range(first, len(shape)) if whole * prod(shape[a + 1 :]) <= most), None)
    if axis is None or axis >= group.rows:
        return None
    length = _even(shape[axis], most // (whole * prod(shape[axis + 1 :])))
    box = (*shape[:first], *(1,) * (axis - first), length, *shape[axis + 1 :])
    return _boxes(shape, box, axis, (None,) * len(group.body.results))


def _even(size: int, most: int) -> int:
    """The length of runs, at most `most`, of which a size has as few as possible, all about equal."""
    count = -(-size // max(1, most))
    return -(-size // count)


def _boxes(shape: Sizes, box: Sizes, axis: int, parts: tuple[Op | None, ...]) -> Blocks:
    before = [range(size) if side == 1 else range(1) for size, side in zip(shape[:axis], box[:axis], strict=True)]
    behind = (0,) * (len(shape) - axis - 1)
    whole = shape[axis] // box[axis] * box[axis]
    starts = tuple((*place, run, *behind) for place in product(*before) for run in range(0, whole, box[axis]))
    rest = (*box[:axis], shape[axis] - whole, *box[axis + 1 :])
    rest_starts = tuple((*place, whole, *behind) for place in product(*before)) if rest[axis] else ()
    return Blocks(box, starts, rest, rest_starts, parts)


def index_of(start: Sizes, shape: Sizes, axes: Axes) -> Index:
    """Where the block of that shape that begins at `start` lies in a value that is cut along `axes`."""
    return tuple(slice(None) if axis is None else slice(start[axis], start[axis] + shape[axis]) for axis in axes)


def block_of(body: Function, shape: Sizes) -> Block:
    """What a block of that shape computes."""
    return _Cutter(body, shape).block()


class _Shape:
    """The shape that a group works on, how many axes its rows have, and what it reduces over leading axes."""

    def __init__(self, body: Function) -> None:
        self.body = body
        inside = [e.results[0] for e in body.equations if e.op in ELEMENTWISE]
        inside += [e.operands[0] for e in body.equations if e.op in REDUCTIONS]
        self.shape: Sizes = max((value.type.static_shape() for value in inside), key=len, default=())
        self.rows = len(self.shape)
        self.leading: list[int] = []  # how many axes each reduction over leading axes goes over
        self.reducers: dict[Value, Op] = {}
        for equation in body.equations:
            if equation.op not in REDUCTIONS:
                continue
            axes, rank = equation.attributes["axes"], equation.operands[0].rank
            if axes == tuple(range(rank - len(axes), rank)) and len(axes) < rank == len(self.shape):
                self.rows = rank - len(axes)
            else:
                self.leading.append(len(axes))
                self.reducers[equation.results[0]] = equation.op
        self.is_regular = all(map(self._fits, body.equations)) and all(map(self._is_cut, body.results))

    def _fits(self, equation: Equation) -> bool:
        """Whether an equation is of the kind that fusion puts into groups."""
        op = equation.op
        if op is ops.constant:
            return not equation.results[0].shape
        if op is ops.broadcast:
            return True
        if any(operand in self.reducers for operand in equation.operands):
            return False
        if op in ELEMENTWISE:
            return self._is_inside(equation.results[0])
        if op not in REDUCTIONS or not self._is_inside(equation.operands[0]):
            return False
        axes = equation.attributes["axes"]
        return bool(axes) and (equation.results[0] not in self.reducers or axes == tuple(range(len(axes))))

    def _is_cut(self, result: Value) -> bool:
        """Whether the blocks make all of a result: not of a parameter of another shape, which a group may pass on."""
        return result in self.reducers or self._is_inside(result)

    def _is_inside(self, value: Value) -> bool:
        """Whether a value has the group's shape, or that of its rows."""
        shape = value.type.static_shape()
        return bool(shape) and shape in (self.shape, self.shape[: self.rows])


class _Cutter:
    """Rebuilds the body of a group for a block."""

    def __init__(self, body: Function, shape: Sizes) -> None:
        self.body, self.shape = body, shape
        self.whole = _Shape(body).shape
        self.maker = {result: e for e in body.equations for result in e.results}
        self.place = {parameter: place for place, parameter in enumerate(body.parameters)}
        self.b = Builder(body.name)
        self.b.find_location = False
        self.parameters: list[tuple[int, Axes]] = []
        self.values: dict[tuple[Value, Axes], Value] = {}
        self.axes: dict[Value, Axes] = {}  # of what is computed
        self.is_part: set[Value] = set()

    def block(self) -> Block:
        for equation in self.body.equations:
            if equation.op not in (ops.broadcast, ops.constant):
                self._compute(equation)
        results = [self._cut(result, self._own_axes(result)) for result in self.body.results]
        axes = (None if result in self.is_part else self._own_axes(result) for result in self.body.results)
        return Block(self.b.finish(results), tuple(self.parameters), tuple(axes))

    def _own_axes(self, value: Value) -> Axes:
        """Along which axes what is computed lies; what is not lies along the first ones."""
        return self.axes.get(value, tuple(range(value.rank)))

    def _compute(self, equation: Equation) -> None:
        (result,) = equation.results
        if equation.op in REDUCTIONS:
            (operand,) = equation.operands
            reduced: Sizes = equation.attributes["axes"]  # of a value that lies along the first axes
            self.axes[result] = tuple(axis for axis in range(operand.rank) if axis not in reduced)
            if any(self.shape[axis] != self.whole[axis] for axis in reduced):
                self.is_part.add(result)
        else:
            self.axes[result] = tuple(range(result.rank))
        operands = [
            self._cut(operand, tuple(range(operand.rank)) if operand.rank else ()) for operand in equation.operands
        ]
        self.b.location = equation.location
        (own,) = self.b.emit(equation.op, operands, equation.attributes, names=[result.name])
        self.values[result, self.axes[result]] = own

    def _cut(self, value: Value, axes: Axes) -> Value:
        """The part of `value` along `axes`, as computed, copied of what is free, or as a parameter."""
        known = self.values.get((value, axes))
        if known is not None:
            return known
        equation = self.maker.get(value)
        shape = tuple(
            size if axis is None else self.shape[axis]
            for size, axis in zip(value.type.static_shape(), axes, strict=True)
        )
        if equation is None:
            own = self.b.parameter(value.type.with_shape(shape), value.name)
            self.parameters.append((self.place[value], axes))
        else:
            self.b.location = equation.location
            attributes: dict[str, Any] = dict(equation.attributes)
            operands: list[Value] = []
            if equation.op is ops.broadcast:
                along: Sizes = attributes["axes"]
                operands = [self._cut(equation.operands[0], tuple(axes[axis] for axis in along))]
                attributes["shape"] = shape
            (own,) = self.b.emit(equation.op, operands, attributes, names=[value.name])
        self.values[value, axes] = own
        return own
