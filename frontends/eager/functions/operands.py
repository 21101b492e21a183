"""What users hand to functions: tensors and numbers, told apart from what PyTorch refuses, in its words."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from diptych.ir import Value

from ..dtypes import of_ir
from ..tapes.callers import renamed
from ..tapes.operation import Operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor

Scalar = bool | int | float | complex
NUMBERS = frozenset({bool, int, float, complex})


def tensor(name: str, label: str, position: int, value: Any) -> Tensor:
    """`value`, which must be a tensor. Raises TypeError."""
    if not isinstance(value, Tensor):
        _refuse(name, label, position, value)
    return value


def tensors(name: str, **labelled: Any) -> tuple[Tensor, ...]:
    """The values, all of which must be tensors, in order of their positions. Raises TypeError."""
    values = tuple(labelled.values())
    for value in values:
        if not isinstance(value, Tensor):
            place = next(place for place, each in enumerate(values) if each is value)
            _refuse(name, tuple(labelled)[place], place + 1, value)
    return values


def pair(name: str, input: Any, other: Any, labels: tuple[str, str] = ("input", "other")) -> tuple[Any, Any]:
    """Both operands: tensors, or one of them a Python number. Raises TypeError."""
    if isinstance(input, Tensor):
        if isinstance(other, Tensor) or other.__class__ in NUMBERS:
            return input, other
        return input, number(name, labels[1], 2, other)
    if isinstance(other, Tensor):
        return (input if input.__class__ in NUMBERS else number(name, labels[0], 1, input)), other
    _refuse(name, labels[0], 1, input)


def tensor_first(name: str, input: Any, other: Any) -> tuple[Any, Any]:
    """Both operands, the first of which must be a tensor. Raises TypeError."""
    return pair(name, tensor(name, "input", 1, input), other)


def number(name: str, label: str, position: int, value: Any) -> Scalar:
    """A Python number: itself, or what a numpy scalar, an instance of a subclass, or a tensor without axes that needs
    no gradient holds. Raises TypeError."""
    if value.__class__ in NUMBERS:
        return value
    if isinstance(value, Tensor) and value._is_number():
        return value.item()
    if isinstance(value, np.generic):
        return value.item()
    for kind in (int, float, complex):
        if isinstance(value, kind):
            return kind(value)
    _refuse(name, label, position, value)


def _refuse(name: str, label: str, position: int, value: Any) -> NoReturn:
    raise TypeError(
        f"{name}(): argument '{label}' (position {position}) must be Tensor, not {type(value).__name__}"
    ) from None


def not_implemented(name: str, x: Value) -> NotImplementedError:
    """The error for a dtype that PyTorch has no kernel for."""
    return NotImplementedError(f"\"{name}\" not implemented for '{of_ir(x.dtype).scalar}'")


def check_same_type(x: Value, y: Value) -> None:
    """Raises RuntimeError where the dtypes differ."""
    if x.dtype is not y.dtype:
        wanted, found = of_ir(x.dtype).scalar, of_ir(y.dtype).scalar
        raise RuntimeError(f"expected scalar type {wanted} but found {found}")


def unary(name: str, operation: Operation, summary: str) -> Any:
    """The function of one tensor that users call `name`."""

    def function(input: Tensor) -> Tensor:
        if not isinstance(input, Tensor):
            _refuse(name, "input", 1, input)
        return call(operation, (input,))

    renamed(function, name)
    function.__module__ = operation.function.__module__
    function.__doc__ = summary
    return function
