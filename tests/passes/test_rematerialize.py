"""Values that are computed again for the backward: what is kept, what copies wait for, and that every bit stays."""

from __future__ import annotations

import pytest
from diptych.backends.numpy.rates import RATES
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Function, HostFunction, TensorType, dtypes, ops, verify
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.keeping import ALL, Keeping, choices, keeping
from diptych.passes.plan import plan_memory
from diptych.passes.rematerialize import rematerialized
from diptych.passes.rules import EXACT
from diptych.passes.simplify import simplify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.passes.text import agree
from tests.random_programs import Program, random_program

LAYERS, ROWS, WIDTH = 8, 64, 16


def chain() -> Function:
    """The gradient of the sum of x after so many layers tanh(sin(x @ w)), to x and all w."""
    b = Builder("chain")
    x = b.parameter(TensorType(dtypes.f64, (ROWS, WIDTH)), "x")
    for layer in range(LAYERS):
        x = b.tanh(b.sin(b.matmul(x, b.parameter(TensorType(dtypes.f64, (WIDTH, WIDTH)), f"w{layer}"))))
    return value_and_gradient(b.finish([b.reduce_sum(x, axes=(0, 1))]))


def test_a_late_reader_reads_a_copy() -> None:
    b = Builder("f")
    x, y = (b.parameter(TensorType(dtypes.f64, (4,)), name) for name in "xy")
    s = b.sin(x)
    t = b.exp(s)  # of the same part
    out = b.neg(t)  # of another one: t is kept
    ct = b.cos(y)  # late
    result = b.mul(ct, s)
    f = b.finish([out, result])
    equations = list(f.equations)
    g = Function("f", f.parameters, tuple(rematerialized(equations, f.results, {0: 7, 1: 7, 2: 8}, {3, 4})), f.results)
    verify(g)
    assert [e.op for e in g.equations] == [ops.sin, ops.exp, ops.neg, ops.cos, ops.after, ops.sin, ops.mul]
    after, again, last = g.equations[-3:]
    assert after.operands == (x, ct) and again.operands == after.results and last.operands == (ct, again.results[0])
    assert t in g.equations[2].operands
    agree(f, g, rtol=0)


def test_what_the_simplifier_shares_it_does_not_share_across() -> None:
    f = chain()
    g = simplify(keeping(f, Keeping(4)), EXACT)
    count = sum(e.op is ops.matmul for e in g.equations)
    assert count > sum(e.op is ops.matmul for e in f.equations)
    agree(f, g, rtol=0)


def test_effects_happen_once() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f64, (4,)))
    (seen,) = b.host_call(x, function=HostFunction("seen"), results=(x.type,))
    s = b.sin(seen)
    result = b.mul(b.neg(x), s)
    f = b.finish([result])
    made = rematerialized(f.equations, f.results, {0: 1, 1: 1}, {2, 3})
    assert [e.op for e in made] == [ops.host_call, ops.sin, ops.neg, ops.after, ops.sin, ops.mul]
    assert made[3].operands[0] is seen


def test_without_a_late_operand_it_waits_for_the_end_of_the_part() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f64, (4,)))
    s = b.sin(x)
    t = b.exp(s)
    late = b.neg(s)
    f = b.finish([t, late])
    made = rematerialized(f.equations, f.results, {0: 1, 1: 1}, {2})
    assert [e.op for e in made] == [ops.sin, ops.exp, ops.after, ops.sin, ops.neg]
    assert made[2].operands == (x, t)


@pytest.mark.parametrize(
    "chosen", [Keeping(parts, products) for parts in (1, 2, 4, 8) for products in (True, False)], ids=str
)
def test_choices_compute_the_same(chosen: Keeping) -> None:
    f = chain()
    g = keeping(f, chosen)
    verify(g)
    agree(f, g, rtol=0)


def test_parts_end_where_little_crosses() -> None:
    """Between layers a single value goes on: with as many parts as layers nothing else is kept."""
    f = chain()
    g = keeping(f, Keeping(LAYERS))
    one = ROWS * WIDTH * 8
    assert plan_memory(f).arena > 2 * LAYERS * one * 0.9
    assert plan_memory(g).arena < (LAYERS + 7) * one


def test_choices_are_told_in_the_order_of_their_time() -> None:
    found = choices(chain(), RATES)
    assert found[0].keeping == ALL and str(ALL) == "all"
    times = [choice.nanoseconds for choice in found[1:]]
    assert times == sorted(times) and min(times) > found[0].nanoseconds
    by_name = {str(choice.keeping): choice for choice in found}
    kept, again = by_name["products and the inputs of 4 parts"], by_name["the inputs of 4 parts"]
    assert kept.nanoseconds < again.nanoseconds and kept.alive > again.alive
    assert again.alive < found[0].alive / 1.5


def test_a_forward_alone_has_one_choice() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f64, (4,)))
    assert [choice.keeping for choice in choices(b.finish([b.sin(b.exp(x))]), RATES)] == [ALL]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(
    st.builds(random_program, st.integers(0, 2**32 - 1), st.integers(5, 30)),
    st.builds(Keeping, st.integers(1, 5), st.booleans()),
)
def test_random_programs(made: Program, chosen: Keeping) -> None:
    g = keeping(made.function, chosen)
    verify(g)
    before, after = evaluate(made.function, made.arguments), evaluate(g, made.arguments)
    assert all(ours.tobytes() == theirs.tobytes() for ours, theirs in zip(after, before, strict=True))
