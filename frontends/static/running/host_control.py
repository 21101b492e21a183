"""Conditions and loops that the host goes through, running programs for what lies in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graphs.contexts import Context
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor

if TYPE_CHECKING:
    from .stages import Stages

StagesOf = Callable[[tuple[Tensor, ...], tuple[Tensor, ...]], "Stages"]
Values = dict[Tensor, Any]


def run_owner(operation: Operation, values: Values, stages_of: StagesOf) -> None:
    """Adds the outputs of a condition or loop to `values`, which hold its inputs."""
    results = OWNERS[operation.type](operation, values, stages_of)
    values.update(zip(operation.outputs, results, strict=True))


def _inside(
    context: Context, targets: Sequence[Tensor], given: Values, values: Values, stages_of: StagesOf
) -> list[Any]:
    """Tensors of a context, where `given` are its variables, and `values` what lies outside."""
    outside = [tensor for tensor in context.captured(targets) if tensor.op.slot is None and tensor not in given]
    known = {**{tensor: values[tensor] for tensor in outside}, **given}
    found = stages_of(tuple(targets), tuple(known)).values(known)
    return [found[tensor] for tensor in targets]


def _cond(operation: Operation, values: Values, stages_of: StagesOf) -> list[Any]:
    branches = operation.attributes["branches"]
    branch = branches[0 if values[operation.inputs[0]] else 1]
    return _inside(branch.context, branch.results, {}, values, stages_of)


def _while(operation: Operation, values: Values, stages_of: StagesOf) -> list[Any]:
    rounds = operation.attributes["rounds"]
    present = [values[tensor] for tensor in operation.inputs[: len(rounds.variables)]]
    while True:
        given = dict(zip(rounds.variables, present, strict=True))
        (goes_on,) = _inside(rounds.context, [rounds.condition], given, values, stages_of)
        if not goes_on:
            return present
        present = _inside(rounds.context, rounds.results, given, values, stages_of)


def _scan(operation: Operation, values: Values, stages_of: StagesOf) -> list[Any]:
    rows = operation.attributes["rows"]
    count = len(rows.carries)
    carried = [values[tensor] for tensor in operation.inputs[:count]]
    sequences = [values[tensor] for tensor in operation.inputs[count : count + len(rows.slices)]]
    places = range(len(sequences[0]))
    outputs: list[list[Any]] = [[] for _ in rows.outputs]
    for place in reversed(places) if rows.reverse else places:
        given = dict(zip(rows.carries, carried, strict=True))
        given.update((tensor, sequence[place, ...]) for tensor, sequence in zip(rows.slices, sequences, strict=True))
        found = _inside(rows.context, [*rows.results, *rows.outputs], given, values, stages_of)
        carried = found[:count]
        for row, output in zip(outputs, found[count:], strict=True):
            row.append(output)
    return [*carried, *(_stacked(row, output, rows.reverse) for row, output in zip(outputs, rows.outputs, strict=True))]


def _stacked(row: list[Any], output: Tensor, reverse: bool) -> Any:
    if not row:
        return np.zeros((0, *(size or 0 for size in output._dims or ())), output.dtype.numpy)
    ordered = row[::-1] if reverse else row
    return np.stack(ordered)


OWNERS: dict[str, Callable[[Operation, Values, StagesOf], list[Any]]] = {
    "Cond": _cond,
    "While": _while,
    "Scan": _scan,
}
