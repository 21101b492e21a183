"""What the host holds for a dataset: something that elements can be taken from, again and again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

Array = np.ndarray[Any, Any]
Element = tuple[Any, ...]  # an array for each component, or what stands for a dataset
T = TypeVar("T")


class Pipeline(ABC):
    """A dataset in a run."""

    @abstractmethod
    def elements(self) -> Iterator[Element]:
        """The elements from the first one on."""

    def rows(self) -> Rows | None:
        """The arrays whose rows are the elements, where nothing but their order is changed."""
        return None

    def places(self) -> Iterator[int]:
        """Which of the rows the elements are, where there are rows."""
        raise NotImplementedError


class Rows(Pipeline):
    """The rows of arrays of the same length."""

    def __init__(self, arrays: tuple[Array, ...]) -> None:
        self.arrays = arrays

    def elements(self) -> Iterator[Element]:
        arrays = self.arrays
        for place in range(len(arrays[0])):
            yield tuple([array[place, ...] for array in arrays])

    def rows(self) -> Rows:
        return self

    def places(self) -> Iterator[int]:
        return iter(range(len(self.arrays[0])))


class Reordering(Pipeline):
    """The elements of an input, some of them maybe, in another order maybe.

    What it does, it does to anything: rows of arrays go by their places, and only those that are wanted are picked.
    """

    def __init__(self, source: Pipeline) -> None:
        self.source = source

    @abstractmethod
    def over(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        """The elements, where start() begins the input anew."""

    def elements(self) -> Iterator[Element]:
        rows = self.rows()
        if rows is None:
            yield from self.over(self.source.elements)
            return
        for place in self.places():
            yield tuple([array[place, ...] for array in rows.arrays])

    def rows(self) -> Rows | None:
        return self.source.rows()

    def places(self) -> Iterator[int]:
        return self.over(self.source.places)
