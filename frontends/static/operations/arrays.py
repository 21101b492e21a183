"""Shapes and arrangement: sizes, reshaping, axes, joining, cutting, repeating."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Dimension as NamedDimension
from diptych.ir import Value, product

from ...functions import arrays, constants
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant_of, convert_to_tensor
from ..graphs.definitions import operation, scalar_shape, shape_of_input
from ..graphs.dtypes import INDICES, DType, as_dtype, int32
from ..graphs.literals import array_of
from ..graphs.probe import static_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, runtime_text
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor


def axis_of(axis: int, rank: int, what: str = "input") -> int:
    """An axis counted from 0. Raises Refusal where it is out of range."""
    if not -rank <= axis < rank:
        raise Refusal(f"Dimension {axis} must be in the range [{-rank}, {rank}), as {what} has {rank} dimensions")
    return axis % rank


# -- the same elements ----


@operation("Identity", "input: T -> T", shape=shape_of_input)
def lower_identity(at: Site, x: Value) -> Value:
    """x."""
    return x


@export("identity")
def identity(input: Any, name: str | None = None) -> Tensor:
    """A tensor of its own with the value that `input` has when this operation runs."""
    return apply("Identity", [convert_to_tensor(input)], name=name)


@operation("StopGradient", "input: T -> T", shape=shape_of_input, blocks=True)
def lower_stop_gradient(at: Site, x: Value) -> Value:
    """x, through which no gradient flows."""
    return at.b.stop_gradient(x)


@export("stop_gradient")
def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """`input`, through which no gradient flows."""
    return apply("StopGradient", [input], name=name)


@operation("ZerosLike", "x: T -> T", shape=shape_of_input, blocks=True)
def lower_zeros_like(at: Site, x: Value) -> Value:
    """Zeros shaped as x."""
    return constants.filled_like(at.b, 0, x)


@operation("OnesLike", "x: T -> T", shape=shape_of_input, blocks=True)
def lower_ones_like(at: Site, x: Value) -> Value:
    """Ones shaped as x."""
    return constants.filled_like(at.b, 1, x)


# -- sizes ----


def _vector_of_rank(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    dims = inputs[0]._dims
    return [(None if dims is None else len(dims),)]


@operation("Shape", "input: T -> out_type", shape=_vector_of_rank)
def lower_shape(at: Site, x: Value, *, out_type: DType = int32) -> Value:
    """The sizes of x as a vector."""
    if not x.shape:
        return constants.filled(at.b, 0, (0,), out_type.ir)
    sizes = [constants.size_of(at.b, size, out_type.ir) for size in x.shape]
    return arrays.stack(at.b, sizes)


@operation("Rank", "input: T -> int32", shape=scalar_shape)
def lower_rank(at: Site, x: Value) -> Value:
    """The number of axes of x."""
    return constants.scalar(at.b, x.rank, int32.ir)


@operation("Size", "input: T -> out_type", shape=scalar_shape)
def lower_size(at: Site, x: Value, *, out_type: DType = int32) -> Value:
    """The number of elements of x."""
    return constants.size_of(at.b, product(x.shape), out_type.ir)


def _known_constant(numbers: Any, dtype: DType, name: str | None, default: str) -> Tensor:
    with name_scope(name, default, None) as scope:
        return constant_of(array_of(numbers, dtype), scope)


@export("shape")
def shape(input: Any, name: str | None = None, out_type: Any = int32) -> Tensor:
    """The sizes of `input` when the graph runs, as a vector of integers."""
    x = convert_to_tensor(input)
    dtype = as_dtype(out_type)
    if x._dims is not None and None not in x._dims:
        return _known_constant(list(x._dims), dtype, name, "Shape")
    return apply("Shape", [x], name=name, out_type=dtype)


@export("rank")
def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of axes of `input`."""
    x = convert_to_tensor(input)
    if x._dims is not None:
        return _known_constant(len(x._dims), int32, name, "Rank")
    return apply("Rank", [x], name=name)


@export("size")
def size(input: Any, name: str | None = None, out_type: Any = int32) -> Tensor:
    """The number of elements of `input` when the graph runs."""
    x = convert_to_tensor(input)
    dtype = as_dtype(out_type)
    count = x.shape.num_elements()
    if count is not None:
        return _known_constant(count, dtype, name, "Size")
    return apply("Size", [x], name=name, out_type=dtype)


# -- another shape ----


