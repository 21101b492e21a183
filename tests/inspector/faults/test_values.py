"""What equations compute, one after another."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest
from diptych.inspector.faults.values import Entry, alone, first_entry, quiet, steps
from diptych.ir import DiptychError, parse

LOOP = """func @f(%n: i32[], %x: f32[]) -> (i32[], f32[]) {
  %m: i32[], %y: f32[] = while_loop %n, %x {
    condition=func @more(%i: i32[], %v: f32[]) -> (bool[]) {
      %zero: i32[] = constant {value=i32[] 0}
      %c: bool[] = gt %i, %zero
      return %c
    },
    body=func @body(%i: i32[], %v: f32[]) -> (i32[], f32[]) {
      %one: i32[] = constant {value=i32[] 1}
      %j: i32[] = sub %i, %one
      %w: f32[] = add %v, %v
      return %j, %w
    }
  }
  return %m, %y
}"""

NESTED = """func @f(%p: bool[], %x: f32[2]) -> (f32[2]) {
  %y: f32[2] = cond %p, %x {
    on_true=func @yes(%a: f32[2]) -> (f32[2]) {
      %b: f32[2] = exp %a
      return %b
    },
    on_false=func @no(%a: f32[2]) -> (f32[2]) {
      %b: f32[2] = neg %a
      return %b
    }
  }
  %z: f32[2] = call %y {body=func @twice(%a: f32[2]) -> (f32[2]) {
    %b: f32[2] = add %a, %a
    return %b
  }}
  return %z
}"""


def walked(text: str, *arguments: Any, inside: bool = False) -> tuple[list[str], tuple[np.ndarray, ...]]:
    walk = steps(parse(text), [np.asarray(each) for each in arguments], inside=inside)
    names: list[str] = []
    while True:
        try:
            names.append(next(walk).equation.op.name)
        except StopIteration as end:
            return names, end.value


def test_equations_come_in_order() -> None:
    names, (result,) = walked(NESTED, np.bool_(False), np.float32([1, 2]))
    assert names == ["cond", "call"] and result.tolist() == [-2, -4]


def test_those_that_run_once_inside_come_before() -> None:
    names, (result,) = walked(NESTED, np.bool_(False), np.float32([1, 2]), inside=True)
    assert names == ["neg", "cond", "add", "call"] and result.tolist() == [-2, -4]


def test_values_are_let_go_of() -> None:
    text = """func @f(%x: f32[2]) -> (f32[2]) {
      %a: f32[2] = exp %x
      %unread: f32[2] = neg %a
      %b: f32[2] = sin %a
      %c: f32[2] = cos %b
      return %c
    }"""
    alive: list[weakref.ref[np.ndarray]] = []
    counts: list[int] = []
    for step in steps(parse(text), [np.ones(2, np.float32)]):
        alive += [weakref.ref(each) for each in step.results]
        del step
        counts.append(sum(ref() is not None for ref in alive))
    assert counts == [1, 2, 2, 2]  # what the last equation read and made


def test_a_function_of_one_equation() -> None:
    (equation,) = parse("func @f(%x: f32[2]) -> (f32[2]) { %y: f32[2] = mul %x, %x return %y }").equations
    assert alone(equation) == parse("func @g(%x: f32[2]) -> (f32[2]) { %y: f32[2] = mul %x, %x return %y }")


def test_the_first_run_of_a_function_that_is_wanted() -> None:
    (equation,) = parse(LOOP).equations
    operands = np.asarray(5, np.int32), np.asarray(1, np.float32)

    def is_large(entry: Entry) -> bool:
        return entry.function.name == "body" and float(entry.results[1]) > 7

    entry = first_entry(equation, operands, is_large)
    assert entry is not None and entry.number == 2 and float(entry.arguments[1]) == 4
    assert first_entry(equation, operands, lambda entry: False) is None
    condition = first_entry(equation, operands, lambda entry: not entry.results[0] and entry.function.name == "more")
    assert condition is not None and condition.number == 5


def test_messages_are_not_told_again() -> None:
    text = 'func @f(%x: f32[]) -> () { host_call %x {function=host "say", results=[]} return }'
    function = parse(text)
    said: list[Any] = []
    function.equations[0].attributes["function"].function = said.append
    with quiet(function):
        list(steps(function, [np.float32(1)]))
    assert said == []
    list(steps(function, [np.float32(1)]))
    assert said == [1]


def test_errors_have_their_line() -> None:
    text = """func @f(%x: f32[2], %i: i64[]) -> (f32[]) {
      %y: f32[] = gather %x, %i {axes=[0]}  // here.py:7
      return %y
    }"""
    with pytest.raises(DiptychError, match=r"here\.py:7"):
        list(steps(parse(text), [np.zeros(2, np.float32), np.int64(5)]))
