"""Sizes of tensor axes: integers, names, and sums and products of them in a normal form.

A `Dimension` is a polynomial with integer coefficients over atoms. An atom is a name (`batch`) or a
quotient rounded down that no polynomial expresses (`floordiv(batch + 1, 2)`). Two dimensions are equal
when their normal forms are; nothing is "probably equal". A polynomial without atoms is a plain int, so
`Dim` is `int | Dimension` and code that knows its sizes never meets this class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import total_ordering
from math import gcd
from typing import Any

from .errors import ParseError, TypeRuleError

# Hostile text must not make large polynomials, nor a type rule grow them without bound.
MAX_TEXT = 400  # characters of one dimension
MAX_NESTING = 40  # of its parentheses
MAX_POWER = 16
MAX_SIZE = 2**63 - 1
MAX_TERMS = 64  # of its normal form
MAX_PRODUCTS = 4 * MAX_TERMS  # of terms, when two dimensions are multiplied

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@total_ordering
class FloorDiv:
    """The atom floor(numerator / denominator)."""

    __slots__ = ("denominator", "numerator", "text")

    def __init__(self, numerator: Dim, denominator: Dim) -> None:
        self.numerator = numerator
        self.denominator = denominator
        self.text = f"floordiv({numerator}, {denominator})"
        if len(self.text) > MAX_TEXT:
            raise TypeRuleError(
                f"dimension {self.text[:40]}... has {len(self.text)} characters but must have at most {MAX_TEXT}",
                hint="specialise the program to its sizes first",
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FloorDiv) and self.text == other.text

    def __lt__(self, other: FloorDiv) -> bool:
        return self.text < other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


Atom = str | FloorDiv
Monomial = tuple[tuple[Atom, int], ...]  # atoms with their powers, ordered by text; () is the constant 1


def _atom_order(factor: tuple[Atom, int]) -> tuple[str, int]:
    return (str(factor[0]), factor[1])


def _monomial_order(monomial: Monomial) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Graded lexicographic: m < n implies m * k < n * k, without which polynomial division need not end."""
    return (-sum(power for _, power in monomial), tuple((str(atom), -power) for atom, power in monomial))


class Dimension:
    """A size that is not a plain number. Made by `named`, arithmetic, `floor_divide` and `parse_dimension`."""

    __slots__ = ("_hash", "terms")

    terms: tuple[tuple[Monomial, int], ...]

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self.terms = terms
        self._hash = hash(terms)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Dimension) and self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: Dim) -> Dim:
        return _collect([*self.terms, *_terms(other)])

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return _collect((monomial, -count) for monomial, count in self.terms)

    def __sub__(self, other: Dim) -> Dim:
        return self + -other

    def __rsub__(self, other: Dim) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        terms = _terms(other)
        if len(self.terms) * len(terms) > MAX_PRODUCTS:
            raise _too_long(len(self.terms) * len(terms), MAX_PRODUCTS)
        return _collect(
            (_multiply(left, right), left_count * right_count)
            for left, left_count in self.terms
            for right, right_count in terms
        )

    __rmul__ = __mul__

    def __str__(self) -> str:
        parts: list[str] = []
        for monomial, count in self.terms:
            factors = [str(atom) if power == 1 else f"{atom}^{power}" for atom, power in monomial]
            if abs(count) != 1 or not factors:
                factors.insert(0, str(abs(count)))
            sign = "-" if count < 0 else "+"
            parts.append(f" {sign} " if parts else ("-" if count < 0 else ""))
            parts.append("*".join(factors))
        return "".join(parts)

    def __repr__(self) -> str:
        return f"Dimension({self})"

    def __bool__(self) -> bool:
        raise TypeError(f"dimension {self} has no truth value: compare it with == instead")

    def __int__(self) -> int:
        raise TypeError(f"dimension {self} is not a number: bind its names first")

    def names(self) -> set[str]:
        """The names this size depends on."""
        found: set[str] = set()
        for monomial, _ in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, str):
                    found.add(atom)
                else:
                    found |= dimension_names(atom.numerator) | dimension_names(atom.denominator)
        return found


Dim = int | Dimension
Shape = tuple[Dim, ...]


def _terms(dim: Dim) -> tuple[tuple[Monomial, int], ...]:
    return dim.terms if isinstance(dim, Dimension) else (((), dim),)


def _collect(terms: Iterable[tuple[Monomial, int]]) -> Dim:
    totals: dict[Monomial, int] = {}
    for monomial, count in terms:
        totals[monomial] = totals.get(monomial, 0) + count
    kept = sorted(((m, c) for m, c in totals.items() if c), key=lambda term: _monomial_order(term[0]))
    if not kept:
        return 0
    if len(kept) == 1 and not kept[0][0]:
        return kept[0][1]
    if len(kept) > MAX_TERMS:
        raise _too_long(len(kept), MAX_TERMS)
    return Dimension(tuple(kept))


