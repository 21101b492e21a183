"""The command line of the verbs: the arguments that several have, and the programs that they name."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from diptych.backends.settings import DEVICE
from diptych.ir import DiptychError

from .loading import subjects
from .subjects import BACKENDS, Subject, check_stage

TARGET = "FILE.py:FUNCTION, SCRIPT.py, FILE.ir, FILE.json or a bundle, FILE.dipt"
STAGE = "frontend, after=PASS or final"
MAX_COUNT = 1_000_000


def add_target(parser: argparse.ArgumentParser) -> None:
    """What a verb looks at, and how that is run."""
    parser.add_argument("target", metavar="TARGET", help=TARGET)
    add_how(parser)


def add_how(parser: argparse.ArgumentParser) -> None:
    """How targets are run."""
    add_arguments_of_scripts(parser)
    parser.add_argument(
        "--backend",
        action=_Backend,
        metavar="{numpy,jax[:DEVICE],reference}",
        help="whose passes, and what runs it; by default the setting",
    )
    parser.set_defaults(device=None)
    add_program(parser)
    add_size(parser)


class _Backend(argparse.Action):
    """A backend, and apart from it the device of jax:gpu:0, which is heeded as the setting is."""

    def __call__(self, parser: argparse.ArgumentParser, options: argparse.Namespace, text: Any, _: Any = None) -> None:
        name, colon, device = text.partition(":")
        if name not in BACKENDS or (colon and (name != "jax" or not re.fullmatch(DEVICE, device))):
            raise argparse.ArgumentError(
                self, f"{text} must be numpy, reference, jax or jax with a device, as jax:gpu:0"
            )
        options.backend, options.device = name, device or None


def add_program(parser: argparse.ArgumentParser) -> None:
    """Which of a target's programs."""
    parser.add_argument("--program", type=int, metavar="N", help="only this one of several, from 0 on")


def add_size(parser: argparse.ArgumentParser) -> None:
    """What named dimensions are."""
    parser.add_argument(
        "--size", action="append", default=[], type=_size, metavar="NAME=SIZE", help="of a named dimension; several"
    )


def _size(text: str) -> tuple[str, int]:
    name, equals, size = text.partition("=")
    if not name or not equals or not size.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} must be NAME=SIZE")
    return name, int(size)


def sized(options: argparse.Namespace, found: list[Subject]) -> list[Subject]:
    """The programs for the sizes that are given. Raises DiptychError for a name that no program has."""
    sizes = dict(options.size)
    names = {name for subject in found for name in subject.function.names()}
    for name in sizes:
        if name not in names:
            raise DiptychError(f"--size has {name}, but named dimensions are: {', '.join(sorted(names)) or 'none'}")
    return [subject.sized(sizes) for subject in found]


def add_arguments_of_scripts(parser: argparse.ArgumentParser) -> None:
    """What stands behind --, which the command takes off before."""
    parser.set_defaults(arguments=[])
    parser.epilog = "What stands behind -- is given to the script."


def add_stage(parser: argparse.ArgumentParser, more: str = "") -> None:
    """As it is at which stage; there may be more of them than all programs have."""
    parser.add_argument(
        "--stage", default="frontend", metavar="STAGE", help=f"{STAGE}{more}; by default as the front end made it"
    )


def add_top(parser: argparse.ArgumentParser) -> None:
    """How many rows a table has."""
    parser.add_argument("--top", type=count, metavar="N", help="only the N largest rows, and one for the rest")


def count(text: str) -> int:
    """A count of the command line."""
    if not text.isdecimal() or not 0 < int(text) <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{text} must be a whole number from 1 to {MAX_COUNT}")
    return int(text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Whether a program reads what is printed."""
    parser.add_argument("--json", action="store_true", help="print JSON, an object a line for each program")


def chosen_backend(options: argparse.Namespace) -> str:
    """That of the options, or of the settings."""
    if options.backend:
        return options.backend
    from diptych.backends.settings import settings

    return settings().backend


def programs(options: argparse.Namespace, **how: Any) -> list[Subject]:
    """The programs of the target, loaded in one of the ways that `targets.load` has. What is wrong with a stage is said
    before a script runs, which may take long. Raises DiptychError."""
    if hasattr(options, "stage"):
        options.stage = stage_named(options.stage)
        check_stage(options.stage, options.target, chosen_backend(options))
    return programs_of(options.target, options, **how)


def programs_of(target: str, options: argparse.Namespace, **how: Any) -> list[Subject]:
    """The programs of one target, as the options say."""
    found = subjects(target, options.arguments, backend=chosen_backend(options), **how)
    if not found:
        raise DiptychError(f"{target}: there is no program in it")
    if options.backend:  # bundles have one of their own
        found = [subject.on(options.backend) for subject in found]
    return sized(options, chosen(options, found))


def chosen(options: argparse.Namespace, found: list[Subject]) -> list[Subject]:
    """Of several programs, which are numbered here, the one that is wanted. Raises DiptychError where there is none of
    that number."""
    for number, subject in enumerate(found):
        subject.number = number if len(found) > 1 else None
    check_program(options.program, len(found))
    return found if options.program is None else [found[options.program]]


def check_program(program: int | None, programs: int) -> None:
    """Raises DiptychError for the number of a program where there is none."""
    if program is not None and not 0 <= program < programs:
        raise DiptychError(f"--program is {program} but must be below {programs}, the number of programs")


def stage_named(text: str) -> str:
    """A stage without its `after=`."""
    return text.removeprefix("after=")


def check_output(output: str, ending: str, target: str) -> None:
    """Raises DiptychError for a file that is to be written and has another ending, or is the target itself."""
    if not output.endswith(ending):
        raise DiptychError(f"--output is {output} but must end in {ending}")
    if Path(output).exists() and Path(target).exists() and Path(output).samefile(target):
        raise DiptychError(f"--output is {output}, the target itself, but must be another file")


def above_zero(text: str) -> float:
    """A number of the command line."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} must be a number above 0")
    return number


def together(options: argparse.Namespace, *names: str) -> None:
    """Raises DiptychError where only some of these options are given."""
    given = [getattr(options, name) is not None for name in names]
    if any(given) and not all(given):
        raise DiptychError(f"{' and '.join(f'--{name}' for name in names)} are given together, or neither is")
