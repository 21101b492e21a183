"""Control flow loses what nobody reads."""

from __future__ import annotations

import numpy as np
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Function, HostFunction, TensorType, Value, dtypes, ops, verify
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.trim import trim

from tests.passes.text import check
from tests.samples.control import function


def test_calls_and_branches_make_and_take_less() -> None:
    """The call's second result, and with it %unused, goes once the branches do not read them."""
    before = """
    func @f(%x: f32[4], %y: f32[4], %p: bool[]) -> (f32[4]) {
      %unused: f32[4] = exp %y
      %a: f32[4], %b: f32[4] = call %x, %unused {body=func @two(%u: f32[4], %v: f32[4]) -> (f32[4], f32[4]) {
        %s: f32[4] = sin %u
        %t: f32[4] = mul %s, %v
        return %s, %t
      }}
      %c: f32[4], %d: f32[4] = cond %p, %a, %unused {
        on_true=func @left(%u: f32[4], %v: f32[4]) -> (f32[4], f32[4]) { return %u, %v },
        on_false=func @right(%u: f32[4], %v: f32[4]) -> (f32[4], f32[4]) {
          %n: f32[4] = neg %u
          return %n, %n
        }
      }
      return %c
    }"""
    after = """
    func @f(%x: f32[4], %y: f32[4], %p: bool[]) -> (f32[4]) {
      %a: f32[4] = call %x {
        body=func @two(%u: f32[4]) -> (f32[4]) {
          %s: f32[4] = sin %u
          return %s
        }
      }
      %c: f32[4] = cond %p, %a {
        on_true=func @left(%u: f32[4]) -> (f32[4]) {
          return %u
        },
        on_false=func @right(%u: f32[4]) -> (f32[4]) {
          %n: f32[4] = neg %u
          return %n
        }
      }
      return %c
    }"""
    check(trim, before, after)
    check(trim, after, after)


def test_a_branch_keeps_what_either_side_reads() -> None:
    text = """
    func @f(%x: f32[4], %y: f32[4], %p: bool[]) -> (f32[4]) {
      %c: f32[4] = cond %p, %x, %y {
        on_true=func @left(%u: f32[4], %v: f32[4]) -> (f32[4]) {
          return %u
        },
        on_false=func @right(%u: f32[4], %v: f32[4]) -> (f32[4]) {
          return %v
        }
      }
      return %c
    }"""
    check(trim, text, text)


def test_scans_lose_state_that_only_feeds_itself() -> None:
    """%h needs %c, and %c needs %x; %d feeds itself alone, and the output of %y goes with the constants it read."""
    before = """
    func @f(%w: f32[], %v: f32[], %h: f32[], %c: f32[], %x: f32[5], %y: f32[5]) -> (f32[]) {
      %dead: f32[5] = exp %y
      %last: f32[], %other: f32[], %alone: f32[], %out: f32[5], %more: f32[5] = scan %w, %v, %h, %c, %c, %x, %dead {
        body=func @round(%w: f32[], %v: f32[], %h: f32[], %c: f32[], %d: f32[], %x: f32[], %y: f32[])
          -> (f32[], f32[], f32[], f32[], f32[]) {
          %next: f32[] = mul %h, %c
          %turned: f32[] = add %c, %x
          %self: f32[] = mul %d, %v
          %out: f32[] = mul %y, %w
          return %next, %turned, %self, %out, %x
        },
        length=5, constants=2, carries=3
      }
      return %last
    }"""
    after = """
    func @f(%w: f32[], %v: f32[], %h: f32[], %c: f32[], %x: f32[5], %y: f32[5]) -> (f32[]) {
      %last: f32[], %other: f32[] = scan %h, %c, %x {length=5, carries=2,
        body=func @round(%h: f32[], %c: f32[], %x: f32[]) -> (f32[], f32[]) {
          %next: f32[]   = mul %h, %c
          %turned: f32[] = add %c, %x
          return %next, %turned
        }
      }
      return %last
    }"""
    check(trim, before, after)
    check(trim, after, after)


