"""Images and the like in other sizes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.functions import resizing
from diptych.ir import Builder, DType, Value, dtypes

from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.creation import is_size
from ..tensors.tensor import Tensor
from . import adaptive_pooling
from .operands import NUMBERS, not_implemented

Sizes = tuple[int, ...]
Scales = tuple[float | None, ...]  # how many new elements an old one gives, where the user said so

_CUBIC = -0.75  # PyTorch's parameter of the cubic convolution without a filter

# -- places and weights along one axis ----


def _ratio(size: int, count: int, scale: float | None, kind: Any) -> Any:
    """How many old elements a new one is: what the user said, otherwise by the sizes."""
    return kind(1.0 / scale) if scale is not None and scale > 0 else kind(size) / kind(count)


def _nearest(size: int, count: int, scale: float | None, is_exact: bool) -> np.ndarray:
    """The old element that each new one is, computed in f32 as PyTorch does, whatever the tensor's type."""
    places = np.arange(count)
    ratio = _ratio(size, count, scale, np.float32)
    if is_exact:
        found = np.floor(((places + 0.5) * np.float64(ratio)).astype(np.float32))
    elif count == size or count == 2 * size:
        return places * size // count
    else:
        found = np.floor(places.astype(np.float32) * ratio)
    return np.minimum(found.astype(np.int64), size - 1)


def _matrix(
    mode: str, size: int, count: int, align_corners: bool, scale: float | None, filtered: bool, dtype: DType
) -> np.ndarray:
    """The weights of old elements in new ones, [count, size]."""
    kind = np.float64 if dtype in (dtypes.f64, dtypes.u8) else np.float32
    if align_corners:
        ratio = kind(size - 1) / kind(count - 1) if count > 1 else kind(0)
    else:
        ratio = _ratio(size, count, scale, kind)
    if filtered:
        return resizing.filtered_matrix(np.asarray(ratio), count, size, mode)
    if size == count and mode == "linear":
        return np.eye(size, dtype=kind)
    places = np.arange(count).astype(kind)
    source = places * ratio if align_corners else ratio * (places + kind(0.5)) - kind(0.5)
    if mode == "cubic":
        return resizing.cubic_matrix(source, size, _CUBIC)
    return resizing.linear_matrix(np.maximum(source, 0), size)


# -- operations: what is written as equations ----


def _picking(name: str, is_exact: bool) -> Operation:
    def write(b: Builder, x: Value, counts: Sizes, scales: Scales) -> Value:
        if not x.dtype.is_float and x.dtype is not dtypes.u8:
            raise not_implemented(name, x)
        # first the last axis, whose copies are the slowest
        for axis, count, scale in zip(reversed(range(2, x.rank)), counts[::-1], scales[::-1], strict=True):
            x = resizing.picked(b, x, _nearest(int(x.shape[axis]), count, scale, is_exact), axis)
        return x

    write.__name__ = name
    return operation(write)


def _mixing(name: str, mode: str, rank: int, *, filtered: bool = False) -> Operation:
    def write(b: Builder, x: Value, counts: Sizes, scales: Scales, align_corners: bool) -> Value:
        is_bytes = x.dtype is dtypes.u8 and rank == 2
        halves = () if filtered else (dtypes.f16, dtypes.bf16)
        if x.dtype not in (dtypes.f32, dtypes.f64, *halves) and not is_bytes:
            raise not_implemented(name, x)
        sizes = x.shape[2:]
        matrices = [
            _matrix(mode, int(size), count, align_corners, scale, filtered, x.dtype)
            for size, count, scale in zip(sizes, counts, scales, strict=True)
        ]
        axes = range(2, x.rank)
        return (resizing.resampled_bytes if is_bytes else resizing.resampled)(b, x, matrices, axes)

    write.__name__ = name
    return operation(write)


_PICKED = {
    ("nearest", rank): _picking(f"upsample_nearest{rank}d", False) for rank in (1, 2, 3)
} | {("nearest-exact", rank): _picking(f"upsample_nearest_exact{rank}d", True) for rank in (1, 2, 3)}  # fmt: skip
_MIXED = {
    ("linear", False): _mixing("upsample_linear1d", "linear", 1),
    ("bilinear", False): _mixing("upsample_bilinear2d", "linear", 2),
    ("bilinear", True): _mixing("upsample_bilinear2d_aa", "linear", 2, filtered=True),
    ("bicubic", False): _mixing("upsample_bicubic2d", "cubic", 2),
    ("bicubic", True): _mixing("upsample_bicubic2d_aa", "cubic", 2, filtered=True),
    ("lanczos", True): _mixing("upsample_lanczos2d_aa", "lanczos", 2, filtered=True),
    ("trilinear", False): _mixing("upsample_trilinear3d", "linear", 3),
}
_AXES = {"linear": 3, "bilinear": 4, "bicubic": 4, "lanczos": 4, "trilinear": 5}  # of the input

