"""Which operations a run needs, and in what order they run."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Container, Iterable, Sequence

from ..graphs.contexts import Context
from ..graphs.operation import Operation
from ..graphs.reach import reached
from ..graphs.tensor import Tensor


def needed(
    targets: Iterable[Tensor | Operation], fed: Container[Tensor], done: Container[Operation] = ()
) -> dict[Operation, list[Operation]]:
    """The operations that the targets depend on, each with those it waits for. A tensor that is fed needs nothing, and
    what is done is left out."""
    waits: dict[Operation, list[Operation]] = {}
    pending = [t.op if isinstance(t, Tensor) else t for t in targets if not (isinstance(t, Tensor) and t in fed)]
    pending = [operation for operation in pending if operation not in done]
    while pending:
        operation = pending.pop()
        if operation in waits:
            continue
        before = dict.fromkeys([tensor.op for tensor in operation.inputs if tensor not in fed])
        if operation.control_inputs:
            before.update(dict.fromkeys(e for e in operation.control_inputs if not _is_fed_placeholder(e, fed)))
        waits[operation] = [each for each in before if each not in done]
        pending.extend(waits[operation])
    return waits


def _is_fed_placeholder(operation: Operation, fed: Container[Tensor]) -> bool:
    """Whether there is nothing to run, and so nothing to wait for: the value is given."""
    return operation.type == "Placeholder" and operation.outputs[0] in fed


def needed_inside(context: Context, targets: Iterable[Tensor | Operation]) -> dict[Operation, list[Operation]]:
    """The operations of a context that the targets depend on, each with those of the context that it waits for."""
    waits: dict[Operation, list[Operation]] = {}
    pending = [target.op if isinstance(target, Tensor) else target for target in targets]
    while pending:
        operation = pending.pop()
        if operation in waits or operation.context is not context:
            continue
        before = dict.fromkeys(tensor.op for tensor in operation.inputs)
        before.update(dict.fromkeys(operation.control_inputs))
        waits[operation] = [each for each in before if each.context is context]
        pending.extend(waits[operation])
    return waits


def ordered(waits: dict[Operation, list[Operation]]) -> list[Operation]:
    """The operations, each after those it waits for.

    Among those that may run, operations that write a variable come last, and older ones first: a read that nothing
    orders after an assignment sees the value from before it, and every run does the same.
    """
    followers: dict[Operation, list[Operation]] = {}
    missing: dict[Operation, int] = {}
    ready: list[tuple[bool, int, Operation]] = []
    for operation, before in waits.items():
        missing[operation] = len(before)
        for earlier in before:
            followers.setdefault(earlier, []).append(operation)
        if not before:
            ready.append((operation.writes, operation.number, operation))
    heapq.heapify(ready)
    order: list[Operation] = []
    while ready:
        operation = heapq.heappop(ready)[2]
        order.append(operation)
        for later in followers.get(operation, ()):
            missing[later] -= 1
            if not missing[later]:
                heapq.heappush(ready, (later.writes, later.number, later))
    return order


def linked(waits: Iterable[Operation], fed: Collection[Tensor]) -> list[Tensor]:
    """The fed tensors through which a gradient of the run still flows: back into the operations that make them.

    As in TensorFlow, where the gradient of an operation is there whether or not its output is fed.
    """
    candidates = [tensor for tensor in fed if tensor.op.inputs and tensor.dtype.is_differentiable]
    if not candidates:
        return []
    found: dict[Tensor, None] = {}
    for operation in waits:
        if operation.type == "Gradients":
            found.update(dict.fromkeys(_between(operation, candidates)))
    return list(found)


def _between(gradient: Operation, candidates: Sequence[Tensor]) -> list[Tensor]:
    """The candidates that a gradient meets on its way from the ys to some x."""
    ys, xs, stops = gradient_parts(gradient)
    on_the_way = reached(ys, stops)
    return [
        tensor
        for tensor in candidates
        if tensor in on_the_way and not (reached([tensor], stops) - {tensor}).isdisjoint(xs)
    ]


def gradient_parts(gradient: Operation) -> tuple[Sequence[Tensor], Sequence[Tensor], Sequence[Tensor]]:
    """The ys, xs and stops of a gradient operation."""
    ys, xs = gradient.attributes["ys"], gradient.attributes["xs"]
    seeds = sum(gradient.attributes["seeded"])
    return gradient.inputs[:ys], gradient.inputs[ys : ys + xs], gradient.inputs[ys + xs + seeds :]


def recomputed(context: Context) -> set[Operation]:
    """The operations outside of a context through which gradients that are taken inside it flow: inside they are
    computed again, since no gradient flows out of a context."""
    found: set[Operation] = set()
    for operation in context.operations:
        if operation.type == "Gradients":
            ys, xs, stops = gradient_parts(operation)
            found.update(each for each in on_the_way(ys, xs, stops) if not context.holds(each))
    return found


def on_the_way(ys: Iterable[Tensor], xs: Iterable[Tensor], stops: Iterable[Tensor]) -> set[Operation]:
    """The operations that a gradient of the ys passes on its way to some x."""
    flows = reached(ys, stops)
    sources = set(xs)
    leads: dict[Tensor, bool] = {tensor: True for tensor in flows if tensor in sources}
    pending = list(flows)
    while pending:
        tensor = pending[-1]
        if tensor in leads:
            pending.pop()
            continue
        before = [each for each in tensor.op.inputs if each in flows]
        unknown = [each for each in before if each not in leads]
        if unknown:
            pending.extend(unknown)
            continue
        leads[tensor] = any(leads[each] for each in before)
    return {tensor.op for tensor, does in leads.items() if does and tensor not in sources}
