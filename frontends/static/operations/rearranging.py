"""Elements in another order: reversed, rolled, repeated, in grids and in blocks of space."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import Value, product

from ...functions import arrays, constants, picking
from ...functions.broadcasting import BroadcastError, broadcast_shapes
from ...functions.broadcasting import broadcast_to as spread
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
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


# -- blocks of space ----


@operation("SpaceToDepth", "input: T -> T")
def lower_space_to_depth(at: Site, x: Value, *, block_size: int, data_format: str = "NHWC") -> Value:
    """Blocks of height and width as depth."""
    x = _last(at, x, data_format)
    batch, height, width, depth = known_shape(x)
    _divides(block_size, height, width)
    rows, columns = height // block_size, width // block_size
    cut = at.b.reshape(x, shape=(batch, rows, block_size, columns, block_size, depth))
    turned = at.b.transpose(cut, permutation=(0, 1, 3, 2, 4, 5))
    return _first(at, at.b.reshape(turned, shape=(batch, rows, columns, depth * block_size**2)), data_format)


@operation("DepthToSpace", "input: T -> T")
def lower_depth_to_space(at: Site, x: Value, *, block_size: int, data_format: str = "NHWC") -> Value:
    """Depth as blocks of height and width."""
    x = _last(at, x, data_format)
    batch, rows, columns, depth = known_shape(x)
    _divides(block_size**2, depth)
    left = depth // block_size**2
    cut = at.b.reshape(x, shape=(batch, rows, columns, block_size, block_size, left))
    turned = at.b.transpose(cut, permutation=(0, 1, 3, 2, 4, 5))
    return _first(at, at.b.reshape(turned, shape=(batch, rows * block_size, columns * block_size, left)), data_format)


def _last(at: Site, x: Value, data_format: str) -> Value:
    require_rank(x.shape, 4)
    return at.b.transpose(x, permutation=(0, 2, 3, 1)) if data_format == "NCHW" else x


def _first(at: Site, x: Value, data_format: str) -> Value:
    return at.b.transpose(x, permutation=(0, 3, 1, 2)) if data_format == "NCHW" else x


def _divides(block: int, *sizes: int) -> None:
    for whole in sizes:
        if whole % block:
            raise Refusal(f"Dimension size must be evenly divisible by {block} but is {whole}")


def _declare_block(type: str, name: str, names: tuple[str, ...], means: str) -> None:
    @export(*names)
    def function(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Tensor:
        return apply(type, [input], name=name, block_size=block_size, data_format=data_format)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Pictures with {means}."


_declare_block(
    "SpaceToDepth", "space_to_depth", ("space_to_depth", "nn.space_to_depth"),
    "blocks of `block_size` by `block_size` pixels stacked into the depth of one",
)  # fmt: skip
_declare_block(
    "DepthToSpace", "depth_to_space", ("depth_to_space", "nn.depth_to_space"),
    "their depth spread out over blocks of `block_size` by `block_size` pixels",
)  # fmt: skip


@operation(
    "SpaceToBatchND", "input: T, block_shape: Tblock_shape, paddings: Tpaddings -> T",
    defaults={"Tblock_shape": int32, "Tpaddings": int32}, Tblock_shape=INDICES, Tpaddings=INDICES,
)  # fmt: skip
def lower_space_to_batch(at: Site, x: Value, block_shape: Value, paddings: Value) -> Value:
    """x padded with zeros, then the places within blocks of its first axes behind the batch as members of it."""
    b, blocks, widths = at.b, at.integers(block_shape), at.integers(paddings)
    count = len(blocks)
    rest = x.rank - 1 - count
    low, high = [0, *widths[0::2], *(0,) * rest], [0, *widths[1::2], *(0,) * rest]
    if any(low) or any(high):
        x = b.pad(x, constants.scalar(b, 0, x.dtype), low=low, high=high, interior=[0] * x.rank)
    sizes = known_shape(x)
    cut: list[int] = [sizes[0]]
    for whole, block in zip(sizes[1 : count + 1], blocks, strict=True):
        _divides(block, whole)
        cut += [whole // block, block]
    wide = b.reshape(x, shape=(*cut, *sizes[count + 1 :]))
    inner, outer = [2 * number + 2 for number in range(count)], [2 * number + 1 for number in range(count)]
    turned = b.transpose(wide, permutation=(*inner, 0, *outer, *range(2 * count + 1, wide.rank)))
    return b.reshape(turned, shape=(sizes[0] * product(blocks), *cut[1::2], *sizes[count + 1 :]))


@operation(
    "BatchToSpaceND", "input: T, block_shape: Tblock_shape, crops: Tcrops -> T",
    defaults={"Tblock_shape": int32, "Tcrops": int32}, Tblock_shape=INDICES, Tcrops=INDICES,
)  # fmt: skip
def lower_batch_to_space(at: Site, x: Value, block_shape: Value, crops: Value) -> Value:
    """Members of the batch as places within blocks of the first axes behind it, which are then cropped."""
    b, blocks, widths = at.b, at.integers(block_shape), at.integers(crops)
    count, sizes = len(blocks), known_shape(x)
    _divides(int(product(blocks)), sizes[0])
    batch = sizes[0] // int(product(blocks))
    wide = b.reshape(x, shape=(*blocks, batch, *sizes[1:]))
    pairs = [axis for number in range(count) for axis in (count + 1 + number, number)]
    turned = b.transpose(wide, permutation=(count, *pairs, *range(2 * count + 1, wide.rank)))
    spread_out = [size * block for size, block in zip(sizes[1 : count + 1], blocks, strict=True)]
    joined = b.reshape(turned, shape=(batch, *spread_out, *sizes[count + 1 :]))
    low = [0, *widths[0::2], *(0,) * (joined.rank - 1 - count)]
    high = list(joined.shape)
    for number, after in enumerate(widths[1::2], 1):
        high[number] -= after
        if high[number] < low[number]:
            raise Refusal(f"cropped size must be non-negative but is {high[number] - low[number]}")
    return b.slice(joined, start=low, limit=high, stride=(1,) * joined.rank)


@export("space_to_batch_nd", "manip.space_to_batch_nd")
def space_to_batch_nd(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """`input` padded with zeros, then the places within blocks of its axes behind the batch as members of the batch."""
    return apply("SpaceToBatchND", [input, block_shape, paddings], name=name)


@export("batch_to_space_nd", "manip.batch_to_space_nd")
def batch_to_space_nd(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """The reverse of tf.space_to_batch_nd, with `crops` cut off in place of paddings."""
    return apply("BatchToSpaceND", [input, block_shape, crops], name=name)


@export("space_to_batch", "nn.space_to_batch")
def space_to_batch(
    input: Any, paddings: Any, block_size: Any = None, name: str | None = None, block_shape: Any = None
) -> Tensor:
    """As tf.space_to_batch_nd, with square blocks."""
    block = either("block_shape", block_shape, "block_size", block_size)
    made = space_to_batch_nd(input, np.array([block, block]), paddings, name=name)
    made.set_shape(made.shape.with_rank(4))
    return made


@export("batch_to_space")
def batch_to_space(
    input: Any, crops: Any, block_size: int = 0, name: str | None = None, block_shape: Any = None
) -> Tensor:
    """As tf.batch_to_space_nd, with square blocks."""
    block = block_size if block_shape is None else block_shape
    made = batch_to_space_nd(input, np.array([block, block]), crops, name=name)
    made.set_shape(made.shape.with_rank(4))
    return made


@export("required_space_to_batch_paddings")
def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """(paddings, crops) with which blocks cut evenly: those given, and as much more behind as that needs."""
    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        sizes = convert_to_tensor(input_shape, dtype=int32, name="input_shape")
        blocks = convert_to_tensor(block_shape, dtype=int32, name="block_shape")
        if base_paddings is None:
            count = blocks.shape.as_list()[0]
            base_paddings = constant(np.zeros((count, 2), np.int32))
        base = convert_to_tensor(base_paddings, dtype=int32, name="base_paddings")
        start, end = base[:, 0], base[:, 1]
        extra = (blocks - (sizes + start + end) % blocks) % blocks
        zeros = start - start
        return stack([start, end + extra], 1, name="paddings"), stack([zeros, extra], 1, name="crops")


@operation("ExtractImagePatches", "images: T -> T")
def lower_patches(
    at: Site, x: Value, *, ksizes: tuple[int, ...], strides: tuple[int, ...], rates: tuple[int, ...], padding: str
) -> Value:
    """Windows of pictures [batch, rows, columns, depth], each laid out along the depth."""
    require_rank(x.shape, 4)
    b = at.b
    batch, *sizes, depth = known_shape(x)
    places: list[Value] = []
    pads: list[tuple[int, int]] = []
    for number, whole in enumerate(sizes, 1):
        window, step, rate = ksizes[number], strides[number], rates[number]
        extent = (window - 1) * rate + 1
        if padding == "SAME":
            count = -(-whole // step)
            total = max((count - 1) * step + extent - whole, 0)
            pads.append((total // 2, total - total // 2))
        else:
            count = max(-(-(whole - extent + 1) // step), 0)
            pads.append((0, 0))
        begin = b.iota(shape=(count, window), axis=0, dtype=int32.ir)
        inside = b.iota(shape=(count, window), axis=1, dtype=int32.ir)
        places.append(b.add(_times(at, begin, step), _times(at, inside, rate)))
    if any(map(any, pads)):
        low, high = (0, *(pad[0] for pad in pads), 0), (0, *(pad[1] for pad in pads), 0)
        x = b.pad(x, constants.scalar(b, 0, x.dtype), low=low, high=high, interior=(0,) * 4)
    (rows, height), (columns, width) = (each.type.static_shape() for each in places)
    wide = (rows, columns, height, width)
    found = b.gather(
        x, b.broadcast(places[0], shape=wide, axes=(0, 2)), b.broadcast(places[1], shape=wide, axes=(1, 3)), axes=(1, 2)
    )
    turned = b.transpose(found, permutation=(4, 0, 1, 2, 3, 5))
    return b.reshape(turned, shape=(batch, rows, columns, height * width * depth))


def _times(at: Site, x: Value, number: int) -> Value:
    return at.b.mul(x, constants.filled_like(at.b, number, x))


@export("extract_image_patches", "image.extract_image_patches")
def extract_image_patches(
    images: Any, ksizes: Any = None, strides: Any = None, rates: Any = None, padding: str | None = None,
    name: str | None = None, sizes: Any = None,
) -> Tensor:  # fmt: skip
    """Windows [1, rows, columns, 1] of pictures [batch, rows, columns, depth], each laid out along the depth."""
    windows = either("sizes", sizes, "ksizes", ksizes)
    lists = {"ksizes": tuple(windows), "strides": tuple(strides), "rates": tuple(rates)}
    return apply("ExtractImagePatches", [images], name=name, padding=str(padding).upper(), **lists)


@operation("UnravelIndex", "indices: Tidx, dims: Tidx -> Tidx", defaults={"Tidx": int32}, Tidx=INDICES, blocks=True)
def lower_unravel(at: Site, indices: Value, dims: Value) -> Value:
    """The index along each axis of places in an array of sizes `dims`, axes first."""
    parts = picking.coordinates(at.b, indices, at.integers(dims))
    return arrays.stack(at.b, parts)


@export("unravel_index")
def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """The index along each axis, [axes, ...], of places counted row by row in an array of sizes `dims`."""
    return apply("UnravelIndex", [indices, dims], name=name)
