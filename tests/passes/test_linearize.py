"""The halves of a pullback: what is saved, what is made again, what is needed."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Function, Value, dtypes, verify
from diptych.passes.autodiff import pullback
from diptych.passes.linearize import Linearized, linearize

from tests.samples.control import function


def halves_of(f: Function, wanted: list[int], given: list[int]) -> Linearized:
    halves = linearize(Builder(), f, wanted, given)
    verify(halves.forward)
    verify(halves.backward)
    assert halves.forward.parameter_types == f.parameter_types
    assert halves.forward.result_types[: len(f.results)] == f.result_types
    assert len(halves.forward.results) == len(f.results) + halves.saved
    assert len(halves.backward.parameters) == len(halves.needed) + halves.saved + len(given)
    return halves


def body(b: Builder, x: Value, n: Value, y: Value) -> list[Value]:
    ones = b.broadcast(b.cast(n, dtype=dtypes.f64), shape=(3,), axes=())
    return [b.mul(b.sin(x), y), b.add(b.exp(y), ones), n]


F = function("f", "f64[3] i32[] f64[3]", body)


@pytest.mark.parametrize("given", [[0, 1], [0], [1]])
@pytest.mark.parametrize("wanted", [[0, 2], [2], [0]])
def test_the_halves_together_are_the_pullback(wanted: list[int], given: list[int]) -> None:
    halves = halves_of(F, wanted, given)
    arguments = [np.array([0.5, 1.0, -2.0]), np.int32(2), np.array([3.0, -1.0, 0.25])]
    cotangents = [np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 2.0])]
    forward = evaluate(halves.forward, arguments)
    backward = evaluate(
        halves.backward,
        [*(arguments[place] for place in halves.needed), *forward[3:], *(cotangents[place] for place in given)],
    )
    every = [cotangents[place] if place in given else np.zeros(3) for place in (0, 1)]
    whole = evaluate(pullback(F), [*arguments, *every])
    for place, found in zip(wanted, backward, strict=True):
        np.testing.assert_allclose(found, whole[0 if place == 0 else 1])


def test_what_costs_nothing_is_made_again() -> None:
    """The broadcast is not saved, but the scalar that it repeats; nor is a constant."""
    f = function(
        "f", "f64[3] f64[]",
        lambda b, x, s: b.mul(b.mul(x, b.iota(shape=(3,), axis=0, dtype=dtypes.f64)),
                              b.broadcast(b.exp(s), shape=(3,), axes=())),
    )  # fmt: skip
    halves = halves_of(f, [0], [0])
    assert halves.saved == 1
    assert str(halves.forward.results[-1].type) == "f64[]"
    assert {"iota", "broadcast"} <= {equation.op.name for equation in halves.backward.equations}


def test_results_that_are_one_value_get_the_sum() -> None:
    f = function("f", "f64[3]", lambda b, x: [x, b.mul(x, x), x])
    halves = halves_of(f, [0], [0, 1, 2])
    x, ones = np.array([1.0, 2.0, 3.0]), np.ones(3)
    (found,) = evaluate(halves.backward, [*([x] if halves.needed else []), ones, ones, ones])
    assert found.tolist() == (2 + 2 * x).tolist()


def test_nothing_to_do() -> None:
    halves = halves_of(F, [0], [1])  # the second result does not depend on x
    assert (halves.saved, halves.needed) == (0, ())
    (found,) = evaluate(halves.backward, [np.ones(3)])
    assert found.tolist() == [0, 0, 0]
