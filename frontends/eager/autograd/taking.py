"""Gradients along a graph: recorded as calls, which are derived when the tape is lowered.

Where hooks want to see gradients on their way, they are taken in parts: up to the hooked values, then on from what the
hooks made of them. So it is where a function's backward is Python's: up to its results, then on from its inputs.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tapes.calls import before_grafts
from ..tapes.gradient_names import call_name
from ..tapes.graph import Graph, in_order, next_hooked
from ..tapes.lazy import LEAF, PASSING, TRACKED, UNTRACKED, Call, Lazy, Storage
from ..tapes.lowering import line_of
from ..tapes.mode import enable_grad, no_grad
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from .anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled
from .flows import Flow, Near, Target
from .gradient_template import GradientTemplate
from .owners import Group, together
from .running import Running, backwards, tell_reached

_templates: dict[Any, GradientTemplate] = {}


def _recorded(flow: Flow, wanted: Sequence[Target], stops: Sequence[Lazy], create_graph: bool) -> list[Tensor]:
    """A tensor for each wanted value: what flows to it."""
    given = [
        seed if seed.dtype is lazy.kind.dtype else _cast(seed, lazy.kind.dtype)
        for (lazy, _), seed in zip(flow.roots, flow.seeds, strict=True)
        if seed is not None
    ]
    through = TRACKED if create_graph else UNTRACKED
    read = [seed._read() for seed in given]
    inputs = (*(lazy for lazy, _ in flow.roots), *(lazy for lazy, _ in read), *(lazy for lazy, _ in wanted), *stops)
    key = (
        tuple(seed is not None for seed in flow.seeds), tuple(flow.beyond), tuple(lazy.kind for lazy, _ in wanted),
        len(stops), flow.size,
    )  # fmt: skip
    template = _templates.get(key) or _templates.setdefault(key, GradientTemplate(*key))
    edges: list[int] = []
    leaves: list[Tensor | None] = []
    for _, leaf in flow.roots:
        edges.append(through if leaf is None else LEAF)
        leaves.append(leaf)
    for seed, (_, edge) in zip(given, read, strict=True):
        edges.append(edge & PASSING if create_graph else UNTRACKED)
        leaves.append(seed if create_graph and edge == LEAF else None)
    for _, leaf in wanted:
        edges.append(through if leaf is None else LEAF)
        leaves.append(leaf)
    stopped: list[None] = [None] * len(stops)
    edges.extend([UNTRACKED] * len(stops))
    made = tape.record(template, inputs, tuple(edges), (*leaves, *stopped), tracked=create_graph)
    results: list[Tensor] = []
    for lazy in tape.results(made):
        storage = Storage(lazy, through)
        storage.serial = tape.serial
        tape.storages.append(storage)
        results.append(Tensor._of(storage))
    return results


def _cast(seed: Tensor, target: Any) -> Tensor:
    from ..functions.pointwise import cast

    return cast(seed, target)


def _recall(graph: Graph, roots: Sequence[Target]) -> None:
    """Puts the calls of earlier tapes that gradients flow through onto this one."""
    if graph.is_whole:
        return
    if tape.elements is not None:
        if any(call.serial != tape.serial for call in graph.calls):
            raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
        return
    calls = graph.calls | graph.behind
    earlier = [call for call in calls if call.serial != tape.serial]
    outputs: dict[Call, dict[Lazy, None]] = {call: {} for call in earlier}
    for root, _ in roots:
        if root.call in outputs:
            outputs[root.call][root] = None
    for call in calls:
        for source, edge in zip(call.inputs, call.edges, strict=True):
            if edge == TRACKED and source.call in outputs:
                outputs[source.call][source] = None
    for call in in_order(earlier):
        tape.recall(call, list(outputs[call]))


def target_of(tensor: Tensor) -> Target:
    """A tensor whose gradient is wanted: its value, and itself where it collects gradients."""
    lazy, edge = tensor._read()
    return (lazy, tensor) if edge == LEAF else (before_grafts(lazy), None)


def gradients_along(
    roots: Sequence[Tensor],
    seeds: Sequence[Tensor | None],
    wanted: Sequence[Target],
    graph: Graph,
    *,
    retain_graph: bool,
    create_graph: bool,
    groups: Sequence[Group] | None = None,
    is_whole: bool = False,
    size: int | None = None,
) -> list[Tensor]:
    """A tensor for each wanted value, or leaf: the gradients of the roots, weighted by the seeds, after all hooks. With
    `groups`, whose parts are wanted, one for the owner of each that has parts. With `size`, as many of each as the
    seeds have rows."""
    flow = Flow(size)
    for root, seed in zip(roots, seeds, strict=True):
        lazy, edge = root._read()
        flow.add((lazy, root if edge == LEAF else None), seed)
    backwards.append(Running(graph, is_whole=is_whole))
    try:
        if graph.reached:
            tell_reached(graph)
        results = _computed(flow, wanted, graph, retain_graph, create_graph)
        if groups is not None:
            results, wanted = _together(groups, results)
        return _hooks_applied(results, wanted, size)
    finally:
        backwards.pop()


def _together(groups: Sequence[Group], results: Sequence[Tensor]) -> tuple[list[Tensor], list[Target]]:
    """The gradients of owners, and the owners, whose hooks are still to be applied."""
    parts = iter(results)
    found: list[Tensor] = []
    owners: list[Target] = []
    for group in groups:
        gradient = together(group, [next(parts) for _ in group.parts])
        if gradient is not None:
            found.append(gradient)
            owners.append((target_of(group.parts[0])[0], group.owner if group.owner.is_leaf else None))
    return found, owners


def _computed(
    flow: Flow, wanted: Sequence[Target], graph: Graph, retain_graph: bool, create_graph: bool
) -> list[Tensor]:
    if is_anomaly_enabled() and is_anomaly_check_nan_enabled():
        _check_numbers(flow, graph)
    if graph.hooked:
        results = _by_parts(flow, wanted, graph, create_graph)
    else:
        _recall(graph, flow.roots)
        results = _recorded(flow, wanted, (), create_graph)
    if not retain_graph:
        for call in graph.calls:
            call.freed = True
            if call.python is not None:
                call.python.release()
    return results


def _hooks_applied(results: Sequence[Tensor], wanted: Sequence[Target], size: int | None) -> list[Tensor]:
    return [
        result if leaf is None or leaf._meta is None or leaf._meta.hooks is None
        else _each_seen(size, leaf._meta.hooks.applied, result)
        for result, (_, leaf) in zip(results, wanted, strict=True)
    ]  # fmt: skip


def _each_seen(size: int | None, function: Any, *gradients: Any) -> Any:
    """What Python makes of gradients; of batches of them, of each row."""
    if size is None:
        return function(*gradients)
    from ..func.vmap import vmap

    return vmap(function)(*gradients)


def _check_numbers(flow: Flow, graph: Graph) -> None:
    """Raises RuntimeError, after a warning with the line of the forward call, where a gradient on the way is not a
    number. Calls whose backward is Python's end what is looked at."""
    plain = Graph(dict(graph.calls), graph.leaves, {}, graph.is_whole, [], graph.behind)
    for call in reversed(in_order(graph.calls)):
        targets = [
            (place, (source, leaf if edge == LEAF else None))
            for place, (source, edge, leaf) in enumerate(zip(call.inputs, call.edges, call.leaves, strict=True))
            if edge != UNTRACKED
        ]
        if not targets or call.python is not None:
            continue
        _recall(plain, flow.roots)
        found = _recorded(flow, [target for _, target in targets], (), False)
        arrays = [np.asarray(each._array()) for each in found]
        plain.is_whole = False
        for (place, _), array in zip(targets, arrays, strict=True):
            if np.isnan(array).any():
                location = line_of(call)
                warnings.warn(
                    f"Error detected in {call_name(call)}. Traceback of forward call that caused the error:\n"
                    f"  {location}\n",
                    stacklevel=2,
                )
                raise RuntimeError(f"Function '{call_name(call)}' returned nan values in its {place}th output.")


