"""Widening: what is done alike to several slices of a small value is done once to all of it.

The gates of a recurrent cell are slices of one product, and each has its own sigmoid, and the same steps in its
gradient. A call takes longer to begin than these take to compute. Every element is computed as before, and some that
nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from diptych.ir import Builder, Constant, Equation, Function, Value, ops

from .elementwise import ELEMENTWISE
from .nested import Nested

LEAST = 3  # slices that are worth one
MOST = 1 << 16  # elements of a value from which its slices are long enough
HALF = 0.5  # of a value's elements, that its slices must be at least

Box = tuple[tuple[int, ...], tuple[int, ...]]  # where a slice begins and ends


def widen(function: Function) -> Function:
    """`function` with equal operations on slices widened, nested functions included. Its dimensions must be numbers."""
    return Nested(lambda inner, nested: _Walk(inner, nested).rebuilt()).function(function)


@dataclass(slots=True, eq=False)
class _Whole:
    """A value that slices are of: one of the function, or what a wide operation would make."""

    shape: tuple[int, ...]
    value: Value | None = None
    operands: tuple[_Whole | Value, ...] = ()  # of the wide operation; a Value is a number everywhere
    members: dict[Equation, Box] = field(default_factory=dict[Equation, Box])
    is_chosen: bool = False

    def choose(self) -> None:
        """Decides whether the wide operation pays; those that it is made of were decided before."""
        boxes = set(self.members.values())
        sizes = (prod(high - low for low, high in zip(*box, strict=True)) for box in boxes)
        made_of = (each for each in self.operands if isinstance(each, _Whole))
        self.is_chosen = (
            len(boxes) >= LEAST
            and sum(sizes) >= HALF * prod(self.shape)
            and all(each.value is not None or each.is_chosen for each in made_of)
        )


class _Walk:
    """What is widened in one function, and the function rebuilt so."""

    def __init__(self, function: Function, nested: Nested) -> None:
        self.source, self.equations = function, nested.equations(function)
        self.maker = {result: e for e in self.equations for result in e.results}
        self.place: dict[Value, tuple[_Whole, Box]] = {}  # of what is a slice
        self.home: dict[Equation, _Whole] = {}  # the wide operation that an equation is part of
        self._find()

    def _find(self) -> None:
        wholes: dict[Any, _Whole] = {}
        for equation in self.equations:
            if equation.op is ops.slice:
                self._note_slice(equation, wholes)
            elif equation.op in ELEMENTWISE:
                self._note_operation(equation, wholes)
        for whole in wholes.values():  # in the order in which they are made
            if whole.value is None:
                whole.choose()

    def _note_slice(self, equation: Equation, wholes: dict[Any, _Whole]) -> None:
        (source,), attributes = equation.operands, equation.attributes
        shape = source.type.static_shape()
        if set(attributes["stride"]) != {1} or prod(shape) > MOST or not equation.results[0].type.bytes():
            return
        whole = wholes.setdefault(source, _Whole(shape, source))
        self.place[equation.results[0]] = whole, (attributes["start"], attributes["limit"])

    def _note_operation(self, equation: Equation, wholes: dict[Any, _Whole]) -> None:
        """Makes an operation known that reads slices of one place, and numbers that are the same everywhere."""
        operands: list[_Whole | Value] = []
        boxes: set[Box] = set()
        for operand in equation.operands:
            found = self.place.get(operand)
            if found is not None:
                operands.append(found[0])
                boxes.add(found[1])
            elif (number := self._number(operand)) is not None:
                operands.append(number)
            else:
                return
        shapes = {each.shape for each in operands if isinstance(each, _Whole)}
        if len(boxes) != 1 or len(shapes) != 1:
            return
        (box,), (shape,) = boxes, shapes
        names = tuple(_bits(each, self.maker) if isinstance(each, Value) else id(each) for each in operands)
        key = (equation.op, *equation.attributes.values(), names)
        whole = wholes.setdefault(key, _Whole(shape, operands=tuple(operands)))
        whole.members[equation] = box
        self.place[equation.results[0]] = whole, box
        self.home[equation] = whole

    def _number(self, value: Value) -> Value | None:
        """The scalar constant that a value repeats."""
        made = self.maker.get(value)
        while made is not None and made.op is ops.broadcast:
            value = made.operands[0]
            made = self.maker.get(value)
        return value if made is not None and made.op is ops.constant and not value.shape else None

    def rebuilt(self) -> Function:
        if self.equations is self.source.equations and not any(whole.is_chosen for whole in self.home.values()):
            return self.source
        b = Builder(self.source.name)
        b.find_location = False
        values = {p: b.parameter(p.type, p.name) for p in self.source.parameters}
        made: dict[_Whole, Value] = {}
        for equation in self.equations:
            whole = self.home.get(equation)
            if whole is None or not whole.is_chosen:
                b.replay(equation, values)
                continue
            b.location = equation.location
            if whole not in made:
                operands = [self._operand(b, each, whole.shape, made, values) for each in whole.operands]
                (made[whole],) = b.emit(equation.op, operands, equation.attributes)
            start, limit = whole.members[equation]
            (result,) = equation.results
            values[result] = b.slice(made[whole], start=start, limit=limit, stride=[1] * len(start))
        return b.finish(values[result] for result in self.source.results)

    def _operand(
        self,
        b: Builder,
        operand: _Whole | Value,
        shape: Sequence[int],
        made: dict[_Whole, Value],
        values: dict[Value, Value],
    ) -> Value:
        if isinstance(operand, Value):
            return b.broadcast(values[operand], shape=tuple(shape), axes=())
        return made[operand] if operand.value is None else values[operand.value]


def _bits(number: Value, maker: dict[Value, Equation]) -> Any:
    """What tells a scalar constant from others."""
    constant: Constant = maker[number].attributes["value"]
    return number.dtype.name, constant.array.tobytes()
