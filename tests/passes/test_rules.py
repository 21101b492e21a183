"""Every rewrite rule, alone: it fires on its examples and keeps their values, bit for bit where it says so."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.backends.tolerances import EXACT as EVERY_BIT
from diptych.backends.tolerances import VALUE, Tolerance, disagreement, tolerance
from diptych.ir import Function, verify
from diptych.passes.inline import INLINE
from diptych.passes.pattern import Rule
from diptych.passes.provenance import Fired
from diptych.passes.rules import EXACT, FAST, MARKS, PLACES
from diptych.passes.simplify import simplify

from tests.passes.rule_examples import EXAMPLES, Example, plain_array, special_array

RULES = {rule.name: rule for rule in (*EXACT, *FAST, *MARKS, *PLACES, *INLINE)}
CASES = [pytest.param(RULES[name], e, id=f"{name}-{e.types}") for name in RULES for e in EXAMPLES.get(name, ())]


def test_there_are_rules_enough() -> None:
    assert len(EXACT) >= 60


def test_names_are_unique() -> None:
    for rules in (EXACT, FAST, MARKS, PLACES, INLINE):
        assert [name for name, count in Counter(rule.name for rule in rules).items() if count > 1] == []


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_an_example(name: str) -> None:
    assert EXAMPLES.get(name), f"tests/passes/rule_examples.py: EXAMPLES has no {name}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_has_a_rule(name: str) -> None:
    assert name in RULES


def test_lists_say_which_rules_are_exact() -> None:
    assert all(rule.exact for rule in (*EXACT, *MARKS, *PLACES, *INLINE))
    assert not any(rule.exact for rule in FAST)


def allowed(function: Function) -> Tolerance:
    """Every bit; but which zero the largest of 0.0 and -0.0 is, the ops leave open."""
    open_zeros = any(
        tolerance(equation.op, result.dtype.numpy) is VALUE
        for equation in function.equations
        for result in equation.results
    )
    return VALUE if open_zeros else EVERY_BIT


def applied(rule: Rule, function: Function) -> Function:
    fired = Fired()
    result = simplify(function, [rule], fired=fired)
    assert fired[rule.name] >= 1, "the rule did not fire"
    assert set(fired) == {rule.name}
    verify(result)
    assert [value.type for value in result.results] == [value.type for value in function.results]
    return result


@pytest.mark.parametrize("rule, example", CASES)
def test_rule_keeps_values(rule: Rule, example: Example) -> None:
    function = example.function()
    simplified = applied(rule, function)
    random = np.random.default_rng(0)
    makers = [plain_array, special_array, special_array] if rule.exact else [plain_array]
    for make in makers:
        arrays = [make(random, p.dtype, p.type.static_shape()) for p in function.parameters]
        wanted, found = evaluate(function, arrays), evaluate(simplified, arrays)
        for ours, theirs in zip(found, wanted, strict=True):
            if rule.exact:
                problem = disagreement(ours, theirs, allowed(function))
            else:
                problem = disagreement(ours, theirs, Tolerance(element=64, largest=64, one=64))
            assert problem is None, f"{problem}\n{function}\n{simplified}"


@pytest.mark.parametrize("rule, example", CASES)
def test_rule_comes_to_an_end(rule: Rule, example: Example) -> None:
    """All rules together reach a program that they leave as it is, with and without fast ones, and without folding."""
    for rules in (EXACT, [*FAST, *EXACT]):
        once = simplify(example.function(), rules)
        assert simplify(once, rules) == once
