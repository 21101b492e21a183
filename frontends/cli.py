"""The command `diptych`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from diptych.ir import DiptychError

BACKENDS = ("numpy", "jax", "reference")
_TARGET = "FILE.py:FUNCTION, SCRIPT.py, FILE.ir, FILE.json or a bundle, FILE.dipt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, or 2 with one clear line on the standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["run"]:  # what follows the script is the script's
        from .running.command import main as run

        return run(given[1:])
    options = _parser().parse_args(given)
    status = 0
    try:
        if options.verb == "check":
            from .checking.command import report

            text, status = report(options)
        elif options.verb == "diff":
            text, differs = _diff(options)
            status = int(options.exit_code and differs)
        else:
            text = _run(options)
        sys.stdout.write(text)
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
    return status


def _one_line(text: str) -> str:
    return "; ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _run(options: argparse.Namespace) -> str:
    from .inspector import dump as verbs

    if options.verb == "ops":
        return verbs.ops_list(options.name)
    from .inspector.subjects import check_pass, subjects

    backend = options.backend or _default_backend()
    after = getattr(options, "after", None)
    check_pass(after, options.target, backend)
    if options.verb == "cost" and (options.peak is None) != (options.bandwidth is None):
        raise DiptychError("--peak and --bandwidth are given together, or neither is")
    found = subjects(options.target, options.arguments, backend=backend)
    if options.verb == "trace":
        from .inspector.bundle import write

        write(options.output, found)
        return ""
    if options.verb == "why":
        from .inspector.why import why

        return why(found, options.value, format=options.format)
    if options.verb == "cost":
        from .inspector.cost import Peak, cost

        peak = Peak(options.peak, options.bandwidth) if options.peak is not None else None
        return cost([each.after(after) for each in found], by=options.by, format=options.format, peak=peak)
    if options.verb == "blame":
        from .inspector.blame import blame
        from .inspector.targets import parted

        return blame(found, options.file or parted(options.target)[0], format=options.format)
    if options.verb == "memory":
        from .inspector.memory import memory

        return memory(found, slots=options.slots, format=options.format)
    if options.verb == "passes":
        from .inspector.passes import passes

        return passes(found, changed_only=options.changed_only, format=options.format)
    return verbs.dump(
        found, after=after, all_passes=options.all_passes, format=options.format, locations=options.locations
    )


def _diff(options: argparse.Namespace) -> tuple[str, bool]:
    from .inspector.diff import diff
    from .inspector.subjects import staged

    backend = options.backend or _default_backend()
    left, right = staged([options.left, options.right], options.arguments, backend=backend)
    return diff(left, right, format=options.format)


def _default_backend() -> str:
    from diptych.backends.settings import settings

    return settings().backend


class _Parser(argparse.ArgumentParser):
    """A parser that refuses in one line, as the verbs do."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; try: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="diptych", description="Run TensorFlow-1 and PyTorch programs; read what diptych makes of them."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("run", help="run a program as it stands, with diptych in place of its framework")
    check = verbs.add_parser("check", help="say what a program uses and what of it is missing, without running it")
    _add_check(check)
    dump = verbs.add_parser("dump", help="print the IR of a program")
    _add_target(dump)
    step = dump.add_mutually_exclusive_group()
    step.add_argument("--after", metavar="PASS", help="as it is after this pass of the backend, or after all")
    step.add_argument("--all-passes", action="store_true", help="as written, and after every pass")
    _add_format(dump)
    dump.add_argument("--locations", action="store_true", help="with the source line of every equation")
    cost = verbs.add_parser("cost", help="print what a program computes and moves, and what bounds its speed")
    _add_target(cost)
    cost.add_argument("--after", metavar="PASS", help="as it is after this pass of the backend, or after all")
    cost.add_argument("--by", choices=("equation", "op", "line"), default="equation", help="what a row is of")
    _add_format(cost)
    cost.add_argument("--peak", type=_positive, metavar="GFLOP/S", help="of the machine; by default it is measured")
    cost.add_argument("--bandwidth", type=_positive, metavar="GB/S", help="of its memory; with --peak")
    blame = verbs.add_parser("blame", help="print your source, and what each line computes, moves and holds")
    _add_target(blame)
    blame.add_argument("--file", metavar="FILE.py", help="whose lines; by default the target's own")
    _add_format(blame)
    memory = verbs.add_parser("memory", help="print what a program takes at most, when, and by which values")
    _add_target(memory)
    memory.add_argument("--slots", action="store_true", help="and where every value lies, and how long")
    _add_format(memory)
    passes = verbs.add_parser("passes", help="print what each pass did: time, equations, bytes, rules fired")
    _add_target(passes)
    passes.add_argument("--changed-only", action="store_true", help="without those that changed nothing")
    _add_format(passes)
    trace = verbs.add_parser("trace", help="write a program, and what each pass did to it, into a file for later")
    _add_target(trace)
    trace.add_argument("-o", "--output", metavar="FILE.dipt", required=True, help="the bundle, which all verbs read")
    diff = verbs.add_parser("diff", help="print where two programs, or two stages of one, differ")
    for side in ("left", "right"):
        diff.add_argument(side, metavar=side.upper(), help=f"{_TARGET}; TARGET@PASS or TARGET@all as it is after that")
    _add_how(diff)
    _add_format(diff)
    diff.add_argument("--exit-code", action="store_true", help="end with status 1 where there is a difference")
    why = verbs.add_parser("why", help="print the line that made a value, and what every pass and rule did to it")
    why.add_argument("target", metavar="TARGET", help=_TARGET)
    why.add_argument("value", metavar="VALUE", help="its name, as it stands at any stage")
    _add_how(why)
    _add_format(why)
    ops = verbs.add_parser("ops", help="list the op set")
    ops.add_argument("name", nargs="?", metavar="OP", help="say all of one op")
    return parser


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} must be a number above 0")
    return number


def _add_check(parser: argparse.ArgumentParser) -> None:
    from .checking.command import add_arguments

    add_arguments(parser)


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help=_TARGET)
    _add_how(parser)


def _add_how(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="ARG", help="arguments of scripts, after --")
    parser.add_argument("--backend", choices=BACKENDS, help="whose passes; by default the setting")


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")


if __name__ == "__main__":
    sys.exit(main())
