"""Functions over nests that decoders share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graphs import nest
from ..graphs.probe import constant_value
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.tensor_arrays import TensorArray
from ..recurrence.dynamic import batch_and_time_swapped


def mapped(function: Callable[..., Any], first: Any, *others: Any) -> Any:
    """A nest like `first`, of what `function` gives for the leaves at each place. Raises ValueError for other nests."""
    leaves = [nest.flatten(first), *map(nest.flatten, others)]
    for other, found in zip(others, leaves[1:], strict=True):
        if len(found) != len(leaves[0]):
            raise ValueError(f"The two structures don't have the same nested structure: {first} and {other}")
    return nest.pack_as(first, iter([function(*each) for each in zip(*leaves, strict=True)]))


def transposed(x: Any) -> Any:
    """A tensor with batch and time swapped."""
    return x if x.shape.ndims is None else batch_and_time_swapped(x)


def shape_of_size(size: Any) -> TensorShape:
    """The shape that a size of a cell stands for."""
    if isinstance(size, Tensor):
        found = constant_value(size)
        return TensorShape(None) if found is None else as_shape(found.reshape(-1).tolist())
    return as_shape(size if isinstance(size, TensorShape | list | tuple) else [size])


def is_passed(leaf: Any) -> bool:
    """Whether a leaf of a state has no batch: an array, or a scalar."""
    return isinstance(leaf, TensorArray) or leaf.shape.ndims == 0
