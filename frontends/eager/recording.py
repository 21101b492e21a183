"""Recording a call: the path that every operation of the front end takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Builder, Value

from .calls import caller
from .lazy import LEAF, UNTRACKED, Call, Kind, Lazy, Storage
from .mode import mode
from .operation import Operation, operation
from .reading import read, read_shared
from .tape import tape
from .tensor import Tensor

_NUMBERS = (bool, int, float, complex)
new_tensor = object.__new__


def call(op: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...] = ()) -> Any:
    """Records `op` on tensors and Python numbers; its result as a tensor, or as a tuple of them.

    Raises TensorError, at the user's line, for operands that do not fit.
    """
    with tape.lock:
        made, lazies = record(op, operands, attributes)
        serial, storages, template = tape.serial, tape.storages, made.template
        results: list[Tensor] = []
        for lazy, edge in zip(lazies, template.edges if made.tracked else template.no_edges):  # noqa: B905
            storage = Storage(lazy, edge)
            storage.serial = serial
            storages.append(storage)
            tensor = new_tensor(Tensor)
            tensor._storage = storage
            tensor._view = tensor._meta = None
            results.append(tensor)
        if tape.is_full():
            del lazies, lazy, storage, made
            tape.flush()
    return results[0] if template.is_single else tuple(results)


def record(op: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> tuple[Call, list[Lazy]]:
    """Puts a call of `op` on the tape, whose lock must be held."""
    serial = tape.serial
    inputs: list[Lazy] = []
    signature: list[Any] = []
    scalars: tuple[Any, ...] = ()
    edges: list[int] = []
    tracked = UNTRACKED
    for operand in operands:
        if isinstance(operand, Tensor):
            storage = operand._storage
            if operand._meta is operand._view is storage.pinned:  # all are None
                lazy, edge = storage.lazy, storage.edge
            else:
                lazy, edge = read(operand) if storage.pinned is None else read_shared(operand)
            inputs.append(lazy)
            edges.append(edge)
            signature.append(lazy.kind)
            tracked |= edge
        else:
            scalars += (operand,)
            signature.append(operand.__class__)
    signature.append(attributes)
    template = op.templates.get(tuple(signature))
    if template is None:
        template = op.make(tuple(signature), _checked(op, signature[:-1]), attributes)
    for lazy in inputs:
        if lazy.serial != serial:
            tape.enter(lazy)
    code, instruction = caller()
    if tracked and mode.enabled:
        leaves = _leaves(operands, edges) if tracked & LEAF else (None,) * len(edges)
        made = Call(template, tuple(inputs), scalars, tuple(edges), leaves, code, instruction, True)
    else:
        made = Call(template, tuple(inputs), scalars, (), (), code, instruction, False)
    return made, tape.append(made, template.kinds)


def _leaves(operands: tuple[Any, ...], edges: Sequence[int]) -> tuple[Tensor | None, ...]:
    """For each tensor among the operands: itself where it collects its gradient."""
    owners = (operand for operand in operands if isinstance(operand, Tensor))
    return tuple([owner if edge == LEAF else None for owner, edge in zip(owners, edges, strict=True)])


def _checked(op: Operation, signature: list[Any]) -> list[Any]:
    """The signature, whose classes are those of numbers that tensors compute with."""
    for place, kind in enumerate(signature):
        if not isinstance(kind, Kind) and kind not in _NUMBERS:
            raise TypeError(f"{op.name}(): argument {place} is of type {kind.__name__} but must be Tensor or Number")
    return signature


@operation
def copy(b: Builder, x: Value) -> Value:
    """x, with a storage of its own."""
    return b.identity(x)
