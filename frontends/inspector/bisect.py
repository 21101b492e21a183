"""The verb `bisect`: the first pass and the first equation at which two ways to compute a program part."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Equation, Function
from diptych.ir.names import ValueNames
from diptych.ir.printer import print_equation
from diptych.passes.manager import PassRecord
from diptych.passes.provenance import SHARED

from .faults.arrays import Difference, difference, element, element_text, place_text
from .faults.bounds import Bound, bound_of
from .faults.departures import departure
from .faults.kernels import fault
from .faults.places import (
    equation_data,
    equation_lines,
    holder,
    indented,
    values_data,
    values_lines,
    within_data,
    within_line,
)
from .faults.sides import DOUBLE, SIDES, Side, check_sides, fitted
from .faults.values import Arrays, by_reference, quiet
from .inputs import add_inputs, with_inputs
from .options import add_json, add_target, chosen_backend, programs
from .subjects import Subject, titled
from .tables import counts

HOW = {
    "none": "departs from the reference little by little: no pass and no equation alone does so far",
    "kernel": "computes one equation, by itself, otherwise than the reference",
    "group": "computes an equation otherwise than the reference, though each one in it is right by itself",
    "whole": "computes each equation as the reference does, but not all of them together, up to here",
    "rounding": "computes each equation as the reference does: roundings add up, here to more than is allowed",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    for side in ("a", "b"):
        parser.add_argument(f"--{side}", choices=SIDES, required=True, help="one of two ways to compute programs")
    parser.add_argument(
        "--tolerance",
        type=_zero_or_more,
        metavar="PART",
        help="of an array's largest element, that may be between them; by default what roundings make plausible",
    )
    add_inputs(parser)
    parser.add_argument("--exit-code", action="store_true", help="end with status 1 where they differ")
    add_json(parser)


def _zero_or_more(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} must be a number, 0 or more")
    return number


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    check_sides(options.a, options.b, chosen_backend(options))
    found: list[dict[str, Any]] = []
    for each in programs(options, keep_inputs=True):
        subject, arguments = with_inputs(each, options)
        with quiet(subject.function):
            found.append(bisected(subject, tuple(arguments), options.a, options.b, tolerance=options.tolerance))
    write: Callable[[dict[str, Any]], str] = (lambda each: json.dumps(each) + "\n") if options.json else _text
    return "".join(map(write, found)), int(options.exit_code and not all(each["agree"] for each in found))


def bisected(subject: Subject, arguments: Arrays, a: str, b: str, *, tolerance: float | None = None) -> dict[str, Any]:
    """Whether two ways to compute a program agree and, where they do not, why: for each that is not what the reference
    computes of the program as it was written, where it departs."""
    bound = bound_of(subject.function, tolerance)
    sides = [Side(name, subject) for name in (a, b)]
    results = [side.whole(side.final, arguments) for side in sides]
    found = {"program": subject.function.name, "number": subject.number, "a": a, "b": b}
    differences = [difference(*pair) for pair in zip(*results, strict=True)]
    furthest = max(differences, key=bound.excess, default=None)
    if furthest is not None:
        place = differences.index(furthest)
        type = str(subject.function.results[place].type)
        found |= {"result": place, "type": type, "difference": _difference_data(furthest)}
    if furthest is None or bound.allows(furthest):
        return {**found, "results": len(differences), "agree": True, "faults": []}
    right = by_reference(subject.function, arguments)
    faulty = [pair for pair in zip(sides, results, strict=True) if not bound.agree(pair[1], right)]
    faults = [_fault(side, made, right, arguments, bound) for side, made in faulty or zip(sides, results, strict=True)]
    return {**found, "results": len(differences), "agree": False, "faults": faults}


def _fault(side: Side, made: Arrays, right: Arrays, arguments: Arrays, bound: Bound) -> dict[str, Any]:
    """Where a side departs from the reference: with which pass, or when the program that they leave is run."""
    before = right
    for record in side.records:
        if not record.changed:
            continue
        after = by_reference(record.after, fitted(record.after, arguments))
        if not bound.agree(after, before):
            return {"side": side.name, "kind": "pass", "pass": record.name, **_pass_data(record, arguments, bound)}
        before = after
    if bound.agree(made, before):
        return {"side": side.name, "kind": "none"}
    found = fault(side, fitted(side.final, arguments), bound)
    data = _equation_data(found.function, found.equation, found.operands, found.within)
    return {"side": side.name, "kind": found.kind, **data, "difference": _difference_data(found.difference)}


def _pass_data(record: PassRecord, arguments: Arrays, bound: Bound) -> dict[str, Any]:
    found = departure(record, arguments, bound)
    if found is None:
        return {"equation": None, "became": None, "rules": [], "difference": None}
    assert record.provenance is not None
    rules = [each.rule for each in record.provenance.reasons(found.equation) if each.rule != SHARED]
    return {
        **_equation_data(found.function, found.equation, found.operands, found.within),
        "became": None if found.made is None else _printed(found.after, found.made),
        "rules": list(dict.fromkeys(rules)),
        "difference": _difference_data(found.difference),
    }


def _printed(function: Function, equation: Equation) -> str:
    return print_equation(equation, ValueNames(holder(function, equation)))


def _equation_data(
    function: Function,
    equation: Equation | None,
    operands: Arrays,
    within: Sequence[tuple[Function, Equation, int]],
) -> dict[str, Any]:
    if equation is None:
        return {"equation": None}
    names = ValueNames(holder(function, equation))
    return {
        **equation_data(equation, names),
        "within": [within_data(holder(outer, each), each, number) for outer, each, number in within],
        "values": values_data(equation.operands, operands, names),
    }


def _difference_data(found: Difference) -> dict[str, Any]:
    left, right = (element(each) if isinstance(each, np.generic) else each for each in (found.left, found.right))
    return {
        "amount": element(np.float64(found.amount)),
        "place": found.place,
        "found": left,
        "wanted": right,
        "count": found.count,
        "size": found.size,
    }


# -- for people ----


def _text(data: dict[str, Any]) -> str:
    who = f"{titled(data['program'], data['number'])}: {data['a']} and {data['b']}"
    if not data["results"]:
        return f"{who} agree: there is no result\n"
    where = f"result {data['result']}, {data['type']}"
    if data["agree"]:
        many = counts(data["results"], "result")
        if not data["difference"]["count"]:
            return f"{who} agree: {many}, the same\n"
        return f"{who} agree: {many}; furthest apart in {where}, {_apart(data['difference'])}\n"
    lines = [f"{who} differ: {where}, {_apart(data['difference'])}"]
    for each in data["faults"]:
        lines += _fault_lines(each)
    return "\n".join([*lines, ""])


def _apart(data: dict[str, Any]) -> str:
    amount = f"{data['amount']:.3g}" if isinstance(data["amount"], float) else data["amount"]
    pair = f"{element_text(data['found'])} and {element_text(data['wanted'])}"
    return f"by {amount} at {place_text(data['place'])}: {pair}; {data['count']} of {data['size']} elements differ"


def _fault_lines(data: dict[str, Any]) -> list[str]:
    lines = [f"{data['side']} {_how(data)}"]
    if data.get("equation") is not None:
        lines += indented([*equation_lines(data), *map(within_line, data["within"])])
        if data.get("became") and data["pass"] != DOUBLE.name:
            lines += indented([f"became {data['became']}"])
        lines += indented([_apart(data["difference"]), *values_lines(data["values"])])
    return lines


def _how(data: dict[str, Any]) -> str:
    if data["kind"] != "pass":
        return HOW[data["kind"]]
    if data["pass"] == DOUBLE.name:
        return "departs from what single precision computes"
    rules = f", by {', '.join(data['rules'])}" if data["rules"] else ""
    unknown = ", at an equation that cannot be told" if data["equation"] is None else ""
    return f"departs from the reference with the pass {data['pass']}{rules}{unknown}"
