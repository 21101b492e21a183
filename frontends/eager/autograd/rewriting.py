"""Values that were written through `.data` before the gradients that read them are taken: PyTorch, which does not count
such writes, reads what is there by then. Calls that keep one are called a second time, on what is there."""

from __future__ import annotations

from collections.abc import Sequence

from ..tapes.graph import Graph, graph_of
from ..tapes.lazy import LEAF, Call, Lazy
from ..tapes.operation import Template
from ..tapes.recording import call as record_call
from ..tapes.saved import RESULT, kept_places
from ..tapes.tape import tape
from ..tapes.writes import rewrites
from ..tensors.tensor import Tensor
from .packing import PackedBackward


def with_rewritten(graph: Graph, roots: Sequence[Lazy]) -> Graph:
    """The graph behind `roots`, in which calls that keep what was written since see it as it is. A result that a call
    keeps is not looked at: its gradient is that of the result as it was."""
    if not rewrites.any:
        return graph
    found = [call for call in graph.calls if _keeps_rewritten(call)]
    for call in found:
        backward = PackedBackward(call, _as_it_is)
        backward.kept = {
            place: call.inputs[place]
            for place in kept_places(call)
            if place != RESULT and call.edges[place] != LEAF and _is_rewritten(call.inputs[place])
        }
        call.python = backward
    return graph_of(roots, tape.serial) if found else graph


def are_rewritten(calls: Sequence[int]) -> bool:
    """Whether one of the calls with these numbers on the tape keeps what was written since."""
    if rewrites.serial != tape.serial:
        return False
    return any(_keeps_rewritten(tape.calls[number]) for number in calls if number < rewrites.calls)


def _keeps_rewritten(call: Call) -> bool:
    if call.template.is_gradient or call.freed:
        return False
    if call.python is not None and not (isinstance(call.python, PackedBackward) and call.python.unpack is _as_it_is):
        return False
    if not any(map(_is_rewritten, call.inputs)):
        return False
    return any(place != RESULT and _is_rewritten(call.inputs[place]) for place in kept_places(call))


def _is_rewritten(lazy: Lazy) -> bool:
    while lazy.rewritten is None:
        call = lazy.call
        if call is None or not call.template.is_view or not call.inputs:
            return False
        lazy = call.inputs[0]
    return True


def _as_it_is(lazy: Lazy) -> Tensor:
    """What stands now where a value was, or the view of it that the value was."""
    if lazy.rewritten is not None:
        return Tensor._of(lazy.rewritten)
    call = lazy.call
    assert call is not None
    template = call.template
    assert isinstance(template, Template)  # a view is an operation's
    return record_call(template.operation, (_as_it_is(call.inputs[0]), *call.scalars), template.attributes)
