"""Passes checked text in, text out."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import numpy as np
from diptych.backends.reference.interpreter import evaluate
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


def agree(before: Function, after: Function, *, rtol: float = 1e-12) -> None:
    """`after` keeps the rules of the language, and has the values of `before` on random operands: every bit of them
    where `rtol` is 0."""
    verify(after)
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(p.type.static_shape()).astype(p.dtype.numpy) for p in before.parameters]
    for ours, theirs in zip(evaluate(after, arrays), evaluate(before, arrays), strict=True):
        if rtol:
            np.testing.assert_allclose(ours, theirs, rtol=rtol)
        else:
            assert ours.tobytes() == theirs.tobytes()
