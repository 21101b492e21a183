"""Datasets of batches, of padded ones, of windows, and of what batches hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ...graphs.errors import DataLossError, InvalidArgumentError
from ...graphs.shapes import runtime_text
from ...running.host import handle
from ...running.marks import part_of
from .pipeline import Array, Element, Pipeline, Rows


def stacked(elements: Sequence[Element]) -> Element:
    """Elements as one, with a new first axis. Raises InvalidArgumentError where their shapes differ."""
    return tuple([_stacked(number, parts) for number, parts in enumerate(zip(*elements, strict=True))])


def _stacked(number: int, parts: Sequence[Array]) -> Array:
    first = parts[0].shape
    for place, part in enumerate(parts):
        if part.shape != first:
            raise InvalidArgumentError(
                None, None,
                f"Cannot batch tensors with different shapes in component {number}. First element had shape "
                f"{runtime_text(first)} and element {place} had shape {runtime_text(part.shape)}.",
            )  # fmt: skip
    return np.stack(parts)


class Batch(Pipeline):
    """As many elements at a time as `size` says, the last time maybe fewer, unless the rest is dropped."""

    def __init__(self, source: Pipeline, size: int, *, drops_rest: bool) -> None:
        self.source, self.size, self.drops_rest = source, size, drops_rest

    def elements(self) -> Iterator[Element]:
        rows = self.source.rows()
        if rows is not None:
            yield from self._picked(rows)
            return
        source = self.source.elements()
        while found := list(islice(source, self.size)):
            if len(found) < self.size and self.drops_rest:
                return
            yield stacked(found)

    def _picked(self, rows: Rows) -> Iterator[Element]:
        """The same from rows of arrays, picked all at once."""
        source = self.source.places()
        while places := list(islice(source, self.size)):
            if len(places) < self.size and self.drops_rest:
                return
            yield tuple([array[places] for array in rows.arrays])


class PartsOfBatches(Pipeline):
    """The rows that part number `index` of `count` has of each batch, which programs on a mesh see whole."""

    def __init__(self, source: Pipeline, count: int, index: int) -> None:
        self.source, self.count, self.index = source, count, index

    def elements(self) -> Iterator[Element]:
        for element in self.source.elements():
            yield parts_of_batch(element, self.count, self.index)


class OwnParts(Pipeline):
    """Parts of batches that this process makes itself."""

    def __init__(self, source: Pipeline) -> None:
        self.source = source

    def elements(self) -> Iterator[Element]:
        for element in self.source.elements():
            yield tuple([part_of(part) if part.ndim else part for part in element])


def parts_of_batch(arrays: Sequence[Array], count: int, index: int) -> tuple[Array, ...]:
    """The rows that part number `index` of `count` has of each array of a batch: the first parts have one more, where
    they do not divide."""
    parts: list[Array] = []
    for array in arrays:
        size, rest = divmod(len(array), count)
        start = index * size + min(index, rest)
        parts.append(part_of(array[start : start + size + (index < rest)], len(array)))
    return tuple(parts)


class PaddedBatch(Pipeline):
    """Batches of elements that are filled up to a shape each: -1 stands for the largest size in the batch."""

    def __init__(
        self, source: Pipeline, size: int, shapes: Sequence[Array], padding: Sequence[Array], *, drops_rest: bool
    ) -> None:
        self.source, self.size, self.drops_rest = source, size, drops_rest
        self.shapes, self.padding = shapes, padding

    def elements(self) -> Iterator[Element]:
        source = self.source.elements()
        while found := list(islice(source, self.size)):
            if len(found) < self.size and self.drops_rest:
                return
            yield tuple(
                [
                    _padded(parts, shape, padding)
                    for parts, shape, padding in zip(zip(*found, strict=True), self.shapes, self.padding, strict=True)
                ]
            )


def _padded(parts: Sequence[Array], shape: Array, padding: Array) -> Array:
    sizes = [int(size) for size in shape]
    for part in parts:
        if part.ndim != len(sizes):
            raise InvalidArgumentError(
                None, None,
                f"All elements in a batch must have the same rank as the padded shape for component 0: expected rank "
                f"{len(sizes)} but got element with rank {part.ndim}",
            )  # fmt: skip
    for axis, size in enumerate(sizes):
        largest = max(part.shape[axis] for part in parts)
        if size < 0:
            sizes[axis] = largest
        elif largest > size:
            raise DataLossError(None, None, "Attempted to pad to a smaller size than the input element.")
    found = np.empty((len(parts), *sizes), parts[0].dtype)
    found[...] = padding
    for place, part in enumerate(parts):
        found[(place, *(slice(0, size) for size in part.shape), ...)] = part
    return found


class Unbatch(Pipeline):
    """The rows of each element."""

    def __init__(self, source: Pipeline) -> None:
        self.source = source

    def elements(self) -> Iterator[Element]:
        for element in self.source.elements():
            yield from Rows(element).elements()


class Window(Pipeline):
    """Datasets of `size` elements each, which begin `shift` apart and take every `stride`th element."""

    def __init__(self, source: Pipeline, size: int, shift: int, stride: int, *, drops_rest: bool) -> None:
        self.source, self.size, self.shift, self.stride = source, size, shift, stride
        self.drops_rest = drops_rest

    def elements(self) -> Iterator[Element]:
        source = self.source.elements()
        buffer: list[Element] = []
        reach = (self.size - 1) * self.stride + 1
        while True:
            buffer += islice(source, max(reach - len(buffer), 0))
            if not buffer or (self.drops_rest and len(buffer) < reach):
                return
            inside = buffer[: reach : self.stride]
            yield tuple([handle(Listed([(part,) for part in parts])) for parts in zip(*inside, strict=True)])
            if self.shift > len(buffer):
                list(islice(source, self.shift - len(buffer)))
            buffer = buffer[self.shift :]


class Listed(Pipeline):
    """Elements that are all at hand."""

    def __init__(self, found: Sequence[Element]) -> None:
        self.found = found

    def elements(self) -> Iterator[Element]:
        return iter(self.found)


class Cache(Pipeline):
    """The input, kept when it has been gone through once."""

    def __init__(self, source: Pipeline) -> None:
        self.source = source
        self.found: list[Any] | None = None

    def elements(self) -> Iterator[Element]:
        if self.found is not None:
            yield from self.found
            return
        found: list[Any] = []
        for element in self.source.elements():
            found.append(element)
            yield element
        self.found = found

    def rows(self) -> Rows | None:
        return None
