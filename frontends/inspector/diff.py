"""The verb `diff`: where two programs, or two stages of one, differ in what they compute, by whatever names."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.ir import Equation, Function, Value
from diptych.ir.fingerprint import digests
from diptych.ir.names import ValueNames
from diptych.ir.printer import print_equation

from .loading import staged
from .options import TARGET, add_how, add_json, chosen_backend, programs_of
from .tables import aligned


@dataclass(frozen=True, slots=True)
class Difference:
    """Of two functions. `same`: pairs that compute the same. `rewired`: pairs of equal equations that read other
    values. `removed` and `added`: what only one of them has. `signature`: what differs of parameters and results, in
    words."""

    left: Function
    right: Function
    same: list[tuple[Equation, Equation]]
    rewired: list[tuple[Equation, Equation]]
    removed: list[Equation]
    added: list[Equation]
    signature: list[str]

    @property
    def is_none(self) -> bool:
        """Whether both compute the same in the same order of results."""
        return not (self.rewired or self.removed or self.added or self.signature)


def difference(left: Function, right: Function) -> Difference:
    """Pairs equations that compute the same of the parameters, by hashes of that; then those that look alike, of one
    line first; in order. Linear in their number."""
    known_left, known_right = _computed(left), _computed(right)
    rest_left, rest_right, same = _paired(
        left.equations, right.equations, lambda one: _digest(one, known_left), lambda one: _digest(one, known_right)
    )
    rewired: list[tuple[Equation, Equation]] = []
    for key in (lambda one: (_form(one), one.location and str(one.location)), _form):
        rest_left, rest_right, found = _paired(rest_left, rest_right, key, key)
        rewired += found
    signature = _signature(left, right, known_left, known_right)
    return Difference(left, right, same, rewired, rest_left, rest_right, signature)


def _computed(function: Function) -> dict[Value, bytes]:
    texts = [f"parameter {index} {parameter.type}".encode() for index, parameter in enumerate(function.parameters)]
    return digests(function, texts)[0]


def _digest(equation: Equation, known: dict[Value, bytes]) -> Hashable:
    made = tuple(known[result] for result in equation.results)
    return made or (equation.op, tuple(known[operand] for operand in equation.operands))


def _form(equation: Equation) -> Hashable:
    """What an equation is without what it reads."""
    attributes = tuple(
        (name, value.fingerprint if isinstance(value, Function) else value)
        for name, value in equation.attributes.items()
    )
    operands = tuple(operand.type for operand in equation.operands)
    return equation.op, attributes, operands, tuple(result.type for result in equation.results)


def _paired(
    left: Iterable[Equation], right: Iterable[Equation], left_key: Any, right_key: Any
) -> tuple[list[Equation], list[Equation], list[tuple[Equation, Equation]]]:
    """What has no equal on the other side, and the pairs of those that do, first with first."""
    waiting: dict[Hashable, list[Equation]] = defaultdict(list)
    for one in reversed(list(right)):
        waiting[right_key(one)].append(one)
    alone: list[Equation] = []
    pairs: list[tuple[Equation, Equation]] = []
    taken: set[Equation] = set()
    for one in left:
        others = waiting.get(left_key(one))
        if others:
            pairs.append((one, others.pop()))
            taken.add(pairs[-1][1])
        else:
            alone.append(one)
    return alone, [one for one in right if one not in taken], pairs


def _signature(
    left: Function, right: Function, known_left: dict[Value, bytes], known_right: dict[Value, bytes]
) -> list[str]:
    found: list[str] = []
    for what, ours, theirs in (
        ("parameters", left.parameter_types, right.parameter_types), ("results", left.result_types, right.result_types)
    ):  # fmt: skip
        if ours != theirs:
            found.append(f"{what} are ({', '.join(map(str, ours))}), and ({', '.join(map(str, theirs))})")
    if not found:
        pairs = zip(left.results, right.results, strict=True)
        others = [str(place) for place, (mine, other) in enumerate(pairs) if known_left[mine] != known_right[other]]
        if others:
            who = f"result {others[0]} is" if len(others) == 1 else f"results {', '.join(others)} are"
            found.append(f"{who} computed otherwise")
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    for side in ("left", "right"):
        parser.add_argument(
            side,
            metavar=side.upper(),
            help=f"{TARGET}; TARGET@frontend, @PASS, @final, @BACKEND or @BACKEND:PASS as it is at that stage",
        )
    add_how(parser)
    parser.add_argument("--exit-code", action="store_true", help="end with status 1 where there is a difference")
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    targets = options.left, options.right
    left, right = staged(targets, lambda path: programs_of(path, options), backend=chosen_backend(options))
    text, differs = diff(left, right, as_json=options.json)
    return text, int(options.exit_code and differs)


def diff(left: Sequence[Function], right: Sequence[Function], *, as_json: bool = False) -> tuple[str, bool]:
    """What differs between programs, pair by pair, and whether anything does."""
    parts: list[str] = []
    differs = len(left) != len(right)
    for one, other in zip(left, right, strict=False):
        found = difference(one, other)
        differs = differs or not found.is_none
        parts.append(_as_json(found) if as_json else _text(found))
    if len(left) != len(right):
        counts = f"{len(left)} programs on the left, {len(right)} on the right"
        parts.append(json.dumps({"programs": [len(left), len(right)]}) + "\n" if as_json else counts + "\n")
    return ("" if as_json else "\n").join(parts), differs


def _text(found: Difference) -> str:
    title = f"@{found.left.name}" + (f", @{found.right.name}" if found.right.name != found.left.name else "")
    if found.is_none:
        return f"{title}: no difference in {len(found.same)} equations\n"
    alike = f"{len(found.same)} equations alike, {len(found.rewired)} that read others"
    lines = [f"{title}: {alike}, {len(found.removed)} gone, {len(found.added)} new"]
    lines.extend(f"  {each}" for each in found.signature)
    for sign, function, equations in (("-", found.left, found.removed), ("+", found.right, found.added)):
        names = ValueNames(function)
        rows = [(f"{sign} {print_equation(each, names)}", _line(each)) for each in equations]
        if rows:
            lines.append(aligned(rows).rstrip("\n"))
    return "\n".join(lines) + "\n"


def _line(equation: Equation) -> str:
    return equation.location.short() if equation.location is not None else ""


def _as_json(found: Difference) -> str:
    left, right = ValueNames(found.left), ValueNames(found.right)
    return (
        json.dumps(
            {
                "programs": [found.left.name, found.right.name],
                "same": len(found.same),
                "rewired": [[print_equation(a, left), print_equation(b, right)] for a, b in found.rewired],
                "removed": [print_equation(each, left) for each in found.removed],
                "added": [print_equation(each, right) for each in found.added],
                "signature": found.signature,
            }
        )
        + "\n"
    )
