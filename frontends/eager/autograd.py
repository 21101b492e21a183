"""`backward` and `torch.autograd.grad`: gradients are calls of their own, derived when the tape is lowered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from diptych.functions.constants import filled
from diptych.ir import Value
from diptych.passes.autodiff import backpropagate

from .lazy import LEAF, TRACKED, UNTRACKED, Call, Kind, Lazy, Storage
from .mode import enable_grad, no_grad
from .tape import tape
from .tensor import Tensor

if TYPE_CHECKING:
    from .lowering import Lowering

_ids = count(-1, -1)


class GradientTemplate:
    """The gradients of `roots` values towards others, for one structure of inputs.

    Inputs of its calls: the roots, then as many seeds as `seeded` names, then the values wanted.
    """

    __slots__ = ("id", "is_single", "kinds", "roots", "seeded")

    def __init__(self, roots: int, seeded: tuple[bool, ...], kinds: tuple[Kind, ...]) -> None:
        self.id = next(_ids)
        self.roots = roots
        self.seeded = seeded
        self.kinds = kinds
        self.is_single = False

    def lower_call(
        self, lowering: Lowering, call: Call, inputs: Sequence[Value], scalars: Sequence[Value]
    ) -> tuple[Value, ...]:
        """Backpropagates through what has been lowered so far."""
        b = lowering.b
        places = iter(range(self.roots, len(call.inputs)))
        seeds: dict[Value, Value] = {}
        for place, seeded in enumerate(self.seeded):
            root = lowering.values[call.inputs[place].position]
            seed = inputs[next(places)] if seeded else filled(b, 1, (), root.dtype)
            seeds[root] = b.add(seeds[root], seed) if root in seeds else seed
        wanted: list[list[Value]] = []
        for place in places:
            position = call.inputs[place].position
            if call.edges[place] == LEAF:
                lowering.identity(id(call.leaves[place]), position)
                wanted.append(list(lowering.identities[id(call.leaves[place])].values()))
            else:
                wanted.append([lowering.values[position]])
        flat = [value for values in wanted for value in values]
        found = iter(backpropagate(b, b.equations, seeds, flat))
        results: list[Value] = []
        for values, kind in zip(wanted, self.kinds, strict=True):
            parts = [part for part in (next(found) for _ in values) if part is not None]
            total = parts[0] if parts else filled(b, 0, kind.shape, kind.type.dtype)
            for part in parts[1:]:
                total = b.add(total, part)
            results.append(total)
        return tuple(results)


_templates: dict[Any, GradientTemplate] = {}


def _graph(roots: Sequence[Tensor]) -> list[Call]:
    """The calls that gradients of `roots` flow through, each before those whose results it uses."""
    found: dict[Call, None] = {}
    pending = [root._lazy().call for root in roots]
    while pending:
        call = pending.pop()
        if call is None or call in found or not call.tracked:
            continue
        if call.freed:
            raise RuntimeError(_FREED)
        found[call] = None
        for source, edge in zip(call.inputs, call.edges, strict=True):
            if edge == TRACKED and source.call is not None:
                pending.append(source.call)
    return list(found)


_FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)


def _gradients(
    roots: Sequence[Tensor],
    seeds: Sequence[Tensor | None],
    wanted: Sequence[Tensor],
    graph: Sequence[Call],
    *,
    retain_graph: bool,
    create_graph: bool,
) -> list[Tensor]:
    """A tensor for each wanted one: the gradients of the roots, weighted by the seeds."""
    with tape.lock:
        root_lazies = [root._lazy() for root in roots]
        given = [seed for seed in seeds if seed is not None]
        targets = [target._lazy() for target in wanted]
        inputs = (*root_lazies, *(seed._lazy() for seed in given), *targets)
        for lazy in root_lazies:
            if lazy.serial != tape.serial:
                _record_again(lazy)
        for lazy in inputs:
            if lazy.serial != tape.serial:
                tape.enter(lazy)
        kinds = tuple(lazy.kind for lazy in targets)
        key = (len(roots), tuple(seed is not None for seed in seeds), kinds)
        template = _templates.get(key) or _templates.setdefault(key, GradientTemplate(*key))
        made = Call(template, inputs, (), None, 0)
        from .recording import _caller

        made.code, made.instruction = _caller()
        through = TRACKED if create_graph else UNTRACKED
        edges = [through] * len(roots)
        leaves: list[Tensor | None] = [None] * (len(roots) + len(given))
        for seed in given:
            edges.append(through if seed.requires_grad else UNTRACKED)
        for target in wanted:
            leaf = target._leaf_requires_grad
            edges.append(LEAF if leaf else through)
            leaves.append(target if leaf else None)
        made.edges, made.leaves, made.tracked = tuple(edges), tuple(leaves), create_graph
        results: list[Tensor] = []
        lazies: list[Lazy] = []
        for number, kind in enumerate(kinds):
            lazy = Lazy(kind, None, made, number)
            storage = Storage(lazy, create_graph)
            storage.serial = tape.serial
            tape.storages.append(storage)
            lazies.append(lazy)
            results.append(Tensor._of(storage))
        tape.append(made, lazies)
        if not retain_graph:
            for call in graph:
                call.freed = True
    return results


def _record_again(lazy: Lazy) -> None:
    """Puts the whole history of a value of an earlier tape onto this one: gradients are derived from equations."""
    pending = [lazy]
    while pending:
        current = pending[-1]
        call = current.call
        if current.serial == tape.serial:
            pending.pop()
            continue
        if call is None or not call.tracked:
            tape.enter(current)
            pending.pop()
            continue
        missing = [
            source
            for source, edge in zip(call.inputs, call.edges, strict=True)
            if edge == TRACKED and source.serial != tape.serial
        ]
        if missing:
            pending.extend(missing)
            continue
        for source in call.inputs:
            if source.serial != tape.serial:
                tape.enter(source)
        outputs = [Lazy(kind) for kind in call.template.kinds]
        outputs[current.number] = current
        tape.append(call, outputs)
        pending.pop()


def _checked_roots(roots: Sequence[Tensor], seeds: Sequence[Tensor | None]) -> None:
    for place, (root, seed) in enumerate(zip(roots, seeds, strict=True)):
        if not root.requires_grad:
            raise RuntimeError(f"element {place} of tensors does not require grad and does not have a grad_fn")
        if seed is None and root.numel() != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        if seed is not None and seed.shape != root.shape:
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
    roots = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    seeds = _seed_list(grad_tensors, len(roots))
    _checked_roots(roots, seeds)
    graph = _graph(roots)
    if inputs is None:
        wanted = _leaves(roots, graph)
    elif isinstance(inputs, Tensor):
        wanted = [inputs]
    else:
        wanted = list(inputs)
    retain = create_graph if retain_graph is None else retain_graph
    gradients = _gradients(roots, seeds, wanted, graph, retain_graph=retain, create_graph=create_graph)
    for leaf, gradient in zip(wanted, gradients, strict=True):
        _accumulate(leaf, gradient, create_graph)
    del gradients
    tape.gradients_taken()


def _leaves(roots: Sequence[Tensor], graph: Sequence[Call]) -> list[Tensor]:
    """The tensors that collect gradients, in order of use."""
    found: dict[int, Tensor] = {}
    for root in roots:
        if root._leaf_requires_grad:
            found[id(root)] = root
    for call in reversed(graph):
        for leaf in call.leaves:
            if leaf is not None:
                found[id(leaf)] = leaf
    return list(found.values())


def _accumulate(leaf: Tensor, gradient: Tensor, create_graph: bool) -> None:
    if leaf._grad is None:
        leaf._grad = gradient
        return
    with enable_grad() if create_graph else no_grad():
        if create_graph:
            leaf._grad = leaf._grad + gradient
        else:
            leaf._grad.add_(gradient)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
) -> tuple[Tensor | None, ...]:
    """The gradients of `outputs`, weighted by `grad_outputs`, with respect to `inputs`; None for one that is not used
    where `allow_unused` permits. Raises RuntimeError as `backward` does, and for unused inputs."""
    roots = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    wanted = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    seeds = _seed_list(grad_outputs, len(roots))
    _checked_roots(roots, seeds)
    graph = _graph(roots)
    used = {id(leaf) for call in graph for leaf in call.leaves} | {id(root) for root in roots if root.is_leaf}
    reached = {
        source for call in graph for source, edge in zip(call.inputs, call.edges, strict=True) if edge == TRACKED
    }
    reached.update(root._lazy() for root in roots)
    for target in wanted:
        if not target.requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    is_used = [id(each) in used if each._leaf_requires_grad else each._lazy() in reached for each in wanted]
    if not all(is_used) and not allow_unused:
        raise RuntimeError(
            "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if "
            "this is the desired behavior."
        )
    retain = create_graph if retain_graph is None else retain_graph
    chosen = [target for target, found in zip(wanted, is_used, strict=True) if found]
    results = iter(_gradients(roots, seeds, chosen, graph, retain_graph=retain, create_graph=create_graph))
    return tuple(next(results) if found else None for found in is_used)


def _seed_list(seeds: Tensor | Sequence[Tensor | None] | None, count: int) -> list[Tensor | None]:
    if seeds is None:
        return [None] * count
    given = [seeds] if isinstance(seeds, Tensor) else list(seeds)
    if len(given) != count:
        raise RuntimeError(f"got {count} tensors and {len(given)} gradients")
    return given
