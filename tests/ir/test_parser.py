"""The parser: what it accepts beyond what the printer writes, and the exact text of every refusal."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest
from diptych.ir import (
    Constant,
    Function,
    Location,
    ParseError,
    TensorType,
    dtypes,
    evaluate,
    function_data,
    named,
    ops,
    parse,
    print_function,
)
from diptych.ir.attributes import REQUIRED
from diptych.ir.packing import data_hash
from hypothesis import given
from hypothesis import strategies as st

from tests.ir.programs import PROGRAMS, builder

LINES = """\
func @main(%x: f32[2,3], %y: f32[3]) -> (f32[2,3]) {
  %z: f32[2,3] = broadcast %y {shape=[2, 3], axes=[1]}
  %sum: f32[2,3] = add %x, %z
  return %sum
}"""


def test_names_survive() -> None:
    read = parse(LINES)
    assert read.name == "main"
    assert [value.name for value in read.parameters] == ["x", "y"]
    assert [equation.results[0].name for equation in read.equations] == ["z", "sum"]
    names = PROGRAMS["names"]
    again = parse(print_function(names))
    assert [value.name for value in again.parameters] == [
        "x", "x_1", "x_1_1", None, None, "_3", "w_0", "scope/w", "a/b", None, "_t_", "return", "func", "x.1", "_x",
        None,
    ]  # fmt: skip
    assert parse(print_function(Function('odd "name"', (), (), ()))).name == 'odd "name"'


def test_digits_are_no_name_and_any_will_do() -> None:
    read = parse("func @f(%7: f32[], %007: f32[]) -> (f32[]) { return %007 }")
    assert read.results == read.parameters[1:]
    assert [value.name for value in read.parameters] == [None, None]


def test_blanks_line_ends_and_comments_may_stand_anywhere() -> None:
    spread = re.sub(r"(?<=[\s=:(){}])|(?=[\s=:(){}])", " // why: 3 reasons\r\n\t", LINES)
    assert spread.count("// why") == 70
    assert parse(spread) == parse(LINES)
    assert parse(" ".join(LINES.split()).replace(", ", ",")) == parse(LINES)
    assert parse(f"// first\n{LINES}\n// last") == parse(LINES)


def test_dimensions_may_be_written_in_any_form() -> None:
    read = parse("func @f(%x: f32[3+n*2,(n+1)^2]) -> () { %y: f32[2*n+3,n^2+2*n+1] = neg %x return }")
    assert evaluate(read.parameters[0].shape[1], {"n": 4}) == 25
    read = parse("func @f() -> () { %y: f32[2*n+3] = iota {shape=[ (n+1) + n + 2 ], axis=0, dtype=f32} return }")
    assert read.equations[0].attributes["shape"] == (2 * named("n") + 3,)


def value(text: str, data: dict[str, Any] | None = None) -> Constant:
    type = text.split(" ")[0]
    read = parse(f"func @f() -> () {{ %c: {type} = constant {{value={text}}} return }}", data=data)
    return read.equations[0].attributes["value"]


def test_constants_may_be_written_more_loosely() -> None:
    assert value("f32[3] [1, -2, 3e2]") == Constant(np.array([1, -2, 300], np.float32))
    assert value("f32[2] [ // one\n 1.0 , nan ]") == Constant(np.array([1, np.nan], np.float32))
    assert value("f32[2] [1.0,nan(0x7FC00000)]") == Constant(np.array([1, np.nan], np.float32))
    assert value("i8[2,2] [[1,2]\n,\n[3,4]]") == Constant(np.array([[1, 2], [3, 4]], np.int8))
    assert value("i8[1000] 7") == Constant(np.full(1000, 7, np.int8))
    assert value("c64[] (1, inf)") == Constant(np.complex64(complex(1, np.inf)))
    assert value("f64[1,1] [[0.1]]") == Constant([[0.1]])
    assert value("f32[0,4] []").array.shape == (0, 4)


def test_attributes_may_stand_in_any_order_and_repeat_their_default() -> None:
    text = "func @f(%x: f32[3]) -> () { %y: f32[3] = cumulative_sum %x {reverse=false, axis=0} return }"
    assert list(parse(text).equations[0].attributes) == ["axis", "reverse"]
    assert "reverse" not in print_function(parse(text))


def test_locations_are_read_from_comments_at_the_end_of_an_equation() -> None:
    text = """\
