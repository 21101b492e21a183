"""Ops that carry nested functions, and those that only steer differentiation.

Nested functions are closed: all that they read comes in as an operand.
"""

from __future__ import annotations

from .. import dtypes
from ..attributes import Axes, Types
from ..dimensions import Dim, floor_divide
from ..function import Function, HostFunction
from ..op import op, refuse
from ..types import TensorType
from . import checks


@op
def call(*operands: TensorType, body: Function) -> tuple[TensorType, ...]:
    """body(*operands)."""
    _accepts("body", body, operands)
    return body.result_types


@op
def fused(*operands: TensorType, body: Function) -> tuple[TensorType, ...]:
    """body(*operands), run as one kernel: a group of equations that the fusion pass chose."""
    _accepts("body", body, operands)
    return body.result_types


@op
def parallel(
    *operands: TensorType,
    body: Function,
    parts: int,
    operand_axes: Axes,
    result_axes: Axes,
    last: Function | None = None,
) -> tuple[TensorType, ...]:
    """Runs body once for each of `parts` parts, at the same time where the backend can: part i sees part i of every
    operand along its axis in `operand_axes`, or all of it where that is -1. Each result is the parts' results one after
    another along its axis in `result_axes`. The parts are equal, but for the last one where `last` is given: that runs
    for it, on what the others leave."""
    if parts < 1 or (parts < 2 and last is not None):
        refuse("parts", parts, "1 or more" if last is None else "2 or more where last is given")
    for name, axes, count in (("operand", operand_axes, len(operands)), ("result", result_axes, len(body.results))):
        if len(axes) != count:
            refuse(f"{name}_axes", list(axes), f"{count} long, one for each {name}")
    seen, left = list[TensorType](), list[TensorType]()
    for number, (operand, axis) in enumerate(zip(operands, operand_axes, strict=True)):
        first, rest = (operand, operand) if axis == -1 else _parts_of(number, operand, axis, parts, body, last)
        seen.append(first)
        left.append(rest)
    _accepts("body", body, tuple(seen))
    ends = body.result_types
    if last is not None:
        _accepts("last", last, tuple(left))
        ends = last.result_types
    results: list[TensorType] = []
    for place, (type, axis) in enumerate(zip(body.result_types, result_axes, strict=True)):
        checks.axis_of(axis, type.rank)
        end = ends[place] if len(ends) == len(result_axes) else None
        if end is None or end.rank != type.rank or _with_size(end, axis, 0) != _with_size(type, axis, 0):
            wanted = f"a function that returns ({', '.join(map(str, body.result_types))})"
            refuse("last", _signature(last or body), f"{wanted}, each of any length along its axis in result_axes")
        results.append(_with_size(type, axis, type.shape[axis] * (parts - 1) + end.shape[axis]))
    return tuple(results)


def _parts_of(
    number: int, whole: TensorType, axis: int, parts: int, body: Function, last: Function | None
) -> tuple[TensorType, TensorType]:
    """The types of a part along `axis`, and of the last one: of what others leave of the size that body takes."""
    checks.axis_of(axis, whole.rank)
    name, size = f"operands[{number}]", floor_divide(whole.shape[axis], parts)
    if last is None:
        if size * parts != whole.shape[axis]:
            refuse(name, whole, f"a multiple of {parts} long along axis {axis}")
        return _with_size(whole, axis, size), _with_size(whole, axis, size)
    taken = body.parameter_types[number] if number < len(body.parameters) else whole
    if axis < taken.rank:
        size = taken.shape[axis]
    rest = whole.shape[axis] - size * (parts - 1)
    if isinstance(rest, int) and rest < 0:
        refuse(name, whole, f"{size * (parts - 1)} or more long along axis {axis}")
    return _with_size(whole, axis, size), _with_size(whole, axis, rest)


def _with_size(type: TensorType, axis: int, size: Dim) -> TensorType:
    return type.with_shape((*type.shape[:axis], size, *type.shape[axis + 1 :]))


@op
def cond(condition: TensorType, *operands: TensorType, on_true: Function, on_false: Function) -> tuple[TensorType, ...]:
    """on_true(*operands) where the scalar condition holds, otherwise on_false(*operands); only that one runs."""
    checks.boolean(condition, "condition")
    checks.scalar(condition, "condition")
    _accepts("on_true", on_true, operands)
    _accepts("on_false", on_false, operands)
    _returns("on_false", on_false, on_true.result_types, "what on_true returns")
    return on_true.result_types


