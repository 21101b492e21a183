"""Equal equations become one."""

from __future__ import annotations

from diptych.ir import Builder, Constant, HostFunction, TensorType, dtypes, ops
from diptych.passes.share import share

from tests.passes.text import check


def test_sharing() -> None:
    before = """
    func @f(%x: f32[3]) -> (f32[3], f32[3]) {
      %a: f32[3] = sin %x // a.py:1
      %b: f32[3] = sin %x // a.py:2
      %unused: f32[3] = cos %x
      %c: f32[3] = add %a, %b // a.py:3
      %d: f32[3] = add %b, %a // a.py:4
      return %c, %d
    }"""
    after = """
    func @f(%x: f32[3]) -> (f32[3], f32[3]) {
      %a: f32[3] = sin %x      // a.py:1
      %c: f32[3] = add %a, %a  // a.py:3
      return %c, %c
    }"""
    check(share, before, after, locations=True)


def test_what_is_not_shared() -> None:
    """Effects, constants whose zeros differ, the same op with other attributes, the same text in another function."""
    note = HostFunction("tests.note", lambda x: x)
    b = Builder("f", share=False)
    x = b.parameter(TensorType(dtypes.f64, (2,)))
    calls = [b.host_call(x, function=note, results=(x.type,))[0] for _ in range(2)]
    zeros = [b.constant(value=Constant(zero)) for zero in (0.0, -0.0, float("nan"), float("nan"))]
    sums = [b.cumulative_sum(x, axis=0, reverse=reverse) for reverse in (True, False)]
    f = share(b.finish([*calls, *zeros, *sums]))
    assert [equation.op for equation in f.equations].count(ops.host_call) == 2
    assert [equation.op for equation in f.equations].count(ops.constant) == 3
    assert [equation.op for equation in f.equations].count(ops.cumulative_sum) == 2


def test_equal_nested_functions_are_shared() -> None:
    before = """
    func @f(%x: f32[]) -> (f32[], f32[]) {
      %a: f32[] = call %x {body=func @g(%y: f32[]) -> (f32[]) {
        %s: f32[] = sin %y
        return %s
      }}
      %b: f32[] = call %x {body=func @h(%z: f32[]) -> (f32[]) {
        %t: f32[] = sin %z
        return %t
      }}
      return %a, %b
    }"""
    after = """
    func @f(%x: f32[]) -> (f32[], f32[]) {
      %a: f32[] = call %x {
        body=func @g(%y: f32[]) -> (f32[]) {
          %s: f32[] = sin %y
          return %s
        }
      }
      return %a, %a
    }"""
    check(share, before, after)
