"""tf.IndexedSlices: rows of a tensor with their places, as the gradient of a variable that is only gathered from is."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, int32, int64
from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .arrays import reshape, shape
from .casting import cast
from .joining import concat

IndexedSlicesValue = namedtuple("IndexedSlicesValue", "values indices dense_shape")


@export("IndexedSlices")
class IndexedSlices:
    """dense[indices[i]] has values[i] added: values [n, ...], indices [n], dense_shape [rank] or None.

    Where a tensor is wanted, it becomes the dense one.
    """

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None) -> None:
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape

    @property
    def name(self) -> str:
        return self.values.name

    @property
    def device(self) -> str:
        return self.values.device

    @property
    def op(self) -> Operation:
        return self.values.op

    @property
    def dtype(self) -> DType:
        return self.values.dtype

    @property
    def graph(self) -> Graph:
        return self.values.graph

    def _with_values(self, values: Tensor) -> IndexedSlices:
        return IndexedSlices(values, self.indices, self.dense_shape)

    def _components(self) -> list[Tensor]:
        return [self.values, self.indices] + ([] if self.dense_shape is None else [self.dense_shape])

    def _rebuilt(self, items: Sequence[Any]) -> Any:
        if all(isinstance(item, Tensor) for item in items):
            return IndexedSlices(*items)
        return IndexedSlicesValue(*items, *[None] * (3 - len(items)))

    def _as_graph_element(self) -> Operation:
        return self.op

    def _as_graph_tensor(self, *, as_ref: bool = False) -> Tensor:
        if self.dense_shape is None:
            raise ValueError(f"Tensor conversion requested for IndexedSlices without dense_shape: {self}")
        return apply("UnsortedSegmentSum", [self.values, self.indices, self.dense_shape[0]])

    def __neg__(self) -> IndexedSlices:
        return self._with_values(-self.values)

    def __str__(self) -> str:
        shaped = "" if self.dense_shape is None else f", dense_shape={self.dense_shape}"
        return f"IndexedSlices(indices={self.indices}, values={self.values}{shaped})"


@export("convert_to_tensor_or_indexed_slices")
def convert_to_tensor_or_indexed_slices(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """`value` as a tensor, unless it is IndexedSlices. Raises TypeError, ValueError."""
    return value if isinstance(value, IndexedSlices) else convert_to_tensor(value, dtype, name)


def values_of(t: Any) -> Any:
    """What stands in the rows of IndexedSlices; anything else as it is."""
    return t.values if isinstance(t, IndexedSlices) else t


def with_values(t: Any, values: Tensor) -> Any:
    """IndexedSlices with other values in the same rows where `t` is such; else the values."""
    return t._with_values(values) if isinstance(t, IndexedSlices) else values


def gathers_of(x: Tensor, flows: set[Tensor], ys: Sequence[Tensor], stops: Sequence[Tensor]) -> list[Tensor] | None:
    """What is gathered from the rows of `x`, where a gradient of the ys comes to it in no other way; else None.

    `flows` are the tensors that the gradient flows to.
    """
    found: list[Tensor] = []
    pending = [x]
    while pending:
        tensor = pending.pop()
        if tensor in ys:
            return None
        for consumer in dict.fromkeys(tensor._consumers):
            if not any(output in flows and output not in stops for output in consumer.outputs):
                continue
            blocks = consumer.definition.blocks
            carries = [
                blocks is False or (blocks is not True and number not in blocks)
                for number, source in enumerate(consumer.inputs)
                if source is tensor
            ]
            if not any(carries):
                continue
            if consumer.type == "Identity":
                pending.append(consumer.outputs[0])
            elif _takes_rows(consumer) and consumer.context is x.graph.context:
                found.append(consumer.outputs[0])
            else:
                return None
    return sorted(found, key=lambda tensor: -tensor.op.number) or None  # as the gradient comes by them


def _takes_rows(gather: Operation) -> bool:
    if gather.type != "GatherV2":
        return False
    axis = gather.inputs[2].op
    return axis.type == "Const" and int(axis.attributes["value"].array) == 0


def slices_of(x: Tensor, gathered: Sequence[Tensor], gradients: Sequence[Tensor]) -> IndexedSlices:
    """The gradient of x, made of the gradients of what is gathered from it."""
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    for tensor, gradient in zip(gathered, gradients, strict=True):
        with name_scope(f"{tensor.op.name}_grad"):
            dense_shape = cast(shape(x, out_type=int64), int32)
            tail = None if x._dims is None else x._dims[1:]
            wanted = concat([[-1], dense_shape[1:]], 0) if tail is None or None in tail else [-1, *tail]
            parts.append((reshape(gradient, wanted), reshape(tensor.op.inputs[1], [-1]), dense_shape))
    if len(parts) == 1:
        return IndexedSlices(*parts[0])
    indices = [part[1] for part in parts]
    if len({tensor.dtype for tensor in indices}) > 1:
        indices = [cast(tensor, int64) for tensor in indices]
    return IndexedSlices(concat([part[0] for part in parts], 0), concat(indices, 0), parts[0][2])
