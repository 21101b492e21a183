"""The command `diptych`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from diptych.ir import DiptychError

BACKENDS = ("numpy", "jax", "reference")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, or 2 with one clear line on the standard error."""
    options = _parser().parse_args(arguments)
    try:
        sys.stdout.write(_run(options))
        sys.stdout.flush()
    except DiptychError as error:
        print(f"diptych: {_one_line(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("diptych: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of the output has gone
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # so that the interpreter's own flush finds a place
        return 1
    return 0


def _one_line(text: str) -> str:
    return "; ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _run(options: argparse.Namespace) -> str:
    from .inspector import dump as verbs

    if options.verb == "ops":
        return verbs.ops_list(options.name)
    from .inspector.targets import load

    backend = options.backend or _default_backend()
    if options.verb == "passes":
        return verbs.passes_table(load(options.target, options.arguments), backend=backend)
    verbs.check_pass(options.after, backend)  # before a script runs, which may take long
    return verbs.dump(
        load(options.target, options.arguments),
        backend=backend,
        after=options.after,
        all_passes=options.all_passes,
        format=options.format,
        locations=options.locations,
    )


def _default_backend() -> str:
    from diptych.backends.settings import settings

    return settings().backend


class _Parser(argparse.ArgumentParser):
    """A parser that refuses in one line, as the verbs do."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; try: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="diptych", description="Read the programs that diptych makes of yours.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    dump = verbs.add_parser("dump", help="print the IR of a program")
    _add_target(dump)
    step = dump.add_mutually_exclusive_group()
    step.add_argument("--after", metavar="PASS", help="as it is after this pass of the backend, or after all")
    step.add_argument("--all-passes", action="store_true", help="as written, and after every pass")
    dump.add_argument("--format", choices=("text", "json"), default="text")
    dump.add_argument("--locations", action="store_true", help="with the source line of every equation")
    passes = verbs.add_parser("passes", help="print what each pass did: time, equations, rules fired")
    _add_target(passes)
    ops = verbs.add_parser("ops", help="list the op set")
    ops.add_argument("name", nargs="?", metavar="OP", help="say all of one op")
    return parser


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="FILE.py:FUNCTION, SCRIPT.py, FILE.ir or FILE.json")
    parser.add_argument("arguments", nargs="*", metavar="ARG", help="arguments of the script, after --")
    parser.add_argument("--backend", choices=BACKENDS, help="whose passes; by default the setting")


if __name__ == "__main__":
    sys.exit(main())
