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
    *operands: TensorType, body: Function, parts: int, operand_axes: Axes, result_axes: Axes
) -> tuple[TensorType, ...]:
    """Runs body once for each of `parts` equal parts, at the same time where the backend can: part i sees part i of
    every operand along its axis in `operand_axes`, or all of it where that is -1. Each result is the parts' results one
    after another along its axis in `result_axes`."""
    if parts < 1:
        refuse("parts", parts, "1 or more")
    for name, axes, count in (("operand", operand_axes, len(operands)), ("result", result_axes, len(body.results))):
        if len(axes) != count:
            refuse(f"{name}_axes", list(axes), f"{count} long, one for each {name}")
    seen = tuple(
        operand if axis == -1 else _part(f"operands[{number}]", operand, axis, parts)
        for number, (operand, axis) in enumerate(zip(operands, operand_axes, strict=True))
    )
    _accepts("body", body, seen)
    results: list[TensorType] = []
    for type, axis in zip(body.result_types, result_axes, strict=True):
        checks.axis_of(axis, type.rank)
        results.append(type.with_shape((*type.shape[:axis], type.shape[axis] * parts, *type.shape[axis + 1 :])))
    return tuple(results)


def _part(name: str, whole: TensorType, axis: int, parts: int) -> TensorType:
    """The type of one of `parts` equal parts along `axis`."""
    checks.axis_of(axis, whole.rank)
    size = floor_divide(whole.shape[axis], parts)
    if size * parts != whole.shape[axis]:
        refuse(name, whole, f"a multiple of {parts} long along axis {axis}")
    return whole.with_shape((*whole.shape[:axis], size, *whole.shape[axis + 1 :]))


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
