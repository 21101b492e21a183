"""How alike pictures are, and how they change from pixel to pixel."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exports import NAMES, export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import float32, int32
from ..graphs.operation import Operation
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import identity, reshape, shape, size
from ..operations.casting import abs as absolute
from ..operations.casting import cast
from ..operations.convolution import depthwise_conv2d
from ..operations.joining import concat, stack, tile, unstack
from ..operations.messages import Assert
from ..operations.padding import pad
from ..operations.pooling import avg_pool
from ..operations.ranges import zeros
from ..operations.rearranging import shape_n
from ..operations.reductions import reduced
from .intensities import convert_image_dtype

_relu: Any = NAMES["nn.relu"]


def _sum(x: Tensor, axes: Any) -> Tensor:
    return reduced("Sum", x, axes, False, None)


def _mean(x: Tensor, axes: Any) -> Tensor:
    return reduced("Mean", x, axes, False, None)


@export("image.total_variation")
def total_variation(images: Any, name: str | None = None) -> Tensor:
    """The sum of how much each pixel differs from the one below and the one to its right: a scalar, or one for each of
    a batch. Raises ValueError."""
    with name_scope(name, "total_variation"):
        rank = images.shape.ndims
        if rank == 3:
            down, right, axes = images[1:, :, :] - images[:-1, :, :], images[:, 1:, :] - images[:, :-1, :], None
        elif rank == 4:
            down, right = images[:, 1:, :, :] - images[:, :-1, :, :], images[:, :, 1:, :] - images[:, :, :-1, :]
            axes = [1, 2, 3]
        else:
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        return _sum(absolute(down), axes) + _sum(absolute(right), axes)


@export("image.image_gradients")
def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """(down, right): how much pixels of a batch differ from the next; 0 for the last ones. Raises ValueError."""
    if image.shape.ndims != 4:
        raise ValueError("image_gradients expects a 4D tensor [batch_size, h, w, d], not %s.", image.shape)
    whole = shape(image)
    batch, height, width, depth = unstack(whole)
    down = image[:, 1:, :, :] - image[:, :-1, :, :]
    right = image[:, :, 1:, :] - image[:, :, :-1, :]
    down = concat([down, zeros(stack([batch, 1, width, depth]), image.dtype)], 1)
    right = concat([right, zeros(stack([batch, height, 1, depth]), image.dtype)], 2)
    return reshape(down, whole), reshape(right, whole)


_SOBEL = np.array([[[-1, -2, -1], [0, 0, 0], [1, 2, 1]], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]])


@export("image.sobel_edges")
def sobel_edges(image: Any) -> Tensor:
    """[batch, height, width, channels, 2]: by Sobel's filters how pictures change downwards and to the right."""
    known, whole = image.shape, shape(image)
    kernels = constant(np.expand_dims(np.transpose(_SOBEL, (1, 2, 0)), -2), dtype=image.dtype)
    filters = tile(kernels, [1, 1, whole[-1], 1], name="sobel_filters")
    padded = pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    made = depthwise_conv2d(padded, filters, [1, 1, 1, 1], "VALID")
    made = reshape(made, concat([whole, [2]], 0))
    made.set_shape(known.concatenate([2]))
    return made


# -- two pictures ----


def _checked_alike(first: Tensor, other: Tensor) -> tuple[Tensor, Tensor, list[Operation]]:
    """(shape, shape, checks) of pictures of one size, whose batches may be broadcast. Raises ValueError."""
    shapes = [image.shape.with_rank_at_least(3) for image in (first, other)]
    shapes[0][-3:].assert_is_compatible_with(shapes[1][-3:])
    if None not in (shapes[0].ndims, shapes[1].ndims):
        leads = zip(reversed(shapes[0].dims[:-3]), reversed(shapes[1].dims[:-3]), strict=False)
        if not all(left == 1 or right == 1 or left.is_compatible_with(right) for left, right in leads):
            raise ValueError(f"Two images are not compatible: {shapes[0]} and {shapes[1]}")
    left, right = shape_n([first, other])
    alike = reduced("All", apply("Equal", [left[-3:], right[-3:]]), None, False, None)
    enough = apply("GreaterEqual", [size(left), 3])
    return left, right, [Assert(enough, [left, right], summarize=10), Assert(alike, [left, right], summarize=10)]


@export("image.psnr")
def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    """How far the largest intensity stands above the mean squared difference, in decibels. Raises ValueError."""
    with name_scope(name, "PSNR", [a, b]):
        largest = convert_image_dtype(cast(max_val, a.dtype), float32)
        a, b = convert_image_dtype(a, float32), convert_image_dtype(b, float32)
        error = _mean(apply("SquaredDifference", [a, b]), [-3, -2, -1])
        first = 20 * apply("Log", [largest]) / apply("Log", [10.0])
        found = apply("Sub", [first, np.float32(10 / np.log(10)) * apply("Log", [error])], name="psnr")
        with control_dependencies(_checked_alike(a, b)[2]):
            return identity(found)


