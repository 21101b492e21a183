"""Elements in another order: reversed, rolled, repeated, broadcast, and in grids."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions import arrays, constants, picking
from ...functions.broadcasting import BroadcastError, broadcast_shapes
from ...functions.broadcasting import broadcast_to as spread
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, int32, int64
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape, runtime_text
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import axis_of, either, reshape, shape, size
from .gathering import gather
from .joining import concat, stack, tile
from .picking import boolean_mask, sequence_mask
from .ranges import ones
from .ranges import range as range_of
from .reductions import reduced


@operation("ReverseV2", "tensor: T, axis: Tidx -> T", defaults={"Tidx": int32}, Tidx=INDICES)
def lower_reverse(at: Site, x: Value, axis: Value) -> Value:
    """x with the elements along some axes in the opposite order."""
    places = [_axis(place, x.rank) for place in at.integers(axis)]
    if len(set(places)) < len(places):
        again = next(place for number, place in enumerate(places) if place in places[:number])
        raise Refusal(f"axis {again} specified more than once.")
    return at.b.reverse(x, axes=sorted(places)) if places else x


def _axis(place: int, count: int) -> int:
    if not -count <= place < count:
        message = f"'axis'[0] = {place} is out of valid range [0, {count - 1}]"
        raise Refusal(f"{place} is out of valid range [0, {count - 1}]", message)
    return place % count


@export("reverse", "reverse_v2", "manip.reverse")
def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """`tensor` with the elements along the axes in the list `axis` in the opposite order."""
    return apply("ReverseV2", [tensor, axis], name=name)


@operation("ReverseSequence", "input: T, seq_lengths: Tlen -> T", defaults={"Tlen": int64}, Tlen=INDICES)
def lower_reverse_sequence(at: Site, x: Value, lengths: Value, *, seq_dim: int, batch_dim: int = 0) -> Value:
    """x with the first elements along seq_dim in the opposite order, as many as the length of each batch says."""
    b = at.b
    time, batch = axis_of(seq_dim, x.rank), axis_of(batch_dim, x.rank)
    require_rank(lengths.shape, 1, "seq_lens input must be 1-dim")
    if time == batch:
        raise Refusal(f"batch_dim == seq_dim == {time}")
    if lengths.shape[0] != x.shape[batch]:
        raise Refusal(
            f"Dimensions must be equal, but are {x.shape[batch]} and {lengths.shape[0]}",
            f"Length of seq_lens != input.dims({batch}), ({lengths.shape[0]} vs. {x.shape[batch]})",
        )
    order = [batch, time, *(axis for axis in range(x.rank) if axis not in (batch, time))]
    moved = b.transpose(x, permutation=order)
    sizes = moved.shape[:2]
    row, place = (b.iota(shape=sizes, axis=axis, dtype=lengths.dtype) for axis in (0, 1))
    wide = b.broadcast(lengths, shape=sizes, axes=(0,))
    last = b.sub(wide, constants.filled_like(b, 1, wide))
    source = b.select(b.lt(place, wide), b.sub(last, place), place)
    found = b.gather(moved, row, source, axes=(0, 1))
    return b.transpose(found, permutation=[order.index(axis) for axis in range(x.rank)])


@export("reverse_sequence")
def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, name: str | None = None,
    seq_dim: Any = None, batch_dim: Any = None,
) -> Tensor:  # fmt: skip
    """`input` with the first seq_lengths[i] elements along `seq_axis` in the opposite order, i along `batch_axis`."""
    time = either("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch = either("batch_axis", batch_axis, "batch_dim", batch_dim)
    if time is None:
        raise TypeError("Required argument 'seq_axis' is missing")
    return apply("ReverseSequence", [input, seq_lengths], name=name, seq_dim=time, batch_dim=batch or 0)


@operation("Roll", "input: T, shift: Tshift, axis: Taxis -> T", defaults={"Tshift": int32, "Taxis": int32},
           Tshift=INDICES, Taxis=INDICES)  # fmt: skip
def lower_roll(at: Site, x: Value, shift: Value, axis: Value) -> Value:
    """x moved along some axes, what leaves at one end coming in at the other."""
    b = at.b
    require_rank(x.shape, 1, "input must be 1-D or higher", at_least=True)
    if shift.shape != axis.shape:
        raise Refusal("shift and axis must have the same size")
    for number, place in enumerate(at.integers(axis)):
        moved = axis_of(place, x.rank)
        count = known_shape(x)[moved]
        if not count:
            continue
        by = (
            shift
            if not shift.rank
            else b.reshape(b.slice(shift, start=(number,), limit=(number + 1,), stride=(1,)), shape=())
        )
        whole = constants.filled(b, count, (count,), shift.dtype)
        places = b.sub(b.iota(shape=(count,), axis=0, dtype=shift.dtype), b.broadcast(by, shape=(count,), axes=()))
        source = b.rem(b.add(b.rem(places, whole), whole), whole)
        found = b.gather(x, source, axes=(moved,))
        x = b.transpose(found, permutation=(*range(1, moved + 1), 0, *range(moved + 1, x.rank)))
    return x


@export("roll", "manip.roll")
def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """`input` moved by `shift` along `axis`, what leaves at one end coming in at the other."""
    return apply("Roll", [input, shift, axis], name=name)


@operation("InvertPermutation", "x: T -> T", T=INDICES, blocks=True)
def lower_invert_permutation(at: Site, x: Value) -> Value:
    """The places at which 0, 1, ... stand."""
    require_rank(x.shape, 1, "invert_permutation expects a 1D vector.")
    return at.b.sort(x, at.b.iota(shape=x.shape, axis=0, dtype=x.dtype), axis=0)[1]


@export("invert_permutation", "math.invert_permutation")
def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """The places at which 0, 1, ... stand in the vector x."""
    return apply("InvertPermutation", [x], name=name)


# -- shapes ----


@operation("BroadcastTo", "input: T, shape: Tidx -> T", defaults={"Tidx": int32}, Tidx=INDICES)
def lower_broadcast_to(at: Site, x: Value, shape: Value) -> Value:
    """x repeated to a shape."""
    sizes = tuple(at.shape(shape))
    try:
        fits = broadcast_shapes(x.shape, sizes) == sizes
    except BroadcastError:
        fits = False
    if not fits:
        raise Refusal(f"Incompatible shapes: {runtime_text(x.shape)} vs. {runtime_text(sizes)}")
    return spread(at.b, x, sizes)


@export("broadcast_to")
def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """`input` repeated along axes of size 1 and new first axes to `shape`."""
    return apply("BroadcastTo", [input, shape], name=name)


@export("broadcast_static_shape")
def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The static shape that tensors of two shapes broadcast to. Raises ValueError where they do not."""
    x, y = as_shape(shape_x), as_shape(shape_y)
    if x.known is None or y.known is None:
        return TensorShape(None)
    count = max(len(x.known), len(y.known))
    pairs = zip(*((1,) * (count - len(each.known)) + each.known for each in (x, y)), strict=True)
    found: list[int | None] = []
    for left, right in pairs:
        if left == right or right == 1:
            found.append(left)
        elif left == 1:
            found.append(right)
        elif left is None or right is None:
            found.append(right if left is None else left)
        else:
            raise ValueError(f"Incompatible shapes for broadcasting: {x} and {y}")
    return TensorShape(found)


