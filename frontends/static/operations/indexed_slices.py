"""tf.IndexedSlices: rows of a tensor that is 0 elsewhere."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType
from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor

IndexedSlicesValue = namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])


@export("IndexedSlices")
class IndexedSlices:
    """`values` [count, ...] are the rows at `indices` [count] of a tensor of shape `dense_shape`, where that is known.
    Runs fetch it as a named tuple of these parts. Gradients here are never of this kind, but whole tensors."""

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self._values = values
        self._indices = indices
        self._dense_shape = dense_shape

    @property
    def values(self) -> Any:
        return self._values

    @property
    def indices(self) -> Any:
        return self._indices

    @property
    def dense_shape(self) -> Any:
        return self._dense_shape

    @property
    def dtype(self) -> DType:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        known = self._values.shape
        return TensorShape(None) if known.ndims is None else TensorShape([None, *known.as_list()[1:]])

    @property
    def op(self) -> Operation:
        return self._values.op

    @property
    def name(self) -> str:
        return self._values.name

    @property
    def graph(self) -> Graph:
        return self._values.graph

    def _as_graph_tensor(self, *, as_ref: bool) -> Tensor:
        if self._dense_shape is None:
            raise ValueError(f"Tensor conversion requested for IndexedSlices without dense_shape: {self._values.name}")
        rows = convert_to_tensor(self._dense_shape)[0]
        return apply("UnsortedSegmentSum", [self._values, self._indices, rows])

    def _components(self) -> tuple[Any, ...]:
        parts = self._values, self._indices
        return parts if self._dense_shape is None else (*parts, self._dense_shape)

    def _with_components(self, parts: Sequence[Any]) -> Any:
        if isinstance(parts[0], Tensor):
            return IndexedSlices(*parts)
        return IndexedSlicesValue(*parts, *([None] if len(parts) == 2 else []))

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        shape = "" if self._dense_shape is None else f", dense_shape={self._dense_shape}"
        return f"IndexedSlices(indices={self._indices}, values={self._values}{shape})"

    __repr__ = __str__


@export("convert_to_tensor_or_indexed_slices")
def convert_to_tensor_or_indexed_slices(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Indexed slices themselves; anything else as a tensor."""
    return value if isinstance(value, IndexedSlices) else convert_to_tensor(value, dtype=dtype, name=name)
