"""The verifier: the exact text of every fault, all of them at once, and its cost."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from diptych.ir import (
    MAX_DEPTH,
    OPS,
    Dimension,
    Equation,
    Function,
    HostFunction,
    Location,
    Op,
    TensorType,
    Value,
    VerificationError,
    dtypes,
    named,
    ops,
    parse_type,
    verify,
)

from tests.ir.programs import PROGRAMS, builder, function, nested, used_ops

F32 = TensorType(dtypes.f32)
VECTOR = parse_type("f32[3]")


def value(name: str | None = None, type: TensorType = F32) -> Value:
    return Value(type, name)


def equation(
    op: Op, operands: list[Value], results: list[Value], location: Location | None = None, /, **attributes: Any
) -> Equation:
    return Equation(op, tuple(operands), attributes, tuple(results), location)


def of(*equations: Equation, parameters: tuple[Value, ...] = (), results: tuple[Value, ...] = ()) -> Function:
    return Function("main", parameters, equations, results)


def faults(broken: Function) -> list[str]:
    with pytest.raises(VerificationError) as caught:
        verify(broken)
    return caught.value.faults


X, Y, Z = value("x"), value("y"), value("z")
THREE = value("three", VECTOR)
NEGATIVE = TensorType(dtypes.f32, (-1,))
Y3 = value("y", VECTOR)
LINE = Location("/home/me/train.py", 11)


def one(op: Op, operands: list[Value], results: list[Value], /, **attributes: Any) -> Function:
    """A function of x and three, with one equation."""
    return of(equation(op, operands, results, **attributes), parameters=(X, THREE))


BROKEN: dict[str, tuple[Function, str]] = {
    "undefined operand": (
        of(equation(ops.neg, [X], [Y])),
        "%y = neg: operand 0, %x, is not defined before its use",
    ),
    "operand defined later": (
        of(equation(ops.add, [X, Z], [Y]), equation(ops.neg, [X], [Z]), parameters=(X,)),
        "%y = add: operand 1, %z, is not defined before its use",
    ),
    "operand is its own result": (
        of(equation(ops.add, [X, Y], [Y]), parameters=(X,)),
        "%y = add: operand 1, %y, is not defined before its use",
    ),
    "undefined result": (of(results=(X,)), "result 0, %x, is not defined in this function"),
    "value defined twice": (
        of(equation(ops.neg, [X], [Y]), equation(ops.exp, [X], [Y]), parameters=(X,)),
        "%y = exp: %y is defined already",
    ),
    "parameter defined again": (of(equation(ops.neg, [X], [X]), parameters=(X,)), "%x = neg: %x is defined already"),
    "two results are one value": (
        one(ops.sort, [THREE, THREE], [Y3, Y3], axis=0, keys=1),
        "%y, %y = sort: %y is defined already",
    ),
    "parameter given twice": (of(parameters=(X, Y, X)), "parameter 2, %x, is parameter 0 too"),
    "type rule": (one(ops.add, [THREE, X], [Y]), "%y = add: rhs is f32[] but must be f32[3], lhs's shape"),
    "type rule, with the user's line": (
        of(equation(ops.add, [THREE, X], [Y], LINE), parameters=(X, THREE)),
        "%y = add: rhs is f32[] but must be f32[3], lhs's shape (at /home/me/train.py:11)",
    ),
    "location on several lines": (
        of(equation(ops.add, [THREE, X], [Y], Location("a\nb.py", 1)), parameters=(X, THREE)),
        '%y = add: rhs is f32[] but must be f32[3], lhs\'s shape (at "a\\nb.py":1)',
    ),
    "number of operands": (one(ops.add, [X], [Y]), "%y = add: has 1 operands but must have 2 (lhs, rhs)"),
    "result type": (
        one(ops.neg, [X], [value("y", VECTOR)]),
        "%y = neg: result types are (f32[3]) but must be (f32[])",
    ),
    "number of results": (
        one(ops.top_k, [THREE], [value("y", VECTOR)], k=3, dtype=dtypes.i32),
        "%y = top_k: result types are (f32[3]) but must be (f32[3], i32[3])",
    ),
    "required attribute missing": (one(ops.reduce_sum, [X], [Y]), "%y = reduce_sum: attribute axes is missing"),
    "default attribute missing": (
        one(ops.cumulative_sum, [THREE], [value("y", VECTOR)], axis=0),
        "%y = cumulative_sum: attribute reverse is missing",
    ),
    "unknown attribute": (
        one(ops.neg, [X], [Y], axis=0),
        "%y = neg: attribute axis is unknown, its attributes are: none",
    ),
    "attributes out of order": (
        one(ops.cumulative_sum, [THREE], [value("y", VECTOR)], reverse=False, axis=0),
        "%y = cumulative_sum: order of attributes is reverse, axis but must be axis, reverse",
    ),
    "attribute of another kind": (
        one(ops.reduce_sum, [X], [Y], axes="x"),
        "%y = reduce_sum: axes is 'x' but must be a sequence of integers",
    ),
    "attribute kept as a list": (
        one(ops.reduce_sum, [THREE], [Y], axes=[0]),
        "%y = reduce_sum: axes is [0] but must be kept as (0,)",
    ),
    "attribute kept as numpy's integer": (
        one(ops.cumulative_sum, [THREE], [value("y", VECTOR)], axis=np.int64(0), reverse=False),
        "%y = cumulative_sum: axis is np.int64(0) but must be kept as 0",
    ),
    "attribute on several lines": (
        one(ops.reduce_sum, [X], [Y], axes=np.array([["a"], ["b"]])),
        "%y = reduce_sum: axes is array([['a'],        ['b']], dtype='<U1') but must be a sequence of integers",
    ),
    "no result": (
        of(equation(ops.host_call, [X], [], function=HostFunction("f"), results=())),
        "host_call: operand 0, %x, is not defined before its use",
    ),
    "an op of one's own": (
        one(Op(ops.neg.rule, has_effect=False), [X], [Y]),
        "%y = neg: op is not one of the language",
    ),
    "a long name of a function": (
        of(equation(ops.call, [], [], body=Function("f" * 10_001, (), (), ()))),
        "call, body: name has 10001 characters but must have at most 10000",
    ),
    "a long name of a host function": (
        of(equation(ops.host_call, [], [], function=HostFunction("f" * 10_001), results=())),
        "host_call: function has 10001 characters but must have at most 10000",
    ),
    "negative size": (
        of(parameters=(value("x", TensorType(dtypes.f32, (2, -1))),)),
        "parameter 0, %x, has a wrong type: shape is [2,-1] but must be without negative sizes",
    ),
    "too large a size": (
        of(parameters=(value(None, TensorType(dtypes.f32, (2**40, 2**40))),)),
        "parameter 0, %0, has a wrong type: shape is [1099511627776,1099511627776] but must be under 2**62 elements",
    ),
    "too many axes": (
        of(parameters=(value("x", TensorType(dtypes.f32, (1,) * 65)),)),
        "parameter 0, %x, has 65 axes but must have at most 64",
    ),
    "a dimension without text": (
        of(parameters=(value("x", TensorType(dtypes.f32, (named("n") * 2**70,))),)),
        "parameter 0, %x, has a dimension that has no text: dimension has the number 1180591620717411303424 "
        "but must stay under 2**63",
    ),
    "a dimension made by hand": (
        of(parameters=(value("x", TensorType(dtypes.f32, (Dimension((((("n", 1),), 0),)),))),)),
        "parameter 0, %x, has the dimension 0*n, which is not in normal form",
    ),
    "a dimension in an attribute": (
        one(ops.dimension, [], [value("y", TensorType(dtypes.i32))], size=named("n") * 2**70, dtype=dtypes.i32),
        "%y = dimension: size has a dimension that has no text: dimension has the number 1180591620717411303424 "
        "but must stay under 2**63",
    ),
    "a result's type": (
        one(ops.host_call, [], [value("y", NEGATIVE)], function=HostFunction("f"), results=(NEGATIVE,)),
        "%y = host_call: %y has a wrong type: shape is [-1] but must be without negative sizes",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_the_text_of_each_fault(what: str) -> None:
    broken, fault = BROKEN[what]
    assert faults(broken) == [fault]


def test_every_program_is_sound() -> None:
    for program in PROGRAMS.values():
        verify(program)
    assert set().union(*map(used_ops, PROGRAMS.values())) == set(OPS)


def test_all_faults_are_listed_at_once() -> None:
    broken = Function(
        "train\nstep",
        (X, X),
        (equation(ops.neg, [Z], [Y]), equation(ops.add, [X, THREE], [Y])),
        (value(),),
    )
    with pytest.raises(VerificationError) as caught:
        verify(broken)
    assert str(caught.value) == (
        '@"train\\nstep": 6 faults\n'
        "  parameter 1, %x, is parameter 0 too\n"
        "  %y = neg: operand 0, %z, is not defined before its use\n"
        "  %y = add: operand 1, %three, is not defined before its use\n"
        "  %y = add: rhs is f32[3] but must be f32[], lhs's shape\n"
        "  %y = add: %y is defined already\n"
        "  result 0, %0, is not defined in this function"
    )


def broken_inside() -> Function:
    a = value("a")
    return Function("inner", (a,), (equation(ops.neg, [a], [value(None, VECTOR)]),), (a,))


def test_faults_of_nested_functions_say_where_they_are() -> None:
    middle = function("middle", ["f32[]"], lambda b, x: b.call(x, body=broken_inside()))
    b = builder()
    x = b.parameter(F32, "x")
    y = b.gt(x, x)
    b.cond(y, x, on_true=middle, on_false=middle)
    z = b.emit(ops.call, (x,), {"body": broken_inside()}, names=["z"])
    assert faults(Function("main", (x,), tuple(b.equations), z)) == [
        "%1 = cond, on_true: %1 = call, body: %0 = neg: result types are (f32[3]) but must be (f32[])",
        "%z = call, body: %0 = neg: result types are (f32[3]) but must be (f32[])",
    ]  # a function that stands at two places is looked at once


def test_a_nested_function_does_not_see_what_is_around_it() -> None:
    x = value("x")
    inner = Function("inner", (), (equation(ops.neg, [x], [y := value("y")]),), (y,))
    z = value("z")
    assert faults(of(equation(ops.call, [], [z], body=inner), parameters=(x,), results=(z,))) == [
        "%z = call, body: %y = neg: operand 0, %x, is not defined before its use"
    ]


def test_nesting_is_capped() -> None:
    verify(nested(MAX_DEPTH))
    assert faults(nested(MAX_DEPTH + 1)) == ["%1 = call, body: functions nest deeper than 100"]
    assert faults(nested(10_000)) == ["%1 = call, body: functions nest deeper than 100"]


def test_nesting_is_capped_along_the_longest_way_to_a_shared_function() -> None:
    """Functions that stand at several places cost one visit each, and still count at their deepest."""
    shared = nested(60)
    inner = shared
    for _ in range(MAX_DEPTH - 60):
        inner = function("both", ["f32[]"], lambda b, x, i=inner: [b.add(*b.call(x, body=shared), *b.call(x, body=i))])
    verify(inner)
    deeper = function("deeper", ["f32[]"], lambda b, x: [*b.call(x, body=shared), *b.call(x, body=inner)])
    assert faults(deeper) == ["%2 = call, body: functions nest deeper than 100"]


def test_sharing_does_not_multiply_the_work() -> None:
    doubled = function("leaf", ["f32[]"], lambda b, x: [b.neg(x)])
    for _ in range(MAX_DEPTH - 1):
        doubled = function("twice", ["f32[]"], lambda b, x, f=doubled: b.cond(b.gt(x, x), x, on_true=f, on_false=f))
    verify(doubled)


def test_a_function_that_contains_itself_is_refused() -> None:
    attributes: dict[str, Any] = {}
    y = value("y")
    circle = Function("circle", (X,), (Equation(ops.call, (X,), attributes, (y,)),), (y,))
    attributes["body"] = circle
    assert faults(circle) == ["%y = call, body: functions nest deeper than 100"]


def test_a_hundred_thousand_equations_take_little_time() -> None:
    b = builder()
    x = b.parameter(parse_type("f32[batch,10]"))
    y = x
    for _ in range(50_000):
        y = b.add(b.tanh(y), x)
    chain = b.finish([y])
    start = time.process_time()
    verify(chain)
    assert time.process_time() - start < 8
