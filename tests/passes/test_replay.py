"""The walk that most passes share keeps names, locations, order and effects."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Function, HostFunction, Op, TensorType, Value, dtypes, ops, print_function
from diptych.passes.replay import replay

from tests.passes.text import check, program
from tests.samples.control import function

TEXT = """
func @f(%x: f32[3], %y: f32[3]) -> (f32[3], f32[3]) {
  %product: f32[3] = mul %x, %y        // a.py:1
  %last: f32[3]    = scan %product {length=3, // a.py:2
    body=func @body(%s: f32[]) -> (f32[]) {
      %sine: f32[] = sin %s  // a.py:3
      return %sine
    }
  }  // a.py:4
  return %last, %y
}"""


def test_nothing_changes_without_a_rewrite() -> None:
    f = program(TEXT)
    g = replay(f)
    assert g == f
    assert print_function(g, locations="full") == print_function(f, locations="full")


def test_dead_equations_go_and_parameters_stay() -> None:
    check(
        replay,
        """
        func @f(%x: f32[], %y: f32[]) -> (f32[]) {
          %dead: f32[] = sin %x
          %deader: f32[] = cos %dead
          return %x
        }""",
        """
        func @f(%x: f32[], %y: f32[]) -> (f32[]) {
          return %x
        }""",
    )


def test_effects_keep_their_order_and_number() -> None:
    note = HostFunction("tests.note", lambda x: None)
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32))
    for value in (x, b.neg(x), x):
        b.host_call(value, function=note, results=())
    f = b.finish([])
    g = replay(f)
    assert g == f and [e.op for e in g.equations].count(ops.host_call) == 3


def test_a_rewrite_sees_nested_equations_first() -> None:
    seen: list[str] = []

    def rewrite(b: Builder, op: Op, operands: tuple[Value, ...], attributes: dict[str, Any]) -> None:
        seen.append(op.name)

    replay(program(TEXT), rewrite=rewrite)
    assert seen == ["mul", "sin", "scan"]


def test_names_move_to_what_replaces_a_value() -> None:
    """exp(x) stands in for sin(x) and has no name of its own, so it takes the old one; a parameter keeps its own."""

    def rewrite(
        b: Builder, op: Op, operands: tuple[Value, ...], attributes: dict[str, Any]
    ) -> tuple[Value, ...] | None:
        if op is ops.sin:
            return (b.exp(operands[0]),)
        return operands if op is ops.neg else None

    check(
        lambda f: replay(f, rewrite=rewrite),
        """
        func @f(%x: f32[]) -> (f32[], f32[]) {
          %wave: f32[] = sin %x  // a.py:5
          %other: f32[] = neg %x
          return %wave, %other
        }""",
        """
        func @f(%x: f32[]) -> (f32[], f32[]) {
          %wave: f32[] = exp %x  // a.py:5
          return %wave, %x
        }""",
        locations=True,
    )


def test_sharing_is_a_choice() -> None:
    b = Builder("f", share=False)
    x = b.parameter(TensorType(dtypes.f32))
    f = b.finish([b.sin(x), b.sin(x)])
    assert len(replay(f).equations) == 1
    assert len(replay(f, share=False).equations) == 2


def test_a_function_used_twice_is_rebuilt_once() -> None:
    inner = function("inner", "f32[]", lambda b, x: b.sin(x))
    f = function("f", "f32[]", lambda b, x: [*b.call(x, body=inner), *b.call(b.neg(x), body=inner)])
    bodies: list[Function] = [e.attributes["body"] for e in replay(f).equations if e.op is ops.call]
    is_one = bodies[0] is bodies[1]
    assert len(bodies) == 2 and is_one


def test_parameters_and_attributes_are_mapped() -> None:
    def attribute(kind: str, value: Any) -> Any:
        return dtypes.f64 if kind == "dtype" else value

    g = replay(
        function("f", "f32[2]", lambda b, x: b.cast(x, dtype=dtypes.f16)),
        attribute=attribute,
        parameter=lambda value: Value(TensorType(dtypes.i32, value.shape), "counts"),
    )
    assert str(g) == ("func @f(%counts: i32[2]) -> (f64[2]) {\n  %0: f64[2] = cast %counts {dtype=f64}\n  return %0\n}")
