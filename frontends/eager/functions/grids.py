"""Images read at the places of a grid, and the grids of affine maps."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.functions import sampling
from diptych.functions.arithmetic import scaled, shifted
from diptych.functions.indexing import basic
from diptych.ir import Builder, Constant, Value

from ..calling.autocasting import full_precision
from ..dtypes import of_ir
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import not_implemented, tensor, tensors

MODES = ("bilinear", "nearest", "bicubic")
PADDINGS = ("zeros", "border", "reflection")

# -- operations: what is written as equations ----


def _sampling(rank: int) -> Operation:
    name = f"grid_sampler_{rank}d"

    def write(b: Builder, x: Value, grid: Value, mode: str, padding: str, align_corners: bool) -> Value:
        """x [batch, channels, *sizes] at places [batch, *places, rank], which name the last axis first."""
        if not x.dtype.is_float:
            raise not_implemented(name, x)
        if grid.dtype is not x.dtype:
            wanted, found = of_ir(x.dtype).scalar, of_ir(grid.dtype).scalar
            raise RuntimeError(f"expected scalar type {wanted} but found {found}")
        neighbours: list[Value] = []
        weights: list[Value | None] = []
        for axis in range(rank):
            size = int(x.shape[axis + 2])
            place = _counted(b, basic(b, grid, (Ellipsis, rank - 1 - axis)), size, align_corners)
            if mode == "bicubic":  # padding says where each of the four is read
                near, weight = sampling.cubic_taps(b, place)
                near = _padded(b, near, size, padding, align_corners)
            else:
                place = _padded(b, place, size, padding, align_corners)
                near, weight = (sampling.nearest_tap if mode == "nearest" else sampling.linear_taps)(b, place)
            neighbours.append(near)
            weights.append(weight)
        return sampling.read_taps(b, x, neighbours, weights)

    write.__name__ = name
    return operation(write)


def _counted(b: Builder, place: Value, size: int, align_corners: bool) -> Value:
    """Places from -1 to 1 counted in elements: the ends are outermost elements' middles, or edges."""
    if align_corners:
        return scaled(b, shifted(b, place, 1), (size - 1) / 2)
    return shifted(b, scaled(b, shifted(b, place, 1), size / 2), -0.5)


def _padded(b: Builder, place: Value, size: int, padding: str, align_corners: bool) -> Value:
    if padding == "border":
        return sampling.kept_inside(b, place, size)
    if padding == "reflection":
        return sampling.reflected(b, place, size, at_middles=align_corners)
    return place


_grid_sampler_2d, _grid_sampler_3d = _sampling(2), _sampling(3)


@operation
def _affine_grid_generator(b: Builder, theta: Value, sizes: tuple[int, ...], align_corners: bool) -> Value:
    """theta [batch, rank, rank + 1] times (places, 1), as [batch, *sizes, rank]."""
    rank = len(sizes)
    lines = [_line(size, align_corners) for size in sizes]
    columns = [line.reshape([-1 if other == axis else 1 for other in range(rank)]) for axis, line in enumerate(lines)]
    ones = np.ones(sizes)
    base = np.stack([*(ones * column for column in reversed(columns)), ones], -1).reshape(-1, rank + 1)
    places = b.constant(value=Constant(base, theta.dtype))
    found = b.matmul(theta, places, lhs_contract=(2,), rhs_contract=(1,))
    return b.reshape(b.transpose(found, permutation=(0, 2, 1)), shape=(theta.shape[0], *sizes, rank))


def _line(size: int, align_corners: bool) -> np.ndarray:
    """The places of `size` elements from -1 to 1, by their middles or edges."""
    if size <= 1:
        return np.zeros(size)
    line = np.linspace(-1, 1, size)
    return line if align_corners else line * ((size - 1) / size)


# -- functions: what users call ----


def _checked(x: Tensor, grid: Tensor, mode: str, rank: int) -> None:
    sizes, places = list(x.shape), list(grid.shape)
    if sizes[:1] != places[:1]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{sizes} and grid with sizes {places}"
        )
    if places[-1:] != [x.ndim - 2]:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {x.ndim - 2} in last dimension, but got grid with sizes "
            f"{places}"
        )
    for axis, size in enumerate(sizes[2:], 2):
        if not size:
            raise RuntimeError(
                f"grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {sizes} "
                f"with dimension {axis} being empty"
            )
    if x.ndim != rank + 2 or grid.ndim != x.ndim:
        raise RuntimeError(
            f"grid_sampler(): expected {rank + 2}D input and grid with same number of dimensions, but got input with "
            f"sizes {sizes} and grid with sizes {places}"
        )
    if rank == 3 and mode == "bicubic":
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")