@op
def while_loop(
    *operands: TensorType, condition: Function, body: Function, constants: int = 0, bound: int | None = None
) -> tuple[TensorType, ...]:
    """state = body(*constants, *state) while condition(*constants, *state) holds; the last state.

    The first `constants` operands stay the same throughout, the others are the first state. `bound` promises at most
    that many rounds, which a gradient may use; a loop that breaks the promise has an undefined gradient.
    """
    state = _state(operands, constants, len(operands) - constants)
    _accepts("condition", condition, operands)
    _accepts("body", body, operands)
    if condition.result_types != (TensorType(dtypes.bool_),):
        refuse("condition", _signature(condition), "a function that returns bool[]")
    _returns("body", body, state, "the state's types")
    if bound is not None and bound < 0:
        refuse("bound", bound, "0 or more")
    return state


@op
def scan(
    *operands: TensorType, body: Function, length: Dim, constants: int = 0, carries: int = 0, reverse: bool = False
) -> tuple[TensorType, ...]:
    """Runs body `length` times: (*carries, *outputs) = body(*constants, *carries, *slices).

    Operands: `constants`, then `carries` (the first state), then sequences [length, ...] of which round i sees slice i.
    Results: the last carries, then every output stacked to [length, ...]. With `reverse`, rounds go from the last slice
    to the first, and outputs stand at their slice's place.
    """
    state = _state(operands, constants, carries)
    sequences = operands[constants + carries :]
    for number, sequence in enumerate(sequences):
        if not sequence.rank or sequence.shape[0] != length:
            refuse(f"sequences[{number}]", sequence, f"{length} long in its first axis, as length says")
    slices = tuple(sequence.with_shape(sequence.shape[1:]) for sequence in sequences)
    _accepts("body", body, (*operands[: constants + carries], *slices))
    _returns("body", body, state, "the carries' types, in its first results", exact=False)
    checks.sizes((length,), "length")
    outputs = (result.with_shape((length, *result.shape)) for result in body.result_types[carries:])
    return (*state, *outputs)


@op
def stop_gradient(x: TensorType) -> TensorType:
    """x, through which no gradient flows."""
    return x


@op
def graft(x: TensorType, history: TensorType) -> TensorType:
    """x, whose gradient flows to `history`, a value of the same type, in place of x."""
    if history != x:
        refuse("history", history, f"{x}, as x is")
    return x


@op
def after(x: TensorType, first: TensorType) -> TensorType:
    """x, not before `first` is there. What is computed from it is not shared with what is computed from x itself: so a
    value can be computed a second time, when it is needed again, in place of being kept until then."""
    return x


@op
def custom_gradient(*operands: TensorType, body: Function, gradient: Function) -> tuple[TensorType, ...]:
    """body(*operands), whose gradient is gradient(*operands, *results, *cotangents of the results): one cotangent for
    each operand of a float or complex dtype, in order."""
    _accepts("body", body, operands)
    results = body.result_types
    cotangents = tuple(result for result in results if result.dtype.is_differentiable)
    _accepts("gradient", gradient, (*operands, *results, *cotangents))
    wanted = tuple(operand for operand in operands if operand.dtype.is_differentiable)
    _returns("gradient", gradient, wanted, "the types of the operands that have gradients")
    return results


@op(has_effect=True)
def host_call(*operands: TensorType, function: HostFunction, results: Types) -> tuple[TensorType, ...]:
    """function(*arrays), a Python callable, run once in program order; it returns arrays of the types `results`."""
    return results


def _signature(function: Function) -> str:
    return f"({', '.join(map(str, function.parameter_types))}) -> ({', '.join(map(str, function.result_types))})"


def _accepts(name: str, function: Function, operands: tuple[TensorType, ...]) -> None:
    if function.parameter_types != operands:
        refuse(name, _signature(function), f"a function of ({', '.join(map(str, operands))})")


def _returns(name: str, function: Function, types: tuple[TensorType, ...], reason: str, *, exact: bool = True) -> None:
    found = function.result_types if exact else function.result_types[: len(types)]
    if found != types:
        refuse(name, _signature(function), f"a function that returns ({', '.join(map(str, types))}), {reason}")


def _state(operands: tuple[TensorType, ...], constants: int, count: int) -> tuple[TensorType, ...]:
    if constants < 0 or count < 0 or constants + count > len(operands):
        refuse("constants and carries", f"{constants} and {count}", f"0 or more and at most {len(operands)} in sum")
    return operands[constants : constants + count]
