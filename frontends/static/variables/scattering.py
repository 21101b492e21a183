"""Changing parts of variables: rows at indices, elements at index vectors, slices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Value, product

from ...functions.broadcasting import broadcast_to
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, REALS, int32
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, runtime_text
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape
from ..operations.casting import cast
from ..operations.joining import stack
from ..operations.ranges import ones_like
from ..operations.ranges import range as range_of
from ..operations.scattering import scattered
from ..operations.slicing import lower_strided_slice, slice_tensor
from .state import as_ref, check_shapes

_HOW = {
    "update": ("set", "written over"), "add": ("add", "added to"), "sub": ("sub", "subtracted from"),
    "mul": ("mul", "multiplied into"), "div": ("div", "divided out of"), "min": ("min", "combined by minimum with"),
    "max": ("max", "combined by maximum with"),
}  # fmt: skip


def _of_ref(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [inputs[0]._dims]


def _rows_updated(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    present, indices, updates = (tensor._dims for tensor in inputs)
    if None not in (present, indices, updates) and updates:
        check_shapes((*indices, *present[1:]), updates)
    return [present]


def _declare(word: str) -> None:
    how, means = _HOW[word]
    type = f"Scatter{word.capitalize()}"
    allowed = {"T": REALS if how in ("min", "max") else NUMBERS} if how != "set" else {}

    @operation(
        type, "ref: ref T, indices: Tindices, updates: T -> ref T", defaults={"Tindices": int32}, Tindices=INDICES,
        shape=_rows_updated, writes=True, blocks=True, **allowed,
    )  # fmt: skip
    def lower(at: Site, ref: Operation, indices: Value, updates: Value, *, use_locking: bool = False) -> None:
        present = at.read(ref)
        wanted = (*indices.shape, *present.shape[1:])
        if not updates.rank:
            updates = broadcast_to(at.b, updates, wanted)
        if updates.shape != wanted:
            shapes = f"indices.shape {runtime_text(indices.shape)}, params.shape {runtime_text(present.shape)}"
            raise Refusal(
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                f"{runtime_text(updates.shape)}, {shapes}"
            )
        column = at.b.reshape(indices, shape=(*indices.shape, 1))
        at.write(ref, scattered(at, present, column, updates, how))

    @export(f"scatter_{word}")
    def function(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Tensor:
        return apply(type, [as_ref(ref), indices, updates], name=name, use_locking=use_locking)

    function.__name__ = function.__qualname__ = f"scatter_{word}"
    function.__doc__ = f"A variable's rows at `indices` with `updates` {means} them; the variable after that."


def _declare_nd(word: str) -> None:
    how, means = _HOW[word]
    type = f"ScatterNd{word.capitalize()}"

    @operation(
        type, "ref: ref T, indices: Tindices, updates: T -> ref T", defaults={"Tindices": int32}, Tindices=INDICES,
        shape=_of_ref, writes=True, blocks=True,
    )  # fmt: skip
    def lower(at: Site, ref: Operation, indices: Value, updates: Value, *, use_locking: bool = True) -> None:
        at.write(ref, scattered(at, at.read(ref), indices, updates, how))

    @export(f"scatter_nd_{word}")
    def function(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Tensor:
        return apply(type, [as_ref(ref), indices, updates], name=name, use_locking=use_locking)

    function.__name__ = function.__qualname__ = f"scatter_nd_{word}"
    function.__doc__ = (
        f"A variable with `updates` {means} what the index vectors in `indices` pick; the variable after that."
    )


for _word in _HOW:
    _declare(_word)
for _word in ("update", "add", "sub"):
    _declare_nd(_word)


@export("batch_scatter_update")
def batch_scatter_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Tensor:
    """A variable with ref[b, indices[b, i]] = updates[b, i], where all axes of `indices` but the last are a batch; the
    variable after that. Raises ValueError for indices of unknown rank."""
    with name_scope(name, "batch_scatter_update", [indices, updates]):
        places = convert_to_tensor(indices, name="indices")
        if places.shape.ndims is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        sizes, like = shape(places), ones_like(places)
        columns = [
            reshape(cast(range_of(sizes[axis]), places.dtype.base_dtype), _along(axis, places.shape.ndims)) * like
            for axis in range(places.shape.ndims - 1)
        ]
        vectors = stack([*columns, places], axis=-1)
        return apply("ScatterNdUpdate", [as_ref(ref), vectors, updates], use_locking=use_locking)


def _along(axis: int, rank: int) -> list[int]:
    """The shape of a vector that lies along one of `rank` axes."""
    return [-1 if place == axis else 1 for place in range(rank)]


@operation(
    "StridedSliceAssign", "ref: ref T, begin: Index, end: Index, strides: Index, value: T -> ref T", Index=INDICES,
    shape=_of_ref, writes=True, blocks=True,
)  # fmt: skip
def lower_strided_slice_assign(
    at: Site, ref: Operation, begin: Value, end: Value, strides: Value, value: Value, *, begin_mask: int = 0,
    end_mask: int = 0, ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0,
) -> None:  # fmt: skip
    """Writes over a slice of a variable: the places that the slice reads are found by slicing places."""
    present = at.read(ref)
    count = product(present.shape)
    places = at.b.reshape(at.b.iota(shape=(count,), axis=0, dtype=int32.ir), shape=present.shape)
    picked = lower_strided_slice(
        at, places, begin, end, strides, begin_mask=begin_mask, end_mask=end_mask, ellipsis_mask=ellipsis_mask,
        new_axis_mask=new_axis_mask, shrink_axis_mask=shrink_axis_mask,
    )  # fmt: skip
    updates = broadcast_to(at.b, value, picked.shape)
    column = at.b.reshape(picked, shape=(*picked.shape, 1))
    flat = scattered(at, at.b.reshape(present, shape=(count,)), column, updates, "set")
    at.write(ref, at.b.reshape(flat, shape=present.shape))


def sliced(variable: Tensor, snapshot: Tensor, index: Any) -> Tensor:
    """The slice of a variable: a tensor whose method `assign` writes over that part of the variable."""
    made = slice_tensor(snapshot, index)

    def assign(value: Any, name: str | None = None) -> Tensor:
        """Writes over this part of the variable; the tensor returned is the variable after that."""
        operation = made.op
        return apply(
            "StridedSliceAssign", [variable, *operation.inputs[1:], value], name=name or f"{operation.name}/_assign",
            **operation.attributes,
        )  # fmt: skip

    made.assign = assign
    return made
