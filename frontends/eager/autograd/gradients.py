"""`backward` and `torch.autograd.grad`: gradients are calls of their own, derived when the tape is lowered.

Where hooks want to see gradients on their way, they are taken in parts: up to the hooked values, then on from what the
hooks made of them. So it is where a function's backward is Python's: up to its results, then on from its inputs.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..batches import elements_here
from ..tapes.calls import before_grafts
from ..tapes.gradient_names import call_name
from ..tapes.graph import FREED, Graph, graph_of, in_order, missing, next_hooked
from ..tapes.lazy import LEAF, PASSING, TRACKED, UNTRACKED, Call, Lazy, Storage
from ..tapes.lowering import line_of
from ..tapes.mode import enable_grad, no_grad
from ..tapes.stand_ins import StandIn
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from . import again
from .anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled
from .flows import Flow, Near, Target
from .gradient_template import GradientTemplate
from .owners import Group, groups_of, owners_of, plain_roots, together
from .rewriting import with_rewritten
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


def _gradients(
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
            owners.append((_target(group.parts[0])[0], group.owner if group.owner.is_leaf else None))
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


def _check(graph: Graph) -> None:
    """Raises RuntimeError where a gradient needs what was freed or written over."""
    for call in graph.damaged:
        if call in graph.calls:
            raise RuntimeError(FREED if call.freed else _written_over_message(call))


def _written_over_message(call: Call) -> str:
    found = missing(call, call.template.saves or ())
    assert found is not None
    place, written = found
    kind = call.template.kinds[0] if place < 0 else call.inputs[place].kind
    maker = call if place < 0 else written.by
    made = ""
    if maker is not None and maker.tracked:
        made = f", which is output 0 of {call_name(maker).partition('Backward')[0]},"
    return (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{kind.dtype.legacy_name} {list(kind.shape)}]{made} is at version {written.storage.version}; expected "
        f"version {written.version} instead. Hint: enable anomaly detection to find the operation that failed to "
        "compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def _checked_roots(roots: Sequence[Tensor], seeds: Sequence[Tensor | None], *, is_batched: bool = False) -> None:
    for place, (root, seed) in enumerate(zip(roots, seeds, strict=True)):
        if not root.requires_grad:
            raise RuntimeError(f"element {place} of tensors does not require grad and does not have a grad_fn")
        if seed is None and root.numel() != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        if seed is not None and is_batched and seed.shape[1:] != root.shape:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
                "dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding "
                f"output, but a mismatch was detected: grad_output[{place}] has a shape of {seed.shape[2:]} and "
                f"output[{place}] has a shape of {root.shape}. If you only want some tensors in `grad_output` to be "
                "considered batched, consider using vmap."
            )
        if seed is not None and not is_batched and seed.shape != root.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{place}] has a shape of {seed.shape} and output[{place}] has a shape "
                f"of {root.shape}."
            )


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Adds to `.grad` of every leaf (or of `inputs` alone) the gradients of `tensors` weighted by `grad_tensors`.

    Raises RuntimeError where a tensor does not require gradients, is no scalar and has no weight, or was freed.
    """
    if elements_here() is not None:
        raise RuntimeError(
            "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
            "functorch.vjp instead or call backward() outside of functorch transforms."
        )
    if tape.log is not None:
        return tape.log.act(_backward, tensors, grad_tensors, retain_graph, create_graph, inputs)
    return _backward(tensors, grad_tensors, retain_graph, create_graph, inputs)


