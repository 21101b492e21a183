"""What data sets, samplers and loaders refuse, in PyTorch's words."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager.utils import data
from diptych.eager.utils.data import DataLoader

FIVE = data.TensorDataset(torch.arange(5))


class Counting(data.IterableDataset[int]):
    def __iter__(self):
        return iter(range(5))


REFUSALS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "tensors of two lengths": (
        lambda: data.TensorDataset(torch.ones(2), torch.ones(3)), AssertionError, "Size mismatch between tensors",
    ),
    "no data sets": (lambda: data.ConcatDataset([]), AssertionError, "datasets should not be an empty iterable"),
    "an iterable among data sets": (
        lambda: data.ConcatDataset([Counting()]), AssertionError, "ConcatDataset does not support IterableDataset",
    ),
    "an index below all": (
        lambda: data.ConcatDataset([FIVE])[-7], ValueError, "absolute value of index should not exceed dataset length",
    ),
    "no item": (
        lambda: data.Dataset()[0], NotImplementedError, "Subclasses of Dataset should implement __getitem__.",
    ),
    "lengths": (
        lambda: data.random_split(FIVE, [2, 2]), ValueError,
        "Sum of input lengths does not equal the length of the input dataset!",
    ),
    "a share": (
        lambda: data.random_split(FIVE, [1.5, -0.5]), ValueError, "Fraction at index 0 is not between 0 and 1",
    ),
    "replacement": (
        lambda: data.RandomSampler(FIVE, replacement=1), TypeError,
        "replacement should be a boolean value, but got replacement=1",
    ),
    "no samples": (
        lambda: data.RandomSampler([]), ValueError,
        "num_samples should be a positive integer value, but got num_samples=0",
    ),
    "weights of two axes": (
        lambda: data.WeightedRandomSampler([[0.1]], 1), ValueError,
        "weights should be a 1d sequence but given weights have shape (1, 1)",
    ),
    "a batch of none": (
        lambda: data.BatchSampler([1], 0, True), ValueError,
        "batch_size should be a positive integer value, but got batch_size=0",
    ),
    "drop_last": (
        lambda: data.BatchSampler([1], 2, 3), ValueError, "drop_last should be a boolean value, but got drop_last=3",
    ),
    "workers": (
        lambda: DataLoader(FIVE, num_workers=-1), ValueError,
        "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
    ),
    "timeout": (lambda: DataLoader(FIVE, timeout=-1), ValueError, "timeout option should be non-negative"),
    "prefetching alone": (
        lambda: DataLoader(FIVE, prefetch_factor=2), ValueError,
        "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
        "multiprocessing, otherwise set prefetch_factor to None.",
    ),
    "persistent without workers": (
        lambda: DataLoader(FIVE, persistent_workers=True), ValueError,
        "persistent_workers option needs num_workers > 0",
    ),
    "a context without workers": (
        lambda: DataLoader(FIVE, multiprocessing_context="spawn"), ValueError,
        "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got num_workers=0",
    ),
    "an unknown context": (
        lambda: DataLoader(FIVE, num_workers=1, multiprocessing_context="thread"), ValueError,
        "multiprocessing_context option should specify a valid start method in "
        f"{multiprocessing.get_all_start_methods()!r}, but got multiprocessing_context='thread'",
    ),
    "no context": (
        lambda: DataLoader(FIVE, num_workers=1, multiprocessing_context=3), TypeError,
        "multiprocessing_context option should be a valid context object or a string specifying the start method, but "
        "got multiprocessing_context=3",
    ),
    "shuffled by a sampler": (
        lambda: DataLoader(FIVE, sampler=[1], shuffle=True), ValueError,
        "sampler option is mutually exclusive with shuffle",
    ),
    "two batch sizes": (
        lambda: DataLoader(FIVE, batch_sampler=[[1]], batch_size=3), ValueError,
        "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last",
    ),
    "no batch to drop": (
        lambda: DataLoader(FIVE, batch_size=None, drop_last=True), ValueError,
        "batch_size=None option disables auto-batching and is mutually exclusive with drop_last",
    ),
    "an iterable shuffled": (
        lambda: DataLoader(Counting(), shuffle=True), ValueError,
        "DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=True",
    ),
    "an iterable with a sampler": (
        lambda: DataLoader(Counting(), sampler=[1]), ValueError,
        "DataLoader with IterableDataset: expected unspecified sampler option, but got sampler=[1]",
    ),
    "the length of an iterable": (lambda: len(DataLoader(Counting())), TypeError, "object of type 'Counting' has no len()"),
    "a change": (
        lambda: setattr(DataLoader(FIVE), "batch_size", 3), ValueError,
        "batch_size attribute should not be set after DataLoader is initialized",
    ),
    "an object": (
        lambda: data.default_collate([None]), TypeError,
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'NoneType'>",
    ),
    "an array of text": (
        lambda: data.default_collate([np.array("a")]), TypeError,
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <U1",
    ),
    "lists of two lengths": (
        lambda: data.default_collate([(1, 2), (3,)]), RuntimeError,
        "each element in list of batch should be of equal size",
    ),
    "a rank": (
        lambda: data.DistributedSampler(FIVE, 2, 2), ValueError,
        "Invalid rank 2, rank should be in the interval [0, 1]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal(name: str) -> None:
    call, kind, words = REFUSALS[name]
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == words


def test_an_empty_share_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="Length of split at index . is 0") as caught:
        parts = data.random_split(FIVE, [0.9, 0.1, 0.0])
    assert [len(part) for part in parts] == [5, 0, 0] and len(caught) == 2
