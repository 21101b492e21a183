"""Discrete Fourier transforms along any axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from operator import index
from typing import Any, Literal

import numpy as np
from diptych.functions.constants import filled_like, scalar
from diptych.ir import Builder, DType, Value, dtypes

from .. import dtypes as dtype_module
from ..calling.writing_out import with_out
from ..device import place_of
from ..dtypes import default_type, of_ir
from ..tapes.callers import renamed
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.data import from_array, requiring
from ..tensors.tensor import Tensor
from .axes import counted
from .complexes import conj
from .operands import tensors
from .rearranging import roll

Kind = Literal["fft", "ifft", "rfft", "irfft"]

# -- operations: what is written as equations ----


def _fitted(b: Builder, x: Value, sizes: Sequence[int]) -> Value:
    """The last axes cut, or filled up with zeros, to sizes."""
    lead = x.rank - len(sizes)
    given = x.type.static_shape()[lead:]
    if tuple(given) == tuple(sizes):
        return x
    kept = [min(size, wanted) for size, wanted in zip(given, sizes, strict=True)]
    x = b.slice(x, start=(0,) * x.rank, limit=(*x.shape[:lead], *kept), stride=(1,) * x.rank)
    high = (*[0] * lead, *(wanted - size for size, wanted in zip(kept, sizes, strict=True)))
    return b.pad(x, scalar(b, 0, x.dtype), low=(0,) * x.rank, high=high, interior=(0,) * x.rank)


def _complex(b: Builder, x: Value) -> Value:
    return x if x.dtype.is_complex else b.complex(x, filled_like(b, 0, x))


@operation
def _transform(
    b: Builder, x: Value, kind: Kind, axes: tuple[int, ...], sizes: tuple[int, ...], scale: float, default: DType
) -> Value:
    """`kind` over axes, without a scale but `scale`; sizes are those of the longer side."""
    if not x.dtype.is_differentiable:
        x = b.cast(x, dtype=default)
    if x.dtype.real not in (dtypes.f32, dtypes.f64):
        raise RuntimeError(f"Unsupported dtype {of_ir(x.dtype).scalar}")
    rest = [axis for axis in range(x.rank) if axis not in axes]
    order = (*rest, *axes)
    x = b.transpose(x, permutation=order)
    if kind == "rfft":
        found = b.fft(_fitted(b, x, sizes[-1:]), kind="rfft", lengths=sizes[-1:])
        found = _complex_over(b, found, "fft", sizes[:-1], last=1)
    elif kind == "irfft":
        x = _fitted(b, _complex(b, x), (*sizes[:-1], sizes[-1] // 2 + 1))
        found = b.fft(_complex_over(b, x, "ifft", sizes[:-1], last=1), kind="irfft", lengths=sizes[-1:])
    else:
        found = _complex_over(b, _complex(b, x), kind, sizes, last=0)
    natural = 1 / prod(sizes) if kind in ("ifft", "irfft") else 1.0
    if scale != natural:
        found = b.mul(found, filled_like(b, scale / natural, found))
    return b.transpose(found, permutation=[order.index(axis) for axis in range(x.rank)])


def _complex_over(b: Builder, x: Value, kind: Kind, sizes: tuple[int, ...], last: int) -> Value:
    """The complex transform over axes before the `last` ones, three at a time."""
    if not sizes:
        return x
    x = _fitted(b, x, (*sizes, *x.shape[x.rank - last :])) if last else _fitted(b, x, sizes)
    axes = list(range(x.rank - last - len(sizes), x.rank - last))
    while axes:
        group, axes = axes[-3:], axes[:-3]
        order = [axis for axis in range(x.rank) if axis not in group] + group
        lengths = tuple(int(x.shape[axis]) for axis in group)
        turned = b.fft(b.transpose(x, permutation=order), kind=kind, lengths=lengths)
        x = b.transpose(turned, permutation=[order.index(axis) for axis in range(x.rank)])
    return x


# -- arguments ----


def _scale(norm: str | None, count: int, *, inverse: bool) -> float:
    if norm not in (None, "forward", "backward", "ortho"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    if norm == "ortho":
        return count**-0.5
    return 1 / count if (norm == "forward") is not inverse else 1.0


def _axes_and_sizes(x: Tensor, s: Any, dim: Any, halved: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Axes, and sizes of the longer side; `halved`: input's last axis holds half of it."""
    given = None if s is None else tuple(index(each) for each in ((s,) if hasattr(s, "__index__") else s))
    if dim is not None:
        dims = (dim,) if hasattr(dim, "__index__") else tuple(dim)
        axes = tuple(counted(each, x.ndim) for each in dims)
        if len(set(axes)) != len(axes):
            raise RuntimeError("FFT dims must be unique")
        if given is not None and len(given) != len(axes):
            raise RuntimeError("When given, dim and shape arguments must have the same length")
    elif given is not None:
        if len(given) > x.ndim:
            raise RuntimeError(f"Got shape with {len(given)} values but input tensor only has {x.ndim} dimensions.")
        axes = tuple(range(x.ndim - len(given), x.ndim))
    else:
        axes = tuple(range(x.ndim))
    sizes = list(given) if given is not None else [-1] * len(axes)
    for place, axis in enumerate(axes):
        if sizes[place] == -1:
            size = x.shape[axis]
            sizes[place] = 2 * (size - 1) if halved and place == len(axes) - 1 else size
        if sizes[place] < 1:
            raise RuntimeError(f"Invalid number of data points ({sizes[place]}) specified")
    return axes, tuple(sizes)