def _backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None,
    retain_graph: bool | None,
    create_graph: bool,
    inputs: Tensor | Sequence[Tensor] | None,
) -> None:
    roots = _listed(tensors)
    seeds = _seed_list(grad_tensors, len(roots))
    _checked_roots(roots, seeds)
    if any(root.is_sparse for root in roots):
        roots, seeds = plain_roots(roots, seeds)
    retain = create_graph if retain_graph is None else retain_graph
    with tape.lock:
        is_plain = len(roots) == 1 and seeds[0] is None and inputs is None and not create_graph
        key = again.key_of(roots[0], retain) if is_plain else None
        if key is not None and again.recorded_again(roots[0], key, retain):
            if not backwards:
                tape.gradients_taken()
            return
        before, count = tape.at, len(tape.calls)
        values = [root._read()[0] for root in roots]
        graph = with_rewritten(graph_of(values, tape.serial), values)
        if inputs is None:
            for root in roots:
                if root.is_leaf:
                    graph.leaves[id(root)] = root
            wanted = [leaf for leaf in graph.leaves.values() if leaf._meta is not None and leaf._meta.requires_grad]
        else:
            wanted = _listed(inputs)
            if not wanted:
                raise RuntimeError("`inputs` argument to `backward` cannot be empty.")
        groups = groups_of(wanted, graph) if inputs is not None else None
        if inputs is None and any(type(leaf) is StandIn for leaf in wanted):
            groups = groups_of(owners_of(wanted), graph)
        if groups is not None:
            groups = [group for group in groups if group.parts]
            wanted = [group.owner for group in groups]
        targets = [_target(part) for part in (wanted if groups is None else _parts_of(groups))]
        if inputs is not None:
            graph.narrow(targets)
        _check(graph)
        gradients = _gradients(
            roots, seeds, targets, graph, retain_graph=retain, create_graph=create_graph, groups=groups,
            is_whole=inputs is None,
        )  # fmt: skip
        if key is not None and groups is None:
            again.note(before, key, count, graph, wanted)
        for tensor, gradient in zip(wanted, gradients, strict=True):
            if inputs is None or not tensor.retains_grad:  # else it was kept already
                _accumulate(tensor, gradient, create_graph)
        del gradients
        if not backwards:  # else it is part of another one
            tape.gradients_taken()


def _listed(given: Any) -> list[Tensor]:
    """One tensor or several, of which edges of the graph may stand for some."""
    listed = [given] if isinstance(given, Tensor) or hasattr(given, "output_nr") else list(given)
    return [each if isinstance(each, Tensor) else each.tensor() for each in listed]


def _parts_of(groups: Sequence[Group]) -> list[Tensor]:
    return [part for group in groups for part in group.parts]


def _target(tensor: Tensor) -> Target:
    """A tensor whose gradient is wanted: its value, and itself where it collects gradients."""
    lazy, edge = tensor._read()
    return (lazy, tensor) if edge == LEAF else (before_grafts(lazy), None)


def _accumulate(leaf: Tensor, gradient: Tensor, create_graph: bool) -> None:
    meta = leaf._own_meta()
    if meta.grad is None:
        meta.grad = gradient
    else:
        with enable_grad() if create_graph else no_grad():
            if meta.grad.is_sparse or gradient.is_sparse:
                meta.grad = _sum_of_sparse(meta.grad, gradient, create_graph)
            elif create_graph:
                meta.grad = meta.grad + gradient
            else:
                meta.grad.add_(gradient)
    if meta.hooks is not None:
        for hook in tuple(meta.hooks.after.values()):
            hook(leaf)


