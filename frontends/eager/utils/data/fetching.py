"""Fetches the samples of a batch from a data set, and makes the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from ...tensors.data import from_numpy
from .collate import default_collate
from .dataset import Dataset, IterableDataset, Subset, TensorDataset


class Fetcher:
    """`fetch(index)`: a batch of the samples at a list of indices, or the sample at one index where no batches are
    made. Of an iterable data set the next samples, as many as there are indices.

    Raises StopIteration where an iterable data set has no more.
    """

    def __init__(self, dataset: Dataset[Any], is_batched: bool, collate: Callable[[Any], Any], drop_last: bool) -> None:
        self.dataset = dataset
        self.is_batched = is_batched
        self.collate = collate
        self.drop_last = drop_last
        self.samples: Iterator[Any] | None = iter(dataset) if isinstance(dataset, IterableDataset) else None

    def fetch(self, index: Any) -> Any:
        if self.samples is not None:
            return self.collate(self._next(self.samples, index))
        if not self.is_batched:
            return self.collate(self.dataset[index])
        if self.collate is default_collate:
            batch = _batch_of_tensors(self.dataset, index)
            if batch is not None:
                return batch
        at_once = getattr(self.dataset, "__getitems__", None)
        return self.collate(at_once(index) if callable(at_once) else [self.dataset[each] for each in index])

    def _next(self, samples: Iterator[Any], index: Any) -> Any:
        if not self.is_batched:
            return next(samples)
        found = list(islice(samples, len(index)))
        if not found or (self.drop_last and len(found) < len(index)):
            raise StopIteration
        return found


def _batch_of_tensors(dataset: Any, indices: list[int]) -> list[Any] | None:
    """The batch of a data set of tensors, or of a part of one, cut out at once; None of others."""
    while type(dataset) is Subset:
        indices = [dataset.indices[each] for each in indices]
        dataset = dataset.dataset
    if type(dataset) is not TensorDataset:
        return None
    places = from_numpy(np.array(indices, np.int64))
    return [each[places] for each in dataset.tensors]
