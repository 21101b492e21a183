"""Datasets in another order, or parts of them: repeat, shuffle, take, skip, shard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice

from .pipeline import Pipeline, Reordering, T


class Repeat(Reordering):
    """The input `count` times, for ever where that is negative."""

    def __init__(self, source: Pipeline, count: int) -> None:
        super().__init__(source)
        self.count = count

    def over(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        done = 0
        while done != self.count:
            is_empty = True
            for item in start():
                is_empty = False
                yield item
            if is_empty:
                return  # as TensorFlow does, lest an empty input is repeated for ever
            done += 1


class Take(Reordering):
    """The first `count` elements, all where that is negative."""

    def __init__(self, source: Pipeline, count: int) -> None:
        super().__init__(source)
        self.count = count

    def over(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        return islice(start(), self.count if self.count >= 0 else None)


class Skip(Reordering):
    """All but the first `count` elements, none where that is negative."""

    def __init__(self, source: Pipeline, count: int) -> None:
        super().__init__(source)
        self.count = count

    def over(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        return islice(start(), self.count, None) if self.count >= 0 else iter(())


class Shard(Reordering):
    """Every `count`th element, from the `index`th on."""

    def __init__(self, source: Pipeline, count: int, index: int) -> None:
        super().__init__(source)
        self.count, self.index = count, index

    def over(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        return islice(start(), self.index, None, self.count)


class Shuffle(Reordering):
    """A buffer of elements, any of which is the next. With `again` each pass has another order."""

    def __init__(self, source: Pipeline, size: int, seed: int, *, again: bool) -> None:
        super().__init__(source)
        self.size, self.seed, self.again = size, seed, again
        self._numbers = random.Random(seed)

    def over(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        draw = (self._numbers if self.again else random.Random(self.seed)).random
        source = start()
        buffer = list(islice(source, self.size))
        for item in source:
            place = int(draw() * len(buffer))
            yield buffer[place]
            buffer[place] = item
        while buffer:
            place = int(draw() * len(buffer))
            buffer[place], buffer[-1] = buffer[-1], buffer[place]
            yield buffer.pop()


class Same(Reordering):
    """The input as it is: prefetched, or with options."""

    def over(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        return start()
