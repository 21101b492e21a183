"""tf.SparseTensor: the elements of a tensor that are not 0, with their places."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import session_for
from ..graphs.dtypes import DType, as_dtype, int64
from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from .placeholders import placeholder

SparseTensorValue = namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])
export("SparseTensorValue")(SparseTensorValue)


@export("SparseTensor", "sparse.SparseTensor")
class SparseTensor:
    """Elements `values` [count] at `indices` [count, rank] of a tensor of shape `dense_shape` [rank], in row-major
    order for most operations. Runs fetch it as a SparseTensorValue, and are fed one, or a tuple of its three parts."""

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
            self._indices = convert_to_tensor(indices, name="indices", dtype=int64)
            self._values = convert_to_tensor(values, name="values")
            self._dense_shape = convert_to_tensor(dense_shape, name="dense_shape", dtype=int64)
        indices_shape = self._indices.shape.with_rank(2)
        count = self._values.shape.with_rank(1)
        rank = self._dense_shape.shape.with_rank(1)
        indices_shape[0].assert_is_compatible_with(count[0])
        indices_shape[1].assert_is_compatible_with(rank[0])

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """One of the parts of another, or of a SparseTensorValue. Raises TypeError."""
        if not isinstance(sparse_tensor_value, SparseTensor | SparseTensorValue):
            raise TypeError(f"Neither a SparseTensor nor SparseTensorValue: {sparse_tensor_value}.")
        return cls(sparse_tensor_value.indices, sparse_tensor_value.values, sparse_tensor_value.dense_shape)

    @property
    def indices(self) -> Tensor:
        return self._indices

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        return self._dense_shape

    @property
    def op(self) -> Operation:
        return self._values.op

    @property
    def dtype(self) -> DType:
        return self._values.dtype

    @property
    def graph(self) -> Graph:
        return self._indices.graph

    @property
    def shape(self) -> TensorShape:
        return self.get_shape()

    def get_shape(self) -> TensorShape:
        """The static shape, as far as `dense_shape` is known."""
        known = constant_value(self._dense_shape)
        if known is not None:
            return TensorShape([int(size) for size in known])
        dims = self._dense_shape._dims
        return TensorShape(None if dims is None or dims[0] is None else [None] * dims[0])

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """The value as a SparseTensorValue, computed in `session` or the default one."""
        return session_for(self.graph, session, "evaluate sparse tensor", "eval").run(self, feed_dict)

    def consumers(self) -> list[Operation]:
        """The operations that take a part of it."""
        found = [operation for part in self._components() for operation in part.consumers()]
        return list(dict.fromkeys(found))

    def _with_values(self, values: Tensor) -> SparseTensor:
        return SparseTensor(self._indices, values, self._dense_shape)

    def _components(self) -> list[Tensor]:
        return [self._indices, self._values, self._dense_shape]

    def _rebuilt(self, parts: Sequence[Any]) -> Any:
        return SparseTensor(*parts) if isinstance(parts[0], Tensor) else SparseTensorValue(*parts)

    def __str__(self) -> str:
        return f"SparseTensor(indices={self._indices}, values={self._values}, dense_shape={self._dense_shape})"

    __repr__ = __str__


@export("sparse_placeholder", "sparse.placeholder")
def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor that every run that uses it must feed: a SparseTensorValue or a tuple of its parts."""
    prefix = "" if name is None else f"{name}/"
    label = [f"{prefix}{part}" if name is not None else None for part in ("shape", "values", "indices")]
    if isinstance(shape, Tensor):
        dense_shape = convert_to_tensor(shape, dtype=int64)
        rank = None if shape._dims is None else shape._dims[0]
    else:
        known = None if shape is None else as_shape(shape).known
        rank = None if known is None else len(known)
        if known is not None and None not in known:
            dense_shape = convert_to_tensor(np.array(known, np.int64), name=label[0])
        else:
            dense_shape = placeholder(int64, shape=[rank], name=label[0])
    return SparseTensor(
        values=placeholder(as_dtype(dtype), shape=[None], name=label[1]),
        indices=placeholder(int64, shape=[None, rank], name=label[2]),
        dense_shape=dense_shape,
    )


@export("convert_to_tensor_or_sparse_tensor")
def convert_to_tensor_or_sparse_tensor(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A sparse tensor itself, or made of its value; anything else a tensor. Raises RuntimeError for another dtype."""
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    if isinstance(value, SparseTensor):
        if dtype is not None and not as_dtype(dtype).is_compatible_with(value.dtype):
            raise RuntimeError(f"Sparse dtype: requested = {as_dtype(dtype).name}, actual = {value.dtype.name}")
        return value
    return convert_to_tensor(value, dtype=dtype, name=name)


def sparse(value: Any) -> SparseTensor:
    """What an operation on sparse tensors is given. Raises TypeError for what is none."""
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        raise TypeError(f"Input must be a SparseTensor. Received: {value!r}")
    return value