func @f(%x: f32[]) -> (f32[]) {  // f.py:1
  %a: f32[] = neg %x  // train.py:11
  %b: f32[] = neg %a//C:\\a b.py:12\r
  %c: f32[] = neg %b  // no location
  %d: f32[] = neg %c  // "a\\nb.py":13
  %e: f32[] = neg
    %d
  // late.py:14
  %g: f32[] = call %e {
    body=func @g(%x: f32[]) -> (f32[]) {
      %y: f32[] = neg %x  // inner.py:15
      return %y
    }
  }  // outer.py:16
  host_call {function=host "f", results=[]}  // host.py:17
  return %g  // f.py:18
}"""
    read = parse(text)
    assert [equation.location and str(equation.location) for equation in read.equations] == [
        "train.py:11", "C:\\a b.py:12", None, "a\nb.py:13", None, "outer.py:16", "host.py:17",
    ]  # fmt: skip
    assert read.equations[5].attributes["body"].equations[0].location == Location("inner.py", 15)
    assert read.equations[0].location == Location("train.py", 11)
    for locations in (True, "full"):
        printed = print_function(read, locations=locations)
        assert print_function(parse(printed), locations=locations) == printed
    assert [equation.location for equation in parse(printed).equations] == [e.location for e in read.equations]


def test_a_location_that_was_read_shows_no_source() -> None:
    read = parse(f"func @f(%x: f32[]) -> () {{ %a: f32[] = neg %x // {__file__}:1\n return }}")
    location = read.equations[0].location
    assert location is not None
    assert location.described() == f"{__file__}:1"


def test_data_is_checked_against_its_hash() -> None:
    b = builder()
    array = np.arange(6.0, dtype=np.float32)
    built = b.finish([b.constant(value=Constant(array))])
    text = print_function(built, inline_elements=2)
    (name,) = data = function_data(built, inline_elements=2)
    assert parse(text, data=data) == built
    assert parse(text, data={name: array.view(np.uint8)}) == built  # as a file may keep bytes of a dtype it lacks
    assert parse(text, data={name: array.reshape(2, 3)}) == built
    for wrong in (array + 1, array[:5], array.astype(np.float64), array.astype(object), None, "text"):
        with pytest.raises(ParseError, match=f"data {name} is .* but must be the f32.6. that has this hash"):
            parse(text, data={name: wrong})
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert str(caught.value) == (
        f"line 2, column 32: data {name} of type f32[6] is missing\n  try: pass the data saved with this program"
    )


def test_data_of_bools_is_checked() -> None:
    odd = np.array([0, 1, 2], np.uint8)
    name = data_hash(TensorType(dtypes.bool_, (3,)), odd)
    with pytest.raises(ParseError, match=f"data {name} has a bool that is neither 0 nor 1"):
        value(f'bool[3] data "{name}"', {name: odd})


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_reads_back_with_its_attributes_complete(name: str) -> None:
    program = PROGRAMS[name]
    again = parse(print_function(program), data=function_data(program))
    assert again == program
    for equation in again.equations:
        assert list(equation.attributes) == list(equation.op.attributes)
        assert all(value is not REQUIRED for value in equation.attributes.values())


@given(st.lists(st.text() | st.none(), max_size=6), st.text(), st.text(), st.integers(0, 10**9 - 1))
def test_any_names_and_locations_read_back(hints: list[str | None], name: str, file: str, line: int) -> None:
    b = builder(name)
    b.location = Location(file, line)
    for hint in hints:
        x = b.parameter(TensorType(dtypes.f32), hint)
        b.emit(ops.neg, (x,), {}, names=[hint])
    built = b.finish([result for equation in b.equations for result in equation.results])
    text = print_function(built, locations="full")
    again = parse(text)
    assert again == built
    assert again.name == name
    assert [equation.location for equation in again.equations] == [Location(file, line)] * len(hints)
    assert print_function(again, locations="full") == text


def test_ten_thousand_equations_take_less_than_a_second() -> None:
    b = builder()
    x = y = b.parameter(TensorType(dtypes.f32, (named("batch"), 10)), "x")
    for _ in range(2500):
        y = b.add(b.tanh(y), x)
        y = b.broadcast(b.reduce_sum(y, axes=(1,)), shape=(named("batch"), 10), axes=(0,))
    text = print_function(b.finish([y]))
    start = time.process_time()
    parse(text)
    assert time.process_time() - start < 5
