"""Locations: found on the user's stack, shown short or with the source, never read from a file that a program names."""

from __future__ import annotations

import functools
import inspect
from pathlib import Path

from diptych.ir import Builder, Location, TensorType, dtypes, located, user_location


def here() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_the_location_of_an_equation_is_the_line_of_the_call() -> None:
    b = Builder()
    x = b.parameter(TensorType(dtypes.f32))
    y, line = b.neg(x), here()
    equation = b.definition(y)
    assert equation is not None
    assert equation.location == Location(__file__, line)
    assert equation.location.source() == "y, line = b.neg(x), here()"
    assert equation.location.short() == f"test_location.py:{line}"
    assert str(equation.location) == f"{__file__}:{line}"
    assert equation.location.described() == f"{__file__}:{line}: y, line = b.neg(x), here()"


def test_frames_that_only_call_back_are_passed_over() -> None:
    found, line = functools.reduce(lambda _, __: user_location(), [0, 0], None), here()
    assert found == Location(__file__, line)


def test_a_line_has_one_location_object() -> None:
    assert located("a.py", 3) is located("a.py", 3)
    assert located("a.py", 3) == Location("a.py", 3)


def test_unknown_source_is_left_out() -> None:
    assert Location("/nowhere/train.py", 3).described() == "/nowhere/train.py:3"


def test_a_location_that_was_read_does_not_open_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("password\n")
    assert Location(str(secret), 1).source() == "password"
    assert Location(str(secret), 1, "").source() == ""
    assert Location(str(secret), 1, "y = x").described() == f"{secret}:1: y = x"
    assert Location(str(secret), 1, "y = x") == Location(str(secret), 1)
