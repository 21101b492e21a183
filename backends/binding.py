"""Dimension names become numbers: the sizes that arguments give, and attributes with those sizes put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import (
    Dim,
    Dimension,
    DiptychError,
    Equation,
    Function,
    TensorType,
    Value,
    dtype_of,
    evaluate,
    named,
    types,
)

from .kernels.described import described

SPECIALISE = "specialise the function to its sizes first"


def bind_arguments(function: Function, arguments: Sequence[Any]) -> tuple[tuple[np.ndarray, ...], dict[str, int]]:
    """`arguments` as arrays of the parameters' types, and the number of each dimension name.

    A parameter axis that is just a name binds it; every other axis is checked. Raises DiptychError.
    """
    if len(arguments) != len(function.parameters):
        must = f"{len(function.parameters)} ({', '.join(map(_signature, function.parameters))})"
        raise DiptychError(f"@{function.name}: arguments are {len(arguments)} but must be {must}")
    arrays = [_array(function, number, argument) for number, argument in enumerate(arguments)]
    sizes: dict[str, int] = {}
    for number, (parameter, array) in enumerate(zip(function.parameters, arrays, strict=True)):
        if array.ndim != parameter.rank:
            raise _mismatch(function, number, array, {})
        for dim, size in zip(parameter.shape, array.shape, strict=True):
            if isinstance(dim, Dimension) and (name := _only_name(dim)):
                sizes.setdefault(name, size)
    unbound = function.names() - sizes.keys()
    if unbound:
        raise DiptychError(f"@{function.name}: dimension {min(unbound)} is unbound but must be an axis of a parameter")
    for number, (parameter, array) in enumerate(zip(function.parameters, arrays, strict=True)):
        if array.shape != bind_shape(parameter.shape, sizes) or array.dtype != parameter.dtype.numpy:
            raise _mismatch(function, number, array, sizes)
    return tuple(arrays), sizes


def bind_shape(shape: Sequence[Dim], sizes: Mapping[str, int]) -> tuple[Dim, ...]:
    """`shape` with numbers for the names that `sizes` has."""
    return tuple(evaluate(dim, sizes) for dim in shape)


def bind_type(type: TensorType, sizes: Mapping[str, int]) -> TensorType:
    """`type` with numbers for the names that `sizes` has."""
    return type if type.is_static else type.with_shape(bind_shape(type.shape, sizes))


def bind_attributes(
    equation: Equation, sizes: Mapping[str, int], nested: Callable[[Function], Any]
) -> Mapping[str, Any]:
    """The attributes as kernels get them: numbers for dimensions, `nested(function)` for functions.

    Raises DiptychError where a dimension keeps a name.
    """
    bound: dict[str, Any] = {}
    for name, value in equation.attributes.items():
        kind = equation.op.attributes[name].kind
        if kind == "shape":
            value = bind_shape(value, sizes)
            _check_numbers(equation, name, value)
        elif kind == "dim":
            value = evaluate(value, sizes)
            _check_numbers(equation, name, (value,))
        elif kind == "types":
            value = tuple(bind_type(type, sizes) for type in value)
            for type in value:
                _check_numbers(equation, name, type.shape)
        elif isinstance(value, Function):
            value = nested(value)
        bound[name] = value
    return bound


def check_numbers(function: Function) -> None:
    """Raises DiptychError, with the user's line, where an equation of `function` has a dimension with a name."""
    pending = [function]
    while pending:
        for equation in pending.pop().equations:
            if not equation.attributes:
                continue
            try:
                bind_attributes(equation, {}, pending.append)
            except DiptychError as error:
                raise error.located(equation.location) from None


def _signature(value: Value) -> str:
    """`%x: f32[3]`, without the name where it has none."""
    return f"%{value.name}: {value.type}" if value.name else str(value.type)


def _check_numbers(equation: Equation, name: str, shape: Sequence[Dim]) -> None:
    if any(isinstance(dim, Dimension) for dim in shape):
        raise DiptychError(
            f"{equation.op.name}: {name} is [{types.shape_text(tuple(shape))}] but must be numbers",
            location=equation.location,
            hint=SPECIALISE,
        )


def _array(function: Function, number: int, argument: Any) -> np.ndarray:
    """The argument as an array in native byte order."""
    try:
        array = np.asarray(argument)
    except ValueError:
        problem = f"argument {_name(function, number)} is a ragged {type(argument).__name__}"
        raise DiptychError(f"@{function.name}: {problem} but must be {function.parameters[number].type}") from None
    try:
        native = dtype_of(array.dtype).numpy
    except TypeError:
        raise _mismatch(function, number, array, {}) from None
    return array.astype(native, copy=False)


def _mismatch(function: Function, number: int, array: np.ndarray, sizes: Mapping[str, int]) -> DiptychError:
    parameter = function.parameters[number]
    known = ", ".join(f"{name} = {sizes[name]}" for name in sorted(parameter.type.names()) if name in sizes)
    where = f" with {known}" if known else ""
    argument = f"argument {_name(function, number)}"
    return DiptychError(f"@{function.name}: {argument} is {described(array)} but must be {parameter.type}{where}")


def _name(function: Function, number: int) -> str:
    """`%x`, or the place of a parameter without a name."""
    name = function.parameters[number].name
    return f"%{name}" if name else str(number)


def _only_name(dim: Dimension) -> str | None:
    names = dim.names()
    name = next(iter(names))
    return name if len(names) == 1 and dim == named(name) else None
