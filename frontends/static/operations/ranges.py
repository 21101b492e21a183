"""Tensors made from nothing but a shape or bounds: zeros, ones, ranges, one-hot codes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Dimension, Value, floor_divide

from ...functions import arrays, constants
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant_of, convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, REALS, DType, as_dtype, float32, int32, int64, string, uint8
from ..graphs.probe import static_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, TensorShape
from ..graphs.site import Refusal, Site, UnknownValue, require_rank
from ..graphs.tensor import Tensor

SMALL_CONSTANT = 1000  # up to so many elements, zeros and ones are one Const operation, as in TensorFlow


def _filled_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [shape_in(inputs[0])]


def shape_in(tensor: Tensor) -> Dims | None:
    """The static shape whose sizes are the elements of `tensor`, as far as they are known."""
    require_rank(tensor._dims, 1)
    array = static_value(tensor)
    if array is None:
        count = None if tensor._dims is None else tensor._dims[0]
        return None if count is None else (None,) * count
    sizes = [None if isinstance(size, Dimension) else int(size) for size in array.tolist()]
    for size in sizes:
        if size is not None and size < 0:
            raise Refusal(f"Fill dimensions must be >= 0, got {size}")
    return tuple(sizes)


@operation(
    "Fill", "dims: index_type, value: T -> T", defaults={"index_type": int32}, index_type=INDICES, shape=_filled_shape
)
def lower_fill(at: Site, dims: Value, value: Value) -> Value:
    """The scalar `value` everywhere."""
    require_rank(value.shape, 0)
    return at.b.broadcast(value, shape=at.shape(dims), axes=())


@export("fill")
def fill(dims: Any, value: Any, name: str | None = None) -> Tensor:
    """A tensor of shape `dims` full of the scalar `value`."""
    return apply("Fill", [dims, value], name=name)


def _full(shape: Any, number: Any, dtype: Any, name: str | None, default: str) -> Tensor:
    element = as_dtype(dtype).base_dtype
    with name_scope(name, default, [shape] if isinstance(shape, Tensor) else None) as scope:
        if not isinstance(shape, Tensor):
            sizes = _sizes_of(shape)
            if sizes is not None and _count(sizes) < SMALL_CONSTANT:
                return constant_of(_array(sizes, number, element), scope)
            if sizes is not None:
                shape = constant_of(np.array(sizes, dtype=np.int32), "shape_as_tensor")
            else:
                shape = convert_to_tensor(shape, dtype=int32)
        if shape._dims is None or len(shape._dims) != 1:
            shape = apply("Reshape", [shape, [-1]])
        return apply("Fill", [shape, constant_of(_array((), number, element), "Const")], name=scope)


def _sizes_of(shape: Any) -> tuple[int, ...] | None:
    """The sizes where all are numbers; None where some are tensors."""
    try:
        known = TensorShape(shape)
    except (TypeError, ValueError):
        return None
    if known.known is None or None in known.known:
        raise TypeError("Expected int32, got None of type 'NoneType' instead.")
    return known.known


def _count(sizes: Sequence[int]) -> int:
    return math.prod(sizes)


def _array(sizes: Sequence[int], number: Any, dtype: DType) -> np.ndarray[Any, Any]:
    if dtype is string:
        return np.full(sizes, b"" if number == 0 else number, dtype=object)
    return np.full(sizes, number, dtype=dtype.numpy)


@export("zeros")
def zeros(shape: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Zeros (False of bool) of `shape`."""
    return _full(shape, 0, dtype, name, "zeros")