def _reshaped(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    """What is known of the result from the sizes given, even where the elements of x are not counted yet."""
    x, wanted = inputs
    require_rank(wanted._dims, 1)
    array = static_value(wanted)
    if array is None:
        count = None if wanted._dims is None else wanted._dims[0]
        return [None if count is None else (None,) * count]
    sizes = [None if isinstance(size, NamedDimension) else int(size) for size in array.tolist()]
    count = x.shape.num_elements()
    unknown = [axis for axis, size in enumerate(sizes) if size in (None, -1)]
    if count is not None and not unknown and product(sizes) != count:
        raise Refusal(_miscount(count, sizes, product(sizes)))
    if sizes.count(-1) > 1:
        raise Refusal(f"Only one input size may be -1, not both {sizes.index(-1)} and {unknown[1]}")
    if count is not None and len(unknown) == 1:
        rest = 1
        for size in sizes:
            rest *= 1 if size in (None, -1) else size
        if rest and count % rest:
            raise Refusal(_indivisible(count, rest))
        if rest:
            sizes[unknown[0]] = count // rest
    return [tuple(None if size == -1 else size for size in sizes)]


def _miscount(count: int, sizes: Sequence[Any], wanted: Any) -> str:
    return f"Cannot reshape a tensor with {count} elements to shape {runtime_text(tuple(sizes))} ({wanted} elements)"


def _indivisible(count: int, rest: int) -> str:
    return f"Dimension size must be evenly divisible by {rest} but is {count}"


@operation("Reshape", "tensor: T, shape: Tshape -> T", defaults={"Tshape": int32}, Tshape=INDICES, shape=_reshaped)
def lower_reshape(at: Site, x: Value, shape: Value) -> Value:
    """x in another shape, one size of which may be -1."""
    sizes = at.sizes(shape)
    count, known = product(x.shape), product(size for size in sizes if size != -1)
    if isinstance(count, int) and isinstance(known, int):
        values = f"Input to reshape is a tensor with {count} values, but the requested shape"
        if -1 not in sizes and known != count:
            raise Refusal(_miscount(count, sizes, known), f"{values} has {known}")
        if -1 in sizes and known and count % known:
            raise Refusal(_indivisible(count, known), f"{values} requires a multiple of {known}")
    return arrays.reshape(at.b, x, sizes)


@export("reshape", "manip.reshape")
def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """The elements of `tensor` in another shape, one size of which may be -1: what the others leave."""
    return apply("Reshape", [tensor, shape], name=name)


@operation("ExpandDims", "input: T, dim: Tdim -> T", defaults={"Tdim": int32}, Tdim=INDICES)
def lower_expand_dims(at: Site, x: Value, dim: Value) -> Value:
    """x with a new axis of size 1."""
    axis = at.integer(dim)
    if not -x.rank - 1 <= axis <= x.rank:
        raise Refusal(
            f"dim {axis} not in the interval [{-x.rank - 1}, {x.rank}].",
            f"Tried to expand dim index {axis} for tensor with {x.rank} dimensions.",
        )
    return arrays.expand(at.b, x, axis)


@export("expand_dims")
def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """`input` with a new axis of size 1 at `axis`."""
    axis = either("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return apply("ExpandDims", [input, axis], name=name)


@operation("Squeeze", "input: T -> T")
def lower_squeeze(at: Site, x: Value, *, squeeze_dims: tuple[int, ...] = ()) -> Value:
    """x without its axes of size 1, or those in `squeeze_dims`."""
    axes = [axis_of(axis, x.rank) for axis in squeeze_dims]
    for axis in axes:
        if x.shape[axis] != 1:
            raise Refusal(f"Can not squeeze dim[{axis}], expected a dimension of 1, got {x.shape[axis]}")
    return arrays.squeeze(at.b, x, axes or None)


@export("squeeze")
def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:
    """`input` without its axes of size 1, or without those in `axis`."""
    axis = either("axis", axis, "squeeze_dims", squeeze_dims)
    axes = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    return apply("Squeeze", [input], name=name, squeeze_dims=axes)


def either(name: str, value: Any, old_name: str, old_value: Any) -> Any:
    """The one of two arguments that is given; the second is the name that TensorFlow gave up. Raises ValueError."""
    if old_value is None:
        return value
    if value is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{name}'")
    return old_value


@operation("Transpose", "x: T, perm: Tperm -> T", defaults={"Tperm": int32}, Tperm=INDICES)
def lower_transpose(at: Site, x: Value, perm: Value) -> Value:
    """x with its axes in the order `perm`."""
    require_rank(perm.shape, 1)
    order = at.integers(perm)
    if len(order) != x.rank:
        raise Refusal(
            f"Dimension must be {x.rank} but is {len(order)}",
            f"transpose expects a vector of size {x.rank}. But input(1) is a vector of size {len(order)}",
        )
    for axis in order:
        if not 0 <= axis < x.rank:
            raise Refusal(f"perm dim {axis} is out of range of input rank {x.rank}")
    return at.b.transpose(x, permutation=order)


@export("transpose")
def transpose(a: Any, perm: Any = None, name: str | None = "transpose", conjugate: bool = False) -> Tensor:
    """`a` with its axes in the order `perm`, by default reversed."""
    with name_scope(name, "transpose", [a]) as scope:
        x = convert_to_tensor(a, name="a")
        if perm is None:
            if x._dims is None:
                from .ranges import range as range_of

                last = rank(x)
                perm = apply("Sub", [apply("Sub", [last, 1]), range_of(0, last, 1)])
            else:
                perm = list(reversed(range(len(x._dims))))
        made = apply("Transpose", [x, perm], name=scope)
        if conjugate:
            from .casting import conj

            return conj(made)
        return made
