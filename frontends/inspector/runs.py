"""How often programs ran, and when."""

from __future__ import annotations

import os
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import Any

from diptych.backends import Executable, Watcher
from diptych.ir import Function

MAX_LISTED = 1000  # runs of a program whose times are listed


@dataclass(slots=True)
class Runs:
    """The runs of one program, in seconds since they were watched. `compiled`: when compiling began, and how long it
    took; None where that was before. `listed`: the same of each run, of many the first."""

    compiled: tuple[float, float] | None = None
    count: int = 0
    seconds: float = 0.0
    listed: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def add(self, begin: float, seconds: float) -> None:
        """Counts one more."""
        self.count += 1
        self.seconds += seconds
        if len(self.listed) < MAX_LISTED:
            self.listed.append((begin, seconds))


def identity(function: Function) -> tuple[str, frozenset[str]]:
    """What tells programs apart: what they compute, and the files that they were made by. The same program by two front
    ends is two."""
    return function.fingerprint, function.files


class RunWatcher(Watcher):
    """Counts the runs of each program, in this process: what is forked from it counts nothing."""

    def __init__(self) -> None:
        self.runs: dict[Hashable, Runs] = {}
        self._begin, self._process, self._lock = perf_counter(), os.getpid(), Lock()

    @property
    def is_ours(self) -> bool:
        """Whether this is the process that watches, and none that was forked from it."""
        return os.getpid() == self._process

    def key(self, executable: Executable) -> Hashable:
        """What tells programs apart."""
        return identity(executable.function)

    def first(self, executable: Executable, arrays: Sequence[Any], runs: Runs) -> None:
        """Told of each program before it runs for the first time."""

    def before(self, executable: Executable, arrays: Sequence[Any]) -> None:
        if self.is_ours:
            with self._lock:
                key = self.key(executable)
                if key not in self.runs:
                    begin, seconds = executable.compiled
                    runs = self.runs[key] = Runs((begin - self._begin, seconds) if begin >= self._begin else None)
                    self.first(executable, arrays, runs)

    def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
        if self.is_ours:
            with self._lock:
                self.runs[self.key(executable)].add(max(0.0, perf_counter() - seconds - self._begin), seconds)
