"""Which products become one, and that values stay."""

from __future__ import annotations

from diptych.ir import Builder, Function, TensorType, Value, dtypes, ops
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.gather_products import gather_products
from diptych.passes.rules import EXACT
from diptych.passes.simplify import simplify

from tests.passes.text import agree

STEPS, BATCH, INPUT, HIDDEN = 4, 2, 3, 5


def step_of(b: Builder, x: Value, step: int) -> Value:
    """x[step]."""
    start, limit = [step, 0, 0], [step + 1, *x.shape[1:]]
    return b.reshape(b.slice(x, start=start, limit=limit, stride=[1, 1, 1]), shape=x.shape[1:])


def recurrence(steps: int = STEPS) -> Function:
    """The sum of h = tanh(x[t] @ w + h @ u + bias) after `steps`, squared, with the gradients of w, u and bias."""
    b = Builder()
    x, h, w, u, bias = (
        b.parameter(TensorType(dtypes.f64, shape), name)
        for name, shape in {
            "x": (STEPS, BATCH, INPUT), "h": (BATCH, HIDDEN), "w": (INPUT, HIDDEN), "u": (HIDDEN, HIDDEN),
            "bias": (HIDDEN,),
        }.items()
    )  # fmt: skip
    for step in range(steps):
        wide = b.broadcast(bias, shape=(BATCH, HIDDEN), axes=(1,))
        h = b.tanh(b.add(b.add(b.matmul(step_of(b, x, step), w), b.matmul(h, u)), wide))
    f = b.finish([b.reduce_sum(b.mul(h, h), axes=(0, 1))])
    return simplify(value_and_gradient(f, [2, 3, 4]), EXACT)


def count(f: Function, op: str) -> int:
    return sum(equation.op.name == op for equation in f.equations)


def test_a_recurrence() -> None:
    """What comes in is multiplied once, and each weight has one product as its gradient; what waits stays."""
    f = recurrence()
    g = gather_products(f)
    agree(f, g)
    assert count(f, "matmul") == 2 * STEPS + STEPS - 1 + 2 * STEPS
    assert count(g, "matmul") == 1 + STEPS + STEPS - 1 + 2
    assert gather_products(g) is g


def test_slices_of_the_whole_are_not_copied() -> None:
    """The left side of the gradient of w is x itself."""
    g = gather_products(recurrence())
    products = [e for e in g.equations if e.op is ops.matmul and g.parameters[0] in e.operands]
    assert [e.attributes["lhs_contract"] for e in products] == [(2,), (0, 1)]


def test_a_sum_of_sums() -> None:
    b = Builder()
    xs = [b.parameter(TensorType(dtypes.f64, (2, 6))) for _ in range(4)]
    total = b.reduce_sum(xs[0], axes=(0,))
    for x in xs[1:]:
        total = b.add(total, b.reduce_sum(x, axes=(0,)))
    f = b.finish([total])
    g = gather_products(f)
    agree(f, g)
    assert count(g, "reduce_sum") == count(g, "concatenate") == 1


def test_few_steps_stay_as_they_are() -> None:
    f = recurrence(2)
    assert gather_products(f) is f


def test_nested_functions_are_looked_into() -> None:
    f = recurrence()
    b = Builder()
    operands = [b.parameter(p.type) for p in f.parameters]
    inner: Function = gather_products(b.finish(b.call(*operands, body=f))).equations[0].attributes["body"]
    assert count(inner, "matmul") < count(f, "matmul")


def test_products_that_are_read_elsewhere_stay() -> None:
    b = Builder()
    xs = [b.parameter(TensorType(dtypes.f64, (2, 6))) for _ in range(4)]
    ys = [b.parameter(TensorType(dtypes.f64, (2, 6))) for _ in range(4)]
    products = [b.matmul(x, y, lhs_contract=(0,), rhs_contract=(0,)) for x, y in zip(xs, ys, strict=True)]
    total = products[0]
    for product in products[1:]:
        total = b.add(total, product)
    f = b.finish([total, products[1], products[2]])
    assert gather_products(f) is f
    alone = b.finish([total])
    agree(alone, gather_products(alone))
    assert count(gather_products(alone), "matmul") == 1
