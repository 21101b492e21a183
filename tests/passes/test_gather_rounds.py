"""What moves out of the rounds of a scan, what stays, and that values stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from diptych.backends import compile
from diptych.ir import Builder, Equation, Function, HostFunction, TensorType, Value, dtypes, ops
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.expressions import full, zeros
from diptych.passes.gather_rounds import MOST_BYTES, gather_rounds
from diptych.passes.rules import EXACT
from diptych.passes.simplify import simplify
from diptych.passes.trim import trim

from tests.passes.text import agree

STEPS, BATCH, INPUT, HIDDEN = 5, 2, 3, 4

Body = Callable[..., Sequence[Value]]


def typed(*shape: int) -> TensorType:
    return TensorType(dtypes.f64, shape)


def scanned(
    body: Body, constants: Sequence[TensorType], carries: Sequence[TensorType], slices: Sequence[TensorType], *,
    length: int = STEPS, reverse: bool = False,
) -> Function:  # fmt: skip
    """A function of constants, first state and sequences of `slices` to the results of their scan."""
    b = Builder("f")
    b.find_location = False
    given = [b.parameter(type) for type in (*constants, *carries)]
    given += [b.parameter(type.with_shape((length, *type.shape))) for type in slices]
    inner = b.nested("body")
    results = body(inner, *(inner.parameter(type) for type in (*constants, *carries, *slices)))
    found = b.scan(
        *given, body=inner.finish(results), length=length, constants=len(constants), carries=len(carries),
        reverse=reverse,
    )  # fmt: skip
    return b.finish(found)


def scans(function: Function) -> list[Equation]:
    return [equation for equation in function.equations if equation.op is ops.scan]


def count(function: Function, op: str) -> int:
    return sum(equation.op.name == op for equation in function.equations)


def inside(function: Function, op: str) -> list[int]:
    """How many equations of that op each scan has in its body."""
    return [count(equation.attributes["body"], op) for equation in scans(function)]


def cell(b: Builder, w: Value, h: Value, x: Value) -> list[Value]:
    """h = tanh([x, h] w), as a cell of TensorFlow's has it."""
    h = b.tanh(b.matmul(b.concatenate(x, h, axis=1), w))
    return [h, h]


def recurrence(*, reverse: bool = False) -> Function:
    """A loss of the cell's outputs, with the gradients of w, the first state, and what comes in."""
    f = scanned(cell, [typed(INPUT + HIDDEN, HIDDEN)], [typed(BATCH, HIDDEN)], [typed(BATCH, INPUT)], reverse=reverse)
    b = Builder("loss")
    b.find_location = False
    given = [b.parameter(type) for type in f.parameter_types]
    last, outputs = b.inline(f, given)
    squared = b.reduce_sum(b.mul(outputs, outputs), axes=(0, 1, 2))
    loss = b.finish([b.add(squared, b.reduce_sum(last, axes=(0, 1)))])
    return trim(simplify(value_and_gradient(loss, [0, 1, 2]), EXACT))


@pytest.mark.parametrize("reverse", [False, True])
def test_a_recurrence(reverse: bool) -> None:
    """One product a round is left each way: what comes in is multiplied before, the gradients of w and of what came in
    are made behind."""
    f = recurrence(reverse=reverse)
    g = gather_rounds(f)
    agree(f, g)
    assert inside(f, "matmul") == [1, 2]
    assert inside(g, "matmul") == [1, 1]
    assert count(g, "matmul") == 3
    assert [equation.attributes["carries"] for equation in scans(f)] == [1, 2]
    assert [equation.attributes["carries"] for equation in scans(g)] == [1, 1]
    assert gather_rounds(g) is g


def test_sums_start_where_they_did() -> None:
    def body(b: Builder, w: Value, h: Value, total: Value, x: Value) -> list[Value]:
        return [b.tanh(b.add(h, x)), b.add(total, b.matmul(b.mul(h, x), w)), h]

    f = scanned(body, [typed(3, 4)], [typed(2, 3), typed(2, 4)], [typed(2, 3)])
    g = gather_rounds(f)
    agree(f, g)
    assert inside(g, "matmul") == [0]


@pytest.mark.parametrize("is_zero", [True, False])
def test_sums_of_several_terms(is_zero: bool) -> None:
    def body(b: Builder, h: Value, total: Value, x: Value) -> list[Value]:
        product = b.matmul(h, x, lhs_contract=(0,), rhs_contract=(0,))
        return [b.tanh(b.add(h, x)), b.add(b.add(product, total), b.matmul(x, x, lhs_contract=(0,), rhs_contract=(0,)))]

    inner = scanned(body, [], [typed(2, 3), typed(3, 3)], [typed(2, 3)])
    b = Builder("f")
    b.find_location = False
    given = [b.parameter(type) for type in inner.parameter_types]
    given[1] = zeros(b, typed(3, 3)) if is_zero else given[1]
    f = b.finish(b.inline(inner, given))
    g = gather_rounds(f)
    agree(f, g)
    assert inside(g, "matmul") == [0]
    assert count(g, "matmul") == 2


def test_a_bias_gradient() -> None:
    def body(b: Builder, h: Value, total: Value, x: Value) -> list[Value]:
        h = b.sin(b.add(h, x))
        return [h, b.add(total, b.reduce_sum(h, axes=(0,)))]

    f = scanned(body, [], [typed(2, 3), typed(3)], [typed(2, 3)])
    g = gather_rounds(f)
    agree(f, g)
    assert inside(g, "reduce_sum") == [0]
    assert [e.attributes["axes"] for e in g.equations if e.op is ops.reduce_sum] == [(0, 1)]


