"""The graph of calls that gradients flow through: walking it, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diptych.ir import Builder, Value

from .lazy import LEAF, TRACKED, UNTRACKED, Call, Lazy, Overwritten
from .operation import operation

if TYPE_CHECKING:
    from .tensor import Tensor

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)


Saves = Sequence[tuple[int, tuple[int, ...]]]  # as `saved` has them


@dataclass(slots=True)
class Graph:
    """What gradients flow through: calls in no order, the leaves at its ends in order of discovery, by identity, and
    the values whose gradients hooks want to see. `is_whole`: the tape of now has every call. `damaged`: calls that were
    freed, or lack what their gradient needs since it was written over."""

    calls: dict[Call, None]
    leaves: dict[int, Tensor]
    hooked: dict[Lazy, None]
    is_whole: bool
    damaged: list[Call]

    def narrow(self, wanted: Iterable[tuple[Lazy, Tensor | None]]) -> None:
        """Keeps the calls through which gradients reach one of the wanted values or leaves."""
        values = {lazy for lazy, leaf in wanted if leaf is None}
        ends = {id(leaf) for _, leaf in wanted if leaf is not None}
        leading: dict[Call, None] = {}
        for call in in_order(self.calls):
            for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=True):
                is_end = source in values or source.call in leading if edge == TRACKED else id(leaf) in ends
                if edge != UNTRACKED and is_end:
                    leading[call] = None
        self.calls = leading
        self.hooked = {lazy: None for lazy in self.hooked if lazy in values or lazy.call in leading}

    def check(self) -> None:
        """Raises RuntimeError where a gradient needs what was freed or written over."""
        for call in self.damaged:
            if call in self.calls:
                raise RuntimeError(FREED if call.freed else _written_over_message(call))


def graph_of(roots: Iterable[Lazy], serial: int) -> Graph:
    """The graph behind `roots`, calls of the tape `serial` among them."""
    graph = Graph({}, {}, {}, True, [])
    calls, leaves, hooked = graph.calls, graph.leaves, graph.hooked
    pending: list[Call | None] = []
    for root in roots:
        pending.append(root.call)
        if root.hooks is not None and not root.hooks.is_empty():
            hooked[root] = None
    while pending:
        call = pending.pop()
        if call is None or call in calls or not call.tracked:
            continue
        calls[call] = None
        if call.serial != serial:
            graph.is_whole = False
        saves = call.template.saves
        if saves != () and (call.freed or (saves and _is_written_over(call, saves))):
            graph.damaged.append(call)
        for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=True):
            if edge == TRACKED:
                pending.append(source.call)
                if source.hooks is not None and not source.hooks.is_empty():
                    hooked[source] = None
            elif edge == LEAF:
                leaves[id(leaf)] = leaf  # pyright: ignore[reportArgumentType]
    return graph


def in_order(calls: Iterable[Call]) -> list[Call]:
    """`calls`, each after those whose results it reads."""
    members = dict.fromkeys(calls)
    found: dict[Call, None] = {}
    pending = list(members)
    while pending:
        call = pending[-1]
        if call in found:
            pending.pop()
            continue
        missing = [source.call for source in call.inputs if source.call in members and source.call not in found]
        if missing:
            pending.extend(missing)
        else:
            found[call] = None
            pending.pop()
    return list(found)


def _is_written_over(call: Call, saves: Saves) -> bool:
    """Whether PyTorch would miss a value that it kept for the gradient of a call."""
    return _missing(call, saves) is not None


def _missing(call: Call, saves: Saves) -> tuple[int, Overwritten] | None:
    """The place of a kept value that was written over, and how."""
    for place, wanted in saves:
        written = call.spoiled if place < 0 else _overwritten(call.inputs[place])
        if written is None or written.by is call or all(call.edges[other] == UNTRACKED for other in wanted):
            continue
        return place, written
    return None


def _written_over_message(call: Call) -> str:
    found = _missing(call, call.template.saves or ())
    assert found is not None
    place, written = found
    kind = call.template.kinds[0] if place < 0 else call.inputs[place].kind
    maker = call if place < 0 else written.by
    made = ""
    if maker is not None and maker.tracked:
        from .gradient_names import call_name

        made = f", which is output 0 of {call_name(maker).partition('Backward')[0]},"
    return (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{kind.dtype.legacy_name} {list(kind.shape)}]{made} is at version {written.storage.version}; expected "
        f"version {written.version} instead. Hint: enable anomaly detection to find the operation that failed to "
        "compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def _overwritten(lazy: Lazy) -> Overwritten | None:
    """How a value was written over, itself or what it is a view of."""
    from .views import Reading

    while lazy.overwritten is None:
        call = lazy.call
        if call is None or not isinstance(getattr(call.template, "operation", None), Reading) or not call.inputs:
            return None
        lazy = call.inputs[0]
    return lazy.overwritten


@operation
def graft(b: Builder, x: Value, history: Value) -> Value:
    """x, as it was written where `history` stood and still leads to its gradient."""
    return b.graft(x, history)


def node_value(tensor: Tensor) -> Lazy:
    """The value whose gradient is the tensor's: what it showed before writes that autograd does not see."""
    lazy = tensor._read()[0]
    while lazy.call is not None and getattr(lazy.call.template, "operation", None) is graft and lazy.call.inputs:
        lazy = lazy.call.inputs[1]
    return lazy


