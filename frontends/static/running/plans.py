"""Plans: what one combination of fetches and feeds needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .feeds import Feeds
from .fetches import Fetches
from .host import as_fetched
from .stages import Lock, Stages
from .state import State

Array = np.ndarray[Any, Any]


class Plan:
    """The stages of one combination of fetches and feeds, and how values go back into the nest of fetches."""

    def __init__(self, fetches: Fetches, feeds: Feeds, state: State, lock: Lock) -> None:
        self.fetches = fetches
        self.feeds = feeds
        self.stages = Stages(fetches.graph, fetches.targets, feeds.feeds, state, lock)

    def run(self, arrays: list[Array]) -> Any:
        """The nest of values fetched."""
        found = self.stages.run_again(arrays)
        if found is not None:  # all that had to be done for them is done: to wait for them is all that is left
            return self.fetches.packed([as_fetched(value) for value in found])
        if not self.stages.has_host:
            return self.fetches.packed(self.stages.run(arrays))
        given = {feed.tensor: array for feed, array in zip(self.feeds.feeds, arrays, strict=True)}
        values = self.stages.values(given)
        fetched = [values[tensor] if tensor in given else as_fetched(values[tensor]) for tensor in self.fetches.tensors]
        return self.fetches.packed(fetched)
