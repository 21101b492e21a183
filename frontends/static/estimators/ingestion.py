"""What an input_fn gives: features and labels, or a data set or iterator that a hook starts."""

from __future__ import annotations

from typing import Any

from ..monitored.hook import SessionRunHook
from ..strategies.inputs import CalledIterator, InputIterator


class StartIterator(SessionRunHook):
    """Starts the iterator of a data set in each new session."""

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator

    def begin(self) -> None:
        self._initializer = self._iterator.initializer

    def after_create_session(self, session: Any, coord: Any) -> None:
        session.run(self._initializer)


def features_and_labels(result: Any) -> tuple[Any, Any, list[SessionRunHook]]:
    """(features, labels, hooks) of what an input_fn gave; labels are None where there are none. Raises ValueError."""
    hooks: list[SessionRunHook] = []
    made = getattr(result, "_make_initializable_iterator", None) or getattr(result, "make_initializable_iterator", None)
    if made is not None or isinstance(result, InputIterator | CalledIterator):
        iterator = result if made is None else made()
        hooks.append(StartIterator(iterator))
        result = iterator.get_next()
    if isinstance(result, list | tuple):
        if len(result) != 2:
            raise ValueError("input_fn should return (features, labels) as a len 2 tuple.")
        return result[0], result[1], hooks
    return result, None, hooks