def _hooked(graph: Graph) -> list[Lazy]:
    """The values whose gradients somebody wants to see, those that gradients reach first at the front."""
    order = {call: place for place, call in enumerate(in_order(graph.calls))}
    return sorted(graph.hooked, key=lambda lazy: (-order.get(lazy.call, -1), lazy.number))


def _by_parts(flow: Flow, wanted: Sequence[Target], graph: Graph, create_graph: bool) -> list[Tensor]:
    """As `_recorded`, stopping at each hooked value. A hook may read values, which begins a new tape."""
    hooked = _hooked(graph)
    following = next_hooked(graph)
    near = None if following is None else Near(flow, hooked, following)
    last = {lazy.call: lazy for lazy in hooked}
    changed: dict[Lazy, Tensor] = {}
    for lazy in hooked:
        _recall(graph, flow.roots)
        part, stops = (flow, hooked) if near is None else (near.part(lazy), near.stops[lazy])
        (gradient,) = _recorded(part, [(lazy, None)], stops, create_graph)
        serial = tape.serial
        if lazy.hooks is not None:
            gradient = _each_seen(flow.size, lazy.hooks.applied, gradient)
            holder = None if lazy.hooks.retained is None or flow.size is not None else lazy.hooks.retained()
            if holder is not None:
                _keep(holder, gradient, create_graph)
        changed[lazy] = gradient
        call = lazy.call
        if call is None or call.python is None:
            flow.add((lazy, None), gradient, beyond=True)
        elif last[call] is lazy:
            _through_python(flow, call, changed, create_graph)
        if tape.serial != serial:
            graph.is_whole = False
    rest = [(lazy, leaf) for lazy, leaf in wanted if leaf is not None or lazy not in changed]
    _recall(graph, flow.roots)
    found = iter(_recorded(flow, rest, hooked, create_graph))
    results: list[Tensor] = []
    for lazy, leaf in wanted:
        known = changed.get(lazy) if leaf is None else None
        results.append(next(found) if known is None else known)
    return results


