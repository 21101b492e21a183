"""Whose the time is that was measured of a program: of its equations, or of those that are alike in something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from diptych.backends.numpy.rates import RATES
from diptych.backends.paths import Path, paths_of
from diptych.ir import Equation, Function, ops
from diptych.passes.aliasing import VIEWS
from diptych.passes.costs import Cost, cost_of

from .roofline import moved

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class Share:
    """What some equations have of a run. `is_estimated`: the seconds were measured of several together, and divided by
    what each is estimated to cost. `cost` and `bytes`: of what they compute in a run; None where nobody knows how often
    they do."""

    equations: int = 0
    seconds: float = 0.0
    is_estimated: bool = False
    cost: Cost | None = field(default_factory=Cost)
    bytes: int | None = 0

    def add(self, cost: Cost | None, bytes: int | None, equations: int = 1) -> None:
        """Adds what equations compute."""
        self.equations += equations
        self.cost = self.cost + cost if self.cost is not None and cost is not None else None
        self.bytes = self.bytes + bytes if self.bytes is not None and bytes is not None else None

    @property
    def estimate(self) -> float | None:
        """Seconds that the passes expect of one thread."""
        return 1e-9 * RATES.nanoseconds(self.cost) if self.cost is not None and self.cost.calls else None


class Shares:
    """Of an optimised program, by the seconds of each equation that was measured in a run of it: of what has functions,
    without what was measured inside."""

    def __init__(self, function: Function, times: Mapping[Path, float]) -> None:
        self.times = times
        self.paths = list(paths_of(function))
        self.lasts = {  # of parallel equations, what stands in the last part alone
            path[-1]: frozenset(path[-1].attributes["last"].equations)
            for path in self.paths
            if path[-1].op is ops.parallel and path[-1].attributes["last"] is not None
        }
        self.members: dict[Path, list[Path]] = defaultdict(list)  # what computes inside of what has functions
        for path in self.paths:
            for end in range(1, len(path) if not path[-1].op.has_functions else 0):
                self.members[path[:end]].append(path)
        self.inside: dict[Path, list[Path]] = defaultdict(list)  # what of it was measured
        for path in times:
            for end in range(1, len(path)):
                self.inside[path[:end]].append(path)

    def by_equation(self) -> dict[Path, Share]:
        """In program order, with groups as wholes."""
        found: dict[Path, Share] = defaultdict(Share)
        for path, seconds in self.times.items():
            groups = (path[:end] for end in range(1, len(path)) if path[end - 1].op is ops.fused)
            found[next(groups, path)].seconds += seconds
        for path in self.paths:
            if path in found and (path not in self.inside or path[-1].op is ops.fused):
                found[path].add(*self._computed(path))
        return {path: found[path] for path in self.paths if path in found}

    def by(self, key: Callable[[Equation], Key], *, spread: bool) -> dict[Key, Share]:
        """Those that are alike, the largest first. What groups and loops take themselves is theirs, unless it is to be
        `spread` over their members."""
        found: dict[Key, Share] = defaultdict(Share)
        measured = self._spread() if spread else ((path, seconds, False) for path, seconds in self.times.items())
        for path, seconds, is_estimated in measured:
            share = found[key(path[-1])]
            share.seconds += seconds
            share.is_estimated |= is_estimated
        for path in self.paths:
            if self._is_counted(path, spread) and (share := found.get(key(path[-1]))) is not None:
                share.add(*self._computed(path))
        return dict(sorted(found.items(), key=lambda item: -item[1].seconds))

    def _spread(self) -> Iterator[tuple[Path, float, bool]]:
        """Equations with their seconds, and whether these are estimated: where no member was measured."""
        times = dict(self.times)
        for path in sorted(times, key=len):  # what stands in others comes behind them
            measured = sum(times[inner] for inner in self.inside.get(path, ()))
            estimates = {} if measured else self._estimates(path)
            estimated = sum(estimates.values())
            if measured:
                for inner in self.inside[path]:
                    times[inner] *= 1 + times[path] / measured
            elif estimated:
                yield from ((inner, times[path] * part / estimated, True) for inner, part in estimates.items())
            else:
                yield path, times[path], False

    def _estimates(self, path: Path) -> dict[Path, float]:
        """What is expected of the members of what has functions; of a loop of a length that nobody knows, one round."""
        members = self.members.get(path, ())
        return {each: RATES.nanoseconds(cost_of(each[-1]) * (self._runs(each) or 1)) for each in members}

    def _is_counted(self, path: Path, spread: bool) -> bool:
        """Whether an equation computes for itself, in what was measured."""
        op = path[-1].op
        if op.has_functions:
            return not spread and path in self.times and path not in self.inside
        if path in self.times or op in VIEWS or op is ops.constant:
            return path in self.times
        around = [path[:end] for end in range(1, len(path))]
        return any(
            each[-1].op is ops.fused if each in self.inside else spread and each in self.times for each in around
        )

    def _computed(self, path: Path) -> tuple[Cost | None, int | None]:
        """What an equation computes and moves in a run of the program."""
        runs = self._runs(path)
        return (None, None) if runs is None else (cost_of(path[-1]) * runs, int(moved(path[-1])) * runs)

    def _runs(self, path: Path) -> int | None:
        """How often an equation runs in a run of the program; None where that depends on numbers."""
        runs = 1
        for end, (equation, inner) in enumerate(zip(path, (*path[1:], None), strict=True), 1):
            attributes = equation.attributes
            if equation.op is ops.while_loop or (equation.op is ops.cond and path[:end] not in self.inside):
                return None
            if inner is not None and equation.op is ops.scan:
                runs *= int(attributes["length"])
            if inner is not None and equation.op is ops.parallel:
                is_last = inner in self.lasts.get(equation, ())
                runs *= 1 if is_last else attributes["parts"] - (attributes["last"] is not None)
        return runs
