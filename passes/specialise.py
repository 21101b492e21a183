"""Named dimensions replaced by numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diptych.ir import Builder, Dim, Function, Op, TensorType, TypeRuleError, Value, evaluate, ops

from .expressions import scalar
from .replay import replay


def specialise(function: Function, sizes: Mapping[str, Dim]) -> Function:
    """`function` for these sizes of named dimensions; names that `sizes` lacks stay. Raises TypeRuleError where an op
    does not take these sizes."""

    found = replay(
        function,
        rewrite=_known_dimension,
        attribute=lambda kind, value: attribute_of(kind, value, sizes),
        parameter=lambda value: Value(type_of(value.type, sizes), value.name),
    )
    for result, named in zip(found.results, function.results, strict=True):
        wanted = type_of(named.type, sizes)
        if result.type != wanted:  # as where it has a row less than what there is none of
            at = ", ".join(f"{name}={size}" for name, size in sizes.items())
            raise TypeRuleError(f"@{function.name}: with {at} a result is {result.type}, but {named.type} is {wanted}")
    return found


def type_of(type: TensorType, sizes: Mapping[str, Dim]) -> TensorType:
    """A type for these sizes."""
    return type.with_shape(evaluate(dim, sizes) for dim in type.shape)


def attribute_of(kind: str, value: Any, sizes: Mapping[str, Dim]) -> Any:
    """An attribute of this kind, which is no function, for these sizes."""
    if kind == "dim":
        return evaluate(value, sizes)
    if kind == "shape":
        return tuple(evaluate(dim, sizes) for dim in value)
    if kind == "types":
        return tuple(type_of(type, sizes) for type in value)
    return value


def _known_dimension(
    b: Builder, op: Op, operands: tuple[Value, ...], attributes: Mapping[str, Any]
) -> tuple[Value, ...] | None:
    size = attributes["size"] if op is ops.dimension else None
    if not isinstance(size, int):
        return None
    return (scalar(b, attributes["dtype"], size),)
