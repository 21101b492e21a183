"""Batches of the ops that carry functions.

The functions are batched themselves. A condition that differs from element to element has both branches computed and
selects; a loop then goes on until the last element has ended, and keeps those that have as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import Function, Op, Value, ops

from ..expressions import zeros
from .table import Batch, Operand, Reasons, Rules, all_in_front, moved


def _selected(batch: Batch, condition: Value, on_true: Value, on_false: Value) -> Value:
    """Each element from where its condition [batch] says."""
    b = batch.b
    return b.select(b.broadcast(condition, shape=on_true.shape, axes=(0,)), on_true, on_false)


def _cond(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    condition, *given = operands
    branches: list[Function] = [attributes["on_true"], attributes["on_false"]]
    if condition.is_batched:
        taken, other = ([batch.front(each) for each in batch.replay(branch, given)] for branch in branches)
        return [_selected(batch, condition.value, *pair) for pair in zip(taken, other, strict=True)]
    flags = [each.is_batched for each in given]
    everything = [True] * len(branches[0].results)
    on_true, on_false = (batch.nested(branch, flags, everything)[0] for branch in branches)
    return batch.b.cond(condition.value, *(each.value for each in given), on_true=on_true, on_false=on_false)


def _settled(
    batch: Batch, body: Function, fixed: Sequence[bool], carried: Sequence[bool], rest: Sequence[bool]
) -> list[bool]:
    """Which of the carried values have the batch axis after some rounds."""
    flags = list(carried)
    while True:
        found = batch.nested(body, [*fixed, *flags, *rest], [*flags, *[False] * (len(body.results) - len(flags))])[1]
        if found[: len(flags)] == flags:
            return flags
        flags = found[: len(flags)]


def _while_loop(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    b, count = batch.b, attributes["constants"]
    condition, body = attributes["condition"], attributes["body"]
    constants, state = operands[:count], operands[count:]
    fixed = [each.is_batched for each in constants]
    flags = _settled(batch, body, fixed, [each.is_batched for each in state], ())
    going_on, is_apart = batch.nested(condition, [*fixed, *flags])
    if not is_apart[0]:
        first = [batch.front(each) if flag else each.value for each, flag in zip(state, flags, strict=True)]
        step = batch.nested(body, [*fixed, *flags], flags)[0]
        last = b.while_loop(
            *(each.value for each in constants), *first, condition=going_on, body=step, constants=count,
            bound=attributes["bound"],
        )  # fmt: skip
        return [batch.front(Operand(value, flag)) for value, flag in zip(last, flags, strict=True)]
    all_of_it = [True] * len(state)
    going_on = batch.nested(condition, [*fixed, *all_of_it], [True])[0]
    step = batch.nested(body, [*fixed, *all_of_it], all_of_it)[0]
    first = [batch.front(each) for each in state]
    plain = [each.value for each in constants]
    active = b.inline(going_on, [*plain, *first])[0]

    def is_any_active() -> Function:
        inner = b.nested(condition.name)
        for value in plain:
            inner.parameter(value.type)
        found = inner.parameter(active.type)
        for value in first:
            inner.parameter(value.type)
        return inner.finish([inner.reduce_or(found, axes=(0,))])

    def next_of_active() -> Function:
        round_ = batch.inside(body.name)
        inner = round_.b
        held = [inner.parameter(value.type) for value in plain]
        is_active = inner.parameter(active.type)
        before = [inner.parameter(value.type) for value in first]
        after = inner.inline(step, [*held, *before])
        kept = [_selected(round_, is_active, new, old) for new, old in zip(after, before, strict=True)]
        still = inner.bitwise_and(is_active, inner.inline(going_on, [*held, *kept])[0])
        return inner.finish([still, *kept])

    last = b.while_loop(
        *plain, active, *first, condition=is_any_active(), body=next_of_active(), constants=count,
        bound=attributes["bound"],
    )  # fmt: skip
    return last[1:]


def _scan(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    b, count, carries = batch.b, attributes["constants"], attributes["carries"]
    body = attributes["body"]
    constants, state = operands[:count], operands[count : count + carries]
    sequences = operands[count + carries :]
    fixed, slices = [each.is_batched for each in constants], [each.is_batched for each in sequences]
    flags = _settled(batch, body, fixed, [each.is_batched for each in state], slices)
    wanted = [*flags, *[False] * (len(body.results) - carries)]
    step, found = batch.nested(body, [*fixed, *flags, *slices], wanted)
    made = b.scan(
        *(each.value for each in constants),
        *(batch.front(each) if flag else each.value for each, flag in zip(state, flags, strict=True)),
        *(moved(b, each.value, 1, 0) if each.is_batched else each.value for each in sequences),
        body=step,
        length=attributes["length"],
        constants=count,
        carries=carries,
        reverse=attributes["reverse"],
    )
    results = [batch.front(Operand(value, flag)) for value, flag in zip(made[:carries], flags, strict=True)]
    for value, flag in zip(made[carries:], found[carries:], strict=True):
        results.append(moved(b, value, 1, 0) if flag else batch.front(Operand(value, False)))
    return results


def _custom_gradient(
    batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]
) -> Sequence[Value]:
    """What flows back to an operand that all elements share is the sum over them."""
    b, gradient = batch.b, attributes["gradient"]
    body: Function = attributes["body"]
    flags = [each.is_batched for each in operands]
    forward = batch.nested(body, flags, [True] * len(body.results))[0]
    inner = batch.inside(gradient.name)
    rest = len(gradient.parameters) - len(operands)
    given = [
        inner.parameter(each, flag) for each, flag in zip(gradient.parameters, [*flags, *[True] * rest], strict=True)
    ]
    found = inner.replay(gradient, given)
    wanted = [each.is_batched for each in operands if each.value.dtype.is_differentiable]
    parts: list[Value] = []
    for part, is_batched in zip(found, wanted, strict=True):
        if is_batched:
            parts.append(inner.front(part))
        elif part.is_batched or not _is_zero(inner, part.value):
            parts.append(inner.b.reduce_sum(inner.front(part), axes=(0,)))
        else:
            parts.append(zeros(inner.b, part.value.type))
    return b.custom_gradient(*(each.value for each in operands), body=forward, gradient=inner.b.finish(parts))


def _is_zero(batch: Batch, x: Value) -> bool:
    equation = batch.b.definition(x)
    while equation is not None and equation.op is ops.broadcast:
        equation = batch.b.definition(equation.operands[0])
    return equation is not None and equation.op is ops.constant and equation.attributes["value"].is_all(0)


def _parallel(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    """The batch axis comes before the one that is cut."""
    b, flags = batch.b, [each.is_batched for each in operands]
    body, found = batch.nested(attributes["body"], flags)
    last, rest = None, found
    if attributes["last"] is not None:
        last, rest = batch.nested(attributes["last"], flags)
    if rest != found:  # one of them makes a result that no batched operand leads to
        found = [True] * len(found)
        body, last = (batch.nested(attributes[name], flags, found)[0] for name in ("body", "last"))

    def behind(axes: Sequence[int], flags: Sequence[bool]) -> list[int]:
        return [axis + (flag and axis != -1) for axis, flag in zip(axes, flags, strict=True)]

    made = b.parallel(
        *(batch.front(each) if each.is_batched else each.value for each in operands),
        body=body,
        parts=attributes["parts"],
        operand_axes=behind(attributes["operand_axes"], flags),
        result_axes=behind(attributes["result_axes"], found),
        last=last,
    )
    return [batch.front(Operand(value, flag)) for value, flag in zip(made, found, strict=True)]


def _after(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    x, first = operands
    return (batch.b.after(batch.front(x), first.value),)


RULES: Rules = {
    ops.parallel: _parallel,
    ops.cond: _cond,
    ops.while_loop: _while_loop,
    ops.scan: _scan,
    ops.stop_gradient: all_in_front,
    ops.graft: all_in_front,
    ops.after: _after,
    ops.custom_gradient: _custom_gradient,
}

REASONS: Reasons = {
    ops.call: "it is what it calls, equation by equation",
    ops.fused: "it is what it groups, equation by equation",
    ops.host_call: "Python code runs once, on whole arrays",
}
