"""What the verbs look at: programs, as written and after each pass of a backend."""

from __future__ import annotations

import linecache
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from diptych.backends.pipelines import PIPELINES, WEIGHING, pipeline
from diptych.ir import DiptychError, Function
from diptych.passes.manager import PassRecord, run_passes
from diptych.passes.specialise import specialise

if TYPE_CHECKING:
    from diptych.backends.numpy.peak import Peak

    from .runs import Runs

BACKENDS = tuple(PIPELINES)
FRONTEND, FINAL = "frontend", "final"


class Subject:
    """A program, and what each pass of a backend's pipeline makes of it, with what comes from what. `donate`: the
    places of the parameters that it may write over. `records`: of passes that ran before; by default they run when
    somebody asks. `inputs`: the arrays of its first run, where they are known. `runs`: those on this backend, where
    they were watched. `number`: its place among the programs of a target; None where it is the only one."""

    def __init__(
        self,
        function: Function,
        backend: str,
        donate: tuple[int, ...] = (),
        records: tuple[PassRecord, ...] | None = None,
        inputs: tuple[np.ndarray, ...] | None = None,
    ) -> None:
        self.function, self.backend, self.donate, self.inputs = function, backend, donate, inputs
        self.sources: Mapping[str, str] | None = None  # by file, of those that were recorded
        self.runs: Runs | None = None
        self.number: int | None = None
        self._given = records

    @property
    def title(self) -> str:
        """The program's name, and its number where there are several."""
        return titled(self.function.name, self.number)

    @cached_property
    def records(self) -> tuple[PassRecord, ...]:
        """What each pass did, held against the rules of the language."""
        if self._given is not None:
            return self._given
        names = ", ".join(sorted(self.function.names()))
        if names and not WEIGHING.isdisjoint(PIPELINES[self.backend]):
            who = f"{self.title} has dimensions with names, {names}"
            first = names.partition(",")[0]
            raise DiptychError(f"{who}, but {self.backend} compiles for numbers", hint=f"--size {first}=32")
        return run_passes(self.function, pipeline(self.backend), checked=True, trace=True)[1]

    @cached_property
    def peak(self) -> Peak | None:
        """What numpy plans for it; None on other backends, and where dimensions have names."""
        if self.backend != "numpy" or self.function.names():
            return None
        from diptych.backends.numpy.program import Program

        return Program(self.stages[-1], self.donate).peak

    def source_of(self, file: str) -> str | None:
        """The text of a file of the user's, as it was recorded; of what was not, as it is now. None where it is not to
        be had."""
        if self.sources is not None:
            return self.sources.get(file)
        return "".join(linecache.getlines(file)) or None

    def sized(self, sizes: Mapping[str, int]) -> Subject:
        """The program for these sizes of named dimensions; others keep their names."""
        if not self.function.names() & sizes.keys():
            return self
        return self._other(specialise(self.function, sizes), self.backend, None)

    def on(self, backend: str) -> Subject:
        """The program on another backend."""
        if backend == self.backend:
            return self
        return self._other(self.function, backend, self.inputs)

    def _other(self, function: Function, backend: str, inputs: tuple[np.ndarray, ...] | None) -> Subject:
        other = Subject(function, backend, self.donate, None, inputs)
        other.sources, other.number = self.sources, self.number
        return other

    @property
    def stages(self) -> list[Function]:
        """The program as written, and after each pass."""
        return [self.function, *(record.after for record in self.records)]

    def at(self, stage: str) -> Function:
        """The program as written (frontend), after a pass, or after all of them (final). Raises DiptychError for a pass
        that it did not go through."""
        if stage == FRONTEND:
            return self.function
        _check_pass(stage, self.backend, [record.name for record in self.records])
        if stage == FINAL:
            return self.stages[-1]
        return next(record.after for record in self.records if record.name == stage)


def titled(name: str, number: int | None) -> str:
    """A program's name and number: programs of the same target may all have the same name."""
    return f"@{name}" if number is None else f"@{name}, program {number}"


def check_stage(stage: str, target: str, backend: str) -> None:
    """Raises DiptychError where a stage is none of the backend's: before a script runs, which may take long. Bundles
    know their own passes."""
    if stage != FRONTEND and not target.endswith(".dipt"):
        _check_pass(stage, backend, PIPELINES[backend])


def _check_pass(stage: str, backend: str, names: Sequence[str]) -> None:
    if stage != FINAL and stage not in names:
        passes = ", ".join(names) or "none"
        raise DiptychError(f"stage is {stage} but must be {FRONTEND}, {FINAL}, or a pass of {backend}: {passes}")
