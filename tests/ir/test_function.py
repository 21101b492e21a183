"""Equality and fingerprints of functions: what counts, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from diptych.ir import Builder, Constant, Function, HostFunction, Location, Value, dtypes, parse, print_function

from tests.ir.programs import PROGRAMS, builder, function, nested, parameters

Body = Callable[[Builder, Value, Value], list[Value]]


def two(body: Body, *, name: str = "main", names: tuple[str, str] = ("x", "y"), line: int | None = None) -> Function:
    """A function of two vectors."""
    b = builder(name)
    b.location = None if line is None else Location("train.py", line)
    x, y = parameters(b, **dict.fromkeys(names, "f32[4]"))
    return b.finish(body(b, x, y))


def body(b: Builder, x: Value, y: Value) -> list[Value]:
    return [b.add(b.exp(x), b.neg(y))]


def test_names_and_locations_do_not_count() -> None:
    ours, theirs = two(body), two(body, name="other", names=("p", "q"), line=3)
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert ours.fingerprint == theirs.fingerprint
    assert len(ours.fingerprint) == 32


def test_the_fingerprint_ignores_order_sharing_and_dead_code_where_equality_does_not() -> None:
    def reordered(b: Builder, x: Value, y: Value) -> list[Value]:
        right = b.neg(y)
        return [b.add(b.exp(x), right)]

    ours, theirs = two(body), two(reordered)
    assert ours != theirs
    assert ours.fingerprint == theirs.fingerprint
    shared = two(lambda b, x, y: [b.add(e := b.exp(x), e)])
    apart = two(lambda b, x, y: [b.add(b.exp(x), b.exp(x))])
    assert shared != apart
    assert shared.fingerprint == apart.fingerprint
    both = two(lambda b, x, y: [b.exp(x), b.neg(y)])
    dead = Function("main", both.parameters, both.equations, both.results[:1])
    live = two(lambda b, x, y: [b.exp(x)])
    assert dead != live
    assert dead.fingerprint == live.fingerprint


DIFFERENT: dict[str, tuple[Body, Body]] = {
    "op": (lambda b, x, y: [b.add(x, y)], lambda b, x, y: [b.sub(x, y)]),
    "order of operands": (lambda b, x, y: [b.add(x, y)], lambda b, x, y: [b.add(y, x)]),
    "which parameter": (lambda b, x, y: [x], lambda b, x, y: [y]),
    "order of results": (lambda b, x, y: [x, y], lambda b, x, y: [y, x]),
    "number of results": (lambda b, x, y: [x], lambda b, x, y: [x, x]),
    "an attribute": (
        lambda b, x, y: [b.cumulative_sum(x, axis=0)],
        lambda b, x, y: [b.cumulative_sum(x, axis=0, reverse=True)],
    ),
    "a dtype": (lambda b, x, y: [b.cast(x, dtype=dtypes.f16)], lambda b, x, y: [b.cast(x, dtype=dtypes.bf16)]),
    "a zero's sign": (
        lambda b, x, y: [b.constant(value=Constant(0.0))],
        lambda b, x, y: [b.constant(value=Constant(-0.0))],
    ),
    "a nan's sign": (
        lambda b, x, y: [b.constant(value=Constant(np.nan))],
        lambda b, x, y: [b.constant(value=Constant(-np.nan))],
    ),
    "a constant's dtype": (
        lambda b, x, y: [b.constant(value=Constant(np.int32(0)))],
        lambda b, x, y: [b.constant(value=Constant(np.uint32(0)))],
    ),
    "a large constant": (
        lambda b, x, y: [b.constant(value=Constant(np.arange(100.0)))],
        lambda b, x, y: [b.constant(value=Constant(np.arange(100.0) + 1))],
    ),
    "which result of an equation": (
        lambda b, x, y: [b.sort(x, y, axis=0)[0]],
        lambda b, x, y: [b.sort(x, y, axis=0)[1]],
    ),
    "a nested function": (
        lambda b, x, y: b.call(x, body=function("f", ["f32[4]"], lambda b, x: [b.sin(x)])),
        lambda b, x, y: b.call(x, body=function("f", ["f32[4]"], lambda b, x: [b.cos(x)])),
    ),
    "a host function": (
        lambda b, x, y: list(b.host_call(x, function=HostFunction("a"), results=[x.type])),
        lambda b, x, y: list(b.host_call(x, function=HostFunction("b"), results=[x.type])),
    ),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_counts(what: str) -> None:
    left, right = (two(body) for body in DIFFERENT[what])
    assert left != right
    assert left.fingerprint != right.fingerprint


def test_types_of_parameters_count() -> None:
    assert function("f", ["f32[2]"], lambda b, x: [x]) != function("f", ["f32[3]"], lambda b, x: [x])
    named = [function("f", [f"f32[{name}]"], lambda b, x: []).fingerprint for name in ("n", "m")]
    assert named[0] != named[1]
    assert function("f", [], lambda b: []) != "f"


def test_nan_equals_itself() -> None:
    def not_a_number(b: Builder, x: Value, y: Value) -> list[Value]:
        return [b.constant(value=Constant(np.full(3, np.nan)))]

    assert two(not_a_number) == two(not_a_number)
    assert two(not_a_number).fingerprint == two(not_a_number).fingerprint


def test_names_and_order_inside_nested_functions_do_not_count() -> None:
    def reordered(b: Builder, x: Value, y: Value) -> list[Value]:
        right = b.neg(y)
        return [b.add(b.exp(x), right)]

    ours = two(lambda b, x, y: b.call(x, y, body=two(body)))
    renamed = two(lambda b, x, y: b.call(x, y, body=two(body, name="other", names=("p", "q"), line=3)))
    moved = two(lambda b, x, y: b.call(x, y, body=two(reordered)))
    assert ours == renamed
    assert ours.fingerprint == renamed.fingerprint == moved.fingerprint
    assert ours != moved


HOST = HostFunction("random#1")


def calls(pick: Callable[[Any, Any], list[Value]]) -> Function:
    """Calls an effect twice with the same operand; `pick` returns something of both results."""

    def body(b: Builder, x: Value, y: Value) -> list[Value]:
        first, second = (b.host_call(x, function=HOST, results=[x.type])[0] for _ in range(2))
        return pick(first, second)

    return two(body)


def test_results_of_two_equal_effects_are_not_taken_for_each_other() -> None:
    prints = {calls(pick).fingerprint for pick in (lambda a, b: [a, b], lambda a, b: [b, a], lambda a, b: [a, a])}
    assert len(prints) == 3


def test_the_order_of_effects_counts() -> None:
    def loud(b: Builder, x: Value, y: Value) -> list[Value]:
        b.host_call(x, function=HOST, results=())
        b.host_call(y, function=HOST, results=())
        return []

    assert two(loud).fingerprint != two(lambda b, x, y: loud(b, y, x)).fingerprint
    assert two(loud).has_effect
    assert not two(body).has_effect
    assert function("f", ["f32[4]"], lambda b, x: b.call(x, x, body=two(loud))).has_effect


def test_the_fingerprint_is_stable_across_processes() -> None:
    """Recorded once: caches and golden files may rest on it."""
    assert two(body).fingerprint == "b06a31990d67e4703794b151163f46ca"


def test_equality_and_fingerprint_of_every_program_survive_a_round_trip() -> None:
    for program in PROGRAMS.values():
        again = parse(print_function(program, inline_elements=None))
        assert again == program
        assert again.fingerprint == program.fingerprint


def test_deep_nesting_is_compared_and_hashed() -> None:
    assert nested(100) == nested(100)
    assert nested(100) != nested(99)
    assert hash(nested(100)) == hash(nested(100))


def test_a_function_lists_its_types_names_and_text() -> None:
    shapes = PROGRAMS["shapes"]
    assert list(map(str, shapes.parameter_types)) == ["f32[2*batch+3,10]", "f32[]"]
    assert shapes.names() == {"batch"}
    assert str(shapes) == print_function(shapes)
    assert [str(type) for type in PROGRAMS["random"].result_types] == ["u32[batch,3]", "u64[]"]


def test_every_equation_stands_before_those_nested_in_it() -> None:
    text = """func @main(%x: f32[], %go: bool[]) -> (f32[]) {
  %a: f32[] = neg %x
  %b: f32[] = cond %go, %a {on_true=func @yes(%p: f32[]) -> (f32[]) {
    %q: f32[] = call %p {body=func @inner(%r: f32[]) -> (f32[]) {
      %s: f32[] = exp %r
      return %s
    }}
    %t: f32[] = sin %q
    return %t
  }, on_false=func @no(%u: f32[]) -> (f32[]) {
    %v: f32[] = cos %u
    return %v
  }}
  %c: f32[] = tanh %b
  return %c
}"""
    found = [equation.op.name for equation in parse(text).every_equation()]
    assert found == ["neg", "cond", "call", "exp", "sin", "cos", "tanh"]
