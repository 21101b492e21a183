"""Processes that fetch batches: what each does, and how they are asked."""

from __future__ import annotations

import multiprocessing
import os
import queue
import random
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.backends.settings import configure

from ...random import manual_seed
from .dataset import Dataset
from .fetching import Fetcher

_PATIENCE = 5.0  # seconds after which a side that waits looks whether the other still lives


@dataclass(slots=True)
class WorkerInfo:
    """Who a worker is: its number, how many there are, its seed, and its copy of the data set."""

    id: int
    num_workers: int
    seed: int
    dataset: Dataset[Any]


_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """Which worker of a DataLoader this process is; None in the main process."""
    return _info


@dataclass(frozen=True, slots=True)
class Work:
    """What every worker gets when it starts."""

    dataset: Dataset[Any]
    is_batched: bool
    collate: Callable[[Any], Any]
    drop_last: bool
    initialise: Callable[[int], Any] | None
    count: int
    backend: str


class _Words(str):
    """A text that a KeyError shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return self


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of a worker, with its traceback as text."""

    kind: type[BaseException]
    text: str
    worker: int

    def reraise(self) -> None:
        """Raises it again, as far as its class takes a message."""
        message = f"Caught {self.kind.__name__} in DataLoader worker process {self.worker}.\nOriginal {self.text}"
        try:
            error = self.kind(_Words(message) if self.kind is KeyError else message)
        except Exception:  # its class takes other arguments
            raise RuntimeError(message) from None
        raise error


class End:
    """Instead of a batch: the worker's iterable data set has no more."""


def worker(number: int, work: Work, seed: int, tasks: Any, results: Any) -> None:
    """Runs in a process: takes (epoch, place, index) and puts (epoch, place, batch), until it takes None."""
    global _info
    configure(backend=work.backend)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process is interrupted as well, and ends us
    results.cancel_join_thread()
    fetcher: Fetcher | None = None
    failure: Failure | None = None
    begun = -1
    try:
        _seed(number, seed)
        _info = WorkerInfo(number, work.count, seed + number, work.dataset)
        if work.initialise is not None:
            work.initialise(number)
    except Exception as error:
        failure = _failure(error, number)
    while (task := _taken(tasks)) is not None:
        epoch, place, index = task
        try:
            if epoch != begun:
                begun, fetcher = epoch, None
                if failure is None:
                    fetcher = Fetcher(work.dataset, work.is_batched, work.collate, work.drop_last)
            results.put((epoch, place, number, failure if fetcher is None else _fetched(fetcher, index)))
        except Exception as error:
            results.put((epoch, place, number, _failure(error, number)))


def _fetched(fetcher: Fetcher, index: Any) -> Any:
    try:
        return fetcher.fetch(index)
    except StopIteration:
        if fetcher.samples is None:
            raise
        return End()


def _taken(tasks: Any) -> Any:
    """The next task; None where the main process is gone."""
    while True:
        try:
            return tasks.get(timeout=_PATIENCE)
        except queue.Empty:
            parent = multiprocessing.parent_process()
            if parent is not None and not parent.is_alive():
                return None


def _seed(number: int, seed: int) -> None:
    """Every worker draws numbers of its own, the same for the same seed of the loader."""
    random.seed(seed + number)
    np.random.seed(np.random.SeedSequence([seed, number]).generate_state(4))
    manual_seed(seed + number)


def _failure(error: BaseException, number: int) -> Failure:
    return Failure(type(error), "".join(traceback.format_exception(error)), number)


class Pool:
    """The workers of a loader, each with a queue of its own for tasks."""

    def __init__(self, work: Work, seed: int, context: Any, timeout: float) -> None:
        self.owner = os.getpid()
        self.processes: list[Any] = []
        self.results = context.Queue()
        self.tasks = [context.Queue() for _ in range(work.count)]
        self.timeout = timeout
        self.epoch = 0
        for number, tasks in enumerate(self.tasks):
            process = context.Process(target=worker, args=(number, work, seed, tasks, self.results), daemon=True)
            process.start()
            self.processes.append(process)

    def get(self) -> tuple[int, int, int, Any]:
        """(epoch, place, worker, batch) of whichever is ready. Raises RuntimeError for a worker that died, or after the
        timeout."""
        waited = 0.0
        while True:
            patience = min(_PATIENCE, self.timeout - waited) if self.timeout else _PATIENCE
            try:
                return self.results.get(timeout=patience)
            except queue.Empty:
                waited += patience
            dead = [str(process.pid) for process in self.processes if not process.is_alive()]
            if dead:
                self.close()
                raise RuntimeError(f"DataLoader worker (pid(s) {', '.join(dead)}) exited unexpectedly")
            if self.timeout and waited >= self.timeout:
                raise RuntimeError(f"DataLoader timed out after {self.timeout} seconds")

    def close(self) -> None:
        """Ends the processes. In one that was forked from the main process there is nothing to end."""
        if not self.processes or self.owner != os.getpid():
            return
        for tasks in self.tasks:
            tasks.cancel_join_thread()
            tasks.put(None)
        for process in self.processes:
            process.join(timeout=_PATIENCE)
            if process.is_alive():
                process.terminate()
                process.join()
        for each in (*self.tasks, self.results):
            each.close()
        self.processes = []

    def __del__(self) -> None:
        self.close()
