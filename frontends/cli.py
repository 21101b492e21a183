"""The command `diptych`. Each verb is a module, which is imported when it is asked for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any, NoReturn

from diptych.ir import DiptychError

# Modules have `add_arguments(parser)` and `command(options)`, which gives the text to print and the exit status.
VERBS: dict[str, tuple[str, str]] = {
    "run": ("running.command", "run a program as it stands, with diptych in place of its framework"),
    "launch": ("running.launch", "run a program in several processes, on this host or on several"),
    "check": ("checking.command", "say what a program uses and what of it is missing, without running it"),
    "view": ("inspector.view", "write one HTML page that shows a program, what passes did to it and what it costs"),
    "dump": ("inspector.dump", "print the IR of a program, or what was made of it, at any stage"),
    "passes": ("inspector.passes", "print what each pass did: time, equations, bytes, rules fired"),
    "why": ("inspector.why", "print the line that made a value, and what every pass and rule did to it"),
    "why-not": ("inspector.why_not", "print which condition kept two equations out of one fused group"),
    "diff": ("inspector.diff", "print where two programs, or two stages of one, differ"),
    "blame": ("inspector.blame", "print your source, and what each line computes, moves and holds"),
    "cost": ("inspector.cost", "print what a program computes and moves, and what bounds its speed"),
    "memory": ("inspector.memory", "print what a program takes at most, when, and by which values"),
    "profile": ("inspector.profile", "run a program, and print how long its equations, ops, lines or scopes take"),
    "bisect": ("inspector.bisect", "find the first pass and equation at which two ways to compute a program part"),
    "nan": ("inspector.nan", "run a program until a number is not finite, and print what made it"),
    "lint": ("inspector.lint", "print what will hurt in a program, how much, and what to write instead"),
    "trace": ("inspector.trace", "write a program, and what each pass did to it, into a file for later"),
    "replay": ("inspector.replay", "run one pass again on what it was given, and print what it makes otherwise"),
    "compile": ("inspector.compile", "compile programs before they run, into a folder where jax finds them"),
    "export": ("exporting.command", "write a program, or a model with its weights, into a file that jax alone runs"),
    "ops": ("inspector.ops", "list the op set"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, or 2 with one clear line on the standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in (["run"], ["launch"]):  # what follows the script is the script's
        return _module(given[0]).main(given[1:])
    options = parsed(given)
    try:
        with on_device(getattr(options, "device", None)):
            text, status = _module(options.verb).command(options)
        sys.stdout.write(text)
        sys.stdout.flush()
        for note in getattr(options, "notes", ()):
            print(f"diptych: {note}", file=sys.stderr)
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


def on_device(device: str | None) -> AbstractContextManager[Any]:
    """A block in which jax has programs on this one of its devices, where one is named."""
    if device is None:
        return nullcontext()
    from diptych.backends.settings import configured

    return configured(backend="jax", device=device)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, read. Ends the process where it is wrong, or asks for help."""
    parser = _Parser(
        prog="diptych", description="Run TensorFlow-1 and PyTorch programs; read what diptych makes of them."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (_, summary) in VERBS.items():
        verb = verbs.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name in arguments[:1]:
            _module(name).add_arguments(verb)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:end])
    if arguments[end + 1 :]:
        if not hasattr(options, "arguments"):
            parser.error(f"{options.verb} runs no script: nothing can stand behind --")
        options.arguments = list(arguments[end + 1 :])
    return options


def _module(verb: str) -> Any:
    return import_module(f".{VERBS[verb][0]}", __package__)


def _one_line(text: str) -> str:
    return "; ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


class _Parser(argparse.ArgumentParser):
    """A parser that refuses in one line, as the verbs do."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; try: {self.prog} --help\n")


if __name__ == "__main__":
    sys.exit(main())
