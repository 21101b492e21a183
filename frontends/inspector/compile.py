"""The verb `compile`: compiles programs ahead of time, and says how long that takes and how large they are."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.backends import Executable, Figures, Watcher, compile_anew
from diptych.backends.settings import DEVICE, configured, settings
from diptych.ir import DiptychError, Function
from diptych.passes.manager import equation_count

from .files import file_errors
from .loading import subjects
from .options import add_arguments_of_scripts, add_json, add_program, add_size, chosen, sized
from .subjects import Subject
from .tables import aligned, counts
from .xla import NOT_TOLD, amount

COMPILING = ("numpy", "jax")
TARGET = (
    "FILE.ir, FILE.json, a bundle, FILE.dipt, or FILE.py:NAME of a program of the IR: none of these is run. SCRIPT.py "
    "and FILE.py:FUNCTION have to be run, on this backend, since only that shows their programs"
)
_BACKEND = re.compile(f"numpy|jax(:{DEVICE})?")
CACHE = {True: "found there", False: "new there", None: "none"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("target", metavar="TARGET", help=TARGET)
    add_arguments_of_scripts(parser)
    parser.add_argument(
        "--backend", type=_backend, metavar="numpy|jax[:DEVICE]", help="that compiles; by default the setting"
    )
    add_program(parser)
    add_size(parser)
    parser.add_argument(
        "--cache",
        metavar="FOLDER",
        help="where jax keeps what it compiles, for processes to come; by default DIPTYCH_COMPILATION_CACHE",
    )
    add_json(parser)


def _backend(text: str) -> str:
    if not _BACKEND.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} must be numpy, jax or jax with a device, such as jax:gpu:0")
    return text


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    backend = _chosen(options.backend)
    if options.cache is not None and backend == "numpy":
        raise DiptychError("compile: --cache is of jax, and numpy keeps nothing", hint="--backend jax")
    folder = options.cache or settings().compilation_cache
    if folder is not None:
        with file_errors(Path(folder)):
            Path(folder).mkdir(parents=True, exist_ok=True)
    preparing = _Preparing()
    with configured(backend=backend, compilation_cache=folder):
        found = subjects(options.target, options.arguments, backend=backend.partition(":")[0], watcher=preparing)
        found = sized(options, chosen(options, found))
        return compiled(found, backend, preparing.executables, as_json=options.json), 0


def _chosen(wanted: str | None) -> str:
    """The backend, with its device. Raises DiptychError for one that compiles nothing."""
    current = settings()
    backend = wanted or current.backend + (f":{current.device}" if current.device else "")
    if backend.partition(":")[0] not in COMPILING:
        raise DiptychError(f"compile: {backend} compiles nothing: it interprets", hint="--backend jax")
    return backend


class _Preparing(Watcher):
    """Compiles the programs of a script to the end, each before it runs, so that what it takes is known."""

    def __init__(self) -> None:
        self.executables: dict[Function, Executable] = {}

    def before(self, executable: Executable, arrays: Sequence[Any]) -> None:
        self.executables.setdefault(executable.function, executable.prepare())


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program that was compiled, and what its backend tells of it."""

    subject: Subject
    backend: str
    executable: Executable
    figures: Figures

    @property
    def ops(self) -> int:
        """The equations that the backend got."""
        return equation_count(self.executable.optimised)

    @property
    def passes(self) -> float:
        """Seconds of all passes."""
        return sum(record.seconds for record in self.executable.records)

    def row(self) -> tuple[str, ...]:
        """As a table has it."""
        told = self.figures
        times = (f"{1e3 * seconds:.1f}" for seconds in (self.passes, told.seconds))
        file = NOT_TOLD if told.executable is None else f"{told.executable / 1000:.1f}"
        sizes = (amount(size) for size in (told.arguments, told.results, told.temporary))
        return (self.subject.title, str(self.ops), *times, file, *sizes, CACHE[told.was_kept])

    def as_json(self) -> dict[str, Any]:
        """The same as numbers; null is what the backend does not tell, and of `cached` that there is no folder."""
        told = self.figures
        return {
            "program": self.subject.function.name,
            "number": self.subject.number,
            "backend": self.backend,
            "ops": self.ops,
            "passes_seconds": self.passes,
            "compiling_seconds": told.seconds,
            "cached": told.was_kept,
            "executable": told.executable,
            "code": told.code,
            "arguments": told.arguments,
            "results": told.results,
            "aliased": told.aliased,
            "temporary": told.temporary,
            "peak": told.peak,
        }


def compiled(
    found: Sequence[Subject], backend: str, known: Mapping[Function, Executable], *, as_json: bool = False
) -> str:
    """Compiles programs that are not `known` to be so already, and says of each what that took and how large it is.
    Raises DiptychError for one that has dimensions with names, and for what the backend refuses."""
    for subject in found:
        names = sorted(subject.function.names())
        if names:
            problem = f"compile: {subject.title} has dimensions with names, {', '.join(names)}, but must have numbers"
            raise DiptychError(problem, hint=f"--size {names[0]}=32")
    each = [_compiled(subject, backend, known) for subject in found]
    if as_json:
        return "".join(json.dumps(one.as_json()) + "\n" for one in each)
    times, sizes = ("passes ms", "compiling ms"), ("arguments", "results", "temporary")
    rows = [("program", "ops", *times, "executable kB", *sizes, "cache")]
    return f"{counts(len(each), 'program')} on {backend}\n{aligned([*rows, *(one.row() for one in each)])}"


def _compiled(subject: Subject, backend: str, known: Mapping[Function, Executable]) -> Compiled:
    executable = known.get(subject.function)
    if executable is None:
        executable = compile_anew(subject.function, backend=backend, donate=subject.donate)
    return Compiled(subject, backend, executable, executable.figures)
