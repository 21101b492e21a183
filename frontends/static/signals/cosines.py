"""tf.signal.dct, mdct and their inverses: cosine transforms, by way of Fourier transforms."""

from __future__ import annotations

import math
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import cast, imag, real
from ..operations.casting import complex as complex_of
from ..operations.fourier import irfft, rfft
from ..operations.joining import concat, split
from ..operations.padding import pad
from ..operations.ranges import range as range_of
from ..operations.rearranging import reverse
from .counts import Count, behind, counted, largest, size_along
from .frames import frame, overlap_and_add
from .short_time import Window
from .windows import vorbis_window

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}


def _check(x: Tensor, type: int, n: int | None, axis: int, norm: str | None) -> None:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if n is not None and n < 1:
        raise ValueError("n should be a positive integer or None")
    if type not in _INVERSE:
        raise ValueError("Types I, II, III and IV (I)DCT are supported.")
    if type == 1:
        if norm == "ortho":
            raise ValueError("Normalization is not supported for the Type-I DCT.")
        size = None if x.shape.ndims is None else x.shape.as_list()[-1]
        if size is not None and size < 2:
            raise ValueError("Type-I DCT requires the dimension to be greater than one.")
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")


@export("signal.dct", "spectral.dct")
def dct(
    input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The cosine transform of `type` 1 to 4 of [..., samples], cut or filled up to `n` samples; with norm "ortho" a
    rotation. Raises ValueError, NotImplementedError for another axis than the last."""
    x = convert_to_tensor(input)
    _check(x, type, n, axis, norm)
    with name_scope(name, "dct", [x]):
        return _transformed(_fitted(x, n), type, norm)


@export("signal.idct", "spectral.idct")
def idct(
    input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The inverse of tf.signal.dct, but for a factor where norm is None. Raises ValueError, NotImplementedError for
    another axis than the last."""
    x = convert_to_tensor(input)
    _check(x, type, n, axis, norm)
    with name_scope(name, "idct", [x]):
        return _transformed(_fitted(x, n), _INVERSE[type], norm)


def _fitted(x: Tensor, n: Count | None) -> Tensor:
    """x with `n` samples: cut, or filled up with zeros."""
    if n is None:
        return x
    size = size_along(x, -1)
    if isinstance(size, int) and n <= size:
        return x[..., :n]
    return pad(x, behind(x, -1, largest(0, n - size)))[..., :n]


def _transformed(x: Tensor, type: int, norm: str | None) -> Tensor:
    size = size_along(x, -1)
    if type == 1:
        return real(rfft(concat([x, x[..., -2:0:-1]], -1)))
    if type == 4:
        found = _transformed(_fitted(x, size * 2), 2, None)[..., 1::2]
        return found if norm is None else found * apply("Rsqrt", [cast(size * 2, x.dtype.base_dtype)])
    whole = cast(size, x.dtype.base_dtype)
    angles = cast(range_of(size), x.dtype.base_dtype) * (math.pi / 2) / whole
    cosines, sines = 2.0 * apply("Cos", [angles]), 2.0 * apply("Sin", [angles])
    if type == 2:
        waves = rfft(x, [size * 2])[..., :size]
        found = real(waves) * cosines + imag(waves) * sines
        return found if norm is None else found * _weights(size, 0.5 * apply("Rsqrt", [whole]), math.sqrt(2.0))
    x = x * (whole if norm is None else _weights(size, apply("Sqrt", [whole]), math.sqrt(0.5)))
    return irfft(complex_of(x * cosines, x * sines), [size * 2])[..., :size]


def _weights(size: Count, first: Tensor, factor: float) -> Tensor:
    """[size] of `first` times a factor, but `first` itself at the beginning."""
    return first * concat([[1.0], apply("Fill", [[size - 1], factor])], 0)


@export("signal.mdct")
def mdct(
    signals: Any, frame_length: Any, window_fn: Window | None = vorbis_window, pad_end: bool = False,
    norm: str | None = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The modified cosine transforms [..., frames, frame_length // 2] of frames of [..., samples] that overlap by half.
    Raises ValueError for a length that 4 does not divide."""
    with name_scope(name, "mdct", [signals, frame_length]):
        x = convert_to_tensor(signals, name="signals")
        x.shape.with_rank_at_least(1)
        length = counted(frame_length, "frame_length")
        if isinstance(length, int) and length % 4:
            raise ValueError("The frame length must be a multiple of 4.")
        frames = frame(x, length, length // 2, pad_end=pad_end)
        frames = frames * (math.sqrt(0.5) if window_fn is None else window_fn(length, dtype=frames.dtype))
        quarters = split(frames, 4, axis=-1)
        first = -reverse(quarters[2], [-1]) - quarters[3]
        second = quarters[0] - reverse(quarters[1], [-1])
        return dct(concat([first, second], -1), type=4, norm=norm)


@export("signal.inverse_mdct")
def inverse_mdct(
    mdcts: Any, window_fn: Window | None = vorbis_window, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The signals [..., samples] of modified cosine transforms [..., frames, half of a frame's length]."""
    with name_scope(name, "inverse_mdct", [mdcts]):
        x = convert_to_tensor(mdcts, name="mdcts")
        x.shape.with_rank_at_least(2)
        half = size_along(x, -1)
        waves = dct(x, type=4, norm=norm)
        if norm is None:
            waves = waves * (0.5 / cast(half, x.dtype.base_dtype))
        first, second = split(waves, 2, axis=-1)
        frames = concat([second, -reverse(second, [-1]), -reverse(first, [-1]), -first], -1)
        factors = math.sqrt(0.5) if window_fn is None else window_fn(half * 2, dtype=x.dtype.base_dtype)
        return overlap_and_add(frames * factors, half)
