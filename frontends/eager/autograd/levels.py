"""What a transform makes of its own while it differentiates, and how that is kept from what it returns."""

from __future__ import annotations

from typing import Any

from ..tapes.graph import graph_of
from ..tapes.mode import is_grad_enabled
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from .functional import pushed, zero_weights


def _own(tensor: Any) -> Any:
    """A tensor of one's own that shows the same: gradients flow to it, and further where they did."""
    if not isinstance(tensor, Tensor) or not tensor.dtype.ir.is_differentiable:
        return tensor
    if tensor.requires_grad:
        return tensor.view_as(tensor)
    made = tensor.detach()
    made.requires_grad = True
    return made


class Level:
    """One transform at work: the tensors that it made, and whether gradients were noted outside."""

    def __init__(self) -> None:
        self.outside = is_grad_enabled()
        self.made: set[int] = set()
        self.kept: list[Tensor] = []

    def own(self, tensor: Any) -> Any:
        """A tensor of its own that shows the same."""
        found = _own(tensor)
        if isinstance(found, Tensor) and found.is_leaf:
            self.made.add(id(found))
            self.kept.append(found)
        return found

    def pushed(self, outputs: Any, inputs: Any, tangents: Any, *, is_batched: bool = False) -> Any:
        """How outputs change with inputs in the direction of the tangents, or in that of each row of them."""
        weights = zero_weights(outputs)
        self.made.update(id(each) for each in weights)
        self.kept.extend(weights)
        return pushed(outputs, inputs, tangents, True, weights=weights, is_batched=is_batched)

    def released(self, tensor: Any) -> Any:
        """The tensor, cut off from history that leads to nothing but the own tensors."""
        if not isinstance(tensor, Tensor) or not tensor.requires_grad:
            return tensor
        if not self.outside or id(tensor) in self.made:
            return tensor.detach()
        with tape.lock:
            ends = _ends(tensor)
        return tensor if ends - self.made else tensor.detach()


def _ends(tensor: Tensor) -> set[int]:
    """The leaves that gradients of a tensor flow to, by identity; where one stands for elements of a batch, those that
    gradients of the batch flow to."""
    leaves = graph_of([tensor._read()[0]], tape.serial).leaves
    if tensor.is_leaf:
        leaves[id(tensor)] = tensor
    elements = tape.elements
    found: set[int] = set()
    for number, leaf in leaves.items():
        batch = None if elements is None else elements.batch_of(leaf)
        if elements is None or batch is None:
            found.add(number)
            continue
        with elements.around():
            found |= _ends(batch)
    return found
