"""What is noted of sessions of the static front end: which runs follow each other, how graphs grow, what is written."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING, Any

from diptych.ir import Function, Location, user_location

if TYPE_CHECKING:
    from diptych.static.graphs.graph import Graph

Line = tuple[str, int]


@dataclass(slots=True)
class Call:
    """A call of `session.run`: its line, what it fed, and the programs that it ran."""

    session: Any
    place: Location
    fed: list[Any]
    programs: list[Function] = field(default_factory=list[Function])


@dataclass(slots=True)
class Pair:
    """Calls at two lines, one right behind the other and fed the same: how often, and the last two."""

    first: Call
    second: Call
    count: int = 0


@dataclass(slots=True)
class Growth:
    """Operations that were made at one line between runs: how many, and how many times."""

    place: Location
    operations: int = 0
    count: int = 0


@dataclass(slots=True)
class Noted:
    """What is known of a graph: how many operations it had in the last run, lines at which it grew since the first one,
    how often variables were written, and how often by programs that take gradients."""

    graph: Graph
    size: int
    growth: dict[Line, Growth] = field(default_factory=dict[Line, Growth])
    written: Counter[str] = field(default_factory=Counter[str])
    learned: Counter[str] = field(default_factory=Counter[str])


class Sessions:
    """What was noted, of graphs and of pairs of calls."""

    def __init__(self) -> None:
        self.graphs: dict[int, Noted] = {}
        self.pairs: dict[tuple[Line, Line], Pair] = {}
        self._frame: FrameType | None = None
        self._call: Call | None = None
        self._before: Call | None = None

    def note(self, function: Function) -> None:
        """A program is about to run, perhaps in a session."""
        frame = _running()
        if frame is None:
            return
        if frame is not self._frame:
            self.end()
            self._begin(frame)
        if self._call is None:
            return
        self._call.programs.append(function)
        noted = self.graphs[id(self._call.session.graph)]
        names = written_by(function)
        noted.written.update(names)
        if names and takes_gradients(function):
            noted.learned.update(names)

    def _begin(self, frame: FrameType) -> None:
        self._frame, place = frame, user_location()
        if place is None:
            return
        session = frame.f_locals["self"]
        self._call = Call(session, place, list((frame.f_locals["feed_dict"] or {}).values()))
        noted = self.graphs.setdefault(id(session.graph), Noted(session.graph, session.graph.version))
        grown = islice(session.graph.get_operations(), noted.size, None) if session.graph.version > noted.size else ()
        noted.size = session.graph.version
        lines: dict[Line, Growth] = {}
        for operation in grown:
            if operation.location is not None:
                key = (operation.location.file, operation.location.line)
                growth = lines[key] = noted.growth.setdefault(key, Growth(operation.location))
                growth.operations += 1
        for growth in lines.values():
            growth.count += 1

    def end(self) -> None:
        """The last call has ended."""
        first, second = self._before, self._call
        if first is not None and second is not None and _are_alike(first, second):
            key = (first.place.file, first.place.line), (second.place.file, second.place.line)
            pair = self.pairs.setdefault(key, Pair(first, second))
            pair.first, pair.second, pair.count = first, second, pair.count + 1
        self._frame, self._call, self._before = None, None, second


def written_by(function: Function) -> set[str]:
    """The variables that a program writes, by name: front ends name what they get so."""
    names = (result.name for result in function.results)
    return {name.removesuffix(".next") for name in names if name is not None and name.endswith(".next")}


def takes_gradients(function: Function) -> bool:
    """Whether gradients flow in a program."""
    return any(e.location is not None and e.location.gradient_of is not None for e in function.equations)


def _are_alike(first: Call, second: Call) -> bool:
    """Whether two calls at different lines are of one session, and fed the same things."""
    if first.session is not second.session or str(first.place) == str(second.place) or not first.fed:
        return False
    if len(first.fed) != len(second.fed):
        return False
    return all(mine is other for mine, other in zip(first.fed, second.fed, strict=True))


def _running() -> FrameType | None:
    """The frame of the innermost call of `session.run` that is going on."""
    module = sys.modules.get("diptych.static.running.session")
    if module is None:
        return None
    code = module.BaseSession.run.__code__
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame
