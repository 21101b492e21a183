"""Says which lines of a program made it stop and run what had been recorded, how often, and how long that took."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from diptych import backends
from diptych.backends import Executable, Watcher
from diptych.ir import Location, user_location


@dataclass(slots=True)
class Stops:
    """What ran at one line: how often, which programs, how many seconds in all."""

    runs: int = 0
    seconds: float = 0.0
    programs: set[Executable] = field(default_factory=set[Executable])


@contextmanager
def reported() -> Iterator[None]:
    """Writes the report of what ran within the block on the standard error when the block ends."""
    stops: dict[Location | None, Stops] = {}

    class Note(Watcher):
        def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
            found = stops.setdefault(user_location(), Stops())
            found.runs += 1
            found.seconds += seconds
            found.programs.add(executable)

    try:
        with backends.watched(Note()):
            yield
    finally:
        print(report(stops), file=sys.stderr)


def report(stops: dict[Location | None, Stops]) -> str:
    """A line for each line of the program, the longest time first."""
    lines = ["diptych: lines at which programs ran, by time", "   runs  programs   seconds  line"]
    for location, found in sorted(stops.items(), key=lambda item: -item[1].seconds):
        place = location.described() if location else "(at no line of the program)"
        lines.append(f"{found.runs:7}{len(found.programs):10}{found.seconds:10.3f}  {place}")
    return "\n".join(lines if stops else ["diptych: nothing ran"])
