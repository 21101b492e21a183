"""The verb `lint`: what will hurt in a program, with the line, how much, and what to write instead."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence

from .lints.double_precision import double_precision
from .lints.finding import Finding
from .lints.growing_graph import growing_graphs
from .lints.host_reads import host_reads
from .lints.large_constants import large_constants
from .lints.looked import Looked
from .lints.powers import powers
from .lints.recompiling import recompiling
from .lints.repeated_runs import repeated_runs
from .lints.softmax_logarithms import softmax_logarithms
from .lints.unread_parameters import unread_parameters
from .lints.untrained_parameters import untrained_parameters
from .lints.watching import watching
from .options import add_json, add_target, programs
from .tables import counts

RULES: Sequence[Callable[[Looked], Iterator[Finding]]] = (
    recompiling, growing_graphs, host_reads, repeated_runs, double_precision, large_constants, powers,
    softmax_logarithms, unread_parameters, untrained_parameters,
)  # fmt: skip
OF_RUNS = ("growing-graph", "host-read", "repeated-run", "untrained")  # rules that look at how a script runs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("--exit-code", action="store_true", help="end with status 1 where anything is found")
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    with watching() as watched:
        subjects = programs(options)
    looked = Looked(subjects, watched if watched.programs else None)
    found = lint(looked)
    status = int(options.exit_code and bool(found))
    left_out = OF_RUNS if looked.watched is None else ()
    if options.json:
        total = json.dumps({"findings": len(found), "programs": len(subjects), "left_out": left_out}) + "\n"
        return "".join(each.as_json() for each in found) + total, status
    total = f"{counts(len(found), 'finding') if found else 'nothing found'} in {counts(len(subjects), 'program')}\n"
    if left_out:
        total += f"not looked for, since no script ran: {', '.join(left_out)}\n"
    return "".join(f"{each.text()}\n" for each in found) + total, status


def lint(looked: Looked) -> list[Finding]:
    """What all rules find, in the order of files and lines; what is at no line comes last."""
    found = [each for rule in RULES for each in rule(looked)]
    return sorted(found, key=lambda each: (each.place is None, each.place and (each.place.file, each.place.line)))