def _transformed(
    name: str, kind: Kind, input: Tensor, s: Any, dim: Any, norm: str | None, *, turned: bool = False
) -> Tensor:
    """turned: of the Hermitian transforms, which are those of real numbers the other way round, conjugated."""
    (x,) = tensors(name, input=input)
    if not x.ndim:
        counted(0 if dim is None else dim if isinstance(dim, int) else 0, 0)
    if kind == "rfft" and x.dtype.is_complex:
        raise RuntimeError(f"{name} expects a real input tensor, but got {x.dtype.scalar}")
    axes, sizes = _axes_and_sizes(x, s, dim, kind == "irfft")
    if not axes:
        if kind in ("rfft", "irfft"):
            raise RuntimeError(f"{name} must transform at least one axis")
        return (
            x
            if x.dtype.is_complex
            else call(_transform, (x.reshape(1),), (kind, (0,), (1,), 1.0, default_type())).reshape(x.shape)
        )
    inverse = (kind in ("ifft", "irfft")) is not turned
    scale = _scale(norm, prod(sizes), inverse=inverse)
    if turned and kind == "irfft":
        x = conj(x)
    found = call(_transform, (x,), (kind, axes, sizes, scale, default_type()))
    return conj(found) if turned and kind == "rfft" else found


def _one(name: str, kind: Kind, summary: str, *, turned: bool = False) -> Any:
    def function(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
        return _transformed(name, kind, input, None if n is None else (n,), (dim,), norm, turned=turned)

    return _called(name, function, f"{summary} along `dim`, cut or filled up with zeros to n.")


def _two(name: str, kind: Kind, summary: str, *, turned: bool = False) -> Any:
    def function(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
        return _transformed(name, kind, input, s, dim, norm, turned=turned)

    return _called(name, function, f"{summary} along two axes, cut or filled up with zeros to the sizes s.")


def _many(name: str, kind: Kind, summary: str, *, turned: bool = False) -> Any:
    def function(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
        return _transformed(name, kind, input, s, dim, norm, turned=turned)

    return _called(name, function, f"{summary} along all axes or those given, cut or filled up to the sizes s.")


def _called(name: str, function: Any, summary: str) -> Any:
    renamed(function, name)
    function.__doc__ = summary
    return with_out(name, function)


fft, fft2, fftn = (make(name, "fft", "The Fourier transform")
                   for make, name in ((_one, "fft"), (_two, "fft2"), (_many, "fftn")))  # fmt: skip
ifft, ifft2, ifftn = (make(name, "ifft", "The inverse Fourier transform")
                      for make, name in ((_one, "ifft"), (_two, "ifft2"), (_many, "ifftn")))  # fmt: skip
rfft, rfft2, rfftn = (make(name, "rfft", "Half of the Fourier transform of real numbers")
                      for make, name in ((_one, "rfft"), (_two, "rfft2"), (_many, "rfftn")))  # fmt: skip
irfft, irfft2, irfftn = (make(name, "irfft", "The real numbers of which half of a Fourier transform is given")
                         for make, name in ((_one, "irfft"), (_two, "irfft2"), (_many, "irfftn")))  # fmt: skip
hfft, hfft2, hfftn = (make(name, "irfft", "The real Fourier transform of numbers of which half is given", turned=True)
                      for make, name in ((_one, "hfft"), (_two, "hfft2"), (_many, "hfftn")))  # fmt: skip
ihfft, ihfft2, ihfftn = (make(name, "rfft", "Half of the inverse Fourier transform of real numbers", turned=True)
                         for make, name in ((_one, "ihfft"), (_two, "ihfft2"), (_many, "ihfftn")))  # fmt: skip


def _shifted(name: str, input: Tensor, dim: Any, sign: int) -> Tensor:
    (x,) = tensors(name, input=input)
    dims = range(x.ndim) if dim is None else (dim,) if isinstance(dim, int) else dim
    axes = tuple(counted(each, x.ndim) for each in dims)
    if not axes:
        return x
    return roll(x, tuple(x.shape[axis] // 2 if sign > 0 else (x.shape[axis] + 1) // 2 for axis in axes), axes)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """Frequencies in ascending order: 0 in the middle."""
    return _shifted("fftshift", input, dim, 1)


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """What `fftshift` undoes."""
    return _shifted("ifftshift", input, dim, -1)


def _frequencies(name: str, places: np.ndarray, n: int, d: float, dtype: Any, device: Any, needs: bool) -> Tensor:
    place = place_of(device)
    target = dtype_module.chosen(name, dtype) or dtype_module.get_default_dtype()
    return requiring(from_array((places / (n * d)).astype(target.ir.numpy), place), needs, place)


def _fftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, layout: Any = None, requires_grad: bool = False
) -> Tensor:
    """The frequencies of a transform of n numbers, d apart."""
    places = np.fft.ifftshift(np.arange(-(n // 2), (n + 1) // 2))
    return _frequencies("fftfreq", places, n, d, dtype, device, requires_grad)


def _rfftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, device: Any = None, layout: Any = None, requires_grad: bool = False
) -> Tensor:
    """The frequencies of half a transform of n numbers, d apart."""
    return _frequencies("rfftfreq", np.arange(n // 2 + 1), n, d, dtype, device, requires_grad)


fftfreq, rfftfreq = _called("fftfreq", _fftfreq, _fftfreq.__doc__), _called("rfftfreq", _rfftfreq, _rfftfreq.__doc__)
