"""Programs that look like a rule's left side but must stay as they are, and rules that could chase each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Constant, HostFunction, TensorType, Value, dtypes, named
from diptych.passes.expressions import full
from diptych.passes.rules import EXACT, FAST
from diptych.passes.simplify import simplify

from tests.passes.rule_examples import Body, like, minus_zero, uneven
from tests.samples.control import function

STAYS: dict[str, tuple[str, Body]] = {
    "x + 0.0 makes 0.0 of -0.0": ("f32[3]", lambda b, x: b.add(x, like(b, x, 0.0))),
    "x - -0.0 does too": ("f32[3]", lambda b, x: b.sub(x, minus_zero(b, x))),
    "x * 0 keeps nan": ("f32[3]", lambda b, x: b.mul(x, like(b, x, 0.0))),
    "x - x keeps nan": ("f32[3]", lambda b, x: b.sub(x, x)),
    "x / x keeps nan": ("f32[3]", lambda b, x: b.div(x, x)),
    "sums of floats are not regrouped": ("f32[3]", lambda b, x: b.add(b.add(x, like(b, x, 3)), like(b, x, 7))),
    "products of floats are not regrouped": ("f32[3]", lambda b, x: b.mul(b.mul(x, like(b, x, 3)), like(b, x, 7))),
    "1 + 0i is no unit": ("c64[3]", lambda b, x: b.mul(x, like(b, x, 1))),
    "complex products do not commute to the last bit": ("c64[3]", lambda b, x: b.mul(uneven(b, x), x)),
    "division by 3": ("f32[3]", lambda b, x: b.div(x, like(b, x, 3))),
    "the reciprocal overflows": ("f32[3]", lambda b, x: b.div(x, like(b, x, 2.0**127))),
    "division by 0": ("f32[3]", lambda b, x: b.div(x, like(b, x, 0.0))),
    "division of halves": ("f16[3]", lambda b, x: b.div(x, like(b, x, 8))),
    "x & 1 of integers": ("i32[3]", lambda b, x: b.bitwise_and(x, like(b, x, 1))),
    "x | 1 of integers": ("i32[3]", lambda b, x: b.bitwise_or(x, like(b, x, 1))),
    "x ^ 1 of integers": ("i32[3]", lambda b, x: b.bitwise_xor(x, like(b, x, 1))),
    "|-x| of unsigned x": ("u8[3]", lambda b, x: b.abs(b.neg(x))),
    "-(x - y) of floats": ("f32[3] f32[3]", lambda b, x, y: b.neg(b.sub(x, y))),
    "a lossy cast inside": ("f64[3]", lambda b, x: b.cast(b.cast(x, dtype=dtypes.f32), dtype=dtypes.f64)),
    "a cast that drops a part": ("c64[3]", lambda b, x: b.cast(b.cast(x, dtype=dtypes.f32), dtype=dtypes.c64)),
    "floor of a cast float": ("f64[3]", lambda b, x: b.floor(b.cast(x, dtype=dtypes.f32))),
    "sums over 1 begin with 0": ("f32[3,1]", lambda b, x: b.reduce_sum(x, axes=(1,))),
    "sums of sums": ("f32[3,2]", lambda b, x: b.reduce_sum(b.reduce_sum(x, axes=(0,)), axes=(0,))),
    "sums of repeated floats": (
        "f32[3]", lambda b, x: b.reduce_sum(b.broadcast(x, shape=(2, 3), axes=(1,)), axes=(0,))
    ),
    "max over axes in another order": (
        "f32[2,3,4]", lambda b, x: b.reduce_max(b.transpose(x, permutation=(2, 1, 0)), axes=(1,))
    ),
    "max over no repeats": (
        "f32[3]", lambda b, x: b.reduce_max(b.broadcast(x, shape=(0, 3), axes=(1,)), axes=(0,))
    ),
    "max over own axes alone": (
        "f32[3]", lambda b, x: b.reduce_max(b.broadcast(x, shape=(2, 3), axes=(1,)), axes=(1,))
    ),
    "broadcasts along different axes": (
        "f32[3] f32[3]",
        lambda b, x, y: b.add(b.broadcast(x, shape=(3, 3), axes=(0,)), b.broadcast(y, shape=(3, 3), axes=(1,))),
    ),
    "negative padding inside": (
        "f32[5] f32[]",
        lambda b, x, v: b.pad(
            b.pad(x, v, low=(-1,), high=(0,), interior=(0,)), v, low=(1,), high=(0,), interior=(0,)
        ),
    ),
    "padding with another value": (
        "f32[5] f32[] f32[]",
        lambda b, x, v, w: b.pad(
            b.pad(x, v, low=(1,), high=(0,), interior=(0,)), w, low=(1,), high=(0,), interior=(0,)
        ),
    ),
    "a slice across two parts": (
        "f32[3] f32[3]", lambda b, x, y: b.slice(b.concatenate(x, y, axis=0), start=(2,), limit=(4,), stride=(1,))
    ),
    "a slice of a strided slice that is empty": (
        "f32[9]",
        lambda b, x: b.slice(b.slice(x, start=(1,), limit=(9,), stride=(3,)), start=(1,), limit=(1,), stride=(1,)),
    ),
    "the larger of x and a zero of the other sign": (
        "f32[3]", lambda b, x: b.select(b.le(x, like(b, x, -0.0)), like(b, x, -0.0), x)
    ),
    "the smaller of x and a zero of the other sign": (
        "f32[3]", lambda b, x: b.select(b.ge(x, like(b, x, 0.0)), like(b, x, 0.0), x)
    ),
    "the larger of x and nan": (
        "f32[3]", lambda b, x: b.select(b.le(x, like(b, x, math.nan)), like(b, x, math.nan), x)
    ),
    "slices that leave a gap": (
        "f32[9]",
        lambda b, x: b.concatenate(
            b.slice(x, start=(0,), limit=(3,), stride=(1,)), b.slice(x, start=(4,), limit=(6,), stride=(1,)), axis=0
        ),
    ),
    "a transpose that moves free axes": (
        "f32[4,5,2] f32[4,3]",
        lambda b, x, y: b.matmul(b.transpose(x, permutation=(2, 1, 0)), y, lhs_contract=(2,), rhs_contract=(0,)),
    ),
    "a dynamic place": ("f32[5] i32[]", lambda b, x, i: b.dynamic_slice(x, i, sizes=(2,))),
    "a reversal": ("f32[3,1]", lambda b, x: b.reverse(x, axes=(0, 1))),
}  # fmt: skip


@pytest.mark.parametrize("reason", STAYS)
def test_no_exact_rule_applies(reason: str) -> None:
    f = function("stays", *STAYS[reason])
    assert simplify(f) == f


def test_fast_rules_keep_to_the_branch_of_complex_logarithms() -> None:
    """log(exp(4i)) is (4 - 2 pi) i."""
    f = function("f", "c128[1]", lambda b, z: b.log(b.exp(z)))
    assert simplify(f, [*FAST, *EXACT]) == f


def test_dynamic_slices_of_named_sizes_stay() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (8,)))
    start = b.constant(value=Constant(1, dtypes.i32))
    b.parameter(TensorType(dtypes.f32, (named("n"),)))
    f = b.finish([b.dynamic_slice(x, start, sizes=(named("n"),))])
    assert simplify(f) == f


def test_scatters_of_nothing_at_checked_places_stay() -> None:
    """Rows without elements, but an index that is out of bounds: still an error."""
    f = function(
        "f", "f32[3,0] f32[1,0] i32[1]", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="add")
    )  # fmt: skip
    assert simplify(f) == f


def test_a_condition_with_an_effect_runs_once() -> None:
    """while false with a host call in the condition: dropping the loop would drop the call."""
    seen: list[float] = []
    note = HostFunction("tests.note", lambda x: seen.append(float(x)))

    def condition(b: Builder, x: Value) -> Value:
        b.host_call(x, function=note, results=())
        return b.constant(value=Constant(False))

    never, same = function("never", "f32[]", condition), function("same", "f32[]", lambda b, x: b.neg(x))
    f = function("f", "f32[]", lambda b, x: b.while_loop(x, condition=never, body=same))
    for g in (f, simplify(f)):
        seen.clear()
        assert evaluate(g, [np.float32(2)]) == (2,)
        assert seen == [2]


@pytest.mark.parametrize("rules", [EXACT, [*FAST, *EXACT]], ids=["exact", "fast"])
def test_constants_do_not_chase_each_other(rules: list[object]) -> None:
    """Products and sums of constants alone and their negations, with nothing to fold them."""

    def body(b: Builder) -> list[Value]:
        c, d = (b.constant(value=Constant(number, dtypes.f32)) for number in (2.0, 3.0))
        wide, other = (b.broadcast(x, shape=(3,), axes=()) for x in (c, d))
        results: list[Value] = []
        for x, y in ((c, d), (wide, other)):
            results += [b.mul(b.neg(x), y), b.mul(x, b.neg(y)), b.mul(b.neg(x), b.neg(y)), b.neg(b.mul(x, y))]
            results += [b.add(b.neg(x), y), b.sub(x, b.neg(y)), b.add(b.add(x, y), x), b.mul(b.mul(x, y), b.neg(y))]
            results += [b.max(x, y), b.sub(b.neg(x), b.neg(y)), b.div(b.neg(x), b.neg(b.neg(y)))]
        return results

    f = function("f", "", body)
    g = simplify(f, rules)
    assert simplify(g, rules) == g
    for ours, theirs in zip(evaluate(g, []), evaluate(f, []), strict=True):
        assert np.array_equal(ours, theirs)


def test_a_concatenation_of_many_slices_is_joined_in_one_step() -> None:
    count = 3000

    def body(b: Builder, x: Value) -> Value:
        return b.concatenate(*(b.slice(x, start=(i,), limit=(i + 1,), stride=(1,)) for i in range(count)), axis=0)

    f = function("f", f"f32[{count}]", body)
    g = simplify(f)
    assert g.equations == () and g.results == g.parameters


def test_nested_concatenations_stay_linear() -> None:
    """Each of 2,000 concatenations adds a row to the one before and is a result too: to flatten all would be 2,000,000
    operands."""

    def body(b: Builder, x: Value) -> list[Value]:
        rows = [x]
        for _ in range(2000):
            rows.append(b.concatenate(rows[-1], x, axis=0))
        return rows

    g = simplify(function("f", "f32[1]", body))
    assert sum(len(equation.operands) for equation in g.equations) < 2000 * 300


def test_numbers_in_patterns_tell_zeros_apart() -> None:
    f = function("f", "f32[2]", lambda b, x: b.add(x, full(b, x.type, -0.0)))
    assert simplify(f).equations == ()
    assert (
        evaluate(simplify(f), [np.array([-0.0, 0.0], np.float32)])[0].tobytes()
        == evaluate(f, [np.array([-0.0, 0.0], np.float32)])[0].tobytes()
    )