def test_products_of_batches() -> None:
    def body(b: Builder, h: Value, total: Value, x: Value) -> list[Value]:
        axes = {"lhs_batch": (0,), "rhs_batch": (0,), "lhs_contract": (1,), "rhs_contract": (1,)}
        return [b.sin(b.add(h, x)), b.add(total, b.matmul(h, x, **axes))]

    f = scanned(body, [], [typed(4, 2, 3), typed(4, 3, 3)], [typed(4, 2, 3)])
    g = gather_rounds(f)
    agree(f, g)
    assert inside(g, "matmul") == [0]


def test_a_term_with_a_matrix_that_stays() -> None:
    """The sum of products with one matrix: summed before anything would grow."""

    def body(b: Builder, w: Value, h: Value, total: Value, x: Value) -> list[Value]:
        return [b.sin(b.add(h, x)), b.add(total, b.matmul(h, w))]

    f = scanned(body, [typed(3, 2)], [typed(4, 3), typed(4, 2)], [typed(4, 3)])
    g = gather_rounds(f)
    agree(f, g)
    assert inside(g, "matmul") == [0]


def test_without_state_all_is_done_at_once() -> None:
    def body(b: Builder, w: Value, x: Value) -> list[Value]:
        return [b.exp(b.matmul(x, w)), b.mul(x, x), w, x, full(b, typed(2), 3.0)]

    f = scanned(body, [typed(3, 2)], [], [typed(4, 3)])
    g = gather_rounds(f)
    agree(f, g)
    assert not scans(g)
    assert count(g, "matmul") == count(g, "exp") == 1


def test_what_is_the_same_in_every_round_comes_before() -> None:
    def body(b: Builder, w: Value, h: Value, x: Value) -> list[Value]:
        return [b.add(h, b.matmul(b.sin(x), b.exp(w)))]

    f = scanned(body, [typed(3, 3)], [typed(2, 3)], [typed(2, 3)])
    g = gather_rounds(f)
    agree(f, g)
    assert not scans(g)
    assert [e.results[0].shape for e in g.equations if e.op is ops.exp] == [(3, 3)]


def test_parts_of_a_product_that_nobody_reads_are_not_made() -> None:
    def body(b: Builder, w: Value, h: Value) -> list[Value]:
        wide = b.matmul(h, w)
        return [b.sin(b.slice(wide, start=(0, 2), limit=(2, 5), stride=(1, 1)))]

    f = scanned(body, [typed(3, 7)], [typed(2, 3)], [])
    g = gather_rounds(f)
    agree(f, g)


def state_is_read(b: Builder, h: Value, total: Value, x: Value) -> list[Value]:
    """A sum that the other state waits for."""
    total = b.add(total, b.matmul(x, h, lhs_contract=(0,), rhs_contract=(0,)))
    return [b.add(h, b.matmul(x, total)), total]


def small_terms(b: Builder, h: Value, total: Value, x: Value) -> list[Value]:
    """A sum of what is no product."""
    return [b.sin(b.add(h, x)), b.add(total, b.exp(b.matmul(h, h, lhs_contract=(0,), rhs_contract=(0,))))]


def test_sums_that_the_state_waits_for_stay() -> None:
    f = scanned(state_is_read, [], [typed(3, 3), typed(3, 3)], [typed(3, 3)])
    assert gather_rounds(f) is f


def test_what_is_made_of_a_product_moves_with_it() -> None:
    f = scanned(small_terms, [], [typed(3, 3), typed(3, 3)], [typed(3, 3)])
    g = gather_rounds(f)
    agree(f, g)
    assert inside(g, "exp") == [0]


def test_few_rounds_stay() -> None:
    f = scanned(cell, [typed(7, 4)], [typed(2, 4)], [typed(2, 3)], length=2)
    assert gather_rounds(f) is f


def test_what_would_be_too_large_stays() -> None:
    length = MOST_BYTES // (8 * 4 * 2) + 1
    f = scanned(cell, [typed(7, 4)], [typed(2, 4)], [typed(2, 3)], length=length)
    assert gather_rounds(f) is f


def test_effects_stay() -> None:
    calls = HostFunction("note", lambda x: None)

    def body(b: Builder, w: Value, x: Value) -> list[Value]:
        b.host_call(x, function=calls, results=())
        return [b.matmul(x, w)]

    f = scanned(body, [typed(3, 3)], [], [typed(2, 3)])
    assert gather_rounds(f) is f


def test_ops_without_a_rule_stay() -> None:
    def body(b: Builder, x: Value) -> list[Value]:
        return list(b.host_call(x, function=HostFunction("twice", lambda x: 2 * x), results=(x.type,)))

    f = scanned(body, [], [], [typed(2, 3)])
    assert gather_rounds(f) is f


def test_nested_scans() -> None:
    def outer(b: Builder, w: Value, h: Value, xs: Value) -> list[Value]:
        inner = b.nested("inner")
        results = cell(inner, *(inner.parameter(type) for type in (w.type, h.type, typed(BATCH, INPUT))))
        found = b.scan(w, h, xs, body=inner.finish(results), length=STEPS, constants=1, carries=1)
        return [found[0], found[1]]

    f = scanned(outer, [typed(7, 4)], [typed(2, 4)], [typed(STEPS, BATCH, INPUT)], length=3)
    g = gather_rounds(f)
    agree(f, g)
    (body,) = [equation.attributes["body"] for equation in scans(g)]
    assert inside(body, "matmul") == [1]


def test_compiled() -> None:
    """Through all passes, in loops of the program's own."""
    f = recurrence()
    random = np.random.default_rng(1)
    arrays = [random.standard_normal(type.static_shape()) for type in f.parameter_types]
    for found, expected in zip(
        compile(f, backend="numpy")(*arrays), compile(f, backend="reference")(*arrays), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
