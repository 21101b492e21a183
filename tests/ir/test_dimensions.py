"""Dimensions: laws of their normal form, their text, and the bounds that keep hostile ones small."""

from __future__ import annotations

import pytest
from diptych.ir import Dim, ParseError, TypeRuleError, evaluate, floor_divide, named, parse_dimension, product
from diptych.ir.dimensions import MAX_TERMS, dimension_names, exact_quotient
from hypothesis import given, settings
from hypothesis import strategies as st

A, B, C = named("a"), named("b"), named("c")

atoms = st.sampled_from([1, A, B, C, floor_divide(A, 2), floor_divide(A + B, C)])
terms = st.builds(
    lambda count, factors: count * product(factors), st.integers(-5, 5), st.lists(atoms, min_size=0, max_size=3)
)
dims = st.builds(lambda parts: sum(parts, 0), st.lists(terms, max_size=4))
plain = st.builds(
    lambda parts: sum(parts, 0),
    st.lists(
        st.builds(lambda n, f: n * product(f), st.integers(-5, 5), st.lists(st.sampled_from([1, A, B, C]), max_size=3)),
        max_size=4,
    ),
)
sizes = st.fixed_dictionaries({name: st.integers(-20, 20) for name in "abc"})


@given(dims, dims, dims)
def test_sums_and_products_obey_the_laws_of_a_ring(x: Dim, y: Dim, z: Dim) -> None:
    assert x + y == y + x
    assert (x + y) + z == x + (y + z)
    assert x * y == y * x
    assert (x * y) * z == x * (y * z)
    assert x * (y + z) == x * y + x * z
    assert x + 0 == x
    assert x * 1 == x
    assert x * 0 == 0
    assert x - x == 0
    assert x - y == x + -1 * y
    assert 0 - (-x) == x


@given(dims, dims)
def test_equal_dimensions_have_equal_hashes_and_text(x: Dim, y: Dim) -> None:
    same = (x + y) - y
    assert same == x
    assert hash(same) == hash(x)
    assert str(same) == str(x)


@given(dims)
def test_text_reads_back(x: Dim) -> None:
    assert parse_dimension(str(x)) == x
    assert parse_dimension(str(x).replace(" ", "")) == x


@given(plain, plain, sizes)
def test_evaluation_is_a_homomorphism(x: Dim, y: Dim, at: dict[str, int]) -> None:
    assert evaluate(x + y, at) == evaluate(x, at) + evaluate(y, at)
    assert evaluate(x * y, at) == evaluate(x, at) * evaluate(y, at)
    assert isinstance(evaluate(x, at), int)


@given(plain, st.integers(1, 9), sizes)
def test_evaluation_rounds_quotients_down(x: Dim, divisor: int, at: dict[str, int]) -> None:
    value = evaluate(x, at)
    assert isinstance(value, int)
    assert evaluate(floor_divide(x, divisor), at) == value // divisor


@given(dims, sizes)
def test_evaluation_with_names_evaluates_in_steps(x: Dim, at: dict[str, int]) -> None:
    at["c"] = at["c"] or 1
    assert evaluate(evaluate(x, {"a": at["a"]}), at) == evaluate(x, at)


@given(plain, plain)
@settings(max_examples=300)
def test_exact_quotient_undoes_a_product(x: Dim, y: Dim) -> None:
    if y != 0:
        assert exact_quotient(x * y, y) == x


@given(plain, plain)
def test_exact_quotient_is_exact_or_none(x: Dim, y: Dim) -> None:
    quotient = exact_quotient(x, y)
    assert quotient is None or quotient * y == x


def test_exact_quotient_ends_where_the_order_of_terms_once_made_it_circle() -> None:
    assert exact_quotient(-3 * A * C - 2 * C + 1, 2 * A * B - B * B + A) is None
    assert exact_quotient(A * A + 2 * A * B + B * B, A + B) == A + B
    assert exact_quotient(A * A - B * B, A - B) == A + B
    assert exact_quotient(parse_dimension("a^16"), parse_dimension("a-b-c-d-e")) is None
    assert exact_quotient(A, 0) is None
    assert exact_quotient(0, A) == 0
    assert exact_quotient(6 * A + 4, 2) == 3 * A + 2
    assert exact_quotient(6 * A + 3, 2) is None


def test_quotients_by_a_number_have_one_form() -> None:
    """Whole multiples stand outside, common factors are cancelled."""
    half = floor_divide(A + 1, 2)
    assert floor_divide(2 * half + 4, 6) == floor_divide(half + 2, 3)
    assert floor_divide(6 * A + 4 * B + 5, 4) == A + B + floor_divide(A + 2, 2) == A + B + 1 + floor_divide(A, 2)
    assert floor_divide(2 * A + 1, 2) == A
    assert str(floor_divide(A - 3, 2)) == "floordiv(a + 1, 2) - 2"
    assert floor_divide(A, -2) == floor_divide(-A, 2) == floor_divide(A, 2) - A
    assert parse_dimension("floordiv(2*a+7, -6)") == floor_divide(2 * A + 7, -6)


