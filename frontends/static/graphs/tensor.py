"""tf.Tensor: one output of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ..exports import export
from .dtypes import DType
from .errors import OperatorNotAllowedInGraphError
from .shapes import Dims, TensorShape, as_shape, compatible, dims_text, disagreement, merged, of_dims

if TYPE_CHECKING:
    from .graph import Graph
    from .operation import Operation

_NOT_IN_GRAPH = "is not allowed in Graph execution: a tensor of a graph has a value only inside Session.run."


@export("Tensor")
class Tensor:
    """One output of an operation: a symbol, whose value exists in a run only.

    Arithmetic operators are installed by `operations.overloads`. `==` compares identity, as in TensorFlow 1.
    """

    __slots__ = ("__dict__", "__weakref__", "_consumers", "_dims", "dtype", "op", "static_value", "value_index")
    __array_priority__ = 100  # so that numpy leaves `array + tensor` to the tensor

    op: Operation
    value_index: int
    dtype: DType
    _dims: Dims | None
    static_value: Any  # what is known of the elements while the graph is built; see knowledge.py

    def __init__(self, op: Operation, value_index: int, dtype: DType, dims: Dims | None) -> None:
        self.op = op
        self.value_index = value_index
        self.dtype = dtype
        self._dims = dims
        self._consumers: list[Operation] = []
        self.static_value = NotImplemented

    @property
    def graph(self) -> Graph:
        return self.op.graph

    @property
    def name(self) -> str:
        """`operation:index`."""
        return f"{self.op.name}:{self.value_index}"

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def dims(self) -> Dims | None:
        """The static shape as a tuple with None for unknown sizes; None where the rank is unknown."""
        return self._dims

    @property
    def shape(self) -> TensorShape:
        return of_dims(self._dims)

    def get_shape(self) -> TensorShape:
        """The static shape."""
        return of_dims(self._dims)

    def set_shape(self, shape: Any) -> None:
        """Adds what the caller knows of the shape. Raises ValueError where it contradicts what is known."""
        given = as_shape(shape).known
        if not compatible(self._dims, given):
            raise ValueError(disagreement(self._dims or (), given or ()))
        if given is not None:
            self._dims = merged(self._dims, given)
            self.static_value = NotImplemented

    def consumers(self) -> list[Operation]:
        """The operations that take this tensor."""
        return list(self._consumers)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """The value, computed in `session` or the default one. Raises ValueError where there is none."""
        from .defaults import session_for

        return session_for(self.op.graph, session, "evaluate tensor", "eval").run(self, feed_dict)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise TypeError("can't deepcopy a Tensor: it belongs to its graph")

    def __iter__(self) -> NoReturn:
        raise OperatorNotAllowedInGraphError(f"iterating over `tf.Tensor` {_NOT_IN_GRAPH} Try tf.unstack or tf.map_fn.")

    def __bool__(self) -> NoReturn:
        raise OperatorNotAllowedInGraphError(
            f"using a `tf.Tensor` as a Python `bool` {_NOT_IN_GRAPH} Use `if t is not None:` to test if a tensor is "
            "defined, and tf.cond to choose by its value."
        )

    def __len__(self) -> NoReturn:
        raise TypeError(
            f"len is not well defined for symbolic Tensors. ({self.name}) "
            "Please call `x.shape` rather than `len(x)` for shape information."
        )

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(f"Cannot convert a symbolic Tensor ({self.name}) to a numpy array.")

    def __str__(self) -> str:
        shape = "" if self._dims is None else f", shape={dims_text(self._dims)}"
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>"
