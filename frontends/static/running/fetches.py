"""What a run fetches: nests of tensors, operations, variables and names, and how results go back into the nest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..graphs import nest
from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor


def key_of(fetches: Any) -> Any:
    """What tells one nest of fetches from another. Raises TypeError where a leaf does not hash."""
    kind = type(fetches)
    if kind is Tensor or kind is Operation:
        return fetches
    if kind is list or kind is tuple:
        return (kind, *map(key_of, fetches))
    if isinstance(fetches, Mapping):
        return (kind, *((name, key_of(value)) for name, value in fetches.items()))
    if isinstance(fetches, tuple):
        return (kind, *map(key_of, fetches))
    hash(fetches)
    return fetches


class Fetches:
    """A nest of fetches resolved in a graph: `targets` are the graph's own things, each once."""

    def __init__(self, graph: Graph, fetches: Any) -> None:
        self.graph = graph
        self._structure = fetches
        elements = [_element(graph, leaf) for leaf in nest.flatten(fetches, expand_composites=True)]
        self.targets: list[Tensor | Operation] = list(dict.fromkeys(elements))
        self.tensors = [target for target in self.targets if isinstance(target, Tensor)]
        place = {tensor: number for number, tensor in enumerate(self.tensors)}
        self._places = [place.get(element) if isinstance(element, Tensor) else None for element in elements]
        self._kind = type(fetches)
        self._flat = self._kind in (list, tuple) and not any(map(_holds_others, fetches))
        self._is_single = not _holds_others(fetches)

    def packed(self, values: list[Any]) -> Any:
        """The nest with the tensors' `values` in it, None for operations."""
        if self._flat:
            return self._kind([None if place is None else values[place] for place in self._places])
        if self._is_single:
            place = self._places[0]
            return None if place is None else values[place]
        leaves = (None if place is None else values[place] for place in self._places)
        return nest.pack_as(self._structure, leaves, expand_composites=True)


def _holds_others(fetch: Any) -> bool:
    return nest.is_nested(fetch) or nest.is_composite(fetch)


def _element(graph: Graph, leaf: Any) -> Tensor | Operation:
    if leaf is None:
        raise TypeError(f"Fetch argument {leaf!r} has invalid type {type(leaf)!r}")
    try:
        found = graph.as_graph_element(leaf)
    except TypeError as error:
        raise TypeError(
            f"Fetch argument {leaf!r} has invalid type {type(leaf)!r}, must be a string or Tensor. ({error})"
        ) from None
    except (ValueError, KeyError) as error:
        raise ValueError(f"Fetch argument {leaf!r} cannot be interpreted as a Tensor. ({error})") from None
    if not graph.is_fetchable(found):
        raise ValueError(f"{found.name} may not be fetched.")
    return found
