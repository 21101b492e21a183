"""The names that text and JSON show."""

from __future__ import annotations

import re

import pytest
from diptych.ir import Function, Location, TensorType, Value, dtypes
from diptych.ir.names import NAME, ValueNames, function_label, location_label, quoted, written_name
from hypothesis import given
from hypothesis import strategies as st

F32 = TensorType(dtypes.f32)

WRITTEN = {
    "x": "x",
    "scope/w.1": "scope/w.1",
    "w:0": "w_0",
    "a b": "a_b",
    "3": "_3",
    ".x": "_.x",
    "a//b": "a/b",
    "/a/": "a",
    "a/b": "a/b",
    "é": "_",
    "x\n": "x_",
    "": None,
    "//": None,
    None: None,
}


@pytest.mark.parametrize("hint", WRITTEN)
def test_a_hint_becomes_a_name_that_text_can_hold(hint: str | None) -> None:
    assert written_name(hint) == WRITTEN[hint]


@given(st.text())
def test_any_hint_becomes_a_name_that_stays(hint: str) -> None:
    name = written_name(hint)
    assert name is None or (re.fullmatch(NAME, name) and written_name(name) == name)


def named(*hints: str | None) -> list[str]:
    function = Function("f", tuple(Value(F32, hint) for hint in hints), (), ())
    return list(ValueNames(function).values())


def test_names_are_made_unique_and_the_nameless_numbered() -> None:
    assert named("x", None, "x", "x_1", "", "x") == ["x", "0", "x_1", "x_1_1", "1", "x_2"]


@given(st.lists(st.sampled_from(["x", "x_1", "x_1_1", "x_2", "y", "3", None])))
def test_names_differ_and_are_kept_when_given_again(hints: list[str | None]) -> None:
    names = named(*hints)
    assert len(set(names)) == len(hints)
    assert named(*(None if name.isdigit() else name for name in names)) == names


def test_a_value_from_elsewhere_gets_a_name_when_asked() -> None:
    x, stranger = Value(F32, "x"), Value(F32, "x")
    assert ValueNames(Function("f", (x,), (), ()))[stranger] == "x_1"


def test_names_of_a_hundred_thousand_values_that_share_a_hint_take_linear_time() -> None:
    assert named(*["x"] * 100_000)[-1] == "x_99999"


LABELS = {
    "train.py": "train.py:3",
    "/home/me/a b.py": "/home/me/a b.py:3",
    "C:\\me\\a.py": "C:\\me\\a.py:3",
    "<stdin>": "<stdin>:3",
    "μ.py": "μ.py:3",
    "": '"":3',
    " a.py": '" a.py":3',
    "a.py\n": '"a.py\\n":3',
    '"a.py"': '"\\"a.py\\"":3',
    "a\u2028.py": '"a\\u2028.py":3',
    "\udcff.py": '"\\udcff.py":3',
}


@pytest.mark.parametrize("file", LABELS)
def test_a_location_stands_on_one_line(file: str) -> None:
    assert location_label(Location(file, 3)) == LABELS[file]


def test_a_short_location_has_no_folders() -> None:
    assert location_label(Location("/home/me/train.py", 3), full=False) == "train.py:3"


def test_a_functions_name_is_quoted_where_it_is_not_plain() -> None:
    assert function_label("step/inner.1") == "@step/inner.1"
    assert function_label("<lambda>\n") == '@"<lambda>\\n"'
    assert quoted('a"é') == '"a\\"\\u00e9"'
