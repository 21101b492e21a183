"""`torch.autograd.graph`: nodes of the graph, hooks on several gradients, and hooks on what is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..hooks import RemovableHandle
from ..nodes import Node, node_of
from ..tensor import Tensor
from ..views import count_version
from .gradients import running
from .saved_tensors import disable_saved_tensors_hooks, save_on_cpu, saved_tensors_hooks

__all__ = [
    "GradientEdge", "Node", "disable_saved_tensors_hooks", "get_gradient_edge", "increment_version",
    "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks",
]  # fmt: skip


class GradientEdge(NamedTuple):
    """A node, and which of its results."""

    node: Any
    output_nr: int


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Where the gradient of a tensor enters the graph. Raises RuntimeError for one without."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    node = node_of(tensor)
    if node is None:
        from ..nodes import AccumulateGrad

        return GradientEdge(AccumulateGrad(tensor), 0)
    return GradientEdge(node, tensor._read()[0].number)


def increment_version(tensor: Tensor | Sequence[Tensor]) -> None:
    """Counts a write into a tensor, or some, that nobody saw."""
    for each in (tensor,) if isinstance(tensor, Tensor) else tensor:
        count_version(each)


class _Handle(RemovableHandle):
    """Several hooks as one."""

    def __init__(self, handles: tuple[RemovableHandle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        """Takes them all out."""
        for each in self.handles:
            each.remove()


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

    return _Handle(tuple(each.register_hook(hook(place)) for place, each in enumerate(tensors)))
