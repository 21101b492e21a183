"""tf.variable_creator_scope: functions that are asked in place of tf.Variable."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from ..exports import export
from ..graphs.defaults import get_default_graph
from ..graphs.graph import Graph

Creator = Callable[..., Any]


class _Stack(threading.local):
    """The creators of one graph, the innermost last: each thread's own."""

    def __init__(self) -> None:
        self.creators: list[Creator] = []


def _stack_of(graph: Graph) -> _Stack:
    found = graph.stores.get("variable creators")
    if found is None:
        found = graph.stores["variable creators"] = _Stack()
    return found


class Created(type):
    """Makes variables by the creators of the present scopes: the innermost is asked first, and has the next one as its
    `next_creator`, which comes to the variable itself in the end."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        stack = get_default_graph().stores.get("variable creators")
        if stack is None or not stack.creators or options.get("variable_def") is not None:
            return super().__call__(*args, **options)
        bound = inspect.signature(cls.__init__).bind(None, *args, **options)
        bound.apply_defaults()
        given = dict(list(bound.arguments.items())[1:])
        create: Creator = partial(type.__call__, cls)
        for creator in stack.creators:
            create = partial(creator, create)
        return create(**given)


@export("variable_creator_scope")
@contextmanager
def variable_creator_scope(variable_creator: Creator) -> Iterator[None]:
    """Inside the block `variable_creator(next_creator, **options)` is asked for each new variable. It has the arguments
    of tf.Variable as keywords, and returns what next_creator(**options) does, or anything else."""
    stack = _stack_of(get_default_graph())
    before = stack.creators
    stack.creators = [*before, variable_creator]
    try:
        yield
    finally:
        stack.creators = before
