"""Passes checked text in, text out."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

from diptych.ir import Function, Location, parse, print_function, verify


def program(text: str) -> Function:
    """The function written `text`, verified."""
    function = parse(dedent(text))
    verify(function)
    return function


def check(transform: Callable[[Function], Function], before: str, after: str, *, locations: bool = False) -> None:
    """`transform` makes of the program `before` the program `after`, which keeps the rules of the language."""
    result = transform(program(before))
    verify(result)
    found, wanted = print_function(result, locations=locations), dedent(after).strip()
    assert found == wanted, f"found\n{found}"


def lines_of(function: Function) -> set[Location | None]:
    """Where the equations were made, nested functions included."""
    found = {equation.location for equation in function.equations}
    for equation in function.equations:
        for _, nested in equation.functions():
            found |= lines_of(nested)
    return found
