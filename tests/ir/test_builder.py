"""The Builder: types, names, locations, sharing, dead code, effects, rewriting and inlining."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from diptych.ir import (
    Builder,
    Constant,
    Function,
    HostFunction,
    Location,
    Op,
    TensorType,
    TypeRuleError,
    Value,
    dtypes,
    live_equations,
    ops,
    parse,
    parse_type,
)

from tests.ir.programs import function, parameters

F32 = TensorType(dtypes.f32)
PRINT = HostFunction("print#1")


def names_of(built: Function) -> list[str]:
    return [equation.op.name for equation in built.equations]


def test_equal_equations_are_shared() -> None:
    b = Builder()
    x, y = parameters(b, x="f32[2]", y="f32[2]")
    assert b.add(x, y) is b.add(x, y)
    assert b.add(x, y) is not b.add(y, x)
    assert b.reduce_sum(x, axes=[0]) is b.reduce_sum(x, axes=(0,))
    assert b.cumulative_sum(x, axis=0) is b.cumulative_sum(x, axis=0, reverse=False)
    assert b.qr(b.reshape(x, shape=(1, 2)))[0] is b.qr(b.reshape(x, shape=(1, 2)))[0]


def test_constants_are_shared_by_bits() -> None:
    b = Builder()
    assert b.constant(value=Constant(0.0)) is b.constant(value=Constant(0.0))
    assert b.constant(value=Constant(0.0)) is not b.constant(value=Constant(-0.0))
    assert b.constant(value=Constant(np.nan)) is b.constant(value=Constant(np.nan))
    assert b.constant(value=Constant(np.float32(0))) is not b.constant(value=Constant(np.int32(0)))


def test_without_sharing_equal_equations_stay_apart() -> None:
    b = Builder(share=False)
    (x,) = parameters(b, x="f32[2]")
    assert b.neg(x) is not b.neg(x)


def test_effects_are_neither_shared_nor_dropped() -> None:
    b = Builder()
    (x,) = parameters(b, x="f32[]")
    for _ in range(2):
        b.host_call(x, function=PRINT, results=())
    noisy = function("noisy", ["f32[]"], lambda b, x: [b.host_call(x, function=PRINT, results=[x.type])[0]])
    b.call(x, body=noisy)
    b.call(x, body=noisy)
    b.neg(x)
    assert names_of(b.finish([x])) == ["host_call", "host_call", "call", "call"]


def test_dead_equations_are_dropped_in_order() -> None:
    b = Builder()
    (x,) = parameters(b, x="f32[]")
    y = b.neg(x)
    b.exp(y)
    z = b.sin(y)
    built = b.finish([z])
    assert names_of(built) == ["neg", "sin"]
    assert names_of(b.finish([x])) == []
    assert live_equations(b.equations, [y]) == (b.equations[0],)


def test_names_are_hints_on_values() -> None:
    b = Builder("loss")
    x = b.parameter(F32, "x")
    (y,) = b.emit(ops.neg, (x,), {}, names=["y"])
    assert (b.name, x.name, y.name, b.exp(y).name) == ("loss", "x", "y", None)
    assert [value.name for value in b.emit(ops.top_k, (b.parameter(parse_type("f32[3]")),), {"k": 1}, names=["a"])] == [
        None,
        None,
    ]  # names count only where there is one for each result


def test_definition_of_a_value() -> None:
    b = Builder()
    (x,) = parameters(b, x="f32[]")
    y = b.neg(x)
    assert b.definition(x) is None
    assert b.definition(y) is b.equations[0]


def test_errors_carry_the_users_line() -> None:
    b = Builder()
    x, y = parameters(b, x="f32[2]", y="f32[3]")
    frame = inspect.currentframe()
    assert frame is not None
    with pytest.raises(TypeRuleError) as caught:
        b.add(x, y)
    line = frame.f_lineno - 1
    assert str(caught.value) == (
        "add: rhs is f32[3] but must be f32[2], lhs's shape\n"
        f"  at {__file__}:{line}: b.add(x, y)\n"
        "  try: insert a broadcast"
    )


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("reduce_sum: attribute axes is missing", {}),
    ("reduce_sum: axes is 'ab' but must be a sequence of integers", {"axes": "ab"}),
    ("reduce_sum: axes is [True] but must be a sequence of integers", {"axes": [True]}),
    ("reduce_sum: axes is [9223372036854775808] but must fit in 64 bits", {"axes": [2**63]}),
    ("reduce_sum: attribute axis is unknown, its attributes are: axes", {"axes": (), "axis": 1}),
    ("reduce_sum: axes is 2 but must be from 0 to 0", {"axes": [2]}),
]


@pytest.mark.parametrize(("message", "attributes"), REFUSED, ids=[message for message, _ in REFUSED])
def test_wrong_attributes_are_refused(message: str, attributes: dict[str, Any]) -> None:
    b = Builder()
    (x,) = parameters(b, x="f32[2]")
    with pytest.raises(TypeRuleError) as caught:
        b.reduce_sum(x, **attributes)
    assert caught.value.message == message


def test_attributes_take_iterators() -> None:
    b = Builder()
    (x,) = parameters(b, x="f32[2]")
    (y,) = b.host_call(x, function=PRINT, results=(type for type in [F32]))
    assert y.type == F32
    assert b.transpose(b.reshape(x, shape=(dim for dim in (1, 2))), permutation=np.array([1, 0])).shape == (2, 1)


def test_wrong_number_of_operands_is_refused() -> None:
    b = Builder()
    (x,) = parameters(b, x="f32[2]")
    with pytest.raises(TypeRuleError) as caught:
        b.add(x)
    assert caught.value.message == "add: has 1 operands but must have 2 (lhs, rhs)"
    with pytest.raises(TypeRuleError) as caught:
        b.gather(axes=())
    assert caught.value.message == "gather: has 0 operands but must have at least 1 (x, indices)"


def test_unknown_op_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^Builder has no op 'relu': `diptych ops` lists them all$"):
        Builder().relu  # noqa: B018


def test_the_location_can_be_given_or_left_out() -> None:
    b = Builder()
    (x,) = parameters(b, x="f32[]")
    b.location = Location("a.py", 3)
    b.neg(x)
    b.location = None
    b.find_location = False
    b.exp(x)
    assert [equation.location for equation in b.equations] == [Location("a.py", 3), None]


def test_rewrite_is_asked_before_each_emission() -> None:
    def double_negation(b: Builder, op: Op, operands: tuple[Value, ...], attributes: dict[str, Any]) -> Any:
        inner = b.definition(operands[0]) if op is ops.neg else None
        return inner.operands if inner is not None and inner.op is ops.neg else None

    b = Builder(rewrite=double_negation)
    (x,) = parameters(b, x="f32[]")
    assert b.neg(b.neg(x)) is x
    assert b.neg(b.neg(b.neg(x))) is b.neg(x)


def test_inline_replays_a_function_with_its_locations() -> None:
    inner = Builder()
    (x,) = parameters(inner, x="f32[2]")
    inner.location = Location("inner.py", 1)
    callee = inner.finish([inner.exp(x), x])
    b = Builder()
    (y,) = parameters(b, y="f32[2]")
    b.location = Location("outer.py", 2)
    first, second = b.inline(callee, [y])
    assert second is y
    assert b.definition(first) is b.equations[0]
    assert b.equations[0].location == Location("inner.py", 1)
    assert b.location == Location("outer.py", 2)
    bare = parse("func @g(%x: f32[2]) -> (f32[2]) {\n  %y: f32[2] = neg %x\n  return %y\n}")
    b.inline(bare, [y])
    assert b.equations[-1].location == Location("outer.py", 2)
    with pytest.raises(TypeRuleError) as caught:
        b.inline(callee, [b.parameter(F32)])
    assert caught.value.message == "@main: arguments are (f32[]) but must be (f32[2])"
