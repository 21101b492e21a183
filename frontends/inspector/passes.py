"""The verb `passes`: what each pass did to a program: how long it took, what there is more or less of, rules."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import reduce
from typing import Any

from diptych.ir import Dim, Function
from diptych.passes.aliasing import VIEWS
from diptych.passes.manager import PassRecord, equation_count

from .options import add_json, add_target, programs
from .roofline import moved
from .subjects import Subject
from .tables import aligned, counted, plain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("--changed-only", action="store_true", help="without those that changed nothing")
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    return passes(programs(options), changed_only=options.changed_only, as_json=options.json), 0


def passes(subjects: Sequence[Subject], *, changed_only: bool = False, as_json: bool = False) -> str:
    """For each program a table of its passes, or of those that changed it: milliseconds, equations and the bytes that
    they read and make, before and after, and rules fired."""
    parts: list[str] = []
    for subject in subjects:
        records = [record for record in subject.records if record.changed or not changed_only]
        parts.append(_as_json(subject, records) if as_json else _text(subject, records))
    return ("" if as_json else "\n").join(parts)


def _text(subject: Subject, records: Sequence[PassRecord]) -> str:
    rows = [("pass", "ms", "ops", "after", "bytes", "after", "rules fired")]
    for record in records:
        fired = ", ".join(f"{name} {times}" for name, times in record.fired.most_common())
        counts = (str(equation_count(record.before)), str(equation_count(record.after)))
        sizes = (counted(bytes_of(record.before)), counted(bytes_of(record.after)))
        rows.append((record.name, f"{record.seconds * 1e3:.2f}", *counts, *sizes, fired))
    return f"{subject.title} on {subject.backend}\n{aligned(rows)}"


def bytes_of(function: Function) -> Dim:
    """Bytes that the equations read and make, each by itself; groups and parts as wholes."""
    sizes = (moved(equation) for equation in function.equations if equation.op not in VIEWS)
    return reduce(lambda total, size: total + size, sizes, 0)


def _as_json(subject: Subject, records: Sequence[PassRecord]) -> str:
    found: dict[str, Any] = {
        "program": subject.function.name,
        "number": subject.number,
        "backend": subject.backend,
        "passes": [
            {
                "name": record.name,
                "seconds": record.seconds,
                "changed": record.changed,
                "equations": [equation_count(record.before), equation_count(record.after)],
                "bytes": [plain(bytes_of(record.before)), plain(bytes_of(record.after))],
                "fired": dict(record.fired),
            }
            for record in records
        ],
    }
    return json.dumps(found) + "\n"
