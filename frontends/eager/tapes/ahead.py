"""Programs that run ahead of what asks for them.

Where a loop reads a value in each step, Python waits for the program, and then the device for Python, which records
what is the same as in the step before. So a program of jax's that came round several times as expected is started as
soon as what it reads is known: most of that is what other programs have made, the rest comes with the first calls.
Python goes on meanwhile, and where what it has recorded is that program, on those very arrays and numbers, the results
are there. Where it is not they are forgotten, and nothing else has happened: such a program overwrites nothing, and has
no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from diptych.backends import is_watched
from diptych.backends.failing import FAILING, last_failing
from diptych.backends.processes import process_count
from diptych.ir import DiptychError, Function

from .residence import RESIDENT, bring

if TYPE_CHECKING:
    from diptych.backends.settings import Settings

    from .lazy import Call, Lazy
    from .prefixes import Prefix
    from .traces import Trace, Variant

_MOST_BYTES = 1 << 22  # of arguments and results: who computes with more should overwrite them, and waits little for us
_LOOKED_BACK = 4  # runs, within which a loop has to come round
_STEADY = 3  # times in a row that a program came as expected, before it runs ahead
_PENALTY = 16  # how many more times, once it ran in vain

Foretold: TypeAlias = "tuple[Call, Callable[[], list[float]]]"  # a call, and what its numbers will be in the next round
Source = tuple[int, int] | None  # of an argument: how many runs ago it was made, and as which result; None if by none
_SAME: Source = (0, 0)  # it is the one that it was in the last round


def is_light(function: Function, leaves: Sequence[Lazy], outputs: Sequence[Lazy]) -> bool:
    """Whether a program for jax is small enough to overwrite nothing, and may run as soon as it has what it reads,
    without having been asked for."""
    if process_count() > 1 or not leaves or sum([lazy.kind.bytes for lazy in (*leaves, *outputs)]) > _MOST_BYTES:
        return False
    return not function.has_effect and last_failing(function, FAILING["jax"]) < 0


class Habit:
    """What a trace reads, round by round. `steady`: how often in a row that was as expected. `changes`: by how much
    numbers that vary do. `fresh`: the places of arguments that come in anew; `place`: the prefix behind the last of
    them, at which all is known."""

    __slots__ = ("changes", "fresh", "place", "sources", "steady")

    def __init__(self, sources: list[Source], changes: list[Any], leaves: Sequence[Lazy], end: Prefix) -> None:
        self.sources = sources
        self.changes = changes
        self.fresh = [place for place, source in enumerate(sources) if source is None]
        self.place = _entered(end, leaves[self.fresh[-1] if self.fresh else 0].position)
        self.steady = 0


class Round(NamedTuple):
    """One run of a program: of which trace and how, on which values and numbers, and what it made. `foretold`: what is
    known of numbers of the next round. `is_awaited`: whether somebody waited for it."""

    trace: Trace
    variant: Variant
    executable: Any
    leaves: Sequence[Lazy]
    numbers: Sequence[Any]
    foretold: Sequence[Foretold]
    outputs: Sequence[Lazy]
    is_awaited: bool


class Ahead:
    """The rounds of late, and the program that is expected next: `place` is the prefix at which it may start, None
    where none is expected, or it has started."""

    __slots__ = ("arguments", "like", "numbers", "place", "results", "rounds", "settings", "unread")

    settings: Settings
    like: Round  # the round that is expected once more
    arguments: list[Any]  # with None in place of those that come in anew
    numbers: list[Any]

    def __init__(self) -> None:
        self.rounds: list[Round] = []
        self.unread = 0  # runs since somebody waited for one
        self.drop()

    def drop(self) -> None:
        """Nothing is expected any more."""
        self.place: Prefix | None = None
        self.results: Sequence[Any] | None = None

    def forget(self) -> None:
        """Lets go of all that was seen: who counts references sees them too."""
        self.rounds.clear()
        self.drop()

    def start(self, leaves: Sequence[Lazy]) -> None:
        """Starts the program that is expected, for which the last of `leaves` was missing."""
        self.place = None
        if is_watched():  # by somebody who wants to see what was asked for
            return
        fresh = self.like.trace.habit.fresh  # pyright: ignore[reportOptionalMemberAccess]
        large = [leaves[place] for place in fresh if leaves[place].kind.bytes >= RESIDENT]
        bring([lazy for lazy in large if lazy.array.__class__ is np.ndarray])
        for place in fresh:
            self.arguments[place] = leaves[place].array
        self._foretell()
        try:
            self.results = self.like.executable.run([*self.arguments, *map(np.asarray, self.numbers)])
        except DiptychError:  # which is raised where the program is asked for
            self.drop()

    def _foretell(self) -> None:
        """Puts numbers in their places that are known."""
        like = self.like
        if like.foretold and self.numbers:
            places = {place: number for number, place in enumerate(like.variant.places)}
            for call, following in like.foretold:
                for place, number in enumerate(following(), call.prefix.first):
                    if place in places:
                        self.numbers[places[place]] = number

    def taken(
        self, trace: Trace, variant: Variant, leaves: Sequence[Lazy], numbers: Sequence[Any], current: Settings
    ) -> Sequence[Any] | None:
        """The results of these numbers and the arrays of these values, where they are what has run ahead."""
        results = self.results
        self.drop()
        if results is None:
            return None
        like = self.like
        is_like = trace is like.trace and variant is like.variant and current is self.settings
        if is_like and _are_same(numbers, self.numbers):
            for lazy, argument in zip(leaves, self.arguments, strict=True):
                if lazy.array is not argument:
                    break
            else:
                return results
        if like.trace.habit is not None:
            like.trace.habit.steady = -_PENALTY
        return None

    def note(self, this: Round, end: Prefix, current: Settings, *, was_ahead: bool) -> None:
        """Sees a run of a light trace, with the prefix at its end, and says what is expected next."""
        rounds = self.rounds
        self.unread = 0 if this.is_awaited else self.unread + 1
        if self.unread > _LOOKED_BACK:
            self.forget()
            return
        ago = next((ago for ago in range(1, len(rounds) + 1) if rounds[-ago].trace is this.trace), 0)
        if was_ahead:
            this.trace.habit.steady += 1  # pyright: ignore[reportOptionalMemberAccess]
        elif ago:
            self._compare(this, rounds[-ago], end)
        rounds.append(this)
        del rounds[:-_LOOKED_BACK]
        if ago and rounds[-ago].is_awaited:
            self._expect(rounds[-ago], current)

    def _compare(self, this: Round, last: Round, end: Prefix) -> None:
        """Looks whether a run was as the last one of its trace makes expect."""
        if this.variant is not last.variant:
            this.trace.habit = None
            return
        pairs = zip(this.leaves, last.leaves, strict=True)
        sources = [_SAME if lazy is before else self._source(lazy) for lazy, before in pairs]
        changes = _changes(this, last)
        habit = this.trace.habit
        if habit is not None and habit.sources == sources and habit.changes == changes:
            habit.steady += 1
            return
        steady = 0 if habit is None else min(habit.steady, 0)
        this.trace.habit = Habit(sources, changes, this.leaves, end)
        this.trace.habit.steady = steady

    def _source(self, lazy: Lazy) -> Source:
        for ago, other in enumerate(reversed(self.rounds), 1):
            if lazy in other.outputs:
                return ago, other.outputs.index(lazy)
        return None

    def _expect(self, like: Round, current: Settings) -> None:
        """Expects a round once more, if its trace has been steady."""
        habit = like.trace.habit
        if habit is None or habit.steady < _STEADY:
            return
        arguments: list[Any] = []
        for before, source in zip(like.leaves, habit.sources, strict=True):
            found = None if source is None else self._found(before, *source)
            if source is not None and found is None:
                return
            arguments.append(found)
        self.like, self.arguments, self.settings = like, arguments, current
        pairs = zip(like.numbers, habit.changes, strict=True)
        self.numbers = [type(number)(number + change) for number, change in pairs]  # True stays True
        self.place = habit.place

    def _found(self, before: Lazy, ago: int, place: int) -> Any:
        """The array that comes in where `before` did, of a source; None where there is none of its kind any more."""
        if not ago:
            return before.array
        outputs = self.rounds[-ago].outputs if ago <= len(self.rounds) else ()
        if place >= len(outputs) or outputs[place].kind is not before.kind:
            return None
        return outputs[place].array


def _changes(this: Round, last: Round) -> list[Any]:
    """By how much numbers have changed, of those that are not foretold."""
    changes = [now - before for now, before in zip(this.numbers, last.numbers, strict=True)]
    if changes and this.foretold:
        known = {call.prefix.first + number for call, _ in this.foretold for number in range(len(call.scalars))}
        pairs = zip(this.variant.places, changes, strict=True)
        changes = [0.0 if place in known else change for place, change in pairs]
    return changes


def _entered(end: Prefix, position: int) -> Prefix:
    """The prefix on the way to `end` that gives this position."""
    place = end
    while place.before is not None and place.before.count > position:
        place = place.before
    return place


def _are_same(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Whether programs make no difference between these numbers: 0.0 equals -0.0 and 1, but they do."""
    return left == right and list(map(repr, left)) == list(map(repr, right))
