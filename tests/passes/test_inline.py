"""Calls become what they call."""

from __future__ import annotations

from diptych.passes.inline import inline
from diptych.passes.provenance import Fired

from tests.passes.text import check, program

TEXT = """
func @f(%x: f32[3]) -> (f32[3], f32[3]) {
  %a: f32[3] = call %x {body=func @g(%y: f32[3]) -> (f32[3]) { // a.py:1
    %b: f32[3] = fused %y {body=func @group(%z: f32[3]) -> (f32[3]) {
      %s: f32[3] = sin %z // a.py:9
      return %s
    }}
    %n: f32[3] = neg %b // a.py:8
    return %n
  }} // a.py:2
  %c: f32[3] = call %x {body=func @same(%y: f32[3]) -> (f32[3]) { return %y }}
  return %a, %c
}"""


def test_inlining() -> None:
    after = """
    func @f(%x: f32[3]) -> (f32[3], f32[3]) {
      %s: f32[3] = sin %x  // a.py:9
      %n: f32[3] = neg %s  // a.py:8
      return %n, %x
    }"""
    check(inline, TEXT, after, locations=True)


def test_inside_control_flow() -> None:
    before = """
    func @f(%x: f32[2,3]) -> (f32[2,3]) {
      %y: f32[2,3] = scan %x {
        body=func @g(%row: f32[3]) -> (f32[3]) {
          %z: f32[3] = call %row {body=func @h(%r: f32[3]) -> (f32[3]) {
            %w: f32[3] = exp %r
            return %w
          }}
          return %z
        },
        length=2
      }
      return %y
    }"""
    after = """
    func @f(%x: f32[2,3]) -> (f32[2,3]) {
      %y: f32[2,3] = scan %x {length=2,
        body=func @g(%row: f32[3]) -> (f32[3]) {
          %w: f32[3] = exp %row
          return %w
        }
      }
      return %y
    }"""
    check(inline, before, after)


def test_what_is_counted() -> None:
    fired = Fired()
    inline(program(TEXT), fired=fired)
    assert fired == {"call_inline": 2, "fused_inline": 1}
