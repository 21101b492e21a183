"""The command `diptych`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from diptych.ir import DiptychError

BACKENDS = ("numpy", "jax", "reference")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, or 2 with one clear line on the standard error."""
    options = _parser().parse_args(arguments)
    try:
        sys.stdout.write(_run(options))
        sys.stdout.flush()
    except DiptychError as error:
        print(f"diptych: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of the output has gone
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # so that the interpreter's own flush finds a place
        return 1
    return 0


def _run(options: argparse.Namespace) -> str:
    from .inspector import dump as verbs

    if options.verb == "ops":
        return verbs.ops_list(options.name)
    from .inspector.targets import load

    functions = load(options.target, options.arguments)
    backend = options.backend or _default_backend()
    if options.verb == "passes":
        return verbs.passes_table(functions, backend=backend)
    return verbs.dump(
        functions,
        backend=backend,
        after=options.after,
        all_passes=options.all_passes,
        format=options.format,
        locations=options.locations,
    )


def _default_backend() -> str:
    from diptych.backends.settings import settings

    return settings().backend


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="diptych", description="Read the programs that diptych makes of yours.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    dump = verbs.add_parser("dump", help="print the IR of a program")
    _add_target(dump)
    dump.add_argument("--after", metavar="PASS", help="as it is after this pass of the backend, or after all")
    dump.add_argument("--all-passes", action="store_true", help="as written, and after every pass")
    dump.add_argument("--format", choices=("text", "json"), default="text")
    dump.add_argument("--locations", action="store_true", help="with the source line of every equation")
    passes = verbs.add_parser("passes", help="print what each pass did: time, equations, rules fired")
    _add_target(passes)
    ops = verbs.add_parser("ops", help="list the op set")
    ops.add_argument("name", nargs="?", metavar="OP", help="say all of one op")
    return parser


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="FILE.py:FUNCTION, FILE.ir or SCRIPT.py")
    parser.add_argument("arguments", nargs="*", metavar="ARG", help="arguments of the script, after --")
    parser.add_argument("--backend", choices=BACKENDS, help="whose passes; by default the setting")


if __name__ == "__main__":
    sys.exit(main())