def _sum_of_sparse(old: Tensor, new: Tensor, create_graph: bool) -> Tensor:
    from ..sparse.arithmetic import accumulated

    return accumulated(old, new, in_place=not create_graph)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of `outputs`, weighted by `grad_outputs`, with respect to `inputs`; None (with `materialize_grads`,
    zeros) for one that is not used where `allow_unused` permits. With `is_grads_batched` the weights have a first axis
    more, and so has what is returned: a gradient for each. Raises RuntimeError as `backward` does, and for unused
    inputs."""
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for "
            "other parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    if tape.log is not None:
        tape.log.refuse("gradients are taken by autograd.grad")
    if materialize_grads and allow_unused is False:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
                         "allow_unused=False.")  # fmt: skip
    roots, wanted = _listed(outputs), _listed(inputs)
    seeds = _seed_list(grad_outputs, len(roots))
    _checked_roots(roots, seeds, is_batched=is_grads_batched)
    size = _rows(seeds) if is_grads_batched else None
    if any(root.is_sparse for root in roots):
        roots, seeds = plain_roots(roots, seeds)
    with tape.lock:
        values = [root._read()[0] for root in roots]
        graph = with_rewritten(graph_of(values, tape.serial), values)
        used = {*graph.leaves, *(id(root) for root in roots if root.is_leaf)}
        reached = {
            source
            for call in graph.calls
            for source, edge in zip(call.inputs, call.edges, strict=True)
            if edge == TRACKED
        }
        reached.update(root._read()[0] for root in roots)
        for target in wanted:
            if not target.requires_grad:
                raise RuntimeError("One of the differentiated Tensors does not require grad")
        groups = groups_of(wanted, graph)
        if groups is None:
            targets = [_target(tensor) for tensor in wanted]
            is_used = [_is_reached(target, reached, used) for target in targets]
        else:
            is_used = [any(_is_reached(_target(part), reached, used) for part in group.parts) for group in groups]
        if not all(is_used) and any(call.is_released() for call in graph.damaged):
            raise RuntimeError(FREED)
        if not all(is_used) and not (allow_unused or materialize_grads):
            raise RuntimeError(
                f"The differentiated Tensor at index {is_used.index(False)} appears to not have been used in the "
                "graph. Set allow_unused=True if this is the desired behavior."
            )
        retain = create_graph if retain_graph is None else retain_graph
        if tape.elements is not None and _is_around(graph):
            options = (retain_graph, create_graph, allow_unused, materialize_grads)
            return _of_elements(roots, wanted, seeds, options, is_grads_batched=is_grads_batched)
        if groups is None:
            chosen = [target for target, found in zip(targets, is_used, strict=True) if found]
        else:
            groups = [group for group, found in zip(groups, is_used, strict=True) if found]
            chosen = [_target(part) for part in _parts_of(groups)]
        graph.narrow(chosen)
        _check(graph)
        results = iter(
            _gradients(
                roots, seeds, chosen, graph, retain_graph=retain, create_graph=create_graph, groups=groups, size=size
            )
        )
        return tuple(
            next(results) if found else _zeros_like(tensor) if materialize_grads else None
            for found, tensor in zip(is_used, wanted, strict=True)
        )


def _is_reached(target: Target, reached: set[Lazy], used: set[int]) -> bool:
    lazy, leaf = target
    return lazy in reached if leaf is None else id(leaf) in used


def _is_around(graph: Graph) -> bool:
    """Whether a graph lies around a function that is vmapped, so that its gradients are taken there."""
    return bool(graph.calls) and all(call.serial != tape.serial for call in graph.calls)


def _of_elements(
    roots: Sequence[Tensor],
    wanted: Sequence[Tensor],
    seeds: Sequence[Tensor | None],
    options: tuple[bool | None, bool, bool | None, bool],
    *,
    is_grads_batched: bool,
) -> tuple[Tensor | None, ...]:
    """The gradients of values that all elements of a batch share, for seeds of which each element has its own."""
    elements = tape.elements
    assert elements is not None
    is_batched = any(seed is not None and elements.is_batched(seed._lazy()) for seed in seeds)
    if is_batched and is_grads_batched:
        raise RuntimeError("grad: is_grads_batched within vmap is not there for what is computed outside")
    given = [seed for seed in seeds if seed is not None]
    made = iter(elements.outside([elements.output(seed, 0 if is_batched else None) for seed in given]) if given else ())
    retain_graph, create_graph, allow_unused, materialize = options
    with elements.around():
        found = grad(
            roots, wanted, [None if seed is None else next(made) for seed in seeds], retain_graph, create_graph,
            allow_unused=allow_unused, is_grads_batched=is_batched or is_grads_batched, materialize_grads=materialize,
        )  # fmt: skip
    return tuple(elements.element(each, 0) if is_batched and each is not None else each for each in found)


def is_seen_by_python(root: Tensor) -> bool:
    """Whether hooks, or backwards of Python's, see gradients of a tensor on their way."""
    with tape.lock:
        return root.requires_grad and bool(graph_of([root._read()[0]], tape.serial).hooked)


def _rows(seeds: Sequence[Tensor | None]) -> int:
    """How many rows the seeds have. Raises ValueError where they differ."""
    sizes = [len(seed) for seed in seeds if seed is not None]
    if any(size != sizes[0] for size in sizes):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    return sizes[0] if sizes else 1


def _zeros_like(tensor: Tensor) -> Tensor:
    from ..tensors.creation import zeros_like

    return zeros_like(tensor)


def _seed_list(seeds: Tensor | Sequence[Tensor | None] | None, count: int) -> list[Tensor | None]:
    if seeds is None:
        return [None] * count
    given = [seeds] if isinstance(seeds, Tensor) else list(seeds)
    if len(given) != count:
        raise RuntimeError(f"got {count} tensors and {len(given)} gradients")
    return given