@export("ones")
def ones(shape: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Ones (True of bool) of `shape`."""
    return _full(shape, 1, dtype, name, "ones")


def _full_like(tensor: Any, number: int, dtype: Any, name: str | None, default: str, optimize: bool) -> Tensor:
    with name_scope(name, default, [tensor]) as scope:
        x = convert_to_tensor(tensor, name="tensor")
        element = x.dtype.base_dtype if dtype is None else as_dtype(dtype).base_dtype
        if optimize and x.shape.is_fully_defined():
            return _full(x.shape.as_list(), number, element, scope, default)
        if number == 0 and element is x.dtype.base_dtype and element is not string:
            return apply("ZerosLike", [x], name=scope)
        return _full(apply("Shape", [x]), number, element, scope, default)


@export("zeros_like")
def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Zeros shaped as `tensor`, of its dtype unless another is given."""
    return _full_like(tensor, 0, dtype, name, "zeros_like", optimize)


@export("ones_like")
def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Ones shaped as `tensor`, of its dtype unless another is given."""
    return _full_like(tensor, 1, dtype, name, "ones_like", optimize)


def _range_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    for tensor in inputs:
        require_rank(tensor._dims, 0)
    bounds = [static_value(tensor) for tensor in inputs]
    if any(bound is None for bound in bounds):
        return [(None,)]
    count = _range_count(*(bound.item() for bound in bounds))
    return [(count if isinstance(count, int) else None,)]


@operation("Range", "start: Tidx, limit: Tidx, delta: Tidx -> Tidx", shape=_range_shape, blocks=True, Tidx=REALS)
def lower_range(at: Site, start: Value, limit: Value, delta: Value) -> Value:
    """start, start + delta, ... before limit."""
    for operand in (start, limit, delta):
        require_rank(operand.shape, 0)
    bounds = [at.known(operand).reshape(-1)[0] for operand in (start, limit, delta)]
    count = _range_count(*(bound if isinstance(bound, Dimension) else np.asarray(bound).item() for bound in bounds))
    if count is None:
        raise UnknownValue(limit)
    b = at.b
    counts = b.iota(shape=(count,), axis=0, dtype=start.dtype)
    steps = b.mul(counts, b.broadcast(delta, shape=(count,), axes=()))
    return b.add(steps, b.broadcast(start, shape=(count,), axes=()))


def _range_count(start: Any, limit: Any, delta: Any) -> Any:
    """How many numbers a range has; None where that is not known. Bounds may be named dimensions."""
    if isinstance(delta, Dimension):
        return None
    if delta == 0:
        raise Refusal("Requires delta != 0")
    if isinstance(start, Dimension) or isinstance(limit, Dimension):
        return floor_divide(limit - start + (delta - 1), delta) if delta > 0 else None
    if (limit - start) * delta < 0:
        relation, sign = ("<=", ">") if delta > 0 else (">=", "<")
        raise Refusal(f"Requires start {relation} limit when delta {sign} 0")
    return math.ceil((limit - start) / delta)


@export("range")
def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Tensor:
    """start, start + delta, ... before limit; from 0 where only one bound is given."""
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "Range", [start, limit, delta]) as scope:
        wanted = None if dtype is None else as_dtype(dtype)
        bounds = [
            convert_to_tensor(value, dtype=wanted, name=part)
            for value, part in ((start, "start"), (limit, "limit"), (delta, "delta"))
        ]
        if wanted is None:
            order = (int32, int64, float32, as_dtype("float64"))
            found = [bound.dtype.base_dtype for bound in bounds]
            widest = max(found, key=lambda each: order.index(each) if each in order else -1)
            from .casting import cast

            bounds = [cast(bound, widest) for bound in bounds]
        return apply("Range", bounds, name=scope)


@operation("LinSpace", "start: T, stop: T, num: Tidx -> T", blocks=True, defaults={"Tidx": int32}, Tidx=INDICES)
def lower_linspace(at: Site, start: Value, stop: Value, num: Value) -> Value:
    """num evenly spaced numbers from start to stop."""
    b = at.b
    count = at.size(num)
    counts = b.iota(shape=(count,), axis=0, dtype=start.dtype)
    steps = b.max(constants.size_of(b, count - 1, start.dtype), constants.scalar(b, 1, start.dtype))
    width = b.div(b.sub(stop, start), steps)
    return b.add(
        b.mul(counts, b.broadcast(width, shape=(count,), axes=())), b.broadcast(start, shape=(count,), axes=())
    )


@export("linspace", "lin_space")
def linspace(start: Any, stop: Any, num: Any, name: str | None = None) -> Tensor:
    """`num` evenly spaced numbers from `start` to `stop`, both included."""
    return apply("LinSpace", [start, stop, num], name=name)


@operation("OneHot", "indices: TI, depth: int32, on_value: T, off_value: T -> T", blocks=True, TI=(uint8, int32, int64))
def lower_one_hot(at: Site, indices: Value, depth: Value, on: Value, off: Value, *, axis: int = -1) -> Value:
    """`on` where a new axis meets the index, `off` elsewhere."""
    return arrays.one_hot(at.b, indices, at.size(depth), on, off, axis)


@export("one_hot")
def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """`on_value` (1) where a new axis of size `depth` meets the index, `off_value` (0) elsewhere."""
    with name_scope(name, "one_hot", [indices, depth, on_value, off_value]) as scope:
        given = [convert_to_tensor(v, name=n).dtype.base_dtype if isinstance(v, Tensor) else _dtype_of(v)
                 for v, n in ((on_value, "on_value"), (off_value, "off_value")) if v is not None]  # fmt: skip
        element = as_dtype(dtype) if dtype is not None else given[0] if given else float32
        for found in given:
            if found is not element and dtype is not None:
                raise TypeError(f"dtype {found} of on_value or off_value does not match dtype parameter {element}")
        on = convert_to_tensor(1 if on_value is None else on_value, dtype=element, name="on_value")
        off = convert_to_tensor(0 if off_value is None else off_value, dtype=element, name="off_value")
        return apply("OneHot", [indices, depth, on, off], name=scope, axis=-1 if axis is None else axis)


def _dtype_of(value: Any) -> DType:
    from ..graphs.literals import array_of

    return as_dtype(array_of(value).dtype)
