"""`backward` and `torch.autograd.grad`: what is asked for, checked, and where it goes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from ..tapes.batches import elements_here
from ..tapes.gradient_names import call_name
from ..tapes.graph import FREED, Graph, graph_of, missing
from ..tapes.lazy import TRACKED, Call, Lazy
from ..tapes.mode import enable_grad, no_grad
from ..tapes.stand_ins import StandIn
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from . import again
from .flows import Target
from .owners import Group, groups_of, owners_of, plain_roots
from .rewriting import with_rewritten
from .running import backwards
from .taking import gradients_along, target_of


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
    is_plain = grad_tensors is inputs is None and not create_graph and tensors.__class__ is Tensor
    if tape.log is not None:
        tape.log.act(_backward, tensors, grad_tensors, retain_graph, create_graph, inputs)
    elif not (is_plain and _backward_again(tensors, bool(retain_graph))):
        _backward(tensors, grad_tensors, retain_graph, create_graph, inputs)
    if after_backward:
        reached = tuple(_reached)
        _reached.clear()
        for listener in tuple(after_backward):
            listener(reached)


after_backward: list[Callable[[Sequence[Tensor]], None]] = []  # called with leaves that gradients have been added to
_reached: list[Tensor] = []  # these, while somebody wants to know


def _backward_again(root: Any, retain: bool) -> bool:
    """Records the backward of a scalar, where it was recorded there before; whether it was."""
    with tape.lock:
        key = again.key_of(root, retain)
        if key is None:
            return False
        leaves = again.recorded_again(root, key, retain)
        if leaves is None:
            return False
        if after_backward:
            _reached.extend(leaves)
        if not backwards:
            tape.gradients_taken()
        return True


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
        targets = [target_of(part) for part in (wanted if groups is None else _parts_of(groups))]
        if inputs is not None:
            graph.narrow(targets)
        _check(graph)
        gradients = gradients_along(
            roots, seeds, targets, graph, retain_graph=retain, create_graph=create_graph, groups=groups,
            is_whole=inputs is None,
        )  # fmt: skip
        if key is not None and groups is None:
            again.note(before, key, count, graph, wanted)
        for tensor, gradient in zip(wanted, gradients, strict=True):
            if inputs is None or not tensor.retains_grad:  # else it was kept already
                _accumulate(tensor, gradient, create_graph)
        if after_backward:
            _reached.extend(wanted)
        del gradients
        if not backwards:  # else it is part of another one
            tape.gradients_taken()


def _listed(given: Any) -> list[Tensor]:
    """One tensor or several, of which edges of the graph may stand for some."""
    listed = [given] if isinstance(given, Tensor) or hasattr(given, "output_nr") else list(given)
    return [each if isinstance(each, Tensor) else each.tensor() for each in listed]


def _parts_of(groups: Sequence[Group]) -> list[Tensor]:
    return [part for group in groups for part in group.parts]


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
            targets = [target_of(tensor) for tensor in wanted]
            is_used = [_is_reached(target, reached, used) for target in targets]
        else:
            is_used = [any(_is_reached(target_of(part), reached, used) for part in group.parts) for group in groups]
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
            chosen = [target_of(part) for part in _parts_of(groups)]
        graph.narrow(chosen)
        _check(graph)
        results = iter(
            gradients_along(
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
