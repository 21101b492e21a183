"""Blocks and windows of pictures: as depth, as members of the batch, and as patches."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import Value, product

from ...functions import constants
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, int32
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import either
from .joining import stack


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