def _gaussian(count: int, sigma: float) -> np.ndarray:
    """[count, count, 1, 1]: a bell of that standard deviation, whose sum is 1."""
    places = np.arange(count, dtype=np.float32) - (count - 1) / 2
    along = np.square(places) * (-0.5 / sigma**2)
    both = np.exp(along[:, None] + along[None, :])
    return (both / both.sum()).astype(np.float32).reshape(count, count, 1, 1)


def _ssim_per_channel(
    first: Tensor, other: Tensor, largest: Tensor, filter_size: int, filter_sigma: float, k1: float, k2: float
) -> tuple[Tensor, Tensor]:
    """(similarity, its part of contrast and structure) [..., channels], of windows weighed by a bell."""
    left, right = shape_n([first, other])
    least = constant(filter_size, dtype=int32)
    checks = [
        Assert(reduced("All", sizes[-3:-1] >= least, None, False, None), [sizes, least], summarize=8)
        for sizes in (left, right)
    ]
    with control_dependencies(checks):
        first = identity(first)
    kernel = tile(constant(_gaussian(filter_size, filter_sigma)), [1, 1, left[-1], 1])

    def smoothed(x: Tensor) -> Tensor:
        whole = shape(x)
        flat = reshape(x, concat([[-1], whole[-3:]], 0))
        made = depthwise_conv2d(flat, kernel, [1, 1, 1, 1], "VALID")
        return reshape(made, concat([whole[:-3], shape(made)[1:]], 0))

    c1, c2 = (k1 * largest) ** 2, (k2 * largest) ** 2
    means = smoothed(first), smoothed(other)
    twice, squares = means[0] * means[1] * 2.0, means[0] ** 2 + means[1] ** 2
    luminance = (twice + c1) / (squares + c1)
    products, energies = smoothed(first * other) * 2.0, smoothed(first**2 + other**2)
    structure = (products - twice + c2) / (energies - squares + c2)
    return _mean(luminance * structure, [-3, -2]), _mean(structure, [-3, -2])


@export("image.ssim")
def ssim(
    img1: Any, img2: Any, max_val: Any, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:  # fmt: skip
    """The structural similarity (Wang and others, 2004) of two pictures, or of each two of a batch: 1 for equal ones.
    `max_val` is the largest intensity. Raises ValueError."""
    checks = _checked_alike(img1, img2)[2]
    with control_dependencies(checks):
        img1 = identity(img1)
    largest = convert_image_dtype(cast(max_val, img1.dtype), float32)
    img1, img2 = convert_image_dtype(img1, float32), convert_image_dtype(img2, float32)
    return _mean(_ssim_per_channel(img1, img2, largest, filter_size, filter_sigma, k1, k2)[0], [-1])


_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


@export("image.ssim_multiscale")
def ssim_multiscale(
    img1: Any, img2: Any, max_val: Any, power_factors: Any = _WEIGHTS, filter_size: int = 11,
    filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03,
) -> Tensor:  # fmt: skip
    """The structural similarity over pictures of half the size again and again, each weighed by one of the powers
    (Wang and others, 2003). Raises ValueError."""
    with name_scope(None, "MS-SSIM", [img1, img2]):
        pair = [convert_to_tensor(img1, name="img1"), convert_to_tensor(img2, name="img2")]
        *shapes, checks = _checked_alike(*pair)
        with control_dependencies(checks):
            pair[0] = identity(pair[0])
        largest = convert_image_dtype(cast(max_val, pair[0].dtype), float32)
        pair = [convert_image_dtype(each, float32) for each in pair]
        leads, tails = [each[:-3] for each in shapes], [each[-3:] for each in shapes]
        structures: list[Tensor] = []
        for scale in range(len(power_factors)):
            with name_scope(None, f"Scale{scale}", pair):
                if scale:
                    halves = [_halved(each, tail) for each, tail in zip(pair, tails, strict=True)]
                    tails = [each[1:] for each in shape_n(halves)]
                    pair = [
                        reshape(each, concat([lead, tail], 0))
                        for each, lead, tail in zip(halves, leads, tails, strict=True)
                    ]
                whole, structure = _ssim_per_channel(*pair, largest, filter_size, filter_sigma, k1, k2)
                structures.append(_relu(structure))
        every = stack([*structures[:-1], _relu(whole)], axis=-1)
        return _mean(reduced("Prod", apply("Pow", [every, power_factors]), [-1], False, None), [-1])


def _halved(x: Tensor, tail: Tensor) -> Tensor:
    """Pictures of half the size, an odd side with its last row or column twice."""
    flat = reshape(x, concat([[-1], tail], 0))
    odd = tail % constant([2, 2, 1], dtype=int32)
    padding = pad(reshape(odd, [3, 1]), [[1, 0], [1, 0]])
    return avg_pool(pad(flat, padding, mode="SYMMETRIC"), [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
