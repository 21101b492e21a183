"""Datasets made by functions of a graph: map, filter, flat_map, interleave, groups, and reductions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...graphs.errors import OpError
from ...running.host import handle
from .batching import Listed
from .pipeline import Element, Pipeline

Function = Callable[..., Element]  # of the arrays of an element


class Map(Pipeline):
    """The function of each element."""

    def __init__(self, source: Pipeline, function: Function) -> None:
        self.source, self.function = source, function

    def elements(self) -> Iterator[Element]:
        return _Mapped(self.source.elements(), self.function)


class _Mapped:
    """An iterator that goes on after an error of the function, unlike a generator."""

    def __init__(self, source: Iterator[Element], function: Function) -> None:
        self._source, self._function = source, function

    def __iter__(self) -> _Mapped:
        return self

    def __next__(self) -> Element:
        return self._function(*next(self._source))


class IgnoreErrors(Pipeline):
    """The elements but for those whose making failed."""

    def __init__(self, source: Pipeline) -> None:
        self.source = source

    def elements(self) -> Iterator[Element]:
        source = self.source.elements()
        while True:
            try:
                element = next(source)
            except StopIteration:
                return
            except OpError:
                continue
            yield element


class Filter(Pipeline):
    """The elements that the function holds for."""

    def __init__(self, source: Pipeline, function: Function) -> None:
        self.source, self.function = source, function

    def elements(self) -> Iterator[Element]:
        for element in self.source.elements():
            if self.function(*element)[0]:
                yield element


class TakeWhile(Filter):
    """The elements up to the first that the function does not hold for."""

    def elements(self) -> Iterator[Element]:
        for element in self.source.elements():
            if not self.function(*element)[0]:
                return
            yield element


class FlatMap(Pipeline):
    """The elements of the datasets that the function makes of each element, one after another."""

    def __init__(self, source: Pipeline, function: Function) -> None:
        self.source, self.function = source, function

    def elements(self) -> Iterator[Element]:
        for element in self.source.elements():
            yield from dataset_in(self.function(*element)).elements()


class Interleave(Pipeline):
    """As FlatMap, but `cycle` datasets take turns, with `block` elements each."""

    def __init__(self, source: Pipeline, function: Function, cycle: int, block: int) -> None:
        self.source, self.function, self.cycle, self.block = source, function, cycle, block

    def elements(self) -> Iterator[Element]:
        source = self.source.elements()
        opened: list[Iterator[Element] | None] = [None] * self.cycle
        is_ended = False
        place = taken = 0
        while not is_ended or any(each is not None for each in opened):
            present = opened[place]
            if present is None and not is_ended:
                element = next(source, None)
                if element is None:
                    is_ended = True
                    continue
                present = opened[place] = dataset_in(self.function(*element)).elements()
            found = None if present is None else next(present, None)
            if found is None:
                opened[place] = None
            else:
                yield found
                taken += 1
            if found is None or taken == self.block:
                place, taken = (place + 1) % self.cycle, 0


class Scan(Pipeline):
    """state, element = function(state, element of the input), for each element."""

    def __init__(self, source: Pipeline, first: Element, function: Function, width: int) -> None:
        self.source, self.first, self.function, self.width = source, first, function, width

    def elements(self) -> Iterator[Element]:
        state = self.first
        for element in self.source.elements():
            found = self.function(*state, *element)
            state = found[: self.width]
            yield found[self.width :]


class GroupByWindow(Pipeline):
    """Elements with the same key, gathered up to a window's size, and what a function makes of each such dataset."""

    def __init__(self, source: Pipeline, key: Function, size: Function, reduce: Function) -> None:
        self.source, self.key, self.size, self.reduce = source, key, size, reduce

    def elements(self) -> Iterator[Element]:
        groups: dict[int, list[Element]] = {}
        for element in self.source.elements():
            key = self.key(*element)[0]
            group = groups.setdefault(int(key), [])
            group.append(element)
            if len(group) == int(self.size(key)[0]):
                del groups[int(key)]
                yield from self._reduced(key, group)
        for number, group in sorted(groups.items()):
            yield from self._reduced(np.array(number, np.int64), group)

    def _reduced(self, key: Any, group: list[Element]) -> Iterator[Element]:
        return dataset_in(self.reduce(key, handle(Listed(group)))).elements()


class Unique(Pipeline):
    """The elements that did not come before."""

    def __init__(self, source: Pipeline) -> None:
        self.source = source

    def elements(self) -> Iterator[Element]:
        seen: set[Any] = set()
        for element in self.source.elements():
            key = element[0].item()
            if key not in seen:
                seen.add(key)
                yield element


def dataset_in(element: Element) -> Pipeline:
    """The dataset that the one component of an element stands for."""
    return element[0][()]


def reduced(source: Pipeline, first: Element, function: Function) -> Element:
    """state = function(state, element) over all elements; the last state."""
    state = first
    for element in source.elements():
        state = function(*state, *element)
    return state
