"""`DataLoader`: batches of a data set, made here or by worker processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from multiprocessing.context import BaseContext
from typing import Any, Generic, TypeVar

from diptych.backends.settings import settings

from ...host_random import random_seed
from ...random import Generator
from ...tapes.syncs import WORKERS
from ...tapes.tape import tape
from .collate import default_collate, default_convert
from .dataset import Dataset, IterableDataset
from .fetching import Fetcher
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler
from .workers import End, Failure, Pool, Work, get_worker_info

Sample = TypeVar("Sample", covariant=True)

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

_FIXED = frozenset({"batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"})


class DataLoader(Generic[Sample]):
    """Goes through a data set in batches of `batch_size`, each made by `collate_fn` from a list of samples.

    `sampler` gives the order of indices, `batch_sampler` the lists of indices of whole batches; by default all in
    order, or in random order with `shuffle`. `batch_size` None gives the samples themselves. `num_workers` processes,
    which have the data set as it was when they started, fetch batches ahead, `prefetch_factor` (2) of each; they come
    in order unless `in_order` is False. `persistent_workers` live on from one pass to the next. `timeout` is in
    seconds, 0 waits for ever. `pin_memory` changes nothing on a CPU. Raises ValueError for options that contradict each
    other.

    Workers start as `multiprocessing_context` says, a method's name or a context; by default as Python starts
    processes: on Linux, up to Python 3.13, by fork, where nothing need be picklable. Where the backend is jax, they
    compute on numpy: jax has threads, which a fork does not copy. jax warns of that fork all the same.
    """

    def __init__(
        self,
        dataset: Dataset[Sample],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[list[Any]] | Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor is not None:
            raise ValueError(
                "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
                "multiprocessing, otherwise set prefetch_factor to None."
            )
        if prefetch_factor is not None and prefetch_factor < 0:
            raise ValueError("prefetch_factor option should be non-negative")
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        self.dataset = dataset
        self.num_workers = num_workers
        self.multiprocessing_context = multiprocessing_context
        if isinstance(dataset, IterableDataset):
            _check_iterable(shuffle, sampler, batch_sampler)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size, drop_last = None, False
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            if isinstance(dataset, IterableDataset):
                sampler = _Endless()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.in_order = in_order
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.persistent_workers = persistent_workers
        self._pool: Pool | None = None
        self._is_made = True

    @property
    def multiprocessing_context(self) -> Any:
        """How workers are started; None as Python starts processes."""
        return self._context

    @multiprocessing_context.setter
    def multiprocessing_context(self, context: Any) -> None:
        if context is not None and not self.num_workers:
            raise ValueError(
                "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got "
                f"num_workers={self.num_workers}"
            )
        if isinstance(context, str):
            methods = multiprocessing.get_all_start_methods()
            if context not in methods:
                raise ValueError(
                    f"multiprocessing_context option should specify a valid start method in {methods!r}, but got "
                    f"multiprocessing_context={context!r}"
                )
            context = multiprocessing.get_context(context)
        if context is not None and not isinstance(context, BaseContext):
            raise TypeError(
                "multiprocessing_context option should be a valid context object or a string specifying the start "
                f"method, but got multiprocessing_context={context}"
            )
        self._context = context

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and self.__dict__.get("_is_made"):
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        seed = random_seed(self.generator)
        if not self.num_workers:
            return self._fetched()
        if self._pool is not None and self._pool.processes:
            return _asked(self, self._pool)
        pool = self._started(seed)
        if self.persistent_workers:
            self._pool = pool
        return _asked(self, pool)

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self._indices())
        count: int = len(self.dataset)
        if self.batch_size is None:
            return count
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def _indices(self) -> Iterable[Any]:
        """Lists of indices where batches are made here, else indices."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _fetched(self) -> Iterator[Any]:
        fetcher = Fetcher(self.dataset, self.batch_sampler is not None, self.collate_fn, self.drop_last)
        for index in self._indices():
            try:
                batch = fetcher.fetch(index)
            except StopIteration:
                if fetcher.samples is None:
                    raise
                return
            yield batch

    def _started(self, seed: int) -> Pool:
        context = self.multiprocessing_context or multiprocessing.get_context()
        # jax does not survive a fork, and workers that are started anew would all want its device.
        backend = "numpy" if settings().backend == "jax" else settings().backend
        work = Work(
            self.dataset, self.batch_sampler is not None, self.collate_fn, self.drop_last, self.worker_init_fn,
            self.num_workers, backend,
        )  # fmt: skip
        tape.flush(cause=WORKERS)  # what waits is not computed once more by each worker
        return Pool(work, seed, context, self.timeout)


class _Endless(Sampler[None]):
    """The indices of an iterable data set, which needs none."""

    def __iter__(self) -> Iterator[None]:
        return repeat(None)


def _check_iterable(shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
    """An iterable data set has an order of its own."""
    for name, value in (("shuffle", shuffle or None), ("sampler", sampler), ("batch_sampler", batch_sampler)):
        if value is not None:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
            )


def _asked(loader: DataLoader[Any], pool: Pool) -> Iterator[Any]:
    """The batches that workers fetch, each asked in turn, some ahead."""
    pool.epoch += 1
    epoch = pool.epoch
    indices = iter(loader._indices())
    active = list(range(loader.num_workers))
    asked, given = 0, 0  # places: of the next task, of the next batch
    turn = 0
    ready: dict[int, tuple[int, Any]] = {}

    def ask() -> bool:
        nonlocal asked, turn
        if not active:
            return False
        try:
            index = next(indices)
        except StopIteration:
            return False
        pool.tasks[active[turn % len(active)]].put((epoch, asked, index))
        turn += 1
        asked += 1
        return True

    try:
        for _ in range(max(loader.prefetch_factor or 1, 1) * loader.num_workers):
            if not ask():
                break
        while given < asked:
            while given not in ready:
                found_epoch, place, number, batch = pool.get()
                if found_epoch != epoch:  # asked in a pass that was left
                    continue
                ready[place if loader.in_order else given] = (number, batch)
                if not loader.in_order:
                    break
            number, batch = ready.pop(given)
            given += 1
            if isinstance(batch, End):
                if number in active:
                    active.remove(number)
                continue
            if isinstance(batch, Failure):
                batch.reraise()
            ask()
            yield batch
    finally:
        if not loader.persistent_workers:
            pool.close()
