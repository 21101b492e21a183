"""Graphs that grow between runs: after each of them every run is planned anew."""

from __future__ import annotations

from collections.abc import Iterator

from ..tables import counts
from .finding import Finding, by_line
from .looked import Looked

RULE = "growing-graph"
LEAST = 10  # times


def growing_graphs(looked: Looked) -> Iterator[Finding]:
    """Lines that make operations between the runs of a session again and again."""
    if looked.watched is None:
        return
    graphs = looked.watched.sessions.graphs.values()
    found = [(growth.place, (growth, noted)) for noted in graphs for growth in noted.growth.values()]
    for place, group in by_line(found):
        operations, count = (sum(growth.operations for growth, _ in group), sum(growth.count for growth, _ in group))
        size = max(noted.size for _, noted in group)
        if count >= LEAST:
            yield Finding(
                RULE,
                place,
                f"{counts(operations, 'operation')} made between runs, {count} times: the graph has {size} now, and "
                "each time all that runs behind is planned and lowered anew",
                "make operations once, before the loop, and feed what changes through a placeholder",
                count,
                {"operations": operations, "graph": size},
            )
