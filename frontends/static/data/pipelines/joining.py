"""Datasets made of several, side by side or one after another."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from .pipeline import Element, Pipeline


class Zip(Pipeline):
    """The elements of all inputs side by side, as long as each has one."""

    def __init__(self, sources: Sequence[Pipeline]) -> None:
        self.sources = sources

    def elements(self) -> Iterator[Element]:
        for parts in zip(*(source.elements() for source in self.sources), strict=False):
            yield tuple([component for part in parts for component in part])


class Concatenate(Pipeline):
    """The elements of the first input, then those of the second."""

    def __init__(self, first: Pipeline, second: Pipeline) -> None:
        self.first, self.second = first, second

    def elements(self) -> Iterator[Element]:
        yield from self.first.elements()
        yield from self.second.elements()


class Sampled(Pipeline):
    """Each next element from one of the inputs, chosen at random by weights or by the numbers that `choices` gives."""

    def __init__(
        self, sources: Sequence[Pipeline], weights: Sequence[float], seed: int, choices: Pipeline | None = None
    ) -> None:
        self.sources, self.weights, self.seed, self.choices = sources, weights, seed, choices

    def elements(self) -> Iterator[Element]:
        left = {number: source.elements() for number, source in enumerate(self.sources)}
        for number in self._chosen(left):
            if number not in left:
                continue
            element = next(left[number], None)
            if element is None:
                del left[number]
                if not left:
                    return
            else:
                yield element

    def _chosen(self, left: dict[int, Iterator[Element]]) -> Iterator[int]:
        if self.choices is not None:
            yield from (int(choice) for (choice,) in self.choices.elements())
            return
        numbers = random.Random(self.seed)
        while left:
            here = list(left)
            weights = [self.weights[number] for number in here]
            yield numbers.choices(here, weights if any(weights) else None)[0]