def _chosen(name: str, label: str, value: Any, known: Sequence[str]) -> str:
    """What the number of a mode stands for, of which PyTorch checks nothing. Raises RuntimeError."""
    if value not in range(len(known)):
        raise RuntimeError(f"{name}(): {label} is {value} but must be from 0 to {len(known) - 1}")
    return known[value]


def _sampled(
    name: str, rank: int | None, input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    x, places = tensors(name, input=input, grid=grid)
    mode = _chosen(name, "interpolation_mode", interpolation_mode, MODES)
    padding = _chosen(name, "padding_mode", padding_mode, PADDINGS)
    chosen = rank or (2 if x.ndim == 4 else 3)
    _checked(x, places, mode, chosen)
    op = _grid_sampler_2d if chosen == 2 else _grid_sampler_3d
    return call(op, (x, places), (mode, padding, bool(align_corners)))


@full_precision
def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:  # fmt: skip
    """`nn.functional.grid_sample` with its modes as numbers: bilinear, nearest, bicubic; zeros, border, reflection."""
    return _sampled("grid_sampler", None, input, grid, interpolation_mode, padding_mode, align_corners)


@full_precision
def grid_sampler_2d(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:  # fmt: skip
    """`grid_sampler` of an input with two axes behind its channels."""
    return _sampled("grid_sampler_2d", 2, input, grid, interpolation_mode, padding_mode, align_corners)


@full_precision
def grid_sampler_3d(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:  # fmt: skip
    """`grid_sampler` of an input with three axes behind its channels."""
    return _sampled("grid_sampler_3d", 3, input, grid, interpolation_mode, padding_mode, align_corners)


@full_precision
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """An input [batch, channels, height, width] read at the places of a grid [batch, rows, columns, 2], or with a depth
    before and 3 behind. Places are (x, y) or (x, y, z) from -1 to 1, which with `align_corners` are the outermost
    elements' middles, otherwise their edges. Modes: bilinear, nearest, bicubic; outside are zeros, the border or a
    reflection. Raises ValueError for other modes, RuntimeError for shapes and dtypes that do not fit."""
    if mode not in MODES:
        raise ValueError(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in PADDINGS:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
            f"'{padding_mode}'"
        )
    if align_corners is None:
        _warn()
    return grid_sampler(input, grid, MODES.index(mode), PADDINGS.index(padding_mode), bool(align_corners))


def _warn() -> None:
    warnings.warn(
        "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
        "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details.",
        stacklevel=3,
    )


def affine_grid_generator(theta: Tensor, size: Sequence[int], align_corners: bool) -> Tensor:
    """The grid of places that affine maps, theta [batch, 2, 3] or [batch, 3, 4], give for an output of `size` [batch,
    channels, ...]. Raises RuntimeError for sizes of another rank or batch."""
    x = tensor("affine_grid_generator", "theta", 1, theta)
    sizes = tuple(int(each) for each in size)
    if len(sizes) not in (4, 5):
        raise RuntimeError("AffineGridGenerator needs 4d (spatial) or 5d (volumetric) inputs.")
    columns = len(sizes) - 1
    if x.shape[0] != sizes[0]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: {[sizes[0], columns]} but got: "
            f"{[x.shape[0], columns]}."
        )
    return call(_affine_grid_generator, (x,), (sizes[2:], bool(align_corners)))


def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """As `affine_grid_generator`: [batch, height, width, 2] for a size [batch, channels, height, width], [batch, depth,
    height, width, 3] with a depth. Raises ValueError and NotImplementedError for what does not fit."""
    if align_corners is None:
        _warn()
    if not isinstance(theta, Tensor):
        raise AttributeError(f"'{type(theta).__name__}' object has no attribute 'is_floating_point'")
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size "
            f"{size}."
        )
    rank = len(size) - 2
    if theta.ndim != 3 or tuple(theta.shape[1:]) != (rank, rank + 1):
        raise ValueError(
            f"Expected a batch of {rank}D affine matrices of shape Nx{rank}x{rank + 1} for size {size}. Got "
            f"{theta.shape}."
        )
    if align_corners and min(size[2:]) == 1:
        warnings.warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This "
            "is not an intended use case of affine_grid. See the documentation of affine_grid for details.",
            stacklevel=2,
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return affine_grid_generator(theta, size, bool(align_corners))
