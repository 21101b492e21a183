"""The values of one function that is being read, by name, and the checks of an equation made from names.

Errors say no place: the reader of text adds line and column, the reader of JSON the path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from .errors import ParseError, TypeRuleError
from .function import Equation, Value
from .location import Location
from .op import OPS, Op
from .type_text import unknown
from .types import TensorType

_MOST_COMPARED = 1000  # names among which the nearest is looked for


class Scope:
    """Names and values of one function."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}

    def value(self, name: str, type: TensorType) -> Value:
        """A new value; a name of digits only is no name. Raises ParseError where the name is taken."""
        if name in self._values:
            raise ParseError(f"%{name} is defined twice")
        value = self._values[name] = Value(type, None if name.isdigit() else name)
        return value

    def lookup(self, name: str) -> Value:
        """The value defined under `name` before. Raises ParseError."""
        value = self._values.get(name)
        if value is None:
            few = self._values if len(self._values) <= _MOST_COMPARED else ()
            near = get_close_matches(name[:64], few, n=1)
            raise ParseError(f"%{name} is not defined before its use", hint=f"%{near[0]}" if near else None)
        return value

    def equation(
        self,
        op: Op,
        operands: Sequence[Value],
        attributes: Mapping[str, Any],
        binders: Sequence[tuple[str, TensorType]],
        location: Location | None,
    ) -> Equation:
        """The equation whose results get the names and must have the types of `binders`. Raises ParseError."""
        return checked_equation(op, operands, attributes, binders, location, self.value)


def checked_equation(
    op: Op,
    operands: Sequence[Value],
    attributes: Mapping[str, Any],
    binders: Sequence[tuple[str, TensorType]],
    location: Location | None,
    value: Callable[[str, TensorType], Value],
) -> Equation:
    """The equation whose results are what `value` makes of the `binders`' names, and have their types, as the type rule
    wants. Raises ParseError."""
    try:
        complete = op.complete(attributes)
        types = op.infer([operand.type for operand in operands], complete)
    except TypeRuleError as error:
        raise ParseError(error.message, hint=error.hint) from None
    if len(binders) != len(types):
        given = f"({', '.join(map(str, types))})"
        raise ParseError(f"{op.name}: has {len(binders)} results by name but must have {len(types)}: {given}")
    for (name, type), inferred in zip(binders, types, strict=True):
        if type != inferred:
            raise ParseError(f"{op.name}: %{name} is {type} but must be {inferred}, what {op.name} gives here")
    results = tuple(value(name, type) for name, type in binders)
    return Equation(op, tuple(operands), complete, results, location)


def op_by_name(name: str) -> Op:
    """The op called `name`. Raises ParseError with the nearest name."""
    op = OPS.get(name)
    if op is None:
        raise unknown("op", name, list(OPS))
    return op
