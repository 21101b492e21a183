"""`torch.autograd.graph`: nodes of the graph, hooks on several gradients, and hooks on what is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..tapes.calls import before_grafts
from ..tapes.hooks import RemovableHandle, SeveralHandles
from ..tapes.lazy import TRACKED, Call, Storage
from ..tapes.mode import count_attention, mode
from ..tensors.nodes import AccumulateGrad, Node, node_of
from ..tensors.tensor import Tensor
from ..tensors.views import count_version
from .running import running
from .saved_tensors import disable_saved_tensors_hooks, save_on_cpu, saved_tensors_hooks

__all__ = [
    "GradientEdge", "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge",
    "increment_version", "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks",
]  # fmt: skip


class GradientEdge(NamedTuple):
    """A node, and which of its results, which the token keeps."""

    node: Any
    output_nr: int
    ownership_token: Any = None

    def tensor(self) -> Tensor:
        """A tensor with this edge."""
        if isinstance(self.node, AccumulateGrad):
            return self.node.variable
        return Tensor._of(Storage(self.ownership_token, TRACKED))


class _MutationContext:
    """What `allow_mutation_on_saved_tensors` gives: here nothing is copied, since values stay what they are."""

    def clear(self) -> None:
        """Forgets nothing."""

    def noted(self, call: Call) -> None:
        """Lets what a call keeps be written over."""
        call.may_be_written_over = True

    def made(self, call: Call, storage: Storage) -> None:
        """Sees a result."""


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_MutationContext]:
    """A block in which tensors that operations keep for their gradients may be written over. Raises RuntimeError within
    another."""
    if any(isinstance(each, _MutationContext) for each in mode.watchers):
        raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
    context = _MutationContext()
    mode.watchers.append(context)
    count_attention(1)
    try:
        yield context
    finally:
        mode.watchers.remove(context)
        count_attention(-1)


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Where the gradient of a tensor enters the graph. Raises RuntimeError for one without."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    node = node_of(tensor)
    if node is None:
        return GradientEdge(AccumulateGrad(tensor), 0)
    lazy = before_grafts(tensor._read()[0])
    return GradientEdge(node, lazy.number, lazy)


def increment_version(tensor: Tensor | Sequence[Tensor]) -> None:
    """Counts a write into a tensor, or some, that nobody saw."""
    for each in (tensor,) if isinstance(tensor, Tensor) else tensor:
        count_version(each)


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all"
) -> RemovableHandle:
    """Calls fn with the list of gradients of `tensors`, None for one that the backward does not reach, when all are
    there; with mode "any", with the first of them. Raises ValueError for another mode."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    gradients: list[Tensor | None] = [None] * len(tensors)
    seen: list[Any] = [None, 0]  # the backward that runs, and how many came

    def hook(place: int) -> Callable[[Tensor], None]:
        def noted(gradient: Tensor) -> None:
            backward = running()
            if seen[0] is not backward:
                seen[:] = [backward, 0]
                gradients[:] = [None] * len(tensors)
            seen[1] += 1
            if mode == "any":
                if seen[1] == 1:
                    fn(gradient)
                return
            gradients[place] = gradient
            if seen[1] == sum(backward.reaches(each) for each in tensors):
                fn(list(gradients))

        return noted

    return SeveralHandles(*(each.register_hook(hook(place)) for place, each in enumerate(tensors)))