def test_loops_keep_what_their_condition_reads() -> None:
    before = """
    func @f(%n: i32[], %k: f32[], %i: i32[], %x: f32[], %y: f32[]) -> (f32[]) {
      %i2: i32[], %x2: f32[], %y2: f32[] = while_loop %n, %k, %i, %x, %y {
        condition=func @below(%n: i32[], %k: f32[], %i: i32[], %x: f32[], %y: f32[]) -> (bool[]) {
          %p: bool[] = lt %i, %n
          return %p
        },
        body=func @step(%n: i32[], %k: f32[], %i: i32[], %x: f32[], %y: f32[]) -> (i32[], f32[], f32[]) {
          %one: i32[] = constant {value=i32[] 1}
          %j: i32[] = add %i, %one
          %z: f32[] = sin %x
          %w: f32[] = mul %y, %k
          return %j, %z, %w
        },
        constants=2
      }
      return %x2
    }"""
    after = """
    func @f(%n: i32[], %k: f32[], %i: i32[], %x: f32[], %y: f32[]) -> (f32[]) {
      %i2: i32[], %x2: f32[] = while_loop %n, %i, %x {constants=1,
        condition=func @below(%n: i32[], %i: i32[], %x: f32[]) -> (bool[]) {
          %p: bool[] = lt %i, %n
          return %p
        },
        body=func @step(%n: i32[], %i: i32[], %x: f32[]) -> (i32[], f32[]) {
          %one: i32[] = constant {value=i32[] 1}
          %j: i32[]   = add %i, %one
          %z: f32[]   = sin %x
          return %j, %z
        }
      }
      return %x2
    }"""
    check(trim, before, after)
    check(trim, after, after)


def test_effects_stay_with_what_they_read() -> None:
    """A call and a scan whose results nobody reads, but which call Python."""
    note = HostFunction("tests.note", lambda x: None)

    def noting(b: Builder, x: Value, y: Value) -> list[Value]:
        b.host_call(b.neg(x), function=note, results=())
        return [b.add(x, y), y]

    body = function("noting", "f32[] f32[]", noting)
    f = function(
        "f", "f32[] f32[] f32[3]",
        lambda b, x, y, z: [b.call(x, y, body=body), b.scan(x, z, body=body, length=3, carries=1)] and x,
    )  # fmt: skip
    g = trim(f)
    verify(g)
    call, scan = g.equations
    assert (call.op, len(call.operands), call.results) == (ops.call, 1, ())
    # The carry is read by the host call, and made from the slices.
    assert (scan.op, len(scan.operands), len(scan.results)) == (ops.scan, 2, 1)


def test_the_gradient_of_a_scan_makes_no_gradient_that_nobody_asked_for() -> None:
    """With respect to the start alone, the sum of the weights' gradients is not carried along."""
    body = function("round", "f64[] f64[] f64[]", lambda b, w, h, x: b.add(b.mul(w, h), x))
    f = function(
        "f", "f64[] f64[] f64[4]",
        lambda b, w, h, x: b.scan(w, h, x, body=body, length=4, constants=1, carries=1)[0],
    )  # fmt: skip
    full = value_and_gradient(f, [1])
    slim = trim(full)
    verify(slim)
    backward = slim.equations[-1]
    assert (backward.op, len(backward.results)) == (ops.scan, 1)
    arguments = [np.float64(0.5), np.float64(2.0), np.arange(4.0)]
    assert evaluate(slim, arguments) == evaluate(full, arguments)
    assert evaluate(slim, arguments)[1] == 0.5**4


def test_functions_used_twice_a_level_are_trimmed_once() -> None:
    """2**60 of them otherwise."""
    inner = function("level", "f32[] f32[]", lambda b, x, y: [b.sin(x), y])
    for _ in range(60):

        def body(b: Builder, x: Value, y: Value, inner: Function = inner) -> list[Value]:
            first, _ = b.call(x, y, body=inner)
            second, _ = b.call(first, y, body=inner)
            return [second, y]

        inner = function("level", "f32[] f32[]", body)
    first, second = (equation.attributes["body"] for equation in trim(inner).equations)
    is_one = first is second
    assert is_one


def test_parameters_of_the_function_itself_stay() -> None:
    b = Builder("f")
    x, y = b.parameter(TensorType(dtypes.f32)), b.parameter(TensorType(dtypes.f32))
    assert trim(b.finish([x])).parameters == (x, y)
