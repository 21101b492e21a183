"""The backward walk: what it returns, what it emits, where that says it comes from, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    DifferentiationError,
    Equation,
    Function,
    Location,
    TensorType,
    Value,
    dtypes,
    ops,
    verify,
)
from diptych.passes.autodiff import active_values, backpropagate, pullback, value_and_gradient
from diptych.passes.expressions import ones
from diptych.passes.vjps import REFUSED, VJPS

from tests.passes.finite_differences import check_gradients, pulled_back
from tests.samples import Sample
from tests.samples.control import function
from tests.samples.every import SAMPLES

VECTOR = TensorType(dtypes.f64, (3,))


def test_value_and_gradient() -> None:
    f = function("loss", "f64[3] f64[3] i32[]", lambda b, x, y, n: [b.reduce_sum(b.mul(x, y), axes=(0,)), n])
    g = value_and_gradient(f)
    verify(g)
    assert g.name == "loss_gradient"
    value, number, by_x, by_y = evaluate(g, [np.arange(3.0), np.ones(3), np.int32(7)])
    assert (value, number, by_x.tolist(), by_y.tolist()) == (3, 7, [1, 1, 1], [0, 1, 2])
    assert [str(result.type) for result in value_and_gradient(f, [1]).results] == ["f64[]", "i32[]", "f64[3]"]


def test_names_of_parameters_stay() -> None:
    b = Builder("loss")
    x = b.parameter(VECTOR, "weights")
    g = value_and_gradient(b.finish([b.reduce_sum(x, axes=(0,))]))
    assert [parameter.name for parameter in g.parameters] == ["weights"]
    back = pullback(b.finish([b.emit(ops.neg, [x], {}, names=["out"])[0]]))
    assert [parameter.name for parameter in back.parameters] == ["weights", "ct_out"]


@pytest.mark.parametrize(
    "types, found", [("f64[3]", "f64[3]"), ("i32[]", r"i32\[\]"), ("c64[]", r"c64\[\]"), ("", "nothing")]
)
def test_the_first_result_must_be_a_real_scalar(types: str, found: str) -> None:
    f = function("loss", types, lambda b, *operands: operands)
    must = rf"gradient: @loss's first result is {found} but must be a real scalar"
    with pytest.raises(DifferentiationError, match=must.replace("[3]", r"\[3\]")):
        value_and_gradient(f)


def test_a_seed_must_have_its_values_type() -> None:
    b = Builder()
    x = b.parameter(VECTOR)
    y = b.neg(x)
    seed = b.parameter(TensorType(dtypes.f32, (3,)))
    with pytest.raises(DifferentiationError) as caught:
        backpropagate(b, b.equations, {y: seed}, [x])
    assert str(caught.value) == "gradient: seed is f32[3] but must be f64[3], its value's type"


def test_independent_values_have_none() -> None:
    b = Builder()
    x, y, n = b.parameter(VECTOR), b.parameter(VECTOR), b.parameter(TensorType(dtypes.i32))
    out = b.exp(x)
    found = backpropagate(b, b.equations, {out: ones(b, VECTOR)}, [x, y, n, out])
    assert found[1:] == [None, None, b.equations[2].results[0]]
    assert found[0] is not None


def test_intermediate_values_and_stops() -> None:
    """A stopped value gets its cotangent, and lets nothing pass."""
    b = Builder()
    x = b.parameter(VECTOR)
    middle = b.sin(x)
    out = b.mul(middle, x)
    seed = ones(b, VECTOR)
    to_middle, to_x = backpropagate(b, b.equations[:2], {out: seed}, [middle, x], stop=[middle])
    points = np.arange(3.0)
    found_middle, found_x = evaluate(b.finish([to_middle, to_x]), [points])
    assert np.array_equal(found_middle, points)
    assert np.array_equal(found_x, np.sin(points))


def test_several_seeds_and_uses_add_up() -> None:
    f = function("f", "f64[3]", lambda b, x: [x, b.mul(x, x), x, b.mul(x, x)])
    assert pulled_back(f, [1, 2, 3], [1, 1, 1], [1, 10, 100], [2, 2, 2], [0, 0, 1]) == [[5, 43, 609]]


def test_a_zero_cotangent_emits_nothing() -> None:
    """Of the long chain behind an unused result, and of operands that nobody wants, no gradient equation is emitted."""
    b = Builder()
    x, y = b.parameter(VECTOR), b.parameter(VECTOR)
    b.exp(b.sin(b.tanh(x)))  # leads nowhere
    out = b.mul(b.cos(y), x)
    count = len(b.equations)
    (found,) = backpropagate(b, b.equations, {out: ones(b, VECTOR)}, [x])
    assert found is not None
    # the seed's constant and broadcast, the product to x, and mul's other product, which finish drops
    assert [e.op.name for e in b.equations[count:]] == ["constant", "broadcast", "mul", "mul"]
    assert len(b.finish([found]).equations) == 4


def test_rules_see_none_where_no_cotangent_arrives() -> None:
    f = function("f", "f64[3,3]", lambda b, x: b.eigh(x)[0])
    used = {equation.op.name for equation in pullback(f).equations}
    assert "div" not in used  # the eigenvectors' part, with its gaps, is not there


def _locations(function: Function) -> list[Location | None]:
    found: list[Location | None] = []
    for equation in function.equations:
        found.append(equation.location)
        for _, nested in equation.functions():
            found.extend(_locations(nested))
    return found


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.gradient and s.op not in REFUSED], ids=str)
def test_gradient_equations_carry_the_forward_line(sample: Sample) -> None:
    """The one op of a sample is put on a line of its own: all that its rule emits, nested functions too, is there."""
    plain = sample.function()
    line = Location("user.py", 11)
    moved = Function(plain.name, plain.parameters, tuple(_at(e, line) for e in plain.equations), plain.results)
    b = Builder("back")
    b.location = Location("elsewhere.py", 1)
    parameters = [b.parameter(p.type) for p in moved.parameters]
    results = b.inline(moved, parameters)
    count = len(b.equations)
    seeds = {result: b.parameter(result.type) for result in results if result.dtype.is_differentiable}
    wanted = [p for p in parameters if p.dtype.is_differentiable]
    backpropagate(b, b.equations, seeds, wanted)
    assert b.location == Location("elsewhere.py", 1)
    emitted = Function("emitted", (), tuple(b.equations[count:]), ())
    extended = Function("extended", (), tuple(b.equations[:count]), ())
    assert set(_locations(emitted)) <= {line}
    assert None not in _locations(extended)


def _at(equation: Equation, line: Location) -> Equation:
    attributes = dict(equation.attributes)
    for name, nested in equation.functions():
        body = tuple(_at(inner, line) for inner in nested.equations)
        attributes[name] = Function(nested.name, nested.parameters, body, nested.results)
    return Equation(equation.op, equation.operands, attributes, equation.results, line)


def test_errors_of_rules_have_the_users_line(monkeypatch: pytest.MonkeyPatch) -> None:
    f = function("f", "f64[3]", lambda b, x: b.exp(x))
    monkeypatch.delitem(VJPS, ops.exp)
    with pytest.raises(DifferentiationError) as caught:
        pullback(f)
    assert caught.value.message == "exp: has no gradient: it has no rule"
    assert caught.value.location is not None and caught.value.location.file == __file__


def test_active_values() -> None:
    b = Builder()
    x, y = b.parameter(VECTOR), b.parameter(VECTOR)
    s, t = b.sin(x), b.cos(y)
    both = b.add(s, t)
    count = b.cast(both, dtype=dtypes.i32)
    stopped = b.stop_gradient(s)
    assert active_values(b.equations, [x], set()) == {x, s, both}
    assert active_values(b.equations, [x], {s}) == {x}
    assert {count, stopped}.isdisjoint(active_values(b.equations, [x, y], set()))


def test_a_long_chain_needs_no_deep_stack() -> None:
    def chain(b: Builder, x: Value) -> Value:
        for _ in range(3000):
            x = b.sin(x)
        return x

    f = function("chain", "f64[]", chain)
    check_gradients(f, [0.5], order=1)
