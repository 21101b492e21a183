"""Gradients of the ops that carry functions.

`call`, `cond` and `scan` are extended in place by what their backward half needs saved, so that nothing runs
twice. `while_loop` saves snapshots of its state and computes again from those what lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from diptych.ir import Axes, Builder, DifferentiationError, Dim, Equation, Function, Op, Value, ops

from ..expressions import zeros
from ..linearize import Linearized, linearize
from .table import Cotangents, Reasons, Rules
from .while_loop import while_loop_vjp

Given = tuple[Value | None, ...]


def _present(values: Sequence[Value | None]) -> list[int]:
    return [place for place, value in enumerate(values) if value is not None]


def _wanted(operands: Sequence[Value]) -> list[int]:
    return [place for place, operand in enumerate(operands) if operand.dtype.is_differentiable]


def _equation(b: Builder, out: Sequence[Value]) -> Equation:
    """The equation that made `out`; the one to extend."""
    definition = b.definition(out[0])
    if definition is None:
        raise DifferentiationError("gradient: the equation to differentiate was not emitted by this builder")
    return definition


def _placed(parts: Sequence[Value | None], places: Sequence[int], count: int) -> Cotangents:
    result: list[Value | None] = [None] * count
    for place, part in zip(places, parts, strict=True):
        result[place] = part
    return tuple(result)


def _called(op: Op) -> Any:
    def rule(b: Builder, ct: Given, out: tuple[Value, ...], *operands: Value, body: Function) -> Cotangents:
        given, wanted = _present(ct), _wanted(operands)
        halves = linearize(b, body, wanted, given)
        saved = b.extend(_equation(b, out), {"body": halves.forward})
        arguments = [*(operands[place] for place in halves.needed), *saved, *(v for v in ct if v is not None)]
        return _placed(b.emit(op, arguments, {"body": halves.backward}), wanted, len(operands))

    return rule


def _parallel(
    b: Builder,
    ct: Given,
    out: tuple[Value, ...],
    *operands: Value,
    body: Function,
    parts: int,
    operand_axes: Axes,
    result_axes: Axes,
    last: Function | None,
) -> Cotangents:
    """What parts save lies flat, one after another; what flows back to an operand that all parts see is the sum over
    them. A last part of its own saves nothing of what the others do, and they nothing of what it does."""
    given, wanted = _present(ct), _wanted(operands)
    bodies = [body] if last is None else [body, last]
    halves = [linearize(b, each, wanted, given) for each in bodies]
    saved = [[each.type for each in half.forward.results[len(out) :]] for half in halves]
    needed = sorted({place for half in halves for place in half.needed})
    is_whole = [operand_axes[place] == -1 for place in wanted]

    def forward(which: int) -> Function:
        inner = b.nested(halves[which].forward.name)
        made = inner.inline(halves[which].forward, [inner.parameter(each.type) for each in bodies[which].parameters])
        kept = iter(made[len(out) :])
        flat = [
            inner.reshape(next(kept), shape=(prod(type.shape),)) if owner == which
            else zeros(inner, type.with_shape((0,)))
            for owner, types in enumerate(saved) for type in types
        ]  # fmt: skip
        return inner.finish((*made[: len(out)], *flat))

    def backward(which: int) -> Function:
        inner, half, own = b.nested(halves[which].backward.name), halves[which], bodies[which]
        read = {place: inner.parameter(own.parameters[place].type) for place in needed}
        flat = [
            (owner, type, inner.parameter(type.with_shape((prod(type.shape) if owner == which else 0,))))
            for owner, types in enumerate(saved) for type in types
        ]  # fmt: skip
        kept = [inner.reshape(value, shape=type.shape) for owner, type, value in flat if owner == which]
        cotangents = [inner.parameter(own.results[place].type) for place in given]
        flowing = inner.inline(half.backward, [*(read[place] for place in half.needed), *kept, *cotangents])
        return inner.finish(
            inner.reshape(each, shape=(1, *each.shape)) if whole else each
            for each, whole in zip(flowing, is_whole, strict=True)
        )

    count = sum(map(len, saved))
    functions = "body", "last"
    kept = b.extend(
        _equation(b, out),
        {
            **{name: forward(which) for which, name in enumerate(functions[: len(bodies)])},
            "parts": parts,
            "operand_axes": operand_axes,
            "result_axes": (*result_axes, *(0,) * count),
        },
    )
    back = b.parallel(
        *(operands[place] for place in needed),
        *kept,
        *(each for each in ct if each is not None),
        body=backward(0),
        parts=parts,
        operand_axes=[*(operand_axes[place] for place in needed), *(0,) * count,
                      *(result_axes[place] for place in given)],
        result_axes=[max(operand_axes[place], 0) for place in wanted],
        last=None if last is None else backward(1),
    )  # fmt: skip
    sums = [b.reduce_sum(each, axes=(0,)) if whole else each for each, whole in zip(back, is_whole, strict=True)]
    return _placed(sums, wanted, len(operands))


def _cond(
    b: Builder,
    ct: Given,
    out: tuple[Value, ...],
    condition: Value,
    *operands: Value,
    on_true: Function,
    on_false: Function,
) -> Cotangents:
    """A cond over the backward halves. Each branch returns zeros in place of what the other one saves."""
    given, wanted = _present(ct), _wanted(operands)
    halves = [linearize(b, branch, wanted, given) for branch in (on_true, on_false)]
    saved_types = [[value.type for value in half.forward.results[len(out) :]] for half in halves]

    def forward(which: int) -> Function:
        inner = b.nested(halves[which].forward.name)
        parameters = [inner.parameter(operand.type) for operand in operands]
        results = inner.inline(halves[which].forward, parameters)
        own, other = results[len(out) :], [zeros(inner, type) for type in saved_types[1 - which]]
        return inner.finish((*results[: len(out)], *(own if which == 0 else other), *(other if which == 0 else own)))

    saved = b.extend(_equation(b, out), {"on_true": forward(0), "on_false": forward(1)})
    arguments = [*operands, *saved, *(value for value in ct if value is not None)]

    def backward(which: int) -> Function:
        half = halves[which]
        inner = b.nested(half.backward.name)
        parameters = [inner.parameter(argument.type) for argument in arguments]
        first = len(operands) + (0 if which == 0 else halves[0].saved)
        own = parameters[first : first + half.saved]
        cotangents = parameters[len(operands) + len(saved) :]
        return inner.finish(inner.inline(half.backward, [*(parameters[i] for i in half.needed), *own, *cotangents]))

    parts = b.cond(condition, *arguments, on_true=backward(0), on_false=backward(1))
    return (None, *_placed(parts, wanted, len(operands)))


def _scan(
    b: Builder,
    ct: Given,
    out: tuple[Value, ...],
    *operands: Value,
    body: Function,
    length: Dim,
    constants: int,
    carries: int,
    reverse: bool,
) -> Cotangents:
    """A scan in the opposite direction. It carries the cotangents of the carries and sums those of the constants;
    the saved values and the cotangents of the outputs come in as sequences."""
    outputs = [place for place in _present(ct) if place >= carries]
    moving = [place for place in range(carries) if operands[constants + place].dtype.is_differentiable]
    given = [*moving, *outputs]
    sequences = [
        place for place in range(constants + carries, len(operands)) if operands[place].dtype.is_differentiable
    ]
    fixed = [place for place in range(constants) if operands[place].dtype.is_differentiable]
    wanted = [*(constants + place for place in moving), *fixed, *sequences]
    halves = linearize(b, body, wanted, given)
    carried = [place for place in halves.needed if constants <= place < constants + carries]
    saved = b.extend(_equation(b, out), {"body": _saving(b, halves, carried), "length": length, "constants": constants,
                                        "carries": carries, "reverse": reverse})  # fmt: skip
    step = _scan_step(b, halves, carried, constants, carries, len(moving), len(fixed), len(sequences))
    start = [
        *(zeros(b, operands[constants + place].type) if ct[place] is None else ct[place] for place in moving),
        *(zeros(b, operands[place].type) for place in fixed),
    ]
    arguments: list[Any] = [
        *(operands[place] for place in halves.needed if place < constants),
        *start,
        *saved,
        *(operands[place] for place in halves.needed if place >= constants + carries),
        *(ct[place] for place in outputs),
    ]
    kept = sum(place < constants for place in halves.needed)
    parts = b.scan(*arguments, body=step, length=length, constants=kept, carries=len(start), reverse=not reverse)
    return _placed(parts, wanted, len(operands))


def _saving(b: Builder, halves: Linearized, carried: Sequence[int]) -> Function:
    """The forward half with the needed carries, as they came in, among what it saves: (saved, carries)."""
    forward = halves.forward
    return Function(
        forward.name,
        forward.parameters,
        forward.equations,
        (*forward.results, *(forward.parameters[place] for place in carried)),
    )


def _scan_step(
    b: Builder,
    halves: Linearized,
    carried: Sequence[int],
    constants: int,
    carries: int,
    moving: int,
    fixed: int,
    sequences: int,
) -> Function:
    """One backward round: (kept constants, ct carries, sums, saved, needed carries, needed slices, ct outputs)."""
    inner = b.nested(halves.backward.name)
    backward = halves.backward
    types = {place: backward.parameters[number].type for number, place in enumerate(halves.needed)}
    saved_types = [value.type for value in backward.parameters[len(halves.needed) : len(halves.needed) + halves.saved]]
    ct_types = [value.type for value in backward.parameters[len(halves.needed) + halves.saved :]]
    places: dict[int, Value] = {}
    for place in halves.needed:
        if place < constants:
            places[place] = inner.parameter(types[place])
    ct_carries = [inner.parameter(type) for type in ct_types[:moving]]
    sums = [inner.parameter(backward.results[moving + number].type) for number in range(fixed)]
    saved = [inner.parameter(type) for type in saved_types]
    for place in carried:
        places[place] = inner.parameter(types[place])
    for place in halves.needed:
        if place >= constants + carries:
            places[place] = inner.parameter(types[place])
    ct_outputs = [inner.parameter(type) for type in ct_types[moving:]]
    arguments = [*(places[place] for place in halves.needed), *saved, *ct_carries, *ct_outputs]
    results = inner.inline(backward, arguments)
    totals = [inner.add(total, part) for total, part in zip(sums, results[moving : moving + fixed], strict=True)]
    return inner.finish((*results[:moving], *totals, *results[moving + fixed :]))


def _custom_gradient(
    b: Builder, ct: Given, out: tuple[Value, ...], *operands: Value, body: Function, gradient: Function
) -> Cotangents:
    cotangents = [
        zeros(b, result.type) if given is None else given
        for given, result in zip(ct, out, strict=True)
        if result.dtype.is_differentiable
    ]
    parts = b.inline(gradient, [*operands, *out, *cotangents])
    # A constant 0 is no cotangent: it goes nowhere, where an infinite derivative would make it nan.
    found = [None if _is_zero(b, part) else part for part in parts]
    return _placed(found, _wanted(operands), len(operands))


def _is_zero(b: Builder, x: Value) -> bool:
    equation = b.definition(x)
    while equation is not None and equation.op is ops.broadcast:
        equation = b.definition(equation.operands[0])
    return equation is not None and equation.op is ops.constant and equation.attributes["value"].is_all(0)


def _while_loop(b: Builder, ct: Given, out: tuple[Value, ...], *operands: Value, **attributes: Any) -> Cotangents:
    return while_loop_vjp(b, _equation(b, out), ct, operands, **attributes)


VJPS: Rules = {
    ops.call: _called(ops.call),
    ops.fused: _called(ops.fused),
    ops.parallel: _parallel,
    ops.cond: _cond,
    ops.while_loop: _while_loop,
    ops.scan: _scan,
    ops.graft: lambda b, ct, out, x, history: (None, ct),
    ops.after: lambda b, ct, out, x, first: (ct, None),
    ops.custom_gradient: _custom_gradient,
}

ZERO: Reasons = {ops.stop_gradient: "it is there to stop the gradient"}

REFUSED: Reasons = {ops.host_call: "Python code cannot be differentiated; wrap it in a custom_gradient"}
