"""What only differentiation needs goes, and nothing else is done."""

from __future__ import annotations

from diptych.ir import Builder, TensorType, dtypes, parse
from diptych.passes.erase_marks import erase_marks
from diptych.passes.provenance import Fired

from tests.passes.text import check


def test_marks_go_and_are_counted() -> None:
    before = """
    func @f(%x: f32[3]) -> (f32[3]) {
      %a: f32[3] = identity %x
      %b: f32[3] = stop_gradient %a
      %c: f32[3] = graft %b, %x
      return %c
    }"""
    fired = Fired()
    check(lambda f: erase_marks(f, fired=fired), before, "func @f(%x: f32[3]) -> (f32[3]) {\n  return %x\n}")
    assert fired == {"identity": 1, "stop_gradient": 1, "graft": 1}


def test_marks_in_nested_functions_go() -> None:
    before = """
    func @f(%x: f32[3]) -> (f32[3]) {
      %a: f32[3] = call %x {body=func @g(%y: f32[3]) -> (f32[3]) {
        %b: f32[3] = identity %y
        %s: f32[3] = sin %b
        return %s
      }}
      return %a
    }"""
    after = """
    func @f(%x: f32[3]) -> (f32[3]) {
      %a: f32[3] = call %x {
        body=func @g(%y: f32[3]) -> (f32[3]) {
          %s: f32[3] = sin %y
          return %s
        }
      }
      return %a
    }"""
    check(erase_marks, before, after)


def test_a_function_without_marks_stays_itself() -> None:
    text = """
    func @f(%x: f32[3]) -> (f32[3]) {
      %a: f32[3] = call %x {body=func @g(%y: f32[3]) -> (f32[3]) {
        %s: f32[3] = sin %y
        return %s
      }}
      return %a
    }"""
    function = parse(text)
    assert erase_marks(function) is function


def test_a_nested_function_that_stands_often_is_looked_at_once() -> None:
    """Each function calls the one before twice: so many calls that only their functions can be gone through."""
    inner = Builder("leaf")
    y = inner.parameter(TensorType(dtypes.f32))
    function = inner.finish([inner.sin(y)])
    for _ in range(60):
        b = Builder("level", share=False)
        x = b.parameter(TensorType(dtypes.f32))
        function = b.finish([b.add(b.call(x, body=function)[0], b.call(x, body=function)[0])])
    assert erase_marks(function) is function
