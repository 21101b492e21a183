"""Rules and folding together: what comes out of small programs, and that a second time changes nothing."""

from __future__ import annotations

import pytest
from diptych.backends.pipelines import PASSES
from diptych.ir import Function, print_function, verify
from diptych.passes.pattern import P, Rule, Var
from diptych.passes.provenance import Fired
from diptych.passes.rules import EXACT, MARKS
from diptych.passes.simplify import simplify

from tests.passes.text import check, program


def simplified(f: Function) -> Function:
    return PASSES["simplify"].transform(f, Fired())


def test_layers_of_moves_and_arithmetic() -> None:
    """The transposes meet and vanish, the sum of scalars is folded, the multiplication by 1 goes, in one walk."""
    before = """
    func @f(%x: f32[2,3], %w: f32[4,3]) -> (f32[2,4]) {
      %t: f32[3,2] = transpose %x {permutation=[1, 0]} // a.py:1
      %u: f32[2,3] = transpose %t {permutation=[1, 0]} // a.py:2
      %half: f32[] = constant {value=f32[] 0.5}
      %one: f32[] = add %half, %half // a.py:3
      %ones: f32[2,3] = broadcast %one {shape=[2, 3], axes=[]}
      %v: f32[2,3] = mul %ones, %u // a.py:4
      %wt: f32[3,4] = transpose %w {permutation=[1, 0]} // a.py:5
      %y: f32[2,4] = matmul %v, %wt // a.py:6
      return %y
    }"""
    after = """
    func @f(%x: f32[2,3], %w: f32[4,3]) -> (f32[2,4]) {
      %y: f32[2,4] = matmul %x, %w {rhs_contract=[1]}  // a.py:6
      return %y
    }"""
    check(simplified, before, after, locations=True)


def test_broadcasts_go_outward() -> None:
    before = """
    func @f(%bias: f32[3], %x: f32[2,3]) -> (f32[2,3]) {
      %wide: f32[2,3] = broadcast %bias {shape=[2, 3], axes=[1]}
      %c: f32[] = constant {value=f32[] 2.0}
      %two: f32[2,3] = broadcast %c {shape=[2, 3], axes=[]}
      %scaled: f32[2,3] = mul %wide, %two // a.py:2
      %bent: f32[2,3] = tanh %scaled // a.py:3
      %y: f32[2,3] = add %x, %bent // a.py:4
      return %y
    }"""
    after = """
    func @f(%bias: f32[3], %x: f32[2,3]) -> (f32[2,3]) {
      %c: f32[]         = constant {value=f32[] 2.0}
      %0: f32[3]        = broadcast %c {shape=[3], axes=[]}        // a.py:2
      %1: f32[3]        = mul %bias, %0                            // a.py:2
      %2: f32[3]        = tanh %1                                  // a.py:3
      %bent: f32[2,3]   = broadcast %2 {shape=[2, 3], axes=[1]}    // a.py:3
      %y: f32[2,3]      = add %x, %bent                            // a.py:4
      return %y
    }"""
    result = simplified(program(before))
    verify(result)
    found = [line.split() for line in print_function(result, locations=True).splitlines()]
    assert found == [line.split() for line in after.strip().splitlines()]


def test_every_rule_of_a_chain_is_counted() -> None:
    fired = Fired()
    f = program("""
    func @f(%x: f32[]) -> (f32[]) {
      %a: f32[] = neg %x
      %b: f32[] = neg %a
      %c: f32[] = neg %b
      %d: f32[] = neg %c
      return %d
    }""")
    g = simplify(f, fired=fired)
    assert (g.equations, g.results) == ((), g.parameters)
    assert fired == {"neg_neg": 2}


def test_without_folding_constants_stay() -> None:
    text = """
    func @f() -> (f32[]) {
      %two: f32[] = constant {value=f32[] 2.0}
      %y: f32[]   = exp %two
      return %y
    }"""
    check(simplify, text, text)


def test_rules_apply_inside_nested_functions_first() -> None:
    """The branches become equal once simplified, and then one."""
    before = """
    func @f(%p: bool[], %x: f32[]) -> (f32[]) {
      %y: f32[] = cond %p, %x {
        on_true=func @left(%u: f32[]) -> (f32[]) {
          %a: f32[] = neg %u
          %b: f32[] = neg %a
          return %b
        },
        on_false=func @right(%u: f32[]) -> (f32[]) { return %u }
      }
      return %y
    }"""
    after = """
    func @f(%p: bool[], %x: f32[]) -> (f32[]) {
      return %x
    }"""
    check(simplify, before, after)


def test_marks_go_when_asked() -> None:
    before = """
    func @f(%x: f32[]) -> (f32[]) {
      %a: f32[] = identity %x
      %b: f32[] = stop_gradient %a
      return %b
    }"""
    check(simplify, before, before)
    check(lambda f: simplify(f, MARKS), before, "func @f(%x: f32[]) -> (f32[]) {\n  return %x\n}")


def test_rules_are_tried_in_order() -> None:
    x = Var("x")
    first = Rule("first", P.sin(x), lambda b, x: None)
    second = Rule("second", P.sin(x), lambda b, x: b.cos(x))
    third = Rule("third", P.sin(x), lambda b, x: b.tan(x))
    fired = Fired()
    text = """
    func @f(%x: f32[]) -> (f32[]) {
      %y: f32[] = sin %x
      return %y
    }"""
    check(lambda f: simplify(f, [first, second, third], fired=fired), text, text.replace("sin", "cos"))
    assert fired == {"second": 1}


def test_slices_of_slices_of_named_sizes() -> None:
    """Every second of every third is every sixth, but the limit of that would be below 0 where n is 0."""
    before = """
    func @f(%x: f32[n]) -> (f32[floordiv(floordiv(n+2,3)+1,2)], f32[floordiv(n,2)]) {
      %a: f32[floordiv(n+2,3)]               = slice %x {start=[0], limit=[n], stride=[3]}
      %b: f32[floordiv(floordiv(n+2,3)+1,2)] = slice %a {start=[0], limit=[floordiv(n+2,3)], stride=[2]}
      %c: f32[n-1]                           = slice %x {start=[1], limit=[n], stride=[1]}
      %d: f32[floordiv(n,2)]                 = slice %c {start=[0], limit=[n-1], stride=[2]}
      return %b, %d
    }"""
    after = before.replace("slice %c {start=[0], limit=[n-1]", "slice %x {start=[1], limit=[n]")
    after = "\n".join(line for line in after.splitlines() if "%c" not in line)
    check(simplify, before, after)


@pytest.mark.parametrize("count", [200, 2000])
def test_long_chains_need_no_deep_stack(count: int) -> None:
    lines = "\n".join(f"%{i + 1}: f32[3] = neg %{i}" for i in range(count))
    f = program(f"func @f(%0: f32[3]) -> (f32[3]) {{\n{lines}\nreturn %{count}\n}}")
    assert simplify(f, EXACT).equations == ()
