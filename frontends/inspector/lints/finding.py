"""What a rule finds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from diptych.ir import Location

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """What will hurt at one line, by one rule: `says` what and how much, `instead` what to write. `count`: how often it
    is there. `figures`: the numbers of the sentence, and others, by name."""

    rule: str
    place: Location | None
    says: str
    instead: str
    count: int
    figures: dict[str, Any] = field(default_factory=dict[str, Any])

    def text(self) -> str:
        """The line, and below it what is wrong there."""
        where = self.place.described() if self.place is not None else "at no line that is known"
        return f"{where}\n  {self.rule}: {self.says}\n  try: {self.instead}\n"

    def as_json(self) -> str:
        """The same as an object."""
        found: dict[str, Any] = {
            "rule": self.rule,
            "file": self.place.file if self.place is not None else None,
            "line": self.place.line if self.place is not None else None,
            "text": self.place.source() if self.place is not None else None,
            "says": self.says,
            "instead": self.instead,
            "count": self.count,
            **self.figures,
        }
        return json.dumps(found) + "\n"


def by_line(found: Iterable[tuple[Location | None, T]]) -> list[tuple[Location | None, list[T]]]:
    """Things by the lines that they belong to, in order of appearance. Locations of one line may say other things of
    it."""
    lines: dict[tuple[str, int] | None, tuple[Location | None, list[T]]] = {}
    for place, each in found:
        key = (place.file, place.line) if place is not None else None
        lines.setdefault(key, (place, []))[1].append(each)
    return list(lines.values())


def in_programs(found: Iterable[tuple[Location | None, int, T]]) -> list[tuple[Location | None, list[T], int]]:
    """Things of programs, which are known by number: for each line those of the program that has most there, and how
    many programs have any."""
    lines: list[tuple[Location | None, list[T], int]] = []
    for place, group in by_line((place, (number, each)) for place, number, each in found):
        programs: dict[int, list[T]] = {}
        for number, each in group:
            programs.setdefault(number, []).append(each)
        lines.append((place, max(programs.values(), key=len), len(programs)))
    return lines
