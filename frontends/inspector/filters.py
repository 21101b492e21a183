"""Which equations somebody wants to see: `op=matmul line=train.py:42`."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from diptych.ir import DiptychError, Equation
from diptych.ir.names import ValueNames

Test = Callable[[Equation, ValueNames], bool]


def _of_op(pattern: str) -> Test:
    return lambda equation, names: fnmatchcase(equation.op.name, pattern)


def _of_name(pattern: str) -> Test:
    wanted = pattern.removeprefix("%")
    return lambda equation, names: any(fnmatchcase(names[result], wanted) for result in equation.results)


def _of_dtype(pattern: str) -> Test:
    return lambda equation, names: any(fnmatchcase(str(result.dtype), pattern) for result in equation.results)


def _of_line(pattern: str) -> Test:
    """FILE.py, FILE.py:LINE or LINE; a file by its name or its end."""
    file, _, line = pattern.rpartition(":") if not pattern.isdigit() else ("", "", pattern)
    if not line.isdigit():
        file, line = pattern, ""

    def test(equation: Equation, names: ValueNames) -> bool:
        place = equation.location
        if place is None or (line and place.line != int(line)):
            return False
        return not file or fnmatchcase(place.file, file) or fnmatchcase(place.file, f"*/{file}")

    return test


def _of_scope(pattern: str) -> Test:
    """A scope, with all that lies in it."""

    def test(equation: Equation, names: ValueNames) -> bool:
        scope = equation.location.scope if equation.location is not None else ""
        return fnmatchcase(scope, pattern) or fnmatchcase(scope, f"{pattern}[./]*")

    return test


_TESTS: dict[str, Callable[[str], Test]] = {
    "op": _of_op, "name": _of_name, "dtype": _of_dtype, "line": _of_line, "scope": _of_scope
}  # fmt: skip


def filter_of(text: str) -> Test:
    """What passes all tests of the text, KEY=PATTERN, with spaces between them; patterns are those of shells. Raises
    DiptychError for another key."""
    tests: list[Test] = []
    for word in text.split():
        key, equals, pattern = word.partition("=")
        if key not in _TESTS or not equals or not pattern:
            raise DiptychError(f"filter {word} must be KEY=PATTERN, where KEY is one of {', '.join(_TESTS)}")
        tests.append(_TESTS[key](pattern))
    return lambda equation, names: all(test(equation, names) for test in tests)
