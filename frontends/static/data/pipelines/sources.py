"""Datasets that are no others' changes: one element, numbers, what a Python generator gives, records of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from .pipeline import Element, Pipeline


class One(Pipeline):
    """A single element."""

    def __init__(self, element: Element) -> None:
        self.element = element

    def elements(self) -> Iterator[Element]:
        yield self.element


class Range(Pipeline):
    """Integers from start on, by step, up to stop."""

    def __init__(self, start: int, stop: int, step: int) -> None:
        self.numbers = range(start, stop, step)

    def elements(self) -> Iterator[Element]:
        for number in self.numbers:
            yield (np.array(number, np.int64),)


class Called(Pipeline):
    """What a function gives each time it is called, one after another."""

    def __init__(self, start: Callable[[], Iterable[Element]]) -> None:
        self.start = start

    def elements(self) -> Iterator[Element]:
        yield from self.start()
