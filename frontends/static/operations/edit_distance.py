"""tf.edit_distance: how many changes make one sequence of another (Levenshtein, 1966)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation
from ..graphs.errors import InvalidArgumentError
from ..graphs.probe import constant_value
from ..graphs.shapes import Dims
from ..graphs.tensor import Tensor
from ..running.host import HostRun
from .sparse_tensors import SparseTensor, SparseTensorValue

Array = np.ndarray[Any, Any]


def _shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    found = [constant_value(tensor) for tensor in (inputs[2], inputs[5])]
    if any(shape is None for shape in found):
        return [None]
    return [tuple(max(pair) for pair in zip(*(shape.tolist()[:-1] for shape in found), strict=True))]


@host_operation(
    "EditDistance",
    "hypothesis_indices: int64, hypothesis_values: T, hypothesis_shape: int64, truth_indices: int64, truth_values: T, "
    "truth_shape: int64 -> float32",
    shape=_shapes,
)
def measure(
    at: HostRun, indices: Array, values: Array, shape: Array, true_indices: Array, true_values: Array,
    true_shape: Array, *, normalize: bool = True,
) -> Array:  # fmt: skip
    """The distance of the sequences along the last axis."""
    if len(shape) != len(true_shape):
        raise InvalidArgumentError(
            at.operation.node_def, at.operation,
            f"Expected hypothesis.shape and truth.shape to have matching rank, but saw shapes {shape.tolist()} and "
            f"{true_shape.tolist()}",
        )  # fmt: skip
    found, true = _rows(indices, values), _rows(true_indices, true_values)
    distances = np.zeros(np.maximum(shape, true_shape)[:-1], np.float32)
    for place in {*found, *true}:
        left, right = found.get(place, []), true.get(place, [])
        changes = float(_changes(left, right))
        if normalize:
            changes = changes / len(right) if right else float("inf") if left else 0.0
        distances[place] = changes
    return distances


def _rows(indices: Array, values: Array) -> dict[tuple[int, ...], list[Any]]:
    rows: dict[tuple[int, ...], list[Any]] = {}
    for place, value in zip(indices.tolist(), values.tolist(), strict=True):
        rows.setdefault(tuple(place[:-1]), []).append(value)
    return rows


def _changes(left: Sequence[Any], right: Sequence[Any]) -> int:
    """How many insertions, deletions and substitutions there are at least."""
    row = list(range(len(right) + 1))
    for number, item in enumerate(left, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(right, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (item != other))
    return row[-1]


@export("edit_distance")
def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Tensor:
    """How many elements differ between the sequences along the last axes of two tf.SparseTensors, divided by the true
    one's length with `normalize`. Raises TypeError."""
    for what, given in (("Hypothesis", hypothesis), ("Truth", truth)):
        if not isinstance(given, SparseTensor | SparseTensorValue):
            raise TypeError(f"{what} must be a SparseTensor.")
    inputs = [part for given in (hypothesis, truth) for part in (given.indices, given.values, given.dense_shape)]
    return apply("EditDistance", inputs, name=name, normalize=normalize)