def _too_long(count: int, limit: int) -> TypeRuleError:
    return TypeRuleError(
        f"dimension has {count} terms but must have at most {limit}", hint="specialise the program to its sizes first"
    )


def _multiply(left: Monomial, right: Monomial) -> Monomial:
    powers: dict[Atom, int] = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=_atom_order))


def named(name: str) -> Dimension:
    """The dimension called `name`: a letter or underscore, then letters, digits, underscores."""
    if not NAME.match(name) or name == "floordiv":
        raise ValueError(f"dimension name is {name!r} but must be a letter, then letters, digits or underscores")
    return Dimension(((((name, 1),), 1),))


def floor_divide(numerator: Dim, denominator: Dim) -> Dim:
    """floor(numerator / denominator): exact where the polynomial divides, else an atom of its own."""
    if denominator == 0:
        raise ValueError(f"dimension {numerator} cannot be divided by 0")
    if isinstance(denominator, int):
        return numerator // denominator if isinstance(numerator, int) else _divide_by_number(numerator, denominator)
    quotient = exact_quotient(numerator, denominator)
    if quotient is not None:
        return quotient
    return Dimension(((((FloorDiv(numerator, denominator), 1),), 1),))


def _divide_by_number(numerator: Dimension, denominator: int) -> Dim:
    """The one form of a quotient: floor((d q + g r + c) / (g e)) with d = g e is q + floor((r + floor(c / g)) / e)."""
    sign = 1 if denominator > 0 else -1
    denominator *= sign
    whole: list[tuple[Monomial, int]] = []
    rest: dict[Monomial, int] = {}
    for monomial, count in numerator.terms:
        quotient, rest[monomial] = divmod(count * sign, denominator)
        whole.append((monomial, quotient))
    constant = rest.pop((), 0)
    factor = gcd(denominator, *rest.values())
    if factor < denominator:
        left = _collect([*((monomial, count // factor) for monomial, count in rest.items()), ((), constant // factor)])
        whole.append((((FloorDiv(left, denominator // factor), 1),), 1))
    return _collect(whole)


def exact_quotient(numerator: Dim, denominator: Dim) -> Dim | None:
    """The dimension q with q * denominator == numerator, where polynomial division finds one."""
    if denominator == 0:
        return None
    if isinstance(denominator, int):
        terms = _terms(numerator)
        if any(count % denominator for _, count in terms):
            return None
        return _collect((monomial, count // denominator) for monomial, count in terms)
    remainder: dict[Monomial, int] = {monomial: count for monomial, count in _terms(numerator) if count}
    order = {monomial: _monomial_order(monomial) for monomial in remainder}
    quotient: list[tuple[Monomial, int]] = []
    lead_monomial, lead_count = denominator.terms[0]
    while remainder:
        monomial = min(remainder, key=order.__getitem__)
        factors = _divide(monomial, lead_monomial)
        if factors is None or remainder[monomial] % lead_count:
            return None
        step = remainder[monomial] // lead_count
        quotient.append((factors, step))
        for other, count in denominator.terms:
            target = _multiply(factors, other)
            left = remainder.pop(target, 0) - step * count
            if left:
                remainder[target] = left
                if target not in order:
                    order[target] = _monomial_order(target)
        if len(remainder) > MAX_TERMS or len(quotient) > MAX_TERMS:
            return None
    return _collect(quotient)


def _divide(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    powers: dict[Atom, int] = dict(monomial)
    for atom, power in divisor:
        powers[atom] = powers.get(atom, 0) - power
        if powers[atom] < 0:
            return None
    return tuple(sorted(((atom, power) for atom, power in powers.items() if power), key=_atom_order))


def dimension_names(dim: Dim) -> set[str]:
    """The names a size depends on; none for a number."""
    return dim.names() if isinstance(dim, Dimension) else set()


def evaluate(dim: Dim, sizes: Mapping[str, Any]) -> Any:
    """`dim` with names replaced by `sizes`; names that are absent there stay. Sizes may be of any kind that adds up,
    multiplies and divides with `//`, such as another library's symbols."""
    if isinstance(dim, int):
        return dim
    total: Any = 0
    for monomial, count in dim.terms:
        product: Any = count
        for atom, power in monomial:
            if isinstance(atom, str):
                factor: Any = sizes.get(atom, named(atom))
            else:
                parts = evaluate(atom.numerator, sizes), evaluate(atom.denominator, sizes)
                are_ours = all(isinstance(part, int | Dimension) for part in parts)
                factor = floor_divide(*parts) if are_ours else parts[0] // parts[1]
            for _ in range(power):
                product = product * factor
        total = total + product
    return total


def product(dims: Iterable[Dim]) -> Dim:
    """The product of sizes: the number of elements of a shape."""
    result: Dim = 1
    for dim in dims:
        result = result * dim
    return result


_TOKEN = re.compile(r"\s*(?:([0-9]+)|([A-Za-z_][A-Za-z0-9_]*)|([-+*^(),]))")


def parse_dimension(text: str) -> Dim:
    """The dimension written `text`, for example `2*batch + 3`. Raises ParseError."""
    if len(text) > MAX_TEXT:
        raise ParseError(f"dimension has {len(text)} characters but must have at most {MAX_TEXT}")
    tokens: list[str] = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            raise ParseError(f"dimension {text!r} has an unexpected {stripped[position]!r}")
        tokens.append(match.group().strip())
        position = match.end()
    return _DimensionReader(text, tokens).read()


class _DimensionReader:
    """Recursive descent over the tokens of one dimension; depth is bounded by MAX_TEXT."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text, self.tokens, self.position, self.depth = text, tokens, 0, 0

    def read(self) -> Dim:
        result = self.sum()
        if self.position != len(self.tokens):
            raise self.error()
        return result

    def error(self) -> ParseError:
        found = repr(self.tokens[self.position]) if self.position < len(self.tokens) else "its end"
        return ParseError(f"dimension {self.text!r} is malformed at {found}")

    def take(self, *expected: str) -> str | None:
        if self.position < len(self.tokens) and self.tokens[self.position] in expected:
            self.position += 1
            return self.tokens[self.position - 1]
        return None

    def require(self, expected: str) -> None:
        if self.take(expected) is None:
            raise self.error()

    def sum(self) -> Dim:
        sign = self.take("-") or "+"
        first = self.term()
        if self.position == len(self.tokens) or self.tokens[self.position] not in "+-":
            return -first if sign == "-" else first
        terms: list[tuple[Monomial, int]] = []
        term: Dim | None = first
        while term is not None:
            terms.extend((monomial, -count if sign == "-" else count) for monomial, count in _terms(term))
            sign = self.take("+", "-")
            term = None if sign is None else self.term()
        return self.bounded(lambda: _collect(terms))

    def term(self) -> Dim:
        result = self.power()
        while self.take("*"):
            result = self.times(result, self.power())
        return result

    def power(self) -> Dim:
        base = self.factor()
        if not self.take("^"):
            return base
        if self.position >= len(self.tokens) or not self.tokens[self.position].isdigit():
            raise self.error()
        exponent = self.number()
        if exponent > MAX_POWER:
            raise ParseError(f"dimension {self.text!r} has the power {exponent} but at most {MAX_POWER} is allowed")
        result: Dim = 1
        for _ in range(exponent):
            result = self.times(result, base)
        return result

    def number(self) -> int:
        digits = self.tokens[self.position]
        self.position += 1
        if len(digits) > 19 or int(digits) > MAX_SIZE:
            raise ParseError(f"dimension has the number {digits[:30]} but must stay under 2**63")
        return int(digits)

    def factor(self) -> Dim:
        if self.position >= len(self.tokens):
            raise self.error()
        token = self.tokens[self.position]
        if token.isdigit():
            return self.number()
        if token == "floordiv":
            self.position += 1
            return self.quotient()
        if NAME.match(token):
            self.position += 1
            return named(token)
        if token == "(":
            self.position += 1
            inner = self.nested(self.sum)
            self.require(")")
            return inner
        raise self.error()

    def quotient(self) -> Dim:
        self.require("(")
        numerator = self.nested(self.sum)
        self.require(",")
        denominator = self.nested(self.sum)
        self.require(")")
        if denominator == 0:
            raise ParseError(f"dimension {self.text!r} divides by 0")
        return self.bounded(lambda: floor_divide(numerator, denominator))

    def nested(self, read: Callable[[], Dim]) -> Dim:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ParseError(f"dimension {self.text[:40]!r} nests deeper than {MAX_NESTING}")
        result = read()
        self.depth -= 1
        return result

    def times(self, left: Dim, right: Dim) -> Dim:
        return self.bounded(lambda: left * right)

    def bounded(self, compute: Callable[[], Dim]) -> Dim:
        """What `compute` gives, refused where it has too many terms or too large a number."""
        try:
            result = compute()
        except TypeRuleError as error:
            raise ParseError(error.message) from None
        if any(abs(count) > MAX_SIZE for _, count in _terms(result)):
            raise ParseError(f"dimension {self.text[:40]!r} has a number that must stay under 2**63")
        return result
