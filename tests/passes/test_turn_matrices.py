"""Which matrices are turned once, and that values stay."""

from __future__ import annotations

from diptych.ir import Builder, Function, TensorType, dtypes, ops
from diptych.passes.turn_matrices import turn_matrices

from tests.passes.text import agree


def chain(steps: int) -> Function:
    """x = x @ w.T, again and again."""
    b = Builder()
    x, w = b.parameter(TensorType(dtypes.f64, (2, 3)), "x"), b.parameter(TensorType(dtypes.f64, (3, 3)), "w")
    for _ in range(steps):
        x = b.tanh(b.matmul(x, w, lhs_contract=(1,), rhs_contract=(1,)))
    return b.finish([x])


def test_many_products_read_one_copy() -> None:
    f = chain(4)
    g = turn_matrices(f)
    agree(f, g)
    assert [e.op.name for e in g.equations].count("concatenate") == 1
    assert {e.attributes["rhs_contract"] for e in g.equations if e.op is ops.matmul} == {(0,)}
    assert turn_matrices(g) is g


def test_few_products_read_it_as_it_lies() -> None:
    f = chain(3)
    assert turn_matrices(f) is f


def test_nested_functions_are_looked_into() -> None:
    f = chain(4)
    b = Builder()
    outer = b.finish(b.call(*(b.parameter(p.type) for p in f.parameters), body=f))
    g = turn_matrices(outer)
    agree(outer, g)
    inner: Function = g.equations[0].attributes["body"]
    assert [e.op.name for e in inner.equations].count("concatenate") == 1