def live_calls(lazies: Iterable[Lazy], serial: int) -> list[Call]:
    """The calls of the tape `serial` through which gradients of `lazies` may still be asked for."""
    found: dict[Call, None] = {}
    pending = [lazy.call for lazy in lazies]
    while pending:
        call = pending.pop()
        if call is None or call in found or not call.tracked or call.serial != serial or call.is_spent():
            continue
        found[call] = None
        for source, edge in zip(call.inputs, call.edges, strict=True):
            if edge == TRACKED:
                pending.append(source.call)
    return list(found)


def needed_later(calls: Sequence[Call]) -> set[Lazy]:
    """What a later backward would compute again from: all that leads to calls with a gradient still to come."""
    needed: set[Lazy] = set()
    pending = [source for call in calls if call.tracked and not call.freed for source in call.inputs]
    while pending:
        lazy = pending.pop()
        if lazy not in needed:
            needed.add(lazy)
            if lazy.array is None and lazy.call is not None:
                pending.extend(lazy.call.inputs)
    return needed


# -- what `grad_fn` shows ----


class Node:
    """A call as `grad_fn` shows it: its name, and where its gradients go."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def name(self) -> str:
        """As the class is called: MulBackward0."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """For each input (node, which of its results); (None, 0) where no gradient flows."""
        call = self._call
        found: list[tuple[Any, int]] = []
        for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=True):
            if edge == LEAF and leaf is not None:
                found.append((AccumulateGrad(leaf), 0))
            elif edge == TRACKED and source.call is not None:
                found.append((_node(source.call), source.number))
            else:
                found.append((None, 0))
        return tuple(found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._call is other._call

    def __hash__(self) -> int:
        return id(self._call)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self._call):#x}>"


class AccumulateGrad:
    """The end of the graph at a leaf, `variable`, which collects its gradient."""

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """Its class's name."""
        return "torch::autograd::AccumulateGrad"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """None: gradients end here."""
        return ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccumulateGrad) and self.variable is other.variable

    def __hash__(self) -> int:
        return id(self.variable)


_classes: dict[str, type[Node]] = {}


def _node(call: Call) -> Node:
    from .gradient_names import call_name

    name = call_name(call)
    found = _classes.get(name)
    if found is None:
        found = _classes.setdefault(name, type(name, (Node,), {}))
    return found(call)


def node_of(tensor: Tensor) -> Node | None:
    """The node that made a tensor; None of a leaf."""
    if tensor.is_leaf:
        return None
    call = node_value(tensor).call
    return None if call is None else _node(call)
