"""What the verbs look at: programs, as written and after each pass, from whatever a target is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from diptych.backends.pipelines import PIPELINES, pipeline
from diptych.ir import DiptychError, Function
from diptych.passes.manager import PassRecord, run_passes

from .targets import load


class Subject:
    """A program, and what each pass of a backend's pipeline makes of it, with what comes from what. `donate`: the
    places of the parameters that it may write over. `records`: of passes that ran before; by default they run when
    somebody asks."""

    def __init__(
        self,
        function: Function,
        backend: str,
        donate: tuple[int, ...] = (),
        records: tuple[PassRecord, ...] | None = None,
    ) -> None:
        self.function, self.backend, self.donate = function, backend, donate
        self._given = records

    @cached_property
    def records(self) -> tuple[PassRecord, ...]:
        """What each pass did, held against the rules of the language."""
        if self._given is not None:
            return self._given
        return run_passes(self.function, pipeline(self.backend), checked=True, trace=True)[1]

    @property
    def stages(self) -> list[Function]:
        """The program as written, and after each pass."""
        return [self.function, *(record.after for record in self.records)]

    def after(self, stage: str | None) -> Function:
        """The program as written; or `after` a pass, or "all" of them. Raises DiptychError for a pass it did not go
        through."""
        if stage is None:
            return self.function
        _check_pass(stage, self.backend, [record.name for record in self.records])
        if stage == "all":
            return self.stages[-1]
        return next(record.after for record in self.records if record.name == stage)


def subjects(target: str, arguments: Sequence[str] = (), *, backend: str) -> list[Subject]:
    """The programs of a target: FILE.dipt, or what `targets.load` takes. Raises DiptychError."""
    if target.endswith(".dipt"):
        from .bundle import read  # here, since pydantic takes long to import

        return read(target)
    return [Subject(each.function, backend, each.donate) for each in load(target, arguments)]


def staged(targets: Sequence[str], arguments: Sequence[str] = (), *, backend: str) -> list[list[Function]]:
    """For each of TARGET, TARGET@PASS or TARGET@all its programs, as written or as they are after that. What stands in
    several is loaded once. Raises DiptychError."""
    known: dict[str, list[Subject]] = {}
    found: list[list[Function]] = []
    for target in targets:
        path, at, stage = target.rpartition("@")
        if not at or Path(target).exists():
            path, stage = target, ""
        check_pass(stage or None, path, backend)
        if path not in known:
            known[path] = subjects(path, arguments, backend=backend)
        found.append([subject.after(stage or None) for subject in known[path]])
    return found


def check_pass(after: str | None, target: str, backend: str) -> None:
    """Raises DiptychError where `after` is neither "all" nor a pass of the backend's pipeline: before a script runs,
    which may take long. Bundles know their own passes."""
    if after is not None and not target.endswith(".dipt"):
        _check_pass(after, backend, PIPELINES[backend])


def _check_pass(after: str, backend: str, names: Sequence[str]) -> None:
    if after != "all" and after not in names:
        raise DiptychError(f"--after is {after} but must be all, or a pass of {backend}: {', '.join(names) or 'none'}")
