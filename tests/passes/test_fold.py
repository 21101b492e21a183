"""Equations of constants become constants."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.pipelines import PASSES
from diptych.backends.reference.interpreter import evaluate
from diptych.backends.reference.table import kernel
from diptych.ir import Builder, Constant, DiptychError, Function, Value, dtypes, ops
from diptych.passes.fold import MAX_BYTES, fold
from diptych.passes.provenance import Fired

from tests.passes.text import check, program
from tests.samples.control import function


def folded(f: Function) -> Function:
    return fold(f, lambda op, arrays, attributes: kernel(op)(*arrays, **attributes))


def test_results_of_named_dimensions_are_not_folded() -> None:
    """How large they are is not known yet."""

    def body(b: Builder, x: Value) -> Value:
        table, start = (
            b.constant(value=Constant([1.0, 2.0, 3.0], dtypes.f32)),
            b.constant(value=Constant(1, dtypes.i32)),
        )
        return b.dynamic_slice(table, start, sizes=x.shape)

    f = function("f", "f32[n]", body)
    assert folded(f) == f


def test_folding() -> None:
    before = """
    func @f(%x: f32[3]) -> (f32[3], f32[2], i32[]) {
      %two: f32[] = constant {value=f32[] 2.0}
      %three: f32[] = constant {value=f32[] 3.0}
      %five: f32[] = add %two, %three // a.py:3
      %wide: f32[3] = broadcast %five {shape=[3], axes=[]}
      %z: f32[3] = mul %x, %wide // a.py:4
      %uniform: f32[2] = constant {value=f32[2] [4.0, 4.0]}
      %size: i32[] = dimension {size=7, dtype=i32}
      return %z, %uniform, %size
    }"""
    after = """
    func @f(%x: f32[3]) -> (f32[3], f32[2], i32[]) {
      %five: f32[]     = constant {value=f32[] 5.0}            // a.py:3
      %wide: f32[3]    = broadcast %five {shape=[3], axes=[]}
      %z: f32[3]       = mul %x, %wide                         // a.py:4
      %0: f32[]        = constant {value=f32[] 4.0}
      %uniform: f32[2] = broadcast %0 {shape=[2], axes=[]}
      %size: i32[]     = dimension {size=7, dtype=i32}
      return %z, %uniform, %size
    }"""
    check(folded, before, after, locations=True)
    check(folded, after, after, locations=True)


def test_several_results() -> None:
    f = function("f", "", lambda b: b.top_k(b.constant(value=Constant([1.0, 3.0, 2.0])), k=2))
    g = folded(f)
    assert [equation.op for equation in g.equations] == [ops.constant, ops.constant]
    assert [result.tolist() for result in evaluate(g, [])] == [[3, 2], [1, 2]]


def test_inside_nested_functions() -> None:
    before = """
    func @f(%x: f32[]) -> (f32[]) {
      %y: f32[] = call %x {
        body=func @g(%z: f32[]) -> (f32[]) {
          %one: f32[] = constant {value=f32[] 1.0}
          %two: f32[] = add %one, %one
          %sum: f32[] = add %z, %two
          return %sum
        }
      }
      return %y
    }"""
    after = """
    func @f(%x: f32[]) -> (f32[]) {
      %y: f32[] = call %x {
        body=func @g(%z: f32[]) -> (f32[]) {
          %two: f32[] = constant {value=f32[] 2.0}
          %sum: f32[] = add %z, %two
          return %sum
        }
      }
      return %y
    }"""
    check(folded, before, after)


def test_large_results_are_not_folded() -> None:
    count = MAX_BYTES // 4

    def of(size: int) -> Function:
        def body(b: Builder) -> Value:
            pair, zero = b.constant(value=Constant([1.0, 2.0], dtypes.f32)), b.constant(value=Constant(0, dtypes.f32))
            return b.pad(pair, zero, low=(size - 2,), high=(0,), interior=(0,))

        return function("f", "", body)

    assert [e.op for e in folded(of(count)).equations] == [ops.constant]
    assert ops.pad in [e.op for e in folded(of(count + 1)).equations]


def test_errors_wait_until_they_happen() -> None:
    """A gather out of bounds, in a branch that is not taken."""
    left = function(
        "left", "f32[]",
        lambda b, x: b.gather(b.constant(value=Constant([1.0, 2.0], dtypes.f32)),
                              b.constant(value=Constant(5, dtypes.i32)), axes=(0,)),
    )  # fmt: skip
    right = function("right", "f32[]", lambda b, x: x)
    f = function("f", "bool[] f32[]", lambda b, p, x: b.cond(p, x, on_true=left, on_false=right))
    g = folded(f)
    assert evaluate(g, [False, np.float32(3)]) == (3,)
    with pytest.raises(DiptychError, match=r"gather: indices\[0\] is 5 but must be from 0 to 1"):
        evaluate(g, [True, np.float32(3)])


@pytest.mark.parametrize(
    "values, uniform",
    [
        (np.full(4, np.nan), True),
        (np.array([0.0, -0.0]), False),
        (np.array([1.0, 2.0, 1.0]), False),
        (np.full((2, 2), 1 + 2j), True),
        (np.array([1 + 2j, 1 + 3j]), False),
        (np.array([True, True]), True),
        (np.zeros(0), False),
        (np.array(5), False),
    ],
)
def test_arrays_of_one_number_become_broadcasts(values: np.ndarray, uniform: bool) -> None:
    f = function("f", "", lambda b: b.constant(value=Constant(values)))
    g = folded(f)
    assert (ops.broadcast in [equation.op for equation in g.equations]) == uniform
    assert evaluate(g, [])[0].tobytes() == values.tobytes()


def test_what_is_counted() -> None:
    fired = Fired()
    f = program("""
    func @f() -> (f32[]) {
      %two: f32[] = constant {value=f32[] 2.0}
      %four: f32[] = mul %two, %two
      %eight: f32[] = add %four, %four
      return %eight
    }""")
    PASSES["fold"].transform(f, fired)
    assert fired == {"fold_mul": 1, "fold_add": 1}


def test_effects_and_marks_are_not_folded() -> None:
    f = function("f", "", lambda b: b.stop_gradient(b.identity(b.constant(value=Constant(1.0)))))
    assert folded(f) == f
