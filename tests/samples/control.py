"""Samples of `ir/ops/control.py`, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from diptych.ir import Builder, Constant, Function, HostFunction, Value, dtypes, ops

from . import Refusal, Sample
from .notation import b1, bf16, case, f32, f64, i32, refusal, typed


def function(name: str, parameters: str, body: Callable[..., Sequence[Value] | Value]) -> Function:
    """The function of the parameter types in a text whose results `body(b, *parameters)` gives."""
    b = Builder(name)
    results = body(b, *(b.parameter(typed(text)) for text in parameters.split()))
    return b.finish([results] if isinstance(results, Value) else results)


def _number(b: Builder, value: float, text: str = "f32[]") -> Value:
    return b.constant(value=Constant(value, typed(text).dtype))


def _accumulate(b: Builder, scale: Value, total: Value, x: Value) -> list[Value]:
    """total = total + scale * x, and its square as the output."""
    total = b.add(total, b.mul(scale, x))
    return [total, b.mul(total, total)]


SQUARE = function("square", "f64[2]", lambda b, x: b.mul(x, x))
SUM_AND_PRODUCT = function("both", "f32[] f32[]", lambda b, x, y: [b.add(x, y), b.mul(x, y)])
NOTHING = function("nothing", "", lambda b: [])
DOUBLE = function("double", "f64[2]", lambda b, x: b.add(x, x))
NEGATE = function("negate", "f64[2]", lambda b, x: b.neg(x))
# one half of x plus y, and its sum
HALVES = function(
    "halves", "f64[2] f64[2]", lambda b, x, y: [b.add(x, y), b.reshape(b.reduce_sum(x, axes=(0,)), shape=(1,))]
)
REST = function(
    "rest", "f64[1] f64[2]",
    lambda b, x, y: [b.add(x, b.slice(y, start=(1,), limit=(2,), stride=(1,))),
                     b.reshape(b.reduce_sum(x, axes=(0,)), shape=(1,))],
)  # fmt: skip
COLUMN = function("column", "f64[2,1]", lambda b, x: b.neg(x))
# while count < limit: count, total = count + 1, total * 2
BELOW = function("below", "i32[] i32[] f32[]", lambda b, limit, count, total: b.lt(count, limit))
STEP = function(
    "step", "i32[] i32[] f32[]",
    lambda b, limit, count, total: [b.add(count, _number(b, 1, "i32[]")), b.add(total, total)],
)  # fmt: skip
SMALL = function("small", "f64[] f64[]", lambda b, factor, x: b.lt(x, _number(b, 100, "f64[]")))
GROW = function("grow", "f64[] f64[]", lambda b, factor, x: b.mul(b.mul(factor, x), x))
ACCUMULATE = function("accumulate", "f64[] f64[] f64[]", _accumulate)
STRAIGHT_THROUGH = function("gradient", "f32[] f32[] f32[]", lambda b, x, result, ct: b.mul(ct, _number(b, 2)))
SIGN = function("sign", "f32[]", lambda b, x: b.sign(x))
COUNTER = function("counter", "i32[]", lambda b, i: [b.add(i, _number(b, 1, "i32[]")), i])


def _swap(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return y + 1, x * 2


SWAP = HostFunction("samples.swap", _swap)
TWICE = HostFunction("samples.twice", lambda x: x * 2)
SILENT = HostFunction("samples.silent", lambda x: None)
SCALARS = (typed("f32[]"), typed("i32[2]"))

SAMPLES: list[Sample] = [
    case(ops.call, [f64([2, 3])], [f64([4, 9])], body=SQUARE),
    case(ops.call, [f32(2), f32(5)], [f32(7), f32(10)], body=SUM_AND_PRODUCT, called="two results"),
    case(ops.call, [], [], body=NOTHING, called="nothing"),
    case(ops.fused, [f64([2, 3])], [f64([4, 9])], body=SQUARE),
    case(ops.fused, [f32(2), f32(5)], [f32(7), f32(10)], body=SUM_AND_PRODUCT, called="two results"),
    case(ops.parallel, [f64([2, 3, 4, 5]), f64([1, 10])], [f64([3, 13, 5, 15]), f64([5, 9])], body=HALVES, parts=2,
         operand_axes=(0, -1), result_axes=(0, 0)),
    case(ops.parallel, [f64([[2, 3], [4, 5]])], [f64([[-2, -3], [-4, -5]])], body=COLUMN, parts=2, operand_axes=(1,),
         result_axes=(1,), called="columns"),
    case(ops.parallel, [f64([2, 3, 4, 5, 6]), f64([1, 10])], [f64([3, 13, 5, 15, 16]), f64([5, 9, 6])], body=HALVES,
         parts=3, operand_axes=(0, -1), result_axes=(0, 0), last=REST, called="a smaller last part"),
    case(ops.parallel, [], [], body=NOTHING, parts=3, operand_axes=(), result_axes=(), called="nothing"),
    case(ops.cond, [b1(True), f64([2, 3])], [f64([4, 6])], on_true=DOUBLE, on_false=NEGATE),
    case(ops.cond, [b1(False), f64([2, 3])], [f64([-2, -3])], on_true=DOUBLE, on_false=NEGATE),
    case(ops.while_loop, [i32(3), i32(0), f32(1.5)], [i32(3), f32(12)], condition=BELOW, body=STEP, constants=1),
    case(ops.while_loop, [i32(3), i32(5), f32(1.5)], [i32(5), f32(1.5)], condition=BELOW, body=STEP, constants=1,
         bound=3, called="no round"),
    case(ops.while_loop, [f64(2), f64(1.5)], [f64(2 * 40.5**2)], condition=SMALL, body=GROW, constants=1, bound=6,
         called="bound"),
    case(ops.scan, [f64(10), f64(1), f64([1, 2, 3])], [f64(61), f64([121, 961, 3721])], body=ACCUMULATE, length=3,
         constants=1, carries=1),
    case(ops.scan, [f64(10), f64(1), f64([1, 2, 3])], [f64(61), f64([3721, 2601, 961])], body=ACCUMULATE, length=3,
         constants=1, carries=1, reverse=True, called="reverse"),
    case(ops.scan, [f64(10), f64(1), f64([])], [f64(1), f64([])], body=ACCUMULATE, length=0, constants=1, carries=1,
         called="no round"),
    case(ops.scan, [i32(5)], [i32(7), i32([5, 6])], body=COUNTER, length=2, carries=1, called="no sequence"),
    case(ops.scan, [f64([[2, 3], [1, -1]])], [f64([[4, 9], [1, 1]])], body=SQUARE, length=2, called="a map"),
    case(ops.stop_gradient, [f32([1, -0.0])], [f32([1, -0.0])], smooth=False),
    case(ops.stop_gradient, [bf16(2)], [bf16(2)], smooth=False),
    case(ops.graft, [f32([1, -0.0]), f32([5, 6])], [f32([1, -0.0])], smooth=False),
    case(ops.graft, [i32(2), i32(3)], [i32(2)], smooth=False, called="an integer"),
    case(ops.after, [f32([1, -0.0]), f32(5)], [f32([1, -0.0])]),
    case(ops.after, [f64([[1, 2]]), f64([3, 4, 5])], [f64([[1, 2]])], called="another shape"),
    case(ops.after, [i32(2), b1([True])], [i32(2)], smooth=False, called="an integer"),
    Sample(ops.custom_gradient, [f32(-3)], [f32(-1)], {"body": SIGN, "gradient": STRAIGHT_THROUGH}, gradient=False),
    Sample(ops.custom_gradient, [f32(0.5)], [f32(1)], {"body": SIGN, "gradient": STRAIGHT_THROUGH}, gradient=False,
           name="positive"),
    case(ops.host_call, [i32([1, 2]), f32(3)], [f32(4), i32([2, 4])], function=SWAP, results=SCALARS, smooth=False),
    case(ops.host_call, [f64([1, 2])], [f64([2, 4])], function=TWICE, results=(typed("f64[2]"),), smooth=False,
         called="one array"),
    case(ops.host_call, [f64([1, 2])], [], function=SILENT, results=(), smooth=False, called="no result"),
]  # fmt: skip

SQUARE_TEXT = "(f64[2]) -> (f64[2])"
PLAIN = function("plain", "f64[2]", lambda b, x: b.neg(x))
TWICE_PLAIN = function("twice", "f64[2]", lambda b, x: [b.neg(x), b.neg(x)])
TO_TOTAL = function("total", "f64[2]", lambda b, x: b.reduce_sum(x, axes=(0,)))
TO_BOOL = function("holds", "f64[2]", lambda b, x: b.constant(value=Constant(True, dtypes.bool_)))
TWO_SQUARES = function("two", "f64[2] f64[2]", lambda b, x, y: b.mul(x, y))
THREE = function("three", "f64[2] f64[2] f64[2]", lambda b, x, y, ct: ct)
THREE_TO_SUM = function("sum", "f64[2] f64[2] f64[2]", lambda b, x, y, ct: b.reduce_sum(ct, axes=(0,)))

REFUSALS: list[Refusal] = [
    *(
        refusal(op, "f64[3]", f"body is {SQUARE_TEXT} but must be a function of (f64[3])", body=SQUARE)
        for op in (ops.call, ops.fused)
    ),
    refusal(ops.parallel, "f64[4]", "parts is 0 but must be 1 or more", body=PLAIN, parts=0, operand_axes=(0,),
            result_axes=(0,)),
    refusal(ops.parallel, "f64[4]", "operand_axes is [] but must be 1 long, one for each operand", body=PLAIN, parts=2, operand_axes=(),
            result_axes=(0,)),
    refusal(ops.parallel, "f64[4]", "result_axes is [0, 0] but must be 1 long, one for each result", body=PLAIN, parts=2,
            operand_axes=(0,), result_axes=(0, 0)),
    refusal(ops.parallel, "f64[4]", "axis is 1 but must be from 0 to 0", body=PLAIN, parts=2, operand_axes=(1,),
            result_axes=(0,)),
    refusal(ops.parallel, "f64[5]", "operands[0] is f64[5] but must be a multiple of 2 long along axis 0", body=PLAIN,
            parts=2, operand_axes=(0,), result_axes=(0,)),
    refusal(ops.parallel, "f64[6]", "body is (f64[2]) -> (f64[2]) but must be a function of (f64[3])", body=PLAIN,
            parts=2, operand_axes=(0,), result_axes=(0,)),
    refusal(ops.parallel, "f64[4]", "parts is 1 but must be 2 or more where last is given", body=PLAIN, parts=1,
            operand_axes=(0,), result_axes=(0,), last=PLAIN),
    refusal(ops.parallel, "f64[1]", "operands[0] is f64[1] but must be 2 or more long along axis 0", body=PLAIN, parts=2,
            operand_axes=(0,), result_axes=(0,), last=PLAIN),
    refusal(ops.parallel, "f64[5]", f"last is {SQUARE_TEXT} but must be a function of (f64[3])", body=PLAIN, parts=2,
            operand_axes=(0,), result_axes=(0,), last=PLAIN),
    refusal(ops.parallel, "f64[4]", "last is (f64[2]) -> (f64[]) but must be a function that returns (f64[2]), each of "
            "any length along its axis in result_axes", body=PLAIN, parts=2, operand_axes=(0,), result_axes=(0,), last=TO_TOTAL),
    refusal(ops.parallel, "f64[4]", "last is (f64[2]) -> (f64[2], f64[2]) but must be a function that returns (f64[2]), "
            "each of any length along its axis in result_axes", body=PLAIN, parts=2, operand_axes=(0,), result_axes=(0,), last=TWICE_PLAIN),
    refusal(ops.cond, "i32[] f64[2]", "condition is i32[] but must be of dtype bool", on_true=PLAIN, on_false=PLAIN),
    refusal(ops.cond, "bool[1] f64[2]", "condition is bool[1] but must be a scalar, bool[]",
            on_true=PLAIN, on_false=PLAIN),
    refusal(ops.cond, "bool[] f64[3]", f"on_true is {SQUARE_TEXT} but must be a function of (f64[3])",
            on_true=PLAIN, on_false=PLAIN),
    refusal(ops.cond, "bool[] f64[2]", "on_false is (f64[2], f64[2]) -> (f64[2]) but must be a function of (f64[2])",
            on_true=PLAIN, on_false=TWO_SQUARES),
    refusal(ops.cond, "bool[] f64[2]",
            "on_false is (f64[2]) -> (f64[]) but must be a function that returns (f64[2]), what on_true returns",
            on_true=PLAIN, on_false=TO_TOTAL),
    refusal(ops.while_loop, "f64[2]", "constants and carries is 2 and -1 but must be 0 or more and at most 1 in sum",
            condition=TO_BOOL, body=PLAIN, constants=2),
    refusal(ops.while_loop, "f64[3]", "condition is (f64[2]) -> (bool[]) but must be a function of (f64[3])",
            condition=TO_BOOL, body=PLAIN),
    refusal(ops.while_loop, "f64[2]",
            "body is (f64[2], f64[2]) -> (f64[2]) but must be a function of (f64[2])",
            condition=TO_BOOL, body=TWO_SQUARES),
    refusal(ops.while_loop, "f64[2]", "condition is (f64[2]) -> (f64[]) but must be a function that returns bool[]",
            condition=TO_TOTAL, body=PLAIN),
    refusal(ops.while_loop, "f64[2]",
            "body is (f64[2]) -> (f64[]) but must be a function that returns (f64[2]), the state's types",
            condition=TO_BOOL, body=TO_TOTAL),
    refusal(ops.while_loop, "f64[2]", "bound is -1 but must be 0 or more", condition=TO_BOOL, body=PLAIN, bound=-1),
    refusal(ops.scan, "f64[2]", "constants and carries is 1 and 1 but must be 0 or more and at most 1 in sum",
            body=PLAIN, length=1, constants=1, carries=1),
    refusal(ops.scan, "f64[3,2]", "sequences[0] is f64[3,2] but must be 4 long in its first axis, as length says",
            body=PLAIN, length=4),
    refusal(ops.scan, "f64[]", "sequences[0] is f64[] but must be 4 long in its first axis, as length says",
            body=PLAIN, length=4),
    refusal(ops.scan, "f64[3,3]", f"body is {SQUARE_TEXT} but must be a function of (f64[3])", body=PLAIN, length=3),
    refusal(ops.scan, "f64[2]",
            "body is (f64[2]) -> (f64[]) but must be a function that returns (f64[2]), the carries' types, "
            "in its first results", body=TO_TOTAL, length=3, carries=1),
    refusal(ops.scan, "f64[2]", "length is [-1] but must be without negative sizes", body=PLAIN, length=-1, carries=1),
    refusal(ops.scan, "f64[2]", f"length is [{2**62}] but must be under 2**62 elements",
            body=PLAIN, length=2**62, carries=1),
    refusal(ops.stop_gradient, "", "has 0 operands but must have 1 (x)"),
    refusal(ops.graft, "f64[2] f64[3]", "history is f64[3] but must be f64[2], as x is"),
    refusal(ops.after, "f64[2]", "has 1 operands but must have 2 (x, first)"),
    Refusal(ops.custom_gradient, [typed("f64[3]")],
            f"custom_gradient: body is {SQUARE_TEXT} but must be a function of (f64[3])",
            {"body": SQUARE, "gradient": THREE}),
    Refusal(ops.custom_gradient, [typed("f64[2]")],
            f"custom_gradient: gradient is {SQUARE_TEXT} but must be a function of (f64[2], f64[2], f64[2])",
            {"body": SQUARE, "gradient": PLAIN}),
    Refusal(ops.custom_gradient, [typed("f64[2]")],
            "custom_gradient: gradient is (f64[2], f64[2], f64[2]) -> (f64[]) but must be a function that returns "
            "(f64[2]), the types of the operands that have gradients", {"body": SQUARE, "gradient": THREE_TO_SUM}),
    refusal(ops.host_call, "f64[2]", "results is ('f64[2]',) but must be a sequence of tensor types",
            function=TWICE, results=("f64[2]",)),
]  # fmt: skip
