"""tf.sets: the vectors along the last axis as sets, of dense and sparse tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation
from ..graphs.dtypes import DType, int8, int16, int32, int64, string, uint8, uint16
from ..graphs.errors import InvalidArgumentError
from ..graphs.probe import constant_value
from ..graphs.shapes import Dims
from ..graphs.site import Refusal
from ..graphs.tensor import Tensor
from ..running.host import HostRun
from ..variables.state import check_shapes
from .sparse_tensors import SparseTensor, convert_to_tensor_or_sparse_tensor

Array = np.ndarray[Any, Any]
Place = tuple[int, ...]
Groups = dict[Place, set[Any]]

_ELEMENTS: tuple[DType, ...] = (int8, int16, int32, int64, uint8, uint16, string)
_COMBINE: dict[str, Callable[[set[Any], set[Any]], set[Any]]] = {
    "a-b": set.difference,
    "b-a": lambda a, b: b - a,
    "intersection": set.intersection,
    "union": set.union,
}

# -- what the host computes ----


def _refuse(at: HostRun, message: str) -> InvalidArgumentError:
    return InvalidArgumentError(at.operation.node_def, at.operation, message)


def _list(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _sparse_groups(at: HostRun, indices: Array, values: Array, shape: Array, ordered: bool) -> Groups:
    """The sets by the places of their vectors. Raises InvalidArgumentError where indices are out of order or range."""
    groups: Groups = {}
    before: list[int] | None = None
    for number, (place, value) in enumerate(zip(indices.tolist(), values.tolist(), strict=True)):
        if ordered:
            what = f"indices[{number}] = [{_list(place)}]"
            if any(not 0 <= index < size for index, size in zip(place, shape.tolist(), strict=True)):
                raise _refuse(at, f"{what} is out of bounds: need 0 <= index < [{_list(shape.tolist())}]")
            if place == before:
                raise _refuse(at, f"{what} is repeated")
            if before is not None and place < before:
                raise _refuse(
                    at,
                    f"{what} is out of order. Many sparse ops require sorted indices.\n    Use `tf.sparse.reorder` to "
                    "create a correctly ordered copy.",
                )
        before = place
        groups.setdefault(tuple(place[:-1]), set()).add(value)
    return groups


def _dense_groups(x: Array) -> Groups:
    return {place: set(x[place].tolist()) for place in np.ndindex(x.shape[:-1])}


def _combined(how: str, left: Groups, right: Groups, outer: Sequence[int], values: Array) -> list[Array]:
    """Places, elements and shape of the sparse tensor of the results, each set in the order of its elements."""
    places: list[Place] = []
    elements: list[Any] = []
    widest = 0
    for place in sorted({*left, *right}):
        found = sorted(_COMBINE[how](left.get(place, set()), right.get(place, set())))
        places.extend((*place, number) for number in range(len(found)))
        elements.extend(found)
        widest = max(widest, len(found))
    made = np.empty(len(elements), values.dtype)
    made[:] = elements
    indices = np.array(places, np.int64).reshape(len(places), len(outer) + 1)
    return [indices, made, np.array([*outer, widest], np.int64)]


def _check_outer(at: HostRun, left: Sequence[int], right: Sequence[int]) -> list[int]:
    if list(left) != list(right):
        raise _refuse(at, f"Mismatched shapes [{_list(left)}] vs [{_list(right)}]")
    return list(left)


def _sparse_shapes(rank: int | None) -> list[Dims | None]:
    return [(None, rank), (None,), (rank,)]


def _dense_to_dense_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    left, right = (tensor._dims for tensor in inputs)
    for number, dims in enumerate((left, right)):
        if dims is not None and len(dims) < 2:
            raise Refusal(f"Input {number}, expected rank >= 2, got {len(dims)}")
    if left is not None and right is not None:
        if len(left) != len(right):
            raise Refusal(f"Shape must be rank {len(left)} but is rank {len(right)}")
        check_shapes(left[:-1], right[:-1])
    known = left if left is not None else right
    return _sparse_shapes(None if known is None else len(known))


@host_operation("DenseToDenseSetOperation", "set1: T, set2: T -> int64, T, int64", T=_ELEMENTS,
                shape=_dense_to_dense_shapes)  # fmt: skip
def dense_to_dense(
    at: HostRun, a: Array, b: Array, *, set_operation: str, validate_indices: bool = True
) -> list[Array]:
    """Of the vectors of two dense tensors."""
    outer = _check_outer(at, a.shape[:-1], b.shape[:-1])
    return _combined(set_operation, _dense_groups(a), _dense_groups(b), outer, a)


def _dense_to_sparse_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    dims, others = inputs[0]._dims, inputs[3]._dims
    if dims is not None and len(dims) < 2:
        raise Refusal(f"Input 0, expected rank >= 2, got {len(dims)}")
    return _sparse_shapes(len(dims) if dims is not None else others[0] if others else None)


@host_operation(
    "DenseToSparseSetOperation",
    "set1: T, set2_indices: int64, set2_values: T, set2_shape: int64 -> int64, T, int64", T=_ELEMENTS,
    shape=_dense_to_sparse_shapes,
)  # fmt: skip
def dense_to_sparse(
    at: HostRun, a: Array, indices: Array, values: Array, shape: Array, *, set_operation: str,
    validate_indices: bool = True,
) -> list[Array]:  # fmt: skip
    """Of the vectors of a dense and a sparse tensor."""
    outer = _check_outer(at, a.shape[:-1], shape.tolist()[:-1])
    groups = _sparse_groups(at, indices, values, shape, validate_indices)
    return _combined(set_operation, _dense_groups(a), groups, outer, a)


def _sparse_to_sparse_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return _sparse_shapes(next((each._dims[0] for each in (inputs[2], inputs[5]) if each._dims), None))


@host_operation(
    "SparseToSparseSetOperation",
    "set1_indices: int64, set1_values: T, set1_shape: int64, set2_indices: int64, set2_values: T, set2_shape: int64 "
    "-> int64, T, int64",
    T=_ELEMENTS, shape=_sparse_to_sparse_shapes,
)  # fmt: skip
def sparse_to_sparse(
    at: HostRun, indices: Array, values: Array, shape: Array, others: Array, other_values: Array, other_shape: Array, *,
    set_operation: str, validate_indices: bool = True,
) -> list[Array]:  # fmt: skip
    """Of the vectors of two sparse tensors."""
    outer = _check_outer(at, shape.tolist()[:-1], other_shape.tolist()[:-1])
    left = _sparse_groups(at, indices, values, shape, validate_indices)
    right = _sparse_groups(at, others, other_values, other_shape, validate_indices)
    return _combined(set_operation, left, right, outer, values)


def _size_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    known = constant_value(inputs[2])
    if known is not None:
        return [tuple(known.tolist()[:-1])]
    dims = inputs[2]._dims
    return [None if not dims or dims[0] is None else (None,) * (dims[0] - 1)]


@host_operation("SetSize", "set_indices: int64, set_values: T, set_shape: int64 -> int32", T=_ELEMENTS,
                shape=_size_shape)  # fmt: skip
def count_elements(at: HostRun, indices: Array, values: Array, shape: Array, *, validate_indices: bool = True) -> Array:
    """How many different elements each vector has."""
    found = np.zeros(shape.tolist()[:-1], np.int32)
    for place, elements in _sparse_groups(at, indices, values, shape, validate_indices).items():
        found[place] = len(elements)
    return found


# -- names of the API ----


@export("sets.set_size", "sets.size")
def set_size(a: Any, validate_indices: bool = True) -> Tensor:
    """How many different elements the vectors along the last axis of a sparse tensor have: int32 [...]. Raises
    TypeError."""
    x = convert_to_tensor_or_sparse_tensor(a, name="a")
    if not isinstance(x, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {x}.")
    _check_element(x.dtype, f"Invalid dtype `{x.dtype}`")
    return apply("SetSize", x._components(), validate_indices=validate_indices)


def _check_element(dtype: DType, what: str) -> None:
    if dtype.base_dtype not in _ELEMENTS:
        names = ", ".join(each.name for each in _ELEMENTS)
        raise TypeError(f"{what} not in supported dtypes: `{names}`.")


def _parts(x: Any) -> Iterator[Tensor]:
    yield from x._components() if isinstance(x, SparseTensor) else [x]


def _applied(how: str, a: Any, b: Any, validate_indices: bool) -> SparseTensor:
    """The result of a and b, of which a sparse one before a dense one comes second."""
    a = convert_to_tensor_or_sparse_tensor(a, name="a")
    _check_element(a.dtype, f"'a' has invalid dtype `{a.dtype}`")
    b = convert_to_tensor_or_sparse_tensor(b, name="b")
    if b.dtype.base_dtype is not a.dtype.base_dtype:
        raise TypeError(f"Types don't match, {a.dtype} vs {b.dtype}.")
    if isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):
        a, b = b, a
        how = {"a-b": "b-a", "b-a": "a-b"}.get(how, how)
    kinds = ("Sparse" if isinstance(each, SparseTensor) else "Dense" for each in (a, b))
    made = apply(
        f"{'To'.join(kinds)}SetOperation", [*_parts(a), *_parts(b)], set_operation=how,
        validate_indices=validate_indices,
    )  # fmt: skip
    return SparseTensor(*made)


@export("sets.set_intersection", "sets.intersection")
def set_intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What the sets along the last axes of a and b have in common, in order. Raises TypeError, ValueError."""
    return _applied("intersection", a, b, validate_indices)


@export("sets.set_difference", "sets.difference")
def set_difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """What the sets along the last axis of a have that those of b have not, in order, or with `aminusb` False the other
    way round. Raises TypeError, ValueError."""
    return _applied("a-b" if aminusb else "b-a", a, b, validate_indices)


@export("sets.set_union", "sets.union")
def set_union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What the sets along the last axes of a and b have together, in order. Raises TypeError, ValueError."""
    return _applied("union", a, b, validate_indices)