@operation("BroadcastArgs", "s0: T, s1: T -> T", defaults={"T": int32}, T=INDICES, blocks=True)
def lower_broadcast_args(at: Site, left: Value, right: Value) -> Value:
    """The shape that tensors of two shapes broadcast to."""
    sizes = [tuple(at.integers(each)) for each in (left, right)]
    found = broadcast_shapes(*sizes)
    parts = [constants.scalar(at.b, size, left.dtype) for size in found]
    return arrays.stack(at.b, parts) if parts else constants.filled(at.b, 0, (0,), left.dtype)


@export("broadcast_dynamic_shape")
def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape, a vector, that tensors of two shapes broadcast to when the graph runs."""
    return apply("BroadcastArgs", [shape_x, shape_y])


@export("shape_n")
def shape_n(input: Any, out_type: Any = int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors when the graph runs."""
    with name_scope(name, "ShapeN"):
        return [shape(each, out_type=out_type) for each in input]


@export("parallel_stack")
def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    """Tensors of one shape side by side along a new first axis."""
    return stack(list(values), name=name)


@export("meshgrid")
def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """Vectors spread out over a grid: the coordinates of its points, one tensor for each vector.

    Keywords: indexing, "xy" where the first two axes are exchanged (the default) or "ij"; name. Raises TypeError,
    ValueError.
    """
    indexing, name = kwargs.pop("indexing", "xy"), kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with name_scope(name, "meshgrid", list(args)):
        count = len(args)
        if not count:
            return []
        vectors = [reshape(stack(arg), [1] * number + [-1] + [1] * (count - 1 - number)) for number, arg in
                   enumerate(args)]  # fmt: skip
        sizes = [size(arg) for arg in args]
        if indexing == "xy" and count > 1:
            rest = [1] * (count - 2)
            vectors[0] = reshape(vectors[0], [1, -1, *rest])
            vectors[1] = reshape(vectors[1], [-1, 1, *rest])
            sizes[0], sizes[1] = sizes[1], sizes[0]
        whole = ones(stack(sizes), dtype=convert_to_tensor(args[0]).dtype.base_dtype)
        return [vector * whole for vector in vectors]


@export("repeat")
def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Every slice along `axis` (of all elements in a row by default) as many times as `repeats` says: one number, or
    one for each slice."""
    with name_scope(name, "Repeat", [input, repeats]):
        x = convert_to_tensor(input, name="input")
        if axis is None:
            x, axis = reshape(x, [-1]), 0
        count = x.shape.ndims
        if count is None:
            raise ValueError("repeat needs a tensor of known rank")
        place = axis % count
        times = convert_to_tensor(repeats, dtype_hint=int32, name="repeats")
        if times.shape.ndims == 0 or times.shape.as_list() == [1]:
            times = reshape(times, [])
            wide = apply("ExpandDims", [x, place + 1])
            wide = tile(wide, stack([times if number == place + 1 else 1 for number in range(count + 1)]))
            sizes = shape(x)
            return reshape(wide, concat([sizes[:place], [sizes[place] * times], sizes[place + 1 :]], 0))
        mask = sequence_mask(times, reduced("Max", times, None, False, None))
        places = apply("ExpandDims", [range_of(shape(x)[place]), 1])
        rows = boolean_mask(tile(places, stack([1, shape(mask)[1]])), mask)
        return gather(reshape(x, shape(x)), rows, axis=place)  # as TensorFlow has it: its gradient is a whole tensor


@operation("UnravelIndex", "indices: Tidx, dims: Tidx -> Tidx", defaults={"Tidx": int32}, Tidx=INDICES, blocks=True)
def lower_unravel(at: Site, indices: Value, dims: Value) -> Value:
    """The index along each axis of places in an array of sizes `dims`, axes first."""
    parts = picking.coordinates(at.b, indices, at.integers(dims))
    return arrays.stack(at.b, parts)


@export("unravel_index")
def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """The index along each axis, [axes, ...], of places counted row by row in an array of sizes `dims`."""
    return apply("UnravelIndex", [indices, dims], name=name)
