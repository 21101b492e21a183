"""What a batching rule is.

A rule is `(batch, op, operands, attributes) -> results`: the equation `results = op operands {attributes}` for all
elements of a batch at once. Each operand says whether it has the batch axis, in front of its own; the results all have
it. A rule is asked only where some operand has, or where the op draws numbers that differ from element to element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from diptych.ir import Builder, Dim, DiptychError, Function, Op, Value, ops


class BatchingError(DiptychError):
    """An equation that cannot be computed for all elements of a batch at once."""


class Operand(NamedTuple):
    """A value, and whether its first axis counts the elements of the batch."""

    value: Value
    is_batched: bool


class Batch:
    """A function at work: the builder that its equations go to, and how many elements there are. `draws`: whether each
    element draws random numbers of its own."""

    def __init__(
        self, b: Builder, size: Dim, *, draws: bool, rules: Mapping[Op, Rule], reasons: Mapping[Op, str]
    ) -> None:
        self.b = b
        self.size = size
        self.draws = draws
        self.rules = rules
        self.reasons = reasons

    def front(self, operand: Operand) -> Value:
        """The value with the batch axis, repeated where it has none."""
        value = operand.value
        if operand.is_batched:
            return value
        return self.b.broadcast(value, shape=(self.size, *value.shape), axes=range(1, value.rank + 1))

    def replay(self, function: Function, operands: Sequence[Operand]) -> list[Operand]:
        """The results of the function on these operands. Raises BatchingError, with the user's line."""
        b = self.b
        before = b.location
        values = dict(zip(function.parameters, operands, strict=True))
        for equation in function.equations:
            b.location = equation.location or before
            given = [values[operand] for operand in equation.operands]
            names = [result.name for result in equation.results]
            is_alike = not any(operand.is_batched for operand in given)
            if is_alike and not (self.draws and _draws(equation.op, equation.attributes)):
                made = b.emit(equation.op, [each.value for each in given], equation.attributes, names=names)
                found = [Operand(value, False) for value in made]
            elif equation.op in (ops.call, ops.fused):
                found = self.replay(equation.attributes["body"], given)
            else:
                rule = self.rules.get(equation.op)
                if rule is None:
                    reason = self.reasons.get(equation.op, "it has no rule")
                    text = f"{equation.op.name}: cannot be batched: {reason}"
                    raise BatchingError(text, location=equation.location)
                try:
                    made = rule(self, equation.op, given, equation.attributes)
                except DiptychError as error:
                    raise error.located(equation.location) from None
                b.suggest(made, names)
                found = [Operand(value, True) for value in made]
            values.update(zip(equation.results, found, strict=True))
        b.location = before
        return [values[result] for result in function.results]

    def nested(
        self, function: Function, is_batched: Sequence[bool], wanted: Sequence[bool] | None = None
    ) -> tuple[Function, list[bool]]:
        """The function for parameters of which some have the batch axis, and which of its results have it: those
        `wanted` too."""
        inner = self.inside(function.name)
        b = inner.b
        pairs = zip(function.parameters, is_batched, strict=True)
        operands = [inner.parameter(each, batched) for each, batched in pairs]
        found = inner.replay(function, operands)
        flags = [each.is_batched for each in found]
        if wanted is not None:
            flags = [mine or other for mine, other in zip(flags, wanted, strict=True)]
        results = [inner.front(each) if flag else each.value for each, flag in zip(found, flags, strict=True)]
        return b.finish(results), flags

    def inside(self, name: str) -> Batch:
        """The same for a function inside this one."""
        return Batch(self.b.nested(name), self.size, draws=self.draws, rules=self.rules, reasons=self.reasons)

    def parameter(self, like: Value, is_batched: bool) -> Operand:
        """A new parameter, with the batch axis or without."""
        type = like.type.with_shape((self.size, *like.shape)) if is_batched else like.type
        return Operand(self.b.parameter(type, like.name), is_batched)


def _draws(op: Op, attributes: Mapping[str, Any]) -> bool:
    """Whether an equation draws random numbers, itself or in a function that it carries."""
    if op is ops.random_bits:
        return True
    return op.has_functions and any(
        _draws(equation.op, equation.attributes)
        for function in attributes.values() if isinstance(function, Function)
        for equation in function.equations
    )  # fmt: skip


Rule = Callable[[Batch, Op, Sequence[Operand], Mapping[str, Any]], Sequence[Value]]
Rules = dict[Op, Rule]
Reasons = dict[Op, str]  # why an op has no rule


def all_in_front(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    """The rule of an op that computes every element of its first axes by itself."""
    return batch.b.emit(op, [batch.front(operand) for operand in operands], attributes)


def shifted(axes: Sequence[int]) -> tuple[int, ...]:
    """The axes, behind another one in front."""
    return tuple(axis + 1 for axis in axes)


def moved(b: Builder, x: Value, source: int, target: int) -> Value:
    """x with its axis `source` at the place `target`, the others in order."""
    if source == target:
        return x
    order = [axis for axis in range(x.rank) if axis != source]
    order.insert(target, source)
    return b.transpose(x, permutation=order)
