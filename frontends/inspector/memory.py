"""The verb `memory`: what a program takes at most on numpy, when, and by which values; on jax what XLA says of that,
beside numpy's plan."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from diptych.backends import Figures, compile_anew
from diptych.backends.numpy.peak import Alive, Peak
from diptych.ir import DiptychError, Equation, Function
from diptych.ir.names import ValueNames

from . import choices
from .options import add_json, add_target, programs
from .subjects import Subject
from .tables import aligned, counted, shortened
from .xla import amount, difference, more, told_by_xla

REST = "room for what runs, and what is free just then"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("--slots", action="store_true", help="and where every value lies, and how long")
    parser.add_argument("--choices", action="store_true", help="in place of that, what may be kept for a backward")
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    if options.choices:
        if options.backend not in (None, "numpy"):
            raise DiptychError(f"memory: --choices is of backend numpy, not of {options.backend}")
        return choices.table(programs(options), as_json=options.json), 0
    return memory(programs(options), slots=options.slots, as_json=options.json), 0


def memory(subjects: Sequence[Subject], *, slots: bool = False, as_json: bool = False) -> str:
    """For each program the peak and the values that there are then, the largest first; with `slots`, where every value
    lies and how long. Programs on jax are compiled: of these it is what XLA says. Raises DiptychError for a backend
    that plans nothing."""
    parts: list[str] = []
    for subject in subjects:
        if subject.backend == "jax":
            parts.append(_by_xla(subject, slots, as_json=as_json))
            continue
        if subject.backend != "numpy":
            raise DiptychError(f"memory: {subject.backend} plans by itself, and tells nobody; numpy's plan is known")
        peak = subject.peak
        if peak is None:
            names = ", ".join(sorted(subject.function.names()))
            raise DiptychError(f"memory: {subject.title} has sizes that nobody knows yet: {names}")
        parts.append((_as_json if as_json else _text)(subject, peak, slots))
    return ("" if as_json else "\n").join(parts)


def _text(subject: Subject, peak: Peak, slots: bool) -> str:
    moment, names = peak.moment(), names_of(peak.function)
    when = f"in {_named(moment.equation)}" if moment.equation is not None else "when it returns"
    lines = [
        f"{subject.title}: {counted(peak.bytes)}B at most, {when}: {counted(peak.plan.arena)}B planned, "
        f"{counted(peak.donated)}B written over, {counted(max(peak.outside))}B of results and kernels",
    ]
    rows: list[tuple[str, ...]] = [("there then", "bytes", "share", "type  made at")]
    for each in moment.there:
        made = moment.origins.get(each.value)
        place = made.short() if made is not None else "" if each.value in moment.origins else "a parameter"
        times = f" in {each.parts} parts" if each.parts > 1 else ""
        share = f"{100 * each.size / peak.bytes:.0f}%" if peak.bytes else ""
        name = shortened(f"%{names.get(each.value) or each.value.name or '?'}")
        rows.append((name, counted(each.size), share, f"{each.value.type}{times}  {place}".rstrip()))
    if moment.rest:
        share = f"{100 * moment.rest / peak.bytes:.0f}%"
        rows.append(("(other)", counted(moment.rest), share, REST))
    lines.append(aligned(rows).rstrip("\n"))
    if slots:
        rows = [("slot", "bytes", "from", "to", "at", "type")]
        for each in _placed(peak):
            slot = peak.plan.slots[each.value]
            name = shortened(f"%{names[each.value]}")
            rows.append((name, str(slot.size), str(each.first), str(each.last), str(slot.offset), str(each.value.type)))
        lines.append(aligned(rows).rstrip("\n"))
    return "\n".join(lines) + "\n"


# -- on jax ----


def _by_xla(subject: Subject, slots: bool, *, as_json: bool) -> str:
    if slots:
        raise DiptychError("memory: XLA does not tell where values lie", hint="--backend numpy")
    names = sorted(subject.function.names())
    if names:
        raise DiptychError(f"memory: {subject.title} has sizes that nobody knows yet: {', '.join(names)}")
    told = told_by_xla(subject)
    planned = compile_anew(subject.function, backend="numpy", donate=subject.donate).figures
    parts = _parts(told, planned)
    if as_json:
        found: dict[str, Any] = {"program": subject.function.name, "number": subject.number, "backend": "jax"}
        for name, theirs, ours in parts:
            found[name] = {"xla": theirs, "numpy": ours, "difference": more(theirs, ours)}
        return json.dumps(found) + "\n"
    rows: list[tuple[str, ...]] = [("", "by XLA", "by numpy", "by XLA, more or less")]
    for name, theirs, ours in parts:
        rows.append((name, amount(theirs, "B"), "" if ours is None else f"{counted(ours)}B", difference(theirs, ours)))
    peak = f"{amount(told.peak, 'B')} at most" if told.peak is not None else f"peak {amount(None)}"
    how = "arguments and results, without those that are written over arguments, and what is made on the way"
    return f"{subject.title} on jax: {peak}: {how}\n{aligned(rows)}"


def _parts(told: Figures, planned: Figures) -> list[tuple[str, int | None, int | None]]:
    """The bytes that XLA tells of, and those that numpy plans."""
    return [
        ("arguments", told.arguments, planned.arguments),
        ("results", told.results, planned.results),
        ("aliased", told.aliased, planned.aliased),
        ("temporary", told.temporary, planned.temporary),
        ("code", told.code, None),
        ("peak", told.peak, planned.peak),
    ]


# -- on numpy ----


def _placed(peak: Peak) -> list[Alive]:
    return sorted(peak.placed, key=lambda each: (each.first, peak.plan.slots[each.value].offset))


def names_of(function: Function) -> dict[Any, str]:
    """Of all values, nested ones by the names that they have in their function."""
    names: dict[Any, str] = dict(ValueNames(function))
    for equation in function.equations:
        for _, nested in equation.functions():
            for value, name in names_of(nested).items():
                names.setdefault(value, name)
    return names


def _named(equation: Equation) -> str:
    place = equation.location
    return equation.op.name + (f" at {place.short()}" if place is not None else "")


def _as_json(subject: Subject, peak: Peak, slots: bool) -> str:
    moment, names = peak.moment(), names_of(peak.function)
    place = moment.equation.location if moment.equation is not None else None
    found: dict[str, Any] = {
        "program": subject.function.name,
        "number": subject.number,
        "peak": peak.bytes,
        "arena": peak.plan.arena,
        "donated": peak.donated,
        "outside": max(peak.outside),
        "op": moment.equation.op.name if moment.equation is not None else None,
        "line": str(place) if place is not None else None,
        "there": [
            {
                "value": names.get(each.value),
                "type": str(each.value.type),
                "bytes": each.size,
                "parts": each.parts,
                "line": str(made) if (made := moment.origins.get(each.value)) is not None else None,
            }
            for each in moment.there
        ],
        "other": moment.rest,
    }
    if slots:
        found["slots"] = [
            {
                "value": names[each.value],
                "offset": peak.plan.slots[each.value].offset,
                "bytes": peak.plan.slots[each.value].size,
                "first": each.first,
                "last": each.last,
            }
            for each in _placed(peak)
        ]
    return json.dumps(found) + "\n"
