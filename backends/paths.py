"""Where equations stand in a program."""

from __future__ import annotations

from collections.abc import Iterator

from diptych.ir import Equation, Function

Path = tuple[Equation, ...]  # of an equation: those that it stands in, the outermost first, and itself


def paths_of(function: Function, around: Path = ()) -> Iterator[Path]:
    """Those of the equations of a function and of those nested in it, in program order."""
    for equation in function.equations:
        path = (*around, equation)
        yield path
        for _, nested in equation.functions():
            yield from paths_of(nested, path)