def _through_python(flow: Flow, call: Call, known: dict[Lazy, Tensor], create_graph: bool) -> None:
    """Lets the backward of a call say what flows on, from the gradients of its results that are known."""
    assert call.python is not None
    given: list[Tensor | None] = [None] * len(call.template.kinds)
    for lazy, gradient in known.items():
        if lazy.call is call:
            given[lazy.number] = gradient
    inputs, edges, leaves = call.inputs, call.edges, call.leaves
    with enable_grad() if create_graph else no_grad():
        found = call.python.gradients(given) if flow.size is None else _rows_through(call.python, given)
    first = len(inputs) - len(found)
    for place, gradient in enumerate(found, first):
        if gradient is not None and edges[place] != UNTRACKED:
            leaf = leaves[place] if edges[place] == LEAF else None
            flow.add((inputs[place], leaf), gradient if create_graph else gradient.detach())


def _rows_through(python: Any, given: Sequence[Tensor | None]) -> list[Tensor | None]:
    """What a backward of Python's says for each row of the gradients that are there."""
    present = [place for place, gradient in enumerate(given) if gradient is not None]
    places: list[bool] = []

    def of_row(*row: Tensor) -> tuple[Tensor, ...]:
        full: list[Tensor | None] = [None] * len(given)
        for place, gradient in zip(present, row, strict=True):
            full[place] = gradient
        found = python.gradients(full)
        places[:] = [gradient is not None for gradient in found]
        return tuple(gradient for gradient in found if gradient is not None)

    made = iter(_each_seen(0, of_row, *(given[place] for place in present)))
    return [next(made) if is_there else None for is_there in places]


def _keep(holder: Tensor, gradient: Tensor, create_graph: bool) -> None:
    """Adds to the `.grad` of a tensor that is no leaf."""
    meta = holder._own_meta()
    if meta.grad is None:
        meta.grad = gradient if create_graph else gradient.detach()
    else:
        with enable_grad() if create_graph else no_grad():
            meta.grad = meta.grad + gradient
