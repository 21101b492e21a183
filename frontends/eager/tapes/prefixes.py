"""Beginnings of tapes. Tapes that begin alike share their prefixes, so that what follows from structure is found once.

A prefix is told from others by what came after the one before: the type of a value that comes in, or a call: what is
called, at which line, on values at which positions, and how gradients flow back. Everything that equal tapes have in
common at that place is kept there; only values differ.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from types import CodeType
from typing import TYPE_CHECKING

from diptych.ir import Location

if TYPE_CHECKING:
    from ..autograd.gradient_template import GradientTemplate
    from .lazy import Kind
    from .operation import Template

MAX_PREFIXES = 65536  # after so many those that led nowhere twice are forgotten


class Prefix:
    """A tape up to here. `count`: the positions it has given. `before`: the prefix that this one goes on from.

    Where a call comes last, `kinds` are of its results, the first of which has the position `start`; `first` is the
    place of its first number. `edges` says how gradients flow from it to its inputs, empty where none do; `leaves` are
    the call's where no input collects its gradient. `flowing` says how gradients flow to it from who reads its results.
    `code` and `instruction` tell the user's line; `place` all that is known of it, where that was wanted.
    """

    __slots__ = (
        "backwards", "before", "bytes", "code", "count", "edges", "first", "flowing", "following", "instruction",
        "kinds", "leaves", "place", "start", "template", "tracked",
    )  # fmt: skip

    template: Template | GradientTemplate
    kinds: tuple[Kind, ...]
    edges: tuple[int, ...]
    leaves: tuple[None, ...]
    flowing: tuple[int, ...]
    start: int
    first: int
    bytes: int
    tracked: bool
    code: CodeType | None
    instruction: int
    place: Location | None

    def __init__(self, count: int, before: Prefix | None = None) -> None:
        self.count = count
        self.before = before
        self.following: dict[Hashable, Prefix] = {}
        self.backwards: dict[Hashable, KnownBackward] = {}  # gradients that were taken here, by what they are of

    def followed_by(self, key: Hashable, count: int) -> Prefix:
        """The prefix that goes on with `key`, which gives `count` positions."""
        found = self.following.get(key)
        if found is None:
            found = self.following[key] = Prefix(self.count + count, self)
        return found


def keep(ends: Iterable[Prefix]) -> int:
    """Forgets all prefixes from which none of `ends` can be reached; how many there are then."""
    kept: set[Prefix] = set()
    for end in ends:
        prefix: Prefix | None = end
        while prefix is not None and prefix not in kept:
            kept.add(prefix)
            prefix = prefix.before
    for prefix in kept:
        for key, following in list(prefix.following.items()):
            if following not in kept:
                del prefix.following[key]
                _let_go(following)
        prefix.backwards = {key: known for key, known in prefix.backwards.items() if known.prefix in kept}
    return len(kept)


def _let_go(prefix: Prefix) -> None:
    """Undoes the circles through a prefix and all behind it, which would wait for a collection."""
    pending = [prefix]
    while pending:
        current = pending.pop()
        current.before = None
        pending.extend(current.following.values())
        current.following = {}
        current.backwards = {}


class KnownBackward:
    """A backward that was recorded behind a prefix before: the prefix with its call, the numbers of the leaves that
    collect gradients, with their positions, and the numbers of the calls that gradients flow through."""

    __slots__ = ("calls", "leaves", "positions", "prefix")

    def __init__(
        self, prefix: Prefix, leaves: tuple[int, ...], positions: tuple[int, ...], calls: tuple[int, ...]
    ) -> None:
        self.prefix = prefix
        self.leaves = leaves
        self.positions = positions
        self.calls = calls
