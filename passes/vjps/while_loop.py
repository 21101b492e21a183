"""The gradient of while_loop: snapshots on the way forward, rounds computed again on the way back.

How often a loop runs is known only when it has ended, and a program's sizes are fixed before. So the state is
written into a buffer of `slots` entries every `stride` rounds; when the buffer is full, every second entry is
dropped and the stride doubles. The way back takes rounds from the last to the first: it reads the snapshot at
or before a round, computes forward to that round, and pulls the cotangents through it. With a known `bound` the
buffer holds every round, and nothing is computed twice but the round itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Builder, Equation, Function, TensorType, Value, dtypes

from ..expressions import plus, scalar, zeros
from ..linearize import linearize
from .table import Cotangents

SLOTS = 256  # an even number: half of them are dropped at a time


def while_loop_vjp(
    b: Builder,
    equation: Equation,
    ct: tuple[Value | None, ...],
    operands: tuple[Value, ...],
    *,
    condition: Function,
    body: Function,
    constants: int,
    bound: int | None,
) -> Cotangents:
    """One cotangent for every operand of a float or complex dtype."""
    fixed, state = operands[:constants], operands[constants:]
    slots = SLOTS if bound is None else max(bound, 1)
    moving = [place for place, value in enumerate(state) if value.dtype.is_differentiable]
    summed = [place for place, value in enumerate(fixed) if value.dtype.is_differentiable]
    if not moving:
        return tuple(None for _ in operands)
    buffer_types = [value.type.with_shape((slots, *value.shape)) for value in state]

    def first() -> list[Value]:
        """What the extended loop starts with: round 0, stride 1, empty buffers."""
        counters = [scalar(b, dtypes.i64, 0), scalar(b, dtypes.i64, 1)]
        return [*counters, *(zeros(b, type) for type in buffer_types)]

    forward_types = [*(value.type for value in operands), _COUNTER, _COUNTER, *buffer_types]
    attributes = {
        "condition": _condition(b, condition, forward_types, len(operands)),
        "body": _recording(b, body, forward_types, constants, len(operands), None if bound is not None else slots),
        "constants": constants,
        "bound": bound,
    }
    rounds, stride, *buffers = b.extend(equation, attributes, first)

    start = [rounds]
    for place in moving:
        given = ct[place]
        start.append(zeros(b, state[place].type) if given is None else given)
    start.extend(zeros(b, fixed[place].type) for place in summed)
    kept = [*fixed, stride, *buffers]
    types = [value.type for value in (*kept, *start)]
    parts = b.while_loop(
        *kept,
        *start,
        condition=_any_left(b, types, len(kept)),
        body=_backward(b, body, types, constants, len(state), moving, summed, exact=bound is not None),
        constants=len(kept),
        bound=bound,
    )
    result: list[Value | None] = [None] * len(operands)
    places = [*(constants + place for place in moving), *summed]
    for place, part in zip(places, parts[1:], strict=True):
        result[place] = part
    return tuple(result)


_COUNTER = TensorType(dtypes.i64)


def _condition(b: Builder, condition: Function, types: Sequence[TensorType], count: int) -> Function:
    """`condition` of the first `count` parameters."""
    inner = b.nested(condition.name)
    parameters = [inner.parameter(type) for type in types]
    return inner.finish(inner.inline(condition, parameters[:count]))


def _recording(
    b: Builder, body: Function, types: Sequence[TensorType], constants: int, count: int, slots: int | None
) -> Function:
    """`body`, which first writes its state into the buffers: each round, or with `slots` as the stride says."""
    inner = b.nested(body.name)
    parameters = [inner.parameter(type) for type in types]
    state = parameters[constants:count]
    number, stride, *buffers = parameters[count:]
    if slots is None:
        buffers = [_written(inner, buffer, value, number) for buffer, value in zip(buffers, state, strict=True)]
    else:
        is_full = inner.eq(inner.floor_div(number, stride), scalar(inner, dtypes.i64, slots))
        stride, *buffers = inner.cond(
            is_full,
            stride,
            *buffers,
            on_true=_thinned(inner, stride, buffers, slots),
            on_false=_same(inner, stride, buffers),
        )
        is_due = inner.eq(inner.rem(number, stride), scalar(inner, dtypes.i64, 0))
        arguments = [inner.floor_div(number, stride), *state, *buffers]
        buffers = inner.cond(
            is_due, *arguments, on_true=_writing(inner, arguments), on_false=_skipping(inner, arguments)
        )
    following = inner.inline(body, parameters[:count])
    return inner.finish([*following, plus(inner, number, 1), stride, *buffers])


def _written(b: Builder, buffer: Value, value: Value, place: Value) -> Value:
    """`buffer` with `value` as its entry `place`."""
    entry = b.reshape(value, shape=(1, *value.shape))
    return b.dynamic_update_slice(buffer, entry, place, *(scalar(b, dtypes.i64, 0) for _ in value.shape))


def _thinned(b: Builder, stride: Value, buffers: Sequence[Value], slots: int) -> Function:
    """Every second of `slots` entries kept, in the first half; the stride doubled."""
    inner = b.nested("thinned")
    wide = inner.parameter(stride.type)
    results = [inner.add(wide, wide)]
    for buffer in buffers:
        full = inner.parameter(buffer.type)
        none = (0,) * buffer.rank
        half = inner.slice(full, start=none, limit=buffer.shape, stride=(2,) + (1,) * (buffer.rank - 1))
        blank = scalar(inner, buffer.dtype, 0)
        results.append(inner.pad(half, blank, low=none, high=(slots // 2, *none[1:]), interior=none))
    return inner.finish(results)


def _same(b: Builder, stride: Value, buffers: Sequence[Value]) -> Function:
    inner = b.nested("same")
    return inner.finish([inner.parameter(value.type) for value in (stride, *buffers)])


def _writing(b: Builder, arguments: Sequence[Value]) -> Function:
    """(place, *state, *buffers) -> buffers with the state written at `place`."""
    inner = b.nested("writing")
    place, *rest = [inner.parameter(value.type) for value in arguments]
    state, buffers = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    return inner.finish(_written(inner, buffer, value, place) for buffer, value in zip(buffers, state, strict=True))


def _skipping(b: Builder, arguments: Sequence[Value]) -> Function:
    inner = b.nested("skipping")
    parameters = [inner.parameter(value.type) for value in arguments]
    return inner.finish(parameters[1 + (len(parameters) - 1) // 2 :])


def _any_left(b: Builder, types: Sequence[TensorType], place: int) -> Function:
    """Whether the counter at `place` is above 0."""
    inner = b.nested("any_left")
    parameters = [inner.parameter(type) for type in types]
    return inner.finish([inner.gt(parameters[place], scalar(inner, dtypes.i64, 0))])


def _backward(
    b: Builder,
    body: Function,
    types: Sequence[TensorType],
    constants: int,
    states: int,
    moving: Sequence[int],
    summed: Sequence[int],
    *,
    exact: bool,
) -> Function:
    """One round back: (constants, stride, buffers | rounds, cotangents, sums)."""
    inner = b.nested(f"{body.name}_backward")
    parameters = [inner.parameter(type) for type in types]
    fixed = parameters[:constants]
    stride, *buffers = parameters[constants : constants + 1 + states]
    rounds, *rest = parameters[constants + 1 + states :]
    cotangents, sums = rest[: len(moving)], rest[len(moving) :]
    number = plus(inner, rounds, -1)
    place = number if exact else inner.floor_div(number, stride)
    state = [_entry(inner, buffer, place) for buffer in buffers]
    if not exact:
        behind = inner.sub(number, inner.mul(place, stride))
        state = _advanced(inner, body, fixed, state, behind)
    wanted = [*(constants + place for place in moving), *summed]
    halves = linearize(inner, body, wanted, moving)
    arguments = [*fixed, *state]
    saved = inner.inline(halves.forward, arguments)[states:]
    parts = inner.inline(halves.backward, [*(arguments[i] for i in halves.needed), *saved, *cotangents])
    totals = [inner.add(total, part) for total, part in zip(sums, parts[len(moving) :], strict=True)]
    return inner.finish([number, *parts[: len(moving)], *totals])


def _entry(b: Builder, buffer: Value, place: Value) -> Value:
    shape = buffer.shape[1:]
    starts = [place, *(scalar(b, dtypes.i64, 0) for _ in shape)]
    return b.reshape(b.dynamic_slice(buffer, *starts, sizes=(1, *shape)), shape=shape)


def _advanced(b: Builder, body: Function, fixed: Sequence[Value], state: Sequence[Value], rounds: Value) -> list[Value]:
    """The state `rounds` rounds later."""
    types = [value.type for value in (*fixed, rounds, *state)]
    inner = b.nested("advance")
    parameters = [inner.parameter(type) for type in types]
    following = inner.inline(body, [*parameters[: len(fixed)], *parameters[len(fixed) + 1 :]])
    step = inner.finish([plus(inner, parameters[len(fixed)], -1), *following])
    results = b.while_loop(
        *fixed, rounds, *state, condition=_any_left(b, types, len(fixed)), body=step, constants=len(fixed)
    )
    return list(results[1:])
