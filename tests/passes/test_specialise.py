"""Names of dimensions become numbers, or other dimensions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from diptych.ir import Dim, Function, TypeRuleError, named
from diptych.passes.specialise import specialise

from tests.passes.text import check, program

TEXT = """
func @f(%x: f32[batch,width], %y: f32[2*batch]) -> (f32[2*batch], i32[]) {
  %half: f32[batch] = reduce_sum %x {axes=[1]}
  %wide: f32[2*batch] = concatenate %half, %half {axis=0} // a.py:2
  %sum: f32[2*batch] = add %wide, %y
  %n: i32[] = dimension {size=floordiv(batch,2), dtype=i32}
  return %sum, %n
}"""


def test_all_names() -> None:
    after = """
    func @f(%x: f32[5,3], %y: f32[10]) -> (f32[10], i32[]) {
      %half: f32[5]  = reduce_sum %x {axes=[1]}
      %wide: f32[10] = concatenate %half, %half {axis=0}  // a.py:2
      %sum: f32[10]  = add %wide, %y
      %n: i32[]      = constant {value=i32[] 2}
      return %sum, %n
    }"""
    check(lambda f: specialise(f, {"batch": 5, "width": 3}), TEXT, after, locations=True)


def test_some_names_and_other_dimensions() -> None:
    after = """
    func @f(%x: f32[3*rows,width], %y: f32[6*rows]) -> (f32[6*rows], i32[]) {
      %half: f32[3*rows] = reduce_sum %x {axes=[1]}
      %wide: f32[6*rows] = concatenate %half, %half {axis=0}
      %sum: f32[6*rows]  = add %wide, %y
      %n: i32[]          = dimension {size=floordiv(rows,2)+rows, dtype=i32}
      return %sum, %n
    }"""
    sizes: Mapping[str, Dim] = {"batch": 3 * named("rows")}
    check(lambda f: specialise(f, sizes), TEXT, after)


def test_nested_functions_and_every_kind_of_attribute() -> None:
    before = """
    func @f(%x: f32[n,2], %i: i32[]) -> (f32[n,2], f32[n], f32[n,n]) {
      %y: f32[n,2] = scan %x {
        body=func @g(%row: f32[2]) -> (f32[2]) {
          %size: i32[] = dimension {size=n, dtype=i32}
          %wide: i32[2] = broadcast %size {shape=[2], axes=[]}
          %count: f32[2] = cast %wide {dtype=f32}
          %z: f32[2] = mul %row, %count
          return %z
        },
        length=n
      }
      %zero: i32[] = constant {value=i32[] 0}
      %block: f32[n,1] = dynamic_slice %x, %i, %zero {sizes=[n, 1]}
      %part: f32[n] = reshape %block {shape=[n]}
      %square: f32[n,n] = host_call %x {function=host "tests.square", results=[f32[n,n]]}
      return %y, %part, %square
    }"""
    after = """
    func @f(%x: f32[4,2], %i: i32[]) -> (f32[4,2], f32[4], f32[4,4]) {
      %y: f32[4,2]      = scan %x {length=4,
        body=func @g(%row: f32[2]) -> (f32[2]) {
          %size: i32[]   = constant {value=i32[] 4}
          %wide: i32[2]  = broadcast %size {shape=[2], axes=[]}
          %count: f32[2] = cast %wide {dtype=f32}
          %z: f32[2]     = mul %row, %count
          return %z
        }
      }
      %zero: i32[]      = constant {value=i32[] 0}
      %block: f32[4,1]  = dynamic_slice %x, %i, %zero {sizes=[4, 1]}
      %part: f32[4]     = reshape %block {shape=[4]}
      %square: f32[4,4] = host_call %x {function=host "tests.square", results=[f32[4,4]]}
      return %y, %part, %square
    }"""
    check(lambda f: specialise(f, {"n": 4}), before, after)


def test_nothing_to_do() -> None:
    f = program(TEXT)
    assert specialise(f, {}) == f


def test_sizes_that_do_not_fit_are_refused_with_the_line() -> None:
    f: Function = program("""
    func @f(%x: f32[n]) -> (f32[n-3]) {
      %y: f32[n-3] = slice %x {start=[3], limit=[n], stride=[1]} // user.py:7
      return %y
    }""")
    with pytest.raises(TypeRuleError) as caught:
        specialise(f, {"n": 2})
    assert caught.value.message == "slice: start is 3 along axis 0 but must be at most the limit 2"
    assert str(caught.value.location) == "user.py:7"


def test_a_size_for_which_there_are_other_rows_than_the_types_say_is_refused() -> None:
    """Between no rows there are no gaps, where the size with a name has one less than none."""
    f: Function = program("""
    func @f(%x: f32[n], %y: f32[]) -> (f32[3*n-2]) {
      %z: f32[3*n-2] = pad %x, %y {low=[0], high=[0], interior=[2]}
      return %z
    }""")
    assert specialise(f, {"n": 2}).results[0].shape == (4,)
    with pytest.raises(TypeRuleError) as caught:
        specialise(f, {"n": 0})
    assert caught.value.message == "@f: with n=0 a result is f32[0], but f32[3*n-2] is f32[-2]"
