"""What the verbs look at: programs, as written and after each pass, from whatever a target is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.backends.pipelines import PIPELINES, pipeline
from diptych.ir import DiptychError, Function
from diptych.passes.manager import PassRecord, run_passes

from .targets import load


@dataclass(frozen=True, slots=True)
class Subject:
    """A program, and what each pass of a backend's pipeline made of it, with what came from what. `donate`: the places
    of the parameters that it may write over."""

    function: Function
    backend: str
    records: tuple[PassRecord, ...]
    donate: tuple[int, ...] = ()

    @property
    def stages(self) -> list[Function]:
        """The program as written, and after each pass."""
        return [self.function, *(record.after for record in self.records)]

    def after(self, stage: str | None) -> Function:
        """The program as written; or `after` a pass, or "all" of them. Raises DiptychError for a pass it did not go
        through."""
        if stage is None:
            return self.function
        if stage == "all":
            return self.stages[-1]
        for record in self.records:
            if record.name == stage:
                return record.after
        passes = ", ".join(record.name for record in self.records) or "none"
        raise DiptychError(f"--after is {stage} but must be all, or a pass of {self.backend}: {passes}")


def subject_of(function: Function, backend: str, donate: tuple[int, ...] = ()) -> Subject:
    """The function through the backend's pipeline, held against the rules of the language after each pass."""
    _, records = run_passes(function, pipeline(backend), checked=True, trace=True)
    return Subject(function, backend, records, donate)


def subjects(target: str, arguments: Sequence[str] = (), *, backend: str) -> list[Subject]:
    """The programs of a target: FILE.dipt, or what `targets.load` takes. Raises DiptychError."""
    if target.endswith(".dipt"):
        from .bundle import read  # here, since pydantic takes long to import

        return read(target)
    return [subject_of(each.function, backend, each.donate) for each in load(target, arguments)]


def staged(target: str, arguments: Sequence[str] = (), *, backend: str) -> list[Function]:
    """The programs of TARGET, as written, or of TARGET@PASS or TARGET@all, as they are after that. Raises
    DiptychError."""
    path, at, stage = target.rpartition("@")
    if not at or Path(target).exists():
        path, stage = target, ""
    if stage and not path.endswith(".dipt"):
        check_pass(stage, backend)
    return [subject.after(stage or None) for subject in subjects(path, arguments, backend=backend)]


def source_of(target: str) -> str:
    """The file of FILE.py:FUNCTION; any other target itself."""
    path, _, name = target.rpartition(":") if ".py:" in target else (target, "", "")
    return path if name else target


def check_pass(after: str | None, backend: str) -> None:
    """Raises DiptychError where `after` is neither "all" nor a pass of the backend's pipeline."""
    names = PIPELINES[backend]
    if after is not None and after != "all" and after not in names:
        raise DiptychError(f"--after is {after} but must be all, or a pass of {backend}: {', '.join(names) or 'none'}")
