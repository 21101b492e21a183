"""Runs in parts: Session.partial_run_setup and partial_run. No operation runs twice; what one part computed is given to
the next ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from diptych.ir import Unsupported

from ..graphs.errors import InvalidArgumentError
from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from .feeds import Feeds
from .fetches import Fetches
from .schedule import needed

Run = Callable[[Any, Mapping[Any, Any]], Any]


class PartialRun:
    """One such run: what may be fetched and fed in it, and what was."""

    def __init__(self, graph: Graph, fetches: Any, feeds: Iterable[Any] | None) -> None:
        self._graph = graph
        self._fetches = set(Fetches(graph, fetches).targets)
        self._feeds = {feed.tensor for feed in Feeds(graph, feeds or ()).feeds}
        if not self._fetches:
            raise InvalidArgumentError(None, None, "Must specify at least one target to fetch or execute.")
        self._values: dict[Tensor, Any] = {}  # that were fed, and what later parts take of earlier ones
        self._fed: set[Tensor] = set()
        self._fetched: set[Any] = set()
        self._done: set[Operation] = set()

    def run(self, run: Run, fetches: Any, feed_dict: Mapping[Any, Any] | None) -> Any:
        """The next part. Raises InvalidArgumentError for what was not set up, and what was fed or fetched before."""
        feeds = Feeds(self._graph, feed_dict or {})
        arrays = feeds.arrays((feed_dict or {}).values())
        given = {feed.tensor: array for feed, array in zip(feeds.feeds, arrays, strict=True)}
        targets = Fetches(self._graph, fetches).targets
        _check("feed", given, self._feeds, self._fed, "fed")
        _check("fetch", targets, self._fetches, self._fetched, "fetched")
        values = {**self._values, **given}
        now = set(needed(targets, dict.fromkeys(values)))
        self._check_possible(targets, now)
        kept = self._kept(now, values)
        found, later = run([fetches, kept], values)
        self._fed.update(given)
        self._fetched.update(targets)
        self._done |= now
        self._values = {**values, **dict(zip(kept, later, strict=True))}
        return found

    def _check_possible(self, targets: Iterable[Any], now: set[Operation]) -> None:
        for operation in now:
            if any(output in self._feeds and output not in self._fed for output in operation.outputs):
                name = next(iter(targets)).name
                raise InvalidArgumentError(
                    None, None, f"Fetch {name} can't be computed from the feeds that have been fed so far."
                )
            if operation in self._done and operation.writes:
                raise Unsupported(
                    f"partial_run: {operation.name}, which changes a variable, would run again",
                    location=operation.location,
                    hint="fetching what comes after it in the same part",
                )

    def _kept(self, now: set[Operation], values: Mapping[Tensor, Any]) -> list[Tensor]:
        """What this part computes and later ones take."""
        rest = needed(list(self._fetches), dict.fromkeys(values))
        taken = {tensor for operation in rest if operation not in now for tensor in operation.inputs}
        taken |= {target for target in self._fetches if isinstance(target, Tensor)}
        return [
            output
            for operation in now
            for output in operation.outputs
            if output in taken and output.op.slot is None and self._graph.is_feedable(output)
            and output.dtype.name not in ("resource", "variant")
        ]  # fmt: skip


def _check(what: str, names: Iterable[Any], allowed: set[Any], before: set[Any], done: str) -> None:
    for thing in names:
        if thing not in allowed:
            raise InvalidArgumentError(None, None, f"The {what} {thing.name} was not specified in partial_run_setup.")
        if thing in before:
            raise InvalidArgumentError(None, None, f"The {what} {thing.name} had already been {done}.")
