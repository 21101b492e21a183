"""Calls that the front end makes by itself, on values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from diptych.ir import Builder, Value

from ..device import device
from .lazy import TRACKED, UNTRACKED, Kind, Lazy
from .operation import Operation
from .tape import tape

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor


def made_of(
    op: Operation,
    inputs: Sequence[Lazy],
    edges: Sequence[int],
    leaves: Sequence[Tensor | None],
    attributes: tuple[Any, ...] = (),
    numbers: tuple[Any, ...] = (),
) -> Lazy:
    """The result of a call of `op` on values and numbers behind them, whatever the mode: gradients flow along `edges`,
    if any does."""
    with tape.lock:
        signature = [*(source.kind for source in inputs), *(number.__class__ for number in numbers)]
        key = (*signature, attributes)
        template = op.templates.get(key) or op.make(key, signature, attributes)
        tracked = any(edges)
        made = tape.record(
            template,
            tuple(inputs),
            tuple(edges) if tracked else (),
            tuple(leaves) if tracked else (),
            numbers,
            tracked=tracked,
        )
        results = tape.results(made)
        if tape.log is not None:
            tape.log.called(made, results)
        return results[0]


class _Grafting(Operation):
    """An operation whose result lies where its first operand does."""

    __slots__ = ()

    def place(self, kinds: Sequence[Kind], attributes: tuple[Any, ...]) -> device | None:
        """That of the first."""
        return kinds[0].device


@_Grafting
def graft(b: Builder, x: Value, history: Value) -> Value:
    """x, as it was written where `history` stood and still leads to its gradient."""
    return b.graft(x, history)


def grafted(value: Lazy, history: Lazy) -> Lazy:
    """`value`, whose gradient flows where that of `history` does."""
    return made_of(graft, (value, history), (UNTRACKED, TRACKED), (None, None))


def before_grafts(lazy: Lazy) -> Lazy:
    """The value whose gradient that of `lazy` is: what stood there before writes that autograd does not see."""
    while lazy.call is not None and getattr(lazy.call.template, "operation", None) is graft and lazy.call.inputs:
        lazy = lazy.call.inputs[1]
    return lazy
