"""Sparse tensors in coordinates: where their elements are, and what they are, two tensors as any other.

So all that is computed with them is recorded like other calls. Nothing here lies in one storage: whoever asks for that
is told that the operation is not there, or does what the operation has `on_sparse`.
"""

from __future__ import annotations

import weakref
from typing import Any, NoReturn

import numpy as np
from diptych.ir import Builder, Value

from ..device import device
from ..dtypes import dtype
from ..size import Size
from ..tapes.callers import entered_function
from ..tapes.lazy import Storage
from ..tapes.mode import mode
from ..tapes.operation import not_run, operation
from ..tapes.recording import call
from ..tapes.stand_ins import StandIn, stand_in
from ..tensors.data import from_array
from ..tensors.nodes import node_of
from ..tensors.tensor import Tensor


@operation
def _alias(b: Builder, values: Value) -> Value:
    """The values of one sparse tensor as those of another."""
    return b.identity(values)


class SparseTensor(Tensor):
    """`at` [sparse axes, elements] and `held` [elements, *sizes of the dense axes]: the elements of a tensor of `sizes`
    that are not zero; those at one place count together.

    `is_ordered`: whether places are in order and different. `has_gaps`: whether some lie beyond the sizes and stand for
    nothing, which `parts` leaves out: so may gradients of rows, whose number shall not change from step to step.
    """

    __slots__ = ("at", "has_gaps", "held", "is_ordered", "sizes")

    at: Tensor
    held: Tensor
    sizes: tuple[int, ...]

    # -- what it shows ----

    @property
    def _storage(self) -> NoReturn:
        raise not_run(entered_function())

    def _lazy(self) -> NoReturn:
        raise not_run(entered_function())

    def _read(self) -> NoReturn:
        raise not_run(entered_function())

    def _array(self) -> NoReturn:
        raise not_run(entered_function())

    def parts(self) -> tuple[Tensor, Tensor]:
        """Places and values without gaps, which are found by reading the places."""
        if self.has_gaps:
            from ..functions.gathering import index_select

            places = np.asarray(self.at._array())
            kept = np.flatnonzero((places < np.array(self.sizes[: len(places)])[:, None]).all(0))
            self.at = from_array(np.ascontiguousarray(places[:, kept]), self.device)
            self.held = index_select(self.held, 0, from_array(kept, self.device))
            self.has_gaps, self.is_ordered = False, len(kept) < 2
        return self.at, self.held

    def places(self) -> np.ndarray:
        """The places [sparse axes, elements], read now."""
        return np.asarray(self.parts()[0]._array())

    def become(self, other: SparseTensor) -> None:
        """Shows what another tensor does from now on; who shares the values sees it where the places stay."""
        from ..tensors import views

        is_untracked = not mode.enabled or not self.held.requires_grad
        if other.at is self.at and other.held._kind is self.held._kind and is_untracked:
            views.write(self.held, other.held)
            return
        self.at, self.held, self.sizes = other.at, other.held, other.sizes
        self.is_ordered, self.has_gaps = other.is_ordered, other.has_gaps

    @property
    def shape(self) -> Size:
        """Sizes of the axes, the sparse ones first."""
        return Size(self.sizes)

    @property
    def dtype(self) -> dtype:
        """Type of the elements."""
        return self.held.dtype

    @property
    def device(self) -> device:
        """Where the values live."""
        return self.held.device

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.sizes)

    # -- gradients ----

    @property
    def is_leaf(self) -> bool:
        """Whether it has no history."""
        return type(self.held) is StandIn or not self.held.requires_grad

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it."""
        return self.held.requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not self.is_leaf:
            if not wanted:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
                    "in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
                )
            return
        if wanted and not self.dtype.ir.is_differentiable:
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        if wanted and not self.held.requires_grad:
            self.held = stand_in(_storage_of(self.held), weakref.ref(self), _gradient_of_values)
        elif not wanted:
            self.held = self.held.detach()

    @property
    def grad_fn(self) -> Any:
        """The node of the graph that made the values; None of a leaf."""
        return None if self.is_leaf else node_of(self.held)

    def detach(self) -> SparseTensor:
        """The same places and values without history."""
        return made(self.at, self.held.detach(), self.sizes, is_ordered=self.is_ordered, has_gaps=self.has_gaps)

    @property
    def data(self) -> SparseTensor:
        """As `detach()`."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, SparseTensor):
            raise RuntimeError(
                "Attempted to call `variable.set_data(tensor)`, but `variable` and `tensor` have incompatible tensor "
                "type."
            )
        wanted = self.requires_grad
        self.requires_grad = False
        self.become(value.detach())
        self.requires_grad = wanted


def made(
    at: Tensor, held: Tensor, sizes: tuple[int, ...], *, is_ordered: bool = False, has_gaps: bool = False
) -> SparseTensor:
    """A sparse tensor of places and values, whose history it has."""
    if type(held) is StandIn:  # which stands for another one
        held = call(_alias, (held,))
    found = object.__new__(SparseTensor)
    found._view, found._meta = None, None
    found.at, found.held, found.sizes, found.has_gaps = at, held, tuple(sizes), has_gaps
    found.is_ordered = is_ordered or (not has_gaps and at.shape[1] < 2)
    return found


def like(x: SparseTensor, held: Tensor) -> SparseTensor:
    """Other values at the same places; those of x, without gaps, came first."""
    return made(x.at, held, (*x.sizes[: x.at.shape[0]], *held.shape[1:]), is_ordered=x.is_ordered)


def _storage_of(values: Tensor) -> Storage:
    """The storage of values, of which they are the whole."""
    from ..functions.pointwise import clone

    return (values if values._view is None and values._storage.pinned is None else clone(values.detach()))._storage


def _gradient_of_values(owner: Tensor, gradient: Tensor) -> Tensor:
    """The gradient of a sparse leaf: at each of its places once."""
    from ..functions.gathering import index_select
    from .ordering import distinct

    assert isinstance(owner, SparseTensor)
    if owner.is_ordered:
        return made(owner.at, gradient, owner.sizes, is_ordered=True)
    places, groups = distinct(owner.places(), owner.sizes)
    first = np.full(places.shape[1], -1, np.int64)
    first[groups[::-1]] = np.arange(len(groups) - 1, -1, -1)
    return made(
        from_array(places, owner.device),
        index_select(gradient, 0, from_array(first, owner.device)),
        owner.sizes,
        is_ordered=True,
    )
