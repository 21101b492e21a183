"""tf.signal and tf.spectral: discrete Fourier transforms over the last axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych.ir import Value

from ...functions import constants
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import complex64, complex128, float32, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import shape
from .rearranging import roll
from .slicing import slice_tensor

_RANKS = {1: "", 2: "2d", 3: "3d"}


def _declare_complex(type: str, kind: str, rank: int) -> None:
    suffix = _RANKS[rank]

    @operation(type, "input: Tcomplex -> Tcomplex", Tcomplex=(complex64, complex128))
    def lower(at: Site, x: Value) -> Value:
        require_rank(x.shape, rank, f"Input must have rank of at least {rank} but got: {runtime_text(x.shape)}",
                     at_least=True)  # fmt: skip
        return at.b.fft(x, kind=kind, lengths=known_shape(x)[x.rank - rank :])

    name = f"{kind}{suffix}"

    @export(name, f"signal.{name}", f"spectral.{name}")
    def function(input: Any, name: str | None = None) -> Tensor:
        return apply(type, [input], name=name)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The {'inverse ' if kind == 'ifft' else ''}transform over the last {rank} axes."


def _fitted(at: Site, x: Value, sizes: list[int]) -> Value:
    """x with its last axes cut, or filled up with zeros, to these sizes."""
    first = x.rank - len(sizes)
    kept = [*x.shape[:first], *(min(*pair) for pair in zip(known_shape(x)[first:], sizes, strict=True))]
    if tuple(kept) != x.shape:
        x = at.b.slice(x, start=[0] * x.rank, limit=kept, stride=[1] * x.rank)
    high = [0] * first + [size - found for size, found in zip(sizes, kept[first:], strict=True)]
    if any(high):
        zero = constants.scalar(at.b, 0, x.dtype)
        x = at.b.pad(x, zero, low=[0] * x.rank, high=high, interior=[0] * x.rank)
    return x


def _declare_real(type: str, kind: str, rank: int) -> Callable[..., Tensor]:
    suffix = _RANKS[rank]
    given, made = ("float32", "complex64") if kind == "rfft" else ("complex64", "float32")

    @operation(type, f"input: {given}, fft_length: int32 -> {made}")
    def lower(at: Site, x: Value, fft_length: Value) -> Value:
        require_rank(x.shape, rank, f"Input must have rank of at least {rank} but got: {runtime_text(x.shape)}",
                     at_least=True)  # fmt: skip
        lengths = at.integers(fft_length)
        if len(lengths) != rank:
            raise Refusal(f"Dimension must be {rank} but is {len(lengths)}", f"fft_length must have shape [{rank}]")
        if any(length < 1 for length in lengths):
            raise Refusal(f"fft_length must be positive but is {lengths}")
        sizes = lengths if kind == "rfft" else [*lengths[:-1], lengths[-1] // 2 + 1]
        return at.b.fft(_fitted(at, x, sizes), kind=kind, lengths=lengths)

    name = f"{kind}{suffix}"

    @export(f"signal.{name}", f"spectral.{name}")
    def function(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
        with name_scope(name, name_of, [input_tensor, fft_length]) as scope:
            x = convert_to_tensor(input_tensor, float32 if kind == "rfft" else complex64)
            x.shape.with_rank_at_least(rank)
            lengths = _lengths(x, rank, kind) if fft_length is None else convert_to_tensor(fft_length, dtype=int32)
            return apply(type, [x, lengths], name=scope)

    name_of = name
    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"The {'inverse ' if kind == 'irfft' else ''}transform of real numbers over the last {rank} axes, of which the "
        "last has half of the points and one more; cut or filled up with zeros to `fft_length`."
    )
    return function


def _lengths(x: Tensor, rank: int, kind: str) -> Tensor:
    """The sizes of the real side."""
    sizes = shape(x)[-rank:]
    if kind == "rfft":
        return sizes
    last = apply("Maximum", [(sizes[-1:] - 1) * 2, 0])
    return apply("ConcatV2", [[sizes[:-1], last], 0])


for _rank, _suffix in _RANKS.items():
    _upper = _suffix.upper()
    _declare_complex(f"FFT{_upper}", "fft", _rank)
    _declare_complex(f"IFFT{_upper}", "ifft", _rank)
_REAL = {
    (_kind, _rank): _declare_real(f"{_kind.upper()}{_suffix.upper()}", _kind, _rank)
    for _rank, _suffix in _RANKS.items()
    for _kind in ("rfft", "irfft")
}
rfft, irfft = _REAL["rfft", 1], _REAL["irfft", 1]


def _shifted(x: Any, axes: Any, name: str | None, default: str, *, inverse: bool) -> Tensor:
    with name_scope(name, default):
        x = convert_to_tensor(x)
        places = list(range(len(x.shape))) if axes is None else [axes] if isinstance(axes, int) else list(axes)
        sizes = shape(x)
        moves = [slice_tensor(sizes, place) for place in places]
        halves = [-(size // 2) if inverse else size // 2 for size in moves]
        return roll(x, convert_to_tensor(halves), places)


@export("signal.fftshift")
def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """x with frequency 0 moved to the middle along `axes`, by default all."""
    return _shifted(x, axes, name, "fftshift", inverse=False)


@export("signal.ifftshift")
def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """The reverse of tf.signal.fftshift."""
    return _shifted(x, axes, name, "ifftshift", inverse=True)