@given(dims, st.integers(1, 6), st.integers(1, 5), sizes)
def test_a_factor_does_not_matter_in_a_quotient(x: Dim, divisor: int, factor: int, at: dict[str, int]) -> None:
    at["c"] = at["c"] or 1
    quotient = floor_divide(x, divisor)
    assert floor_divide(factor * x, factor * divisor) == quotient
    assert floor_divide(factor * x + (factor - 1), factor * divisor) == quotient
    assert floor_divide(x + divisor * B, divisor) == quotient + B
    assert floor_divide(x, -divisor) == floor_divide(-x, divisor)
    value = evaluate(x, at)
    assert isinstance(value, int) and evaluate(quotient, at) == value // divisor


def test_text_of_each_form() -> None:
    assert str(2 * A + 3) == "2*a + 3"
    assert str(3 - A) == "-a + 3"
    assert str(A * A * B - 1) == "a^2*b - 1"
    assert str(floor_divide(A + 1, 2)) == "floordiv(a + 1, 2)"
    assert str(B * A + A * A + A + 7 + B * B) == "a^2 + a*b + b^2 + a + 7"
    assert repr(A) == "Dimension(a)"


def test_numbers_stay_numbers() -> None:
    assert type(A - A) is int
    assert type((A + 3) - A) is int
    assert floor_divide(7, 2) == 3
    assert floor_divide(-7, 2) == -4
    assert floor_divide(4 * A, 2) == 2 * A
    assert parse_dimension("2^3 * (4 - 1)") == 24
    assert parse_dimension("floordiv(7, 2)") == 3
    assert parse_dimension("-5") == -5


def test_names_of_a_dimension() -> None:
    assert dimension_names(floor_divide(A * B + 1, C)) == {"a", "b", "c"}
    assert dimension_names(3) == set()


def test_a_dimension_is_neither_true_nor_a_number() -> None:
    with pytest.raises(TypeError, match=r"^dimension a has no truth value: compare it with == instead$"):
        bool(A)
    with pytest.raises(TypeError, match=r"^dimension a is not a number: bind its names first$"):
        int(A)


@pytest.mark.parametrize("name", ["", "3a", "a b", "floordiv", "é"])
def test_a_name_is_a_word(name: str) -> None:
    with pytest.raises(ValueError, match="must be a letter, then letters, digits or underscores"):
        named(name)


def test_division_by_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^dimension a cannot be divided by 0$"):
        floor_divide(A, 0)


MALFORMED = {
    "": "dimension '' is malformed at its end",
    "a+": "dimension 'a+' is malformed at its end",
    "a b": "dimension 'a b' is malformed at 'b'",
    "a++b": "dimension 'a++b' is malformed at '+'",
    "(a": "dimension '(a' is malformed at its end",
    "a)": "dimension 'a)' is malformed at ')'",
    "a^": "dimension 'a^' is malformed at its end",
    "a^b": "dimension 'a^b' is malformed at 'b'",
    "a/b": "dimension 'a/b' has an unexpected '/'",
    "٣": "dimension '٣' has an unexpected '٣'",
    "floordiv(a)": "dimension 'floordiv(a)' is malformed at ')'",
    "floordiv": "dimension 'floordiv' is malformed at its end",
    "floordiv(a,0)": "dimension 'floordiv(a,0)' divides by 0",
    "a^17": "dimension 'a^17' has the power 17 but at most 16 is allowed",
    "9223372036854775808": "dimension has the number 9223372036854775808 but must stay under 2**63",
    "9" * 300: f"dimension has the number {'9' * 30} but must stay under 2**63",
    "(9^16)^16": "dimension '(9^16)^16' has a number that must stay under 2**63",
    "9223372036854775807+1": "dimension '9223372036854775807+1' has a number that must stay under 2**63",
    "a" * 401: "dimension has 401 characters but must have at most 400",
    "(" * 41 + "a" + ")" * 41: f"dimension {'(' * 40!r} nests deeper than 40",
    "(a+b+c+d+e+f+g)^16": "dimension has 84 terms but must have at most 64",
    "+".join(f"a{i}" for i in range(65)): "dimension has 65 terms but must have at most 64",
    "floordiv(" * 28 + "n" + ",1+m)" * 28: "dimension floordiv(floordiv(floordiv(floordiv(floo... has 409 characters "
    "but must have at most 400",
}


@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: text[:20] or "empty")
def test_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_dimension(text)
    assert caught.value.message == MALFORMED[text]


def test_type_rules_cannot_grow_a_dimension_without_bound() -> None:
    many = sum((named(f"n{i}") for i in range(MAX_TERMS)), 0)
    with pytest.raises(TypeRuleError) as caught:
        many + named("one_more")
    assert str(caught.value) == (
        "dimension has 65 terms but must have at most 64\n  try: specialise the program to its sizes first"
    )
    with pytest.raises(TypeRuleError) as caught:
        many * many
    assert caught.value.message == "dimension has 4096 terms but must have at most 256"
    doubled: Dim = named("n")
    with pytest.raises(TypeRuleError, match="characters but must have at most 400"):
        for _ in range(20):
            doubled = floor_divide(doubled + 1, 2) * floor_divide(doubled + 3, 2)
