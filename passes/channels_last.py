"""Convolutions that have their channels before the spatial axes get them behind, and so does all that lies between.

Every value there has a turned twin, [n, c, ...] as [n, ..., c], which is what is computed. Transposes remain where
something else comes in or goes out: images, what is flattened, results. Whatever else reads a turned value gets it in
its old order and side by side in memory, so that what is computed of it keeps every bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diptych.ir import Axes, Builder, Equation, Function, Value, ops
from diptych.ir.ops.contraction import convolution_layout

from .elementwise import ELEMENTWISE
from .expressions import as_order, inverse
from .nested import Nested
from .pattern import rewriter
from .provenance import Fired
from .rules.shapes import SHAPES

DTYPES = ("f32", "f64")  # of convolutions worth turning, and of sums
WINDOWS = (ops.window_sum, ops.window_max, ops.window_gather, ops.window_scatter)
ANY_ORDER = (ops.reduce_max, ops.reduce_min, ops.reduce_and, ops.reduce_or)  # have the same bits in any order
MOVING = (ops.pad, ops.slice, ops.concatenate, ops.reverse)

_RULES = [rule for rule in SHAPES if rule.name.startswith("transpose_")]


def channels_last(function: Function, *, fired: Fired | None = None) -> Function:
    """`function` with its convolutions turned, those of nested functions included; `fired` counts them."""
    count = Fired() if fired is None else fired

    def turned(function: Function, nested: Nested) -> Function:
        equations = nested.equations(function)
        if equations is function.equations and not any(map(_is_first, equations)):
            return function
        return _Walk(count, function, equations).run()

    return Nested(turned).function(function)


def _is_first(equation: Equation) -> bool:
    """Whether it is a convolution of images [n, c, ...] to images [n, c, ...]."""
    if equation.op is not ops.convolution or equation.operands[0].dtype.name not in DTYPES:
        return False
    roles = convolution_layout(equation.attributes["layout"])
    plain = tuple(range(equation.operands[0].rank))
    return roles.spatial_rank > 0 and roles.x == roles.result == plain


def _is_to_kernel(equation: Equation) -> bool:
    """Whether it is a convolution of images and images, [n, c, ...] each, to a kernel."""
    if equation.op is not ops.convolution or equation.operands[0].dtype.name not in DTYPES:
        return False
    roles = convolution_layout(equation.attributes["layout"])
    spatial = tuple(range(2, equation.operands[0].rank))
    return bool(spatial) and roles.x == roles.kernel == (1, 0, *spatial)


class _Walk:
    """One function, equation by equation."""

    def __init__(self, fired: Fired, function: Function, equations: Sequence[Equation]) -> None:
        self.fired, self.source, self.equations = fired, function, equations
        self.b = Builder(function.name, rewrite=rewriter(_RULES, Fired()))
        self.b.find_location = False
        self.plain: dict[Value, Value] = {}
        self.twins: dict[Value, Value] = {}
        self.whole: set[Value] = set()  # those whose twins lie side by side in memory

    def run(self) -> Function:
        b = self.b
        for parameter in self.source.parameters:
            self.plain[parameter] = b.parameter(parameter.type, parameter.name)
        for equation in self.equations:
            b.location = equation.location
            turn = self._way(equation)
            if turn is None:
                self._repeat(equation)
            else:
                turn(equation)
        return b.finish(self._shown(result) for result in self.source.results)

    # -- a value and its twin ----

    def _twin(self, value: Value) -> Value:
        """[n, ..., c]"""
        if value not in self.twins:
            plain = self.plain[value]
            twin = as_order(self.b, plain, _last(value.rank))
            definition = self.b.definition(twin)
            if definition is not None and definition.op is ops.transpose:
                twin = _copied(self.b, twin) if _moves(value) else twin
                self.whole.add(value)
            self.twins[value] = twin
        return self.twins[value]

    def _shown(self, value: Value) -> Value:
        """[n, c, ...], which may be the twin's memory."""
        if value in self.plain:
            return self.plain[value]
        return as_order(self.b, self.twins[value], inverse(_last(value.rank)))

    def _old(self, value: Value) -> Value:
        """[n, c, ...], side by side in memory."""
        if value not in self.plain:
            shown = self._shown(value)
            self.plain[value] = _copied(self.b, shown) if _moves(value) else shown
        return self.plain[value]

    def _keep(self, equation: Equation, twin: Value, *, whole: bool = True) -> None:
        """`twin` is the turned result."""
        (result,) = equation.results
        self.b.suggest((twin,), (result.name,))
        self.twins[result] = twin
        if whole:
            self.whole.add(result)

    def _repeat(self, equation: Equation) -> None:
        """The equation as it was."""
        operands = [self._old(operand) for operand in equation.operands]
        names = [result.name for result in equation.results]
        results = self.b.emit(equation.op, operands, equation.attributes, names=names)
        self.plain.update(zip(equation.results, results, strict=True))

    # -- what is turned ----

    def _way(self, equation: Equation) -> Callable[[Equation], None] | None:
        """How the equation is turned; None where it stays."""
        op = equation.op
        if _is_first(equation):
            return self._convolution
        if self._sums_to_channels(equation):
            return self._reduction
        if self.twins.keys().isdisjoint(equation.operands):
            return None
        if _is_to_kernel(equation):
            return self._to_kernel
        if op in ELEMENTWISE:
            shape = equation.results[0].shape
            return self._elementwise if all(operand.shape == shape for operand in equation.operands) else None
        if op in WINDOWS:
            return self._windows
        if op in MOVING:
            return self._moving
        return self._reduction if op in ANY_ORDER else None

    def _sums_to_channels(self, equation: Equation) -> bool:
        """Whether it is a sum to channels, which a backend takes with the channels last in any case."""
        if equation.op is not ops.reduce_sum or equation.operands[0].dtype.name not in DTYPES:
            return False
        x = equation.operands[0]
        is_whole = x not in self.twins or x in self.whole
        return is_whole and x.rank > 2 and equation.attributes["axes"] == (0, *range(2, x.rank))

    def _convolution(self, equation: Equation) -> None:
        x, kernel = equation.operands
        first, rest = equation.attributes["layout"].split(",")
        middle, last = rest.split("->")
        layout = f"{_moved(first)},{middle}->{_moved(last)}"
        self._keep(equation, self._convolved(equation, self._twin(x), self._old(kernel), layout))
        self.fired["convolution"] += 1

    def _to_kernel(self, equation: Equation) -> None:
        first, rest = equation.attributes["layout"].split(",")
        second, last = rest.split("->")
        operands: list[Value] = []
        specs: list[str] = []
        for operand, spec in zip(equation.operands, (first, second), strict=True):
            is_turned = operand in self.twins
            operands.append(self.twins[operand] if is_turned else self.plain[operand])
            specs.append(_moved(spec) if is_turned else spec)
        x, kernel = operands
        found = self._convolved(equation, x, kernel, f"{specs[0]},{specs[1]}->{last}")
        self.b.suggest((found,), (equation.results[0].name,))
        self.plain[equation.results[0]] = found

    def _convolved(self, equation: Equation, x: Value, kernel: Value, layout: str) -> Value:
        return self.b.emit(ops.convolution, (x, kernel), {**equation.attributes, "layout": layout})[0]

    def _elementwise(self, equation: Equation) -> None:
        twins = [self._twin(operand) for operand in equation.operands]
        self._keep(equation, self.b.emit(equation.op, twins, equation.attributes)[0])

    def _windows(self, equation: Equation) -> None:
        twins = [self._twin(operand) for operand in equation.operands]
        attributes = {name: _moved(values) for name, values in equation.attributes.items()}
        self._keep(equation, self.b.emit(equation.op, twins, attributes)[0])

    def _moving(self, equation: Equation) -> None:
        op, attributes = equation.op, dict(equation.attributes)
        rank = equation.results[0].rank
        place = inverse(_last(rank))
        if op is ops.concatenate:
            attributes["axis"] = place[attributes["axis"]]
        elif op is ops.reverse:
            axes: Axes = attributes["axes"]
            attributes["axes"] = tuple(sorted(place[axis] for axis in axes))
        else:
            attributes = {name: _moved(values) for name, values in attributes.items()}
        count = 1 if op is ops.pad else len(equation.operands)  # what is padded with has no axes
        twins = [self._twin(operand) for operand in equation.operands[:count]]
        others = [self._old(operand) for operand in equation.operands[count:]]
        found = self.b.emit(op, (*twins, *others), attributes)[0]
        self._keep(equation, found, whole=op in (ops.pad, ops.concatenate))

    def _reduction(self, equation: Equation) -> None:
        (x,) = equation.operands
        axes: Axes = equation.attributes["axes"]
        order = _last(x.rank)
        place = inverse(order)
        moved = tuple(sorted(place[axis] for axis in axes))
        found = self.b.emit(equation.op, (self._twin(x),), {"axes": moved})[0]
        kept = [axis for axis in order if axis not in axes]  # in the order that they come out in
        found = as_order(self.b, found, [kept.index(axis) for axis in sorted(kept)])
        if kept != sorted(kept):
            found = _copied(self.b, found)
        self.b.suggest((found,), (equation.results[0].name,))
        self.plain[equation.results[0]] = found


def _last(rank: int) -> Axes:
    """The permutation that puts axis 1 last."""
    return (0, *range(2, rank), 1)


def _moves(value: Value) -> bool:
    """Whether turning the value moves elements in memory."""
    return value.shape[1] != 1 and any(size != 1 for size in value.shape[2:])


def _copied(b: Builder, x: Value) -> Value:
    """x side by side in memory: a concatenation of it alone."""
    return b.concatenate(x, axis=0)


def _moved(entries: Any) -> Any:
    """What stands for each axis, in the new order: a layout's letters, or a tuple."""
    return entries[:1] + entries[2:] + entries[1:2]
