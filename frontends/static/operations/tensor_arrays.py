"""tf.TensorArray: a list of tensors of one dtype, written and read by number, in and out of loops.

The flow of an array stands for its elements: in a run its value is all of them in one array, once the shape of an
element is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from diptych.ir import Builder, Dim, Value, dtypes, product

from ...functions.constants import filled, scalar
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation, scalar_shape
from ..graphs.dtypes import DType, as_dtype, int32
from ..graphs.operation import Operation
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape, compatible, merged
from ..graphs.site import Refusal
from ..graphs.tensor import Tensor
from ..running.inner import InnerSite
from ..running.site import LoweringSite, Unwritten
from .ranges import range as range_of


def _full(at: LoweringSite, flow: Value | Unwritten, element: Sequence[Dim]) -> Value:
    """All elements: zeros where nothing was written."""
    if not isinstance(flow, Unwritten):
        return flow
    return flow.filled(at.b, tuple(element))


_taking = partial(operation, takes_tensors=True, shape=scalar_shape)


@_taking("TensorArrayV3", "size: int32 -> float32")
def lower_tensor_array(
    at: LoweringSite, made: Operation, *, dtype: DType, element_shape: TensorShape, dynamic_size: bool
) -> Any:
    """An array without elements, or of zeros where the shape of elements is known."""
    empty = Unwritten(at.integer(at.value(made.inputs[0])), dtype.ir)
    known = element_shape.known
    return [empty if known is None or None in known else empty.filled(at.b, known)]


@_taking("TensorArrayWriteV3", "index: int32, value: T, flow_in: float32 -> float32")
def lower_write(at: LoweringSite, made: Operation) -> Any:
    """The array with one element replaced."""
    index, value, flow = map(at.value, made.inputs)
    array = _full(at, flow, value.shape)
    if value.shape != array.shape[1:]:
        raise Refusal(
            f"TensorArray: could not write an element of shape {list(value.shape)} into one of elements of shape "
            f"{list(array.shape[1:])}"
        )
    array = _grown(at, array, index, made)
    return [at.b.scatter(array, value, index, axes=(0,), combine="set")]


def _grown(at: LoweringSite, array: Value, indices: Value, made: Operation) -> Value:
    """The array with as many more elements as one that may grow needs for indices, which then must be known."""
    root, _ = origin(made.outputs[0])
    if not may_grow(root) or is_roomy(at, root):
        return array
    return with_room(at.b, array, int(np.max(at.known(indices), initial=-1)) + 1)


def with_room(b: Builder, array: Value, size: int) -> Value:
    """The array with zeros behind its elements, where it has fewer than `size`."""
    missing = size - array.type.static_shape()[0]
    if missing <= 0:
        return array
    more = filled(b, 0, (missing, *array.shape[1:]), array.dtype)
    return b.concatenate(array, more, axis=0)


def is_roomy(at: LoweringSite, root: Tensor) -> bool:
    """Whether a loop around has made room in an array that may grow."""
    while isinstance(at, InnerSite):
        if root in at.roomy:
            return True
        at = at.around
    return False


def origin(flow: Tensor) -> tuple[Tensor, list[Operation]]:
    """The flow that writes began with, and the writes, last first."""
    writes: list[Operation] = []
    while flow.op.type in ("TensorArrayWriteV3", "TensorArrayScatterV3", "Identity"):
        if flow.op.type != "Identity":
            writes.append(flow.op)
        flow = flow.op.inputs[-1]
    return flow, writes


def may_grow(flow: Tensor) -> bool:
    """Whether a tensor is the flow of an array with `dynamic_size`."""
    made = origin(flow)[0]
    attributes, number = made.op.attributes, made.value_index
    if made.op.type == "While":
        return may_grow(attributes["rounds"].variables[number])
    if made.op.type == "Cond":
        return may_grow(attributes["branches"][0].results[number])
    return bool(attributes.get("dynamic_size"))


def _written(flow: Value | Unwritten, made: Operation) -> Value:
    if isinstance(flow, Unwritten):
        raise Refusal(f"TensorArray: could not read from an array that nothing has been written to ({made.name})")
    return flow


@operation("TensorArrayReadV3", "index: int32, flow_in: float32 -> dtype", takes_tensors=True,
           shape=lambda inputs, *, element_shape, **_: [element_shape.known])  # fmt: skip
def lower_read(at: LoweringSite, made: Operation, *, dtype: DType, element_shape: TensorShape) -> Value:
    """One element."""
    index, flow = map(at.value, made.inputs)
    return at.b.gather(_written(flow, made), index, axes=(0,))


@operation("TensorArrayGatherV3", "indices: int32, flow_in: float32 -> dtype", takes_tensors=True,
           shape=lambda inputs, *, element_shape, **_: [_stacked(inputs[0], element_shape)])  # fmt: skip
def lower_gather(at: LoweringSite, made: Operation, *, dtype: DType, element_shape: TensorShape) -> Value:
    """The elements of some indices, one after another."""
    indices, flow = map(at.value, made.inputs)
    array = _written(flow, made) if indices.shape[0] or element_shape.known is None else _full(
        at, flow, [size or 0 for size in element_shape.known]
    )  # fmt: skip
    known = at.knowledge.of(indices)
    if known is not None and np.array_equal(known, np.arange(array.type.static_shape()[0])):
        return array
    return at.b.gather(array, indices, axes=(0,))


def _stacked(indices: Tensor, element_shape: TensorShape) -> Any:
    count = None if indices._dims is None else indices._dims[0]
    return None if element_shape.known is None else (count, *element_shape.known)


@_taking("TensorArrayScatterV3", "indices: int32, value: T, flow_in: float32 -> float32")
def lower_scatter(at: LoweringSite, made: Operation) -> Any:
    """The array with the elements of some indices replaced by the rows of a tensor."""
    indices, value, flow = map(at.value, made.inputs)
    if isinstance(flow, Unwritten):
        known = at.knowledge.of(indices)
        if known is not None and np.array_equal(known, np.arange(flow.size)) and value.shape[0] == flow.size:
            return [at.b.identity(value)]
    array = _grown(at, _full(at, flow, value.shape[1:]), indices, made)
    return [at.b.scatter(array, value, indices, axes=(0,), combine="set")]


@operation("TensorArraySizeV3", "flow_in: float32 -> int32", takes_tensors=True, shape=scalar_shape)
def lower_size(at: LoweringSite, made: Operation) -> Value:
    """How many elements there are."""
    if is_roomy(at, origin(made.inputs[0])[0]):  # room is no element yet
        raise at.for_host(made)
    flow = at.value(made.inputs[0])
    return scalar(at.b, flow.size if isinstance(flow, Unwritten) else flow.type.static_shape()[0], dtypes.i32)


@operation("TensorArrayConcatV3", "flow_in: float32 -> dtype", takes_tensors=True,
           shape=lambda inputs, *, element_shape, **_: [_concatenated(element_shape)])  # fmt: skip
def lower_concat(at: LoweringSite, made: Operation, *, dtype: DType, element_shape: TensorShape) -> Value:
    """The elements joined along their first axis."""
    if is_roomy(at, origin(made.inputs[0])[0]):
        raise at.for_host(made)
    array = _written(at.value(made.inputs[0]), made)
    return at.b.reshape(array, shape=(product(array.shape[:2]), *array.shape[2:]))


def _concatenated(element_shape: TensorShape) -> Any:
    return None if not element_shape.known else (None, *element_shape.known[1:])


@export("TensorArray")
class TensorArray:
    """A list of `size` tensors of one dtype. Each write gives a new array; the old one must not be used any more.

    With `dynamic_size` it grows where a write needs it; rounds of a loop that write to it are counted before they run.
    An element that nobody has written is zero.
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Tensor | None = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        if handle is not None and tensor_array_name:
            raise ValueError("Cannot construct with both handle and tensor_array_name")
        if handle is None and size is None:
            raise ValueError("Size must be provided if handle is not provided")
        if handle is not None and size is not None:
            raise ValueError("Cannot provide both a handle and size at the same time")
        self._dtype = as_dtype(dtype).base_dtype
        self._dynamic_size = bool(dynamic_size)
        self._infer_shape = infer_shape
        self._element: list[TensorShape] = [as_shape(element_shape)]  # shared with the arrays that come of this one
        if handle is not None:
            self._flow = handle if flow is None else flow
            return
        with name_scope(name, "TensorArray", [size, flow]) as scope:
            self._flow = apply(
                "TensorArrayV3", [convert_to_tensor(size, dtype=int32)], name=scope, dtype=self._dtype,
                element_shape=self._element[0], dynamic_size=self._dynamic_size,
            )  # fmt: skip

    @property
    def flow(self) -> Tensor:
        return self._flow

    @property
    def handle(self) -> Tensor:
        return self._flow

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        return self._dynamic_size

    @property
    def element_shape(self) -> TensorShape:
        return self._element[0]

    def with_flow(self, flow: Tensor) -> TensorArray:
        """The array that `flow` stands for, with elements of the same kind."""
        made = TensorArray(self._dtype, handle=flow, infer_shape=self._infer_shape)
        made._dynamic_size = self._dynamic_size
        made._element = self._element
        return made

    def _checked(self, value: Any, of_elements: bool = False) -> Tensor:
        tensor = convert_to_tensor(value, dtype=None if isinstance(value, Tensor) else self._dtype, name="value")
        if tensor.dtype.base_dtype is not self._dtype:
            raise TypeError(f"TensorArray: value has dtype {tensor.dtype.name} but must have {self._dtype.name}")
        dims = tensor._dims
        if of_elements and dims is not None:
            dims = dims[1:]
        known = self._element[0].known
        if not compatible(known, dims):
            raise ValueError(f"Inconsistent shapes: saw {dims} but expected {known} (and infer_shape=True)")
        if self._infer_shape and dims is not None:
            self._element[0] = TensorShape(merged(known, dims))
        return tensor

    def identity(self) -> TensorArray:
        """The same array again."""
        return self.with_flow(apply("Identity", [self._flow]))

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """One element."""
        return apply(
            "TensorArrayReadV3", [index, self._flow], name=name, dtype=self._dtype, element_shape=self._element[0]
        )

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with one element replaced."""
        with name_scope(name, "TensorArrayWrite", [index, value]):
            tensor = self._checked(value)
            return self.with_flow(apply("TensorArrayWriteV3", [index, tensor, self._flow]))

    def stack(self, name: str | None = None) -> Tensor:
        """All elements in one tensor, along a new first axis."""
        with name_scope(name, "TensorArrayStack", [self._flow]):
            return self.gather(range_of(0, self.size()))

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements of some indices in one tensor, along a new first axis."""
        return apply(
            "TensorArrayGatherV3", [indices, self._flow], name=name, dtype=self._dtype, element_shape=self._element[0]
        )

    def concat(self, name: str | None = None) -> Tensor:
        """All elements joined along their first axis."""
        return apply("TensorArrayConcatV3", [self._flow], name=name, dtype=self._dtype, element_shape=self._element[0])

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array whose elements are the rows of a tensor."""
        with name_scope(name, "TensorArrayUnstack", [value]):
            tensor = self._checked(value, of_elements=True)
            count = None if tensor._dims is None else tensor._dims[0]
            rows = _rows(tensor) if count is None else convert_to_tensor(count)
            return self.scatter(range_of(0, rows), tensor)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the elements of some indices replaced by the rows of a tensor."""
        with name_scope(name, "TensorArrayScatter", [value, indices]):
            tensor = self._checked(value, of_elements=True)
            return self.with_flow(apply("TensorArrayScatterV3", [indices, tensor, self._flow]))

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array whose elements are the parts of a tensor, all of one length."""
        tensor = convert_to_tensor(value, dtype=self._dtype)
        known = constant_value(convert_to_tensor(lengths, dtype=int32))
        if known is None or len({*known.tolist()}) > 1:
            raise ValueError("TensorArray.split: lengths must be known while the graph is built, and all equal")
        from .arrays import reshape, shape
        from .joining import concat

        parts = concat([[len(known), int(known[0])], shape(tensor)[1:]], 0)
        return self.unstack(reshape(tensor, parts), name=name)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are."""
        return apply("TensorArraySizeV3", [self._flow], name=name)

    def close(self, name: str | None = None) -> Operation:
        """Nothing: an array needs no closing."""
        from .control import no_op

        return no_op(name)


def _rows(tensor: Tensor) -> Tensor:
    from .arrays import shape

    return shape(tensor)[0]


def flow_of(leaf: Any) -> Any:
    """The flow of a TensorArray; anything else as it is."""
    return leaf.flow if isinstance(leaf, TensorArray) else leaf


def like(leaf: Any, tensor: Tensor) -> Any:
    """`tensor`, as a TensorArray where `leaf` is one."""
    return leaf.with_flow(tensor) if isinstance(leaf, TensorArray) else tensor
