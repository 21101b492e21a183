"""Recording a call: the path that every operation of the front end takes."""

from __future__ import annotations

import sys
from typing import Any

from .lazy import LEAF, TRACKED, UNTRACKED, Call, Kind, Lazy, Storage
from .mode import mode
from .operation import Operation, Template
from .tape import tape
from .tensor import Tensor

_NUMBERS = (bool, int, float, complex)
_inside: dict[str, bool] = {}


def call(operation: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...] = ()) -> Any:
    """Records `operation` on tensors and Python numbers; its result as a tensor, or as a tuple of them.

    Raises TensorError, at the user's line, for operands that do not fit.
    """
    inputs: list[Lazy] = []
    signature: list[Any] = []
    scalars: list[Any] = []
    tracked = False
    with tape.lock:
        for operand in operands:
            if isinstance(operand, Tensor):
                lazy = operand._lazy()
                inputs.append(lazy)
                signature.append(lazy.kind)
                if operand.requires_grad:
                    tracked = True
            else:
                scalars.append(operand)
                signature.append(operand.__class__)
        key = (*signature, attributes)
        template = operation.templates.get(key)
        if template is None:
            template = operation.make(key, _checked(operation, signature), attributes)
        if tracked and not mode.enabled:
            tracked = False
        return _record(template, operands, inputs, tuple(scalars), tracked)


def _checked(operation: Operation, signature: list[Any]) -> list[Any]:
    """The signature, whose classes are those of numbers that tensors compute with."""
    for place, kind in enumerate(signature):
        if not isinstance(kind, Kind) and kind not in _NUMBERS:
            raise TypeError(
                f"{operation.name}(): argument {place} is of type {kind.__name__} but must be Tensor or Number"
            )
    return signature


def _record(
    template: Template, operands: tuple[Any, ...], inputs: list[Lazy], scalars: tuple[Any, ...], tracked: bool
) -> Any:
    serial = tape.serial
    for lazy in inputs:
        if lazy.serial != serial:
            tape.enter(lazy)
    code, instruction = _caller()
    made = Call(template, tuple(inputs), scalars, code, instruction)
    if tracked:
        _track(made, operands)
    results: list[Tensor] = []
    lazies: list[Lazy] = []
    for number, kind in enumerate(template.kinds):
        lazy = Lazy(kind, None, made, number)
        lazies.append(lazy)
        storage = Storage(lazy, tracked and kind.type.dtype.is_differentiable)
        storage.serial = serial
        tape.storages.append(storage)
        results.append(Tensor._of(storage))
    tape.append(made, lazies)
    if tape.is_full():
        del lazies, storage
        tape.flush()
    return results[0] if template.is_single else tuple(results)


def _track(made: Call, operands: tuple[Any, ...]) -> None:
    """Notes how gradients flow from the call to its inputs."""
    edges: list[int] = []
    leaves: list[Tensor | None] = []
    for operand in operands:
        if isinstance(operand, Tensor):
            wants = operand.requires_grad
            leaf = wants and operand.is_leaf
            edges.append(LEAF if leaf else TRACKED if wants else UNTRACKED)
            leaves.append(operand if leaf else None)
    made.edges, made.leaves, made.tracked = tuple(edges), tuple(leaves), True


def _caller() -> tuple[Any, int]:
    """The code and instruction of the first frame outside the package."""
    frame = sys._getframe(3)
    while frame is not None:
        code = frame.f_code
        file = code.co_filename
        inside = _inside.get(file)
        if inside is None:
            name = frame.f_globals.get("__name__", "")
            inside = name == "diptych" or name.startswith("diptych.") or name in ("functools", "contextlib")
            if not file.startswith("<"):
                _inside[file] = inside
        if not inside:
            return code, frame.f_lasti
        frame = frame.f_back
    return None, 0
