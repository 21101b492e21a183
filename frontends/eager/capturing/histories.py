"""What can be seen behind a value whose gradient has been taken: which calls made it, and that these were freed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..tapes.lazy import TRACKED, Call, Kind, Lazy
from ..tapes.prefixes import Prefix


@dataclass(slots=True)
class History:
    """A value as the result `number` of a call; `inputs` are what the call still refers to."""

    prefix: Prefix
    number: int
    scalars: tuple[Any, ...]
    inputs: list[tuple[Kind, History | None]]
    leaves: tuple[Any, ...]


def history_of(lazy: Lazy) -> History | None:
    """The history of a value, once it has been let go of; None where a gradient of it may still be taken."""
    found, is_closed = _walked(lazy)
    return found if is_closed else None


def _walked(lazy: Lazy) -> tuple[History | None, bool]:
    """The history, and whether it is certain that no gradient can be taken through it again."""
    call = lazy.call
    if call is None or not call.freed or call.python is not None or call.metadata is not None:
        return None, False
    prefix = call.prefix
    if prefix.template.is_gradient:
        return None, False
    if prefix.template.saves != ():
        return History(prefix, lazy.number, call.scalars, [], ()), True
    inputs: list[tuple[Kind, History | None]] = []
    is_closed = False
    for source, edge in zip(call.inputs, call.edges, strict=True):
        behind = None
        if edge == TRACKED:
            behind, closed = _walked(source)
            if behind is None:
                return None, False
            is_closed |= closed
        inputs.append((source.kind, behind))
    return History(prefix, lazy.number, call.scalars, inputs, call.leaves), is_closed


def remade(history: History) -> Call:
    """The call of a history, a new one."""
    inputs: list[Lazy] = []
    for kind, behind in history.inputs:
        made = None if behind is None else remade(behind)
        inputs.append(Lazy(kind, None, made, 0 if behind is None else behind.number))
    call = object.__new__(Call)
    call.prefix = history.prefix
    call.inputs = tuple(inputs)
    call.scalars = history.scalars
    call.leaves = history.leaves
    call.serial = 0
    call.freed = True
    return call