# -- functions: what users call ----


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """An input [batch, channels, ...] with its last one to three axes of another `size`, or `scale_factor` times as
    long, one number or one an axis. Modes: nearest, nearest-exact, area; linear, bilinear, trilinear, bicubic, of which
    `align_corners` says whether outermost elements' middles stay where they are, rather than their edges; bilinear,
    bicubic and lanczos with `antialias`, which averages over what becomes one element. Raises ValueError,
    NotImplementedError and RuntimeError for what does not fit."""
    is_mixed = mode not in ("nearest", "area", "nearest-exact")
    if not is_mixed and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    if not isinstance(input, Tensor):
        raise AttributeError(f"'{type(input).__name__}' object has no attribute 'dim'")
    counts, scales = _sizes_and_scales(input, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if scales is not None and (recompute_scale_factor or mode == "area"):
        counts = [int(input.shape[axis] * scale) for axis, scale in enumerate(scales, 2)]
        scales = None
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and input.ndim == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    _check_mode(input, mode)
    if mode == "area":
        pools = (
            adaptive_pooling.adaptive_avg_pool1d, adaptive_pooling.adaptive_avg_pool2d,
            adaptive_pooling.adaptive_avg_pool3d,
        )  # fmt: skip
        return pools[input.ndim - 3](input, tuple(counts))
    if mode == "lanczos":
        if align_corners:
            raise ValueError("Lanczos mode does not support align_corners=True")
        if not antialias:
            raise ValueError("Lanczos mode requires antialias=True")
    found = _checked_counts(input, counts, scales)
    given = (None,) * len(found) if scales is None else tuple(float(scale) for scale in scales)
    if is_mixed:
        return call(_MIXED[mode, bool(antialias)], (input,), (found, given, bool(align_corners)))
    return call(_PICKED[mode, input.ndim - 2], (input,), (found, given))


def upsample_bilinear2d_aa(
    input: Tensor, output_size: Any, align_corners: bool, scales_h: float | None = None, scales_w: float | None = None,
    *, scale_factors: Any = None,
) -> Tensor:  # fmt: skip
    """`interpolate` in the mode bilinear with `antialias`, to a size of its own beside the scales of its places."""
    scales = (scales_h, scales_w) if scale_factors is None else tuple(float(each) for each in scale_factors)
    counts = _checked_counts(input, output_size, None if output_size is not None else scales)
    return call(_MIXED["bilinear", True], (input,), (counts, scales, align_corners))


def _sizes_and_scales(input: Tensor, size: Any, scale_factor: Any) -> tuple[Any, Any]:
    """The new sizes or the factors, one an axis, the others None. Raises ValueError and TypeError."""
    rank = input.ndim - 2
    found = list(input.shape[2:])
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        if not isinstance(size, (list, tuple)):
            return [size] * rank, None
        if len(size) != rank:
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got input with spatial "
                f"dimensions of {found} and output size of {size}. Please provide input tensor in (N, C, d1, d2, "
                "...,dK) format and output size in (o1, o2, ...,oK) format."
            )
        if not all(isinstance(each, bool) or is_size(each) for each in size):
            raise TypeError(
                "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], but got size "
                f"with types {[type(each) for each in size]}"
            )
        return size, None
    if scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if not isinstance(scale_factor, (list, tuple)):
        return None, [scale_factor] * rank
    if len(scale_factor) != rank:
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
            f"dimensions of {found} and scale_factor of shape {scale_factor}. Please provide input tensor in (N, C, "
            "d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format."
        )
    return None, scale_factor


def _check_mode(input: Tensor, mode: str) -> None:
    """Whether there is the mode for as many axes. Raises NotImplementedError."""
    rank = input.ndim
    wanted = _AXES.get(mode)
    if rank in (3, 4, 5) and (mode in ("nearest", "nearest-exact", "area") or wanted == rank):
        return
    if rank in (3, 4, 5) and mode in ("linear", "bilinear", "trilinear"):
        raise NotImplementedError(f"Got {rank}D input, but {mode} mode needs {wanted}D input")
    raise NotImplementedError(
        f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank}D) for the modes: nearest | linear | "
        f"bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
    )


def _checked_counts(input: Tensor, counts: Sequence[Any] | None, scales: Sequence[Any] | None) -> Sizes:
    """The new sizes. Raises TypeError for what is no number, RuntimeError for empty sizes."""
    sizes = tuple(input.shape[2:])
    given: Sequence[Any] = (scales if counts is None else counts) or ()
    if not all(each.__class__ in NUMBERS - {bool, complex} if counts is None else is_size(each) for each in given):
        raise TypeError("interpolate() received an invalid combination of arguments - got a size that is no integer")
    if counts is None:
        found = tuple(int(size * scale) for size, scale in zip(sizes, given, strict=True))
    else:
        found = tuple(int(count) for count in counts)
    if min(*sizes, *found) <= 0:
        if len(sizes) == 1:
            told = f"(W: {sizes[0]}) and output (W: {found[0]})"
        else:
            letters = "DHW"[-len(sizes) :]
            texts = [
                ", ".join(f"{letter}: {each}" for letter, each in zip(letters, values, strict=True))
                for values in (sizes, found)
            ]
            told = f"({texts[0]}) output ({texts[1]})"
        raise RuntimeError(f"Input and output sizes should be greater than 0, but got input {told}")
    if not input.shape[1]:
        raise RuntimeError(
            f"Non-empty {input.ndim}D data tensor expected but got a tensor with sizes {list(input.shape)}"
        )
    return found


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate`, with a warning that this name is deprecated."""
    _warn("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` to the nearest, with a warning that this name is deprecated."""
    _warn("upsample_nearest")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Bilinear `interpolate` with aligned corners, with a warning that this name is deprecated."""
    _warn("upsample_bilinear")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def _warn(name: str) -> None:
    warnings.warn(
        f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=3
    )  # fmt: skip
