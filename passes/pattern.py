"""Rewrite rules as data: a pattern over operands' definitions, and what to build in its place.

    x, inner, outer = Var("x"), Var("inner"), Var("outer")
    Rule("transpose_transpose",
         P.transpose(P.transpose(x, permutation=inner), permutation=outer),
         lambda b, x, inner, outer: b.transpose(x, permutation=compose(inner, outer)))

A Var binds a value or an attribute, twice the same one where it stands twice. A number matches a constant that
has it everywhere, whatever its dtype (0 does not match -0.0). `build` gets what the Vars bound, by name; it may
decline by returning None. Rules are tried in list order when the Builder emits; what a rule builds is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from diptych.ir import OPS, Builder, Constant, Function, Op, Rewrite, Value, ops

from .provenance import Fired

Bindings = dict[str, Any]
Built = Value | tuple[Value, ...] | None
# What is built of values alone may be a lambda, whose parameters get their types from here; of attributes, a function.
Build = (
    Callable[[Builder, Value], Built]
    | Callable[[Builder, Value, Value], Built]
    | Callable[[Builder, Value, Value, Value], Built]
    | Callable[[Builder, Value, Value, Value, Value], Built]
    | Callable[..., Built]
)


@dataclass(frozen=True, slots=True)
class Var:
    """Binds a value (as an operand of a pattern) or an attribute's value."""

    name: str


@dataclass(frozen=True, slots=True)
class Rest:
    """As the last operand of a pattern: binds the tuple of all operands from there on."""

    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """Binds a value whose every element is one known number."""

    name: str


@dataclass(frozen=True, slots=True)
class OpPattern:
    """An equation of `op` with such operands; attributes not named may be anything."""

    op: Op
    operands: tuple[Operand, ...]
    attributes: dict[str, Any]


Operand = Var | Known | Rest | OpPattern | int | float


class _Patterns:
    """Mirrors the Builder: P.add(x, 0) is the pattern of what b.add(x, zeros) emits. P.of(ops.add, x, 0) is too."""

    def of(self, op: Op, *operands: Operand, **attributes: Any) -> OpPattern:
        return OpPattern(op, operands, attributes)

    def __getattr__(self, name: str) -> Callable[..., OpPattern]:
        op = OPS.get(name)
        if op is None:
            raise AttributeError(f"there is no op {name!r}")
        return partial(self.of, op)


P = _Patterns()

_REPEATED = frozenset((ops.constant, ops.broadcast))  # what may make a value that is one number everywhere


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` may be replaced by what `build` makes. `exact`: every bit of every result stays the same."""

    name: str
    pattern: OpPattern
    build: Build
    exact: bool = True


def inlined(b: Builder, xs: tuple[Value, ...], body: Function) -> Built:
    """What `body` gives for `xs`, in place of an equation that calls it."""
    return b.inline(body, xs)


def known_constant(b: Builder, value: Value) -> Constant | None:
    """The scalar constant that `value` is, or is a broadcast of."""
    definition = b.definition(value)
    while definition is not None and definition.op is ops.broadcast:
        definition = b.definition(definition.operands[0])
    if definition is None or definition.op is not ops.constant:
        return None
    constant: Constant = definition.attributes["value"]
    return constant if not constant.type.shape else None


def is_number(b: Builder, value: Value, number: complex) -> bool:
    """Whether every element of `value` is known to be `number`; 0.0 and -0.0 differ."""
    constant = known_constant(b, value)
    return constant is not None and constant.is_all(number)


def _match_operand(b: Builder, pattern: Operand, value: Value, bound: Bindings) -> bool:
    if isinstance(pattern, Var):
        return bound.setdefault(pattern.name, value) is value
    if isinstance(pattern, OpPattern):
        definition = b.definition(value)
        if definition is None or definition.op is not pattern.op or len(definition.results) != 1:
            return False
        return _match(b, pattern, definition.operands, definition.attributes, bound)
    if isinstance(pattern, Known):
        return known_constant(b, value) is not None and bound.setdefault(pattern.name, value) is value
    return not isinstance(pattern, Rest) and is_number(b, value, pattern)


def _match(b: Builder, pattern: OpPattern, operands: Sequence[Value], attributes: Any, bound: Bindings) -> bool:
    patterns = pattern.operands
    if patterns and isinstance(patterns[-1], Rest):
        first = len(patterns) - 1
        if len(operands) < first:
            return False
        bound[patterns[-1].name] = tuple(operands[first:])
        patterns, operands = patterns[:-1], operands[:first]
    elif len(patterns) != len(operands):
        return False
    for name, wanted in pattern.attributes.items():
        found = attributes[name]
        if isinstance(wanted, Var):
            if bound.setdefault(wanted.name, found) != found:
                return False
        elif wanted != found:
            return False
    return all(_match_operand(b, wanted, value, bound) for wanted, value in zip(patterns, operands, strict=True))


def _makers(pattern: OpPattern) -> list[tuple[int, frozenset[Op]]]:
    """By which ops operands must be made for a pattern to match, by place: what rules out most rules at once."""
    found: list[tuple[int, frozenset[Op]]] = []
    for place, operand in enumerate(pattern.operands):
        if isinstance(operand, OpPattern):
            found.append((place, frozenset((operand.op,))))
        elif not isinstance(operand, (Var, Rest)):
            found.append((place, _REPEATED))
    return found


def rewriter(rules: Iterable[Rule], fired: Fired) -> Rewrite:
    """A Builder's `rewrite` that applies `rules` and counts in `fired`, by name, each time one did."""
    by_op: dict[Op, list[tuple[Rule, list[tuple[int, frozenset[Op]]]]]] = {}
    for rule in rules:
        by_op.setdefault(rule.pattern.op, []).append((rule, _makers(rule.pattern)))

    def rewrite(
        b: Builder, op: Op, operands: tuple[Value, ...], attributes: Mapping[str, Any]
    ) -> tuple[Value, ...] | None:
        candidates = by_op.get(op)
        if candidates is None:
            return None
        makers = [made and made.op for made in map(b.definition, operands)]
        for rule, wanted in candidates:
            bound: Bindings = {}
            if wanted and not all(place < len(makers) and makers[place] in allowed for place, allowed in wanted):
                continue
            if _match(b, rule.pattern, operands, attributes, bound):
                build: Callable[..., Built] = rule.build
                built = build(b, **bound)
                if built is not None:
                    fired.note(rule.name, b.location, built if isinstance(built, tuple) else (built,))
                    return built if isinstance(built, tuple) else (built,)
        return None

    return rewrite
