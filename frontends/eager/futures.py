"""`torch.futures`: what is there later, and what is done with it then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Condition, Lock
from typing import Any, Generic, TypeVar

__all__ = ["Future", "collect_all", "wait_all"]

T = TypeVar("T")
S = TypeVar("S")
_logger = logging.getLogger(__name__)


class Future(Generic[T]):
    """A value, or an error in its place, that is set once. `devices` is taken as PyTorch takes it, and says nothing."""

    def __init__(self, *, devices: Sequence[Any] | None = None) -> None:
        self._changed = Condition()
        self._is_done = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[Future[T]], object]] = []

    def done(self) -> bool:
        """Whether it has a value, or an error."""
        return self._is_done

    def wait(self) -> T:
        """The value, once it is there. Raises the error that was set instead."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_done)
        return self.value()

    def value(self) -> T:
        """The value. Raises the error that was set instead, and RuntimeError where it is not there yet."""
        if not self._is_done:
            raise RuntimeError("Future.value: the future is not done but must be\ntry: wait()")
        if self._error is not None:
            raise self._error
        return self._result

    def then(self, callback: Callable[[Future[T]], S]) -> Future[S]:
        """A future of what `callback` makes of this one, when it is done. Where the callback raises an error, waiting
        for that future raises RuntimeError, which names it. Raises TypeError for what cannot be called."""
        _check_callable("then", callback)
        following: Future[S] = Future()

        def follow(done: Future[T]) -> None:
            try:
                result = callback(done)
            except Exception as error:
                told = f"Got the following error when running the callback: {type(error).__name__}: {error}"
                failure = RuntimeError(told)
                failure.__cause__ = error
                following.set_exception(failure)
            else:
                following.set_result(result)

        self._when_done(follow)
        return following

    def add_done_callback(self, callback: Callable[[Future[T]], None]) -> None:
        """Has `callback` called with this future when it is done. An error that it raises is logged. Raises TypeError
        for what cannot be called."""
        _check_callable("add_done_callback", callback)

        def call(done: Future[T]) -> None:
            try:
                callback(done)
            except Exception:
                _logger.exception("Got the following error when running the callback:")

        self._when_done(call)

    def set_result(self, result: T) -> None:
        """Sets the value. Raises RuntimeError the second time."""
        self._set(result, None)

    def set_exception(self, result: BaseException) -> None:
        """Sets the error that `wait` raises. Raises RuntimeError the second time, AssertionError for what is none."""
        if not isinstance(result, Exception):
            raise AssertionError(f"{result} is of type {type(result)}, not an Exception.")
        self._set(None, result)

    def _set(self, result: Any, error: BaseException | None) -> None:
        with self._changed:
            if self._is_done:
                raise RuntimeError(
                    "Attempting to mark a completed Future as complete again. Note that a Future can only be marked "
                    "completed once."
                )
            self._result, self._error, self._is_done = result, error, True
            callbacks, self._callbacks = self._callbacks, []
            self._changed.notify_all()
        for callback in callbacks:
            callback(self)

    def _when_done(self, callback: Callable[[Future[T]], object]) -> None:
        with self._changed:
            if not self._is_done:
                self._callbacks.append(callback)
                return
        callback(self)


def _check_callable(name: str, given: Any) -> None:
    if not callable(given):
        raise TypeError(f"Future.{name}: callback is {type(given).__name__} but must be callable")


def collect_all(futures: Sequence[Future[Any]]) -> Future[list[Future[Any]]]:
    """A future of these futures, done when all are, or when one has an error. Raises TypeError for other things."""
    if not all(isinstance(each, Future) for each in futures):
        raise TypeError("collect_all: futures must be a list of torch.futures.Future")
    every: list[Future[Any]] = list(futures)
    found: Future[list[Future[Any]]] = Future()
    counting = Lock()
    left = len(every)

    def note(done: Future[Any]) -> None:
        nonlocal left
        with counting:  # after an error, or the last one, nothing is left to wait for
            left = left - 1 if done._error is None or left < 1 else 0
            is_told = left == 0
        if is_told:
            found._set(every, done._error)

    if not every:
        found.set_result(every)
    for each in every:
        each._when_done(note)
    return found


def wait_all(futures: Sequence[Future[Any]]) -> list[Any]:
    """The values of all, once they are there. Raises the first error."""
    return [each.wait() for each in collect_all(futures).wait()]
