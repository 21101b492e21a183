"""Equations as the verbs tell of them: in one line, with the user's line that made them and what they are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Equation, Function, Location, Value
from diptych.ir.names import ValueNames
from diptych.ir.printer import print_equation

from ..tables import aligned
from .arrays import element_text, range_of, range_text

FEW = 3  # callers that are shown to people


def holder(function: Function, equation: Equation) -> Function:
    """The function that an equation stands in: this one, or one nested in it."""
    pending = [function]
    while pending:
        current = pending.pop()
        if equation in current.equations:
            return current
        pending.extend(nested for each in current.equations for _, nested in each.functions())
    return function


def equation_data(equation: Equation, names: ValueNames) -> dict[str, Any]:
    """What is known of an equation."""
    return {"equation": print_equation(equation, names), "op": equation.op.name, **_place_data(equation.location)}


def _place_data(place: Location | None) -> dict[str, Any]:
    return {
        "file": place.file if place else None,
        "line": place.line if place else None,
        "source": place.source() if place else None,
        "function": (place.function or None) if place else None,
        "scope": (place.scope or None) if place else None,
        "is_gradient": place is not None and place.gradient_of is not None,
        "callers": [each.described() for each in place.callers] if place else [],
    }


def equation_lines(data: dict[str, Any]) -> list[str]:
    """The same for people."""
    lines = [data["equation"]]
    if data["file"] is None:
        return lines
    lines.append(": ".join(part for part in (f"{data['file']}:{data['line']}", data["source"]) if part))
    where = [f"in {data['function']}"] if data["function"] else []
    where += [f"scope {data['scope']}"] if data["scope"] else []
    where += ["of a gradient"] if data["is_gradient"] else []
    if where:
        lines.append(", ".join(where))
    lines += [f"called from {caller}" for caller in data["callers"][:FEW]]
    return lines


def value_data(value: Value, array: np.ndarray, names: ValueNames) -> dict[str, Any]:
    """A value by its name, with what it holds."""
    return {"name": f"%{names[value]}", "type": str(value.type), "range": range_of(array)}


def values_data(values: Sequence[Value], arrays: Sequence[np.ndarray], names: ValueNames) -> list[dict[str, Any]]:
    """Values, each once."""
    return [value_data(*pair, names) for pair in dict(zip(values, arrays, strict=True)).items()]


def values_lines(values: Iterable[dict[str, Any]], head: tuple[str, ...] | None = None) -> list[str]:
    """A table of values, with the `elements` that they have at some places where those are known."""
    rows = [] if head is None else [head]
    for each in values:
        elements = ["" if one is None else element_text(one) for one in each.get("elements", ())]
        rows.append((each["name"], each["type"], *elements, range_text(each["range"])))
    return aligned(rows).splitlines() if rows else []


def within_data(function: Function, equation: Equation, number: int) -> dict[str, Any]:
    """An equation that others are in, in the run of this number of its function."""
    names = ValueNames(function)
    data = equation_data(equation, names)
    return {"value": f"%{names[equation.results[0]]}" if equation.results else "", **data, "number": number}


def within_line(data: dict[str, Any]) -> str:
    """The same for people."""
    word = {"scan": "round", "while_loop": "round", "parallel": "part"}.get(data["op"])
    which = f"{word} {data['number']} (from 0) of " if word else ""
    return f"in {which}{data['value']} = {data['op']}"


def indented(lines: Iterable[str]) -> list[str]:
    """Lines that belong to the one above them."""
    return [f"  {line}" for line in lines]
