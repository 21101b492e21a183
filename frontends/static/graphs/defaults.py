"""The default graph and the default session, each a stack of its own in every thread, as in TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..exports import export

if TYPE_CHECKING:
    from .graph import Graph


class _Stacks(threading.local):
    def __init__(self) -> None:
        self.graphs: list[Graph] = []
        self.sessions: list[Any] = []
        self.outermost: Graph | None = None  # the graph where no other is the default one


_stacks = _Stacks()


@export("get_default_graph")
def get_default_graph() -> Graph:
    """The graph that operations made here go to: the innermost `with graph.as_default()`, else the thread's own."""
    if _stacks.graphs:
        return _stacks.graphs[-1]
    if _stacks.outermost is None:
        from .graph import Graph

        _stacks.outermost = Graph()
    return _stacks.outermost


@export("reset_default_graph")
def reset_default_graph() -> None:
    """Replaces the thread's own graph by an empty one. Raises AssertionError inside a `with graph.as_default()`."""
    if _stacks.graphs:
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. "
            "If you need a cleared graph, exit the nesting and create a new graph."
        )
    _stacks.outermost = None


@contextmanager
def as_default_graph(graph: Graph) -> Iterator[Graph]:
    """Makes `graph` the default one inside the block."""
    _stacks.graphs.append(graph)
    try:
        yield graph
    finally:
        _leave(_stacks.graphs, graph)


@export("get_default_session")
def get_default_session() -> Any:
    """The innermost session entered by `with`, or None."""
    return _stacks.sessions[-1] if _stacks.sessions else None


def enter(graph: Graph, session: Any) -> None:
    """Makes both the default until `leave`."""
    _stacks.graphs.append(graph)
    _stacks.sessions.append(session)


def leave(graph: Graph, session: Any) -> None:
    """Undoes `enter`."""
    _leave(_stacks.sessions, session)
    _leave(_stacks.graphs, graph)


@contextmanager
def as_default_session(session: Any) -> Iterator[Any]:
    """Makes `session` the default one inside the block."""
    _stacks.sessions.append(session)
    try:
        yield session
    finally:
        _leave(_stacks.sessions, session)


def _leave(stack: list[Any], entry: Any) -> None:
    if not stack or stack[-1] is not entry:
        raise AssertionError(f"Nesting violated for default stack of {type(entry)} objects")
    stack.pop()


def session_for(graph: Graph, session: Any, action: str, method: str) -> Any:
    """`session`, or the default one. Raises ValueError where there is none, or it runs another graph."""
    given = "given" if session is not None else "default"
    if session is None:
        session = get_default_session()
        if session is None:
            colon = ":" if method == "run" else ""
            raise ValueError(
                f"Cannot {action} using `{method}()`: No default session is registered. "
                f"Use `with sess.as_default(){colon}` or pass an explicit session to `{method}(session=sess)`"
            )
    if session.graph is not graph:
        what = action.split()[-1]
        more = "" if given == "given" else f" Pass an explicit session to `{method}(session=sess)`."
        raise ValueError(
            f"Cannot use the {given} session to {action}: "
            f"the {what}'s graph is different from the session's graph.{more}"
        )
    return session
