"""What the rules look at: programs, and what was noted while they ran."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from diptych.ir import Equation, Function
from diptych.passes.provenance import equations_of, functions_of

from ..runs import identity
from ..subjects import Subject
from .watching import Watched


class Ran(NamedTuple):
    """How often a program ran, and the seconds that it took to compile it."""

    times: int
    compiling: float


class Looked:
    """Programs, and what was noted while a script ran them; None of what no script ran just now."""

    def __init__(self, subjects: Sequence[Subject], watched: Watched | None = None) -> None:
        self.subjects, self.watched = subjects, watched
        self.remaining = cache(_remaining)

    def ran(self, subject: Subject) -> Ran | None:
        """How often a program ran, now or when it was recorded; None where nobody knows."""
        if self.watched is not None:
            found = self.watched.programs.get(identity(subject.function))
            return None if found is None else Ran(found.times, sum(found.compiling.values()))
        if subject.runs is None:
            return None
        return Ran(subject.runs.count, subject.runs.compiled[1] if subject.runs.compiled is not None else 0.0)

    def functions(self) -> Iterator[tuple[int, Function]]:
        """The programs as written, and the functions nested in them, with the number of the program."""
        for number, subject in enumerate(self.subjects):
            for function in functions_of(subject.function):
                yield number, function


def _remaining(subject: Subject) -> dict[Equation, Equation]:
    """The equations behind all passes, each with the one that it was when the program was written."""
    found = {equation: equation for equation in equations_of(subject.stages[-1])}
    for record in reversed(subject.records):
        assert record.provenance is not None
        origins = record.provenance.origins
        found = {equation: origins[before] for equation, before in found.items()}
    return found
