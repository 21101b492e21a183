"""A team of threads that take the parts of a program: the caller is one of them.

A part that no other thread has begun when the caller is done with its own is the caller's as well: on a machine whose
cores are busy elsewhere nothing waits for a thread that does not run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from threading import Lock, Thread
from typing import Any

import numpy as np

from .blas import give_threads_back, take_one_thread


def _done() -> None:
    """In place of what has run."""


class _Task:
    """A part of a program, for whoever claims it first."""

    __slots__ = ("arguments", "claim", "done", "error", "run")

    def __init__(self, run: Callable[..., None], arguments: Sequence[Any]) -> None:
        self.run, self.arguments = run, arguments
        self.claim, self.done = Lock(), Lock()
        self.done.acquire()
        self.error: BaseException | None = None

    def take(self, before: Callable[[], None] = lambda: None) -> bool:
        """Runs it, unless somebody has begun to, and calls `before` before it counts as done."""
        if not self.claim.acquire(blocking=False):
            return False
        try:
            self.run(*self.arguments)
        except BaseException as error:  # raised again in the caller's thread
            self.error = error
        # Who counts what refers to an array, as soon as the caller goes on, must not find this thread among it.
        self.run, self.arguments = _done, ()
        before()
        self.done.release()
        return True

    def wait(self) -> None:
        """Returns when it has ended, whatever comes in between: its arrays are in use until then."""
        while True:
            try:
                self.done.acquire()
            except KeyboardInterrupt as error:
                self.error = error
            else:
                return


class _Worker:
    """A thread that waits for tasks, one at a time."""

    def __init__(self) -> None:
        self.lock, self.go = Lock(), Lock()
        self.go.acquire()
        self.task: _Task | None = None  # handed over, and not taken up yet
        self.is_busy = False
        Thread(target=self._loop, name="diptych worker", daemon=True).start()

    def offer(self, task: _Task) -> None:
        """Hands a task over, where there is no other one: a thread that has not yet woken up for a task which its
        caller took itself finds the new one."""
        with self.lock:
            waits = self.task is not None
            if self.is_busy or (self.task is not None and not self.task.claim.locked()):
                return
            self.task = task
        if not waits:
            self.go.release()

    def _loop(self) -> None:
        with np.errstate(all="ignore"):
            while True:
                self.go.acquire()
                with self.lock:
                    task, self.task = self.task, None
                    self.is_busy = True
                assert task is not None
                if not task.take(self._rest):
                    self._rest()

    def _rest(self) -> None:
        with self.lock:
            self.is_busy = False


_workers: list[_Worker] = []
_growing = Lock()


def together(runs: Sequence[Callable[..., None]], *arguments: Any) -> None:
    """Calls every one of `runs` with `arguments`, at the same time as far as threads are idle, with BLAS at one thread
    each. Raises what the first of those that fail raises, once all have ended."""
    tasks = [_Task(run, arguments) for run in runs]
    take_one_thread()
    try:
        for worker, task in zip(_team(len(tasks) - 1), tasks[1:], strict=True):
            worker.offer(task)
        for task in tasks:
            task.take()
        for task in tasks:
            task.wait()
    finally:
        give_threads_back()
    for task in tasks:
        if task.error is not None:
            raise task.error


def _team(count: int) -> Sequence[_Worker]:
    if len(_workers) < count:
        with _growing:
            while len(_workers) < count:
                _workers.append(_Worker())
    return _workers[:count]


def _forget() -> None:
    """In a forked process there are no other threads."""
    global _growing
    _workers.clear()
    _growing = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
