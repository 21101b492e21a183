"""Padding of the last axes: with a number, or with elements of the input."""

from __future__ import annotations

from typing import Any

from diptych.functions import padding as paddings
from diptych.ir import Builder, Value

from ..calling.autocasting import full_precision
from ..promotion import Operand, converted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import fitting
from ..tensors.tensor import Tensor
from .operands import not_implemented, number, tensor
from .sizes import listed

Pairs = tuple[tuple[int, int], ...]  # (before, after) of the last axes, from the last to the first

# -- operations: what is written as equations ----


@operation
def _constant_pad(b: Builder, x: Value, value: Operand, pairs: Pairs) -> Value:
    sizes, low, high = list(x.type.static_shape()), [0] * x.rank, [0] * x.rank
    for place, (before, after) in enumerate(pairs, 1):
        if sizes[-place] + min(before, 0) < 0 or sizes[-place] + min(before, 0) + min(after, 0) < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
        low[-place], high[-place] = before, after
    return b.pad(x, converted(b, value, x.dtype), low=low, high=high, interior=(0,) * x.rank)


@operation
def _reflection_pad(b: Builder, x: Value, pairs: Pairs) -> Value:
    _check_sizes(x, pairs)
    for place, (before, after) in enumerate(pairs, 1):
        if max(before, after) >= int(x.shape[-place]):
            raise RuntimeError(
                f"Argument #{2 + 2 * place}: Padding size should be less than the corresponding input dimension, but "
                f"got: padding ({before}, {after}) at dimension {x.rank - place} of input {list(x.shape)}"
            )
    _check_result(x, pairs, "(H: {}, W: {})")
    if x.dtype.is_bool:
        raise not_implemented(f"reflection_pad{len(pairs)}d", x)
    for place, (before, after) in enumerate(pairs, 1):
        x = paddings.reflected(b, x, x.rank - place, before, after)
    return b.identity(x)


@operation
def _replication_pad(b: Builder, x: Value, pairs: Pairs) -> Value:
    _check_sizes(x, pairs)
    _check_result(x, pairs, "(H: {}, W: {} )")
    if x.dtype.is_bool:
        raise not_implemented(f"replication_pad{len(pairs)}d", x)
    for place, (before, after) in enumerate(pairs, 1):
        x = paddings.replicated(b, x, x.rank - place, before, after)
    return b.identity(x)


@operation
def _circular_pad(b: Builder, x: Value, pairs: Pairs) -> Value:
    for place, (before, after) in reversed(list(enumerate(pairs, 1))):
        size = int(x.shape[-place])
        if max(before, after) > size:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if size + before + after < 0:
            raise RuntimeError("Negative padding value is resulting in an empty dimension")
        if max(before, after) > size + min(before, 0) + min(after, 0):
            raise RuntimeError(
                "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
                "memory location. Please clone() the tensor before performing the operation."
            )
    for place, (before, after) in enumerate(pairs, 1):
        x = paddings.wrapped(b, x, x.rank - place, before, after)
    return b.identity(x)


def _check_sizes(x: Value, pairs: Pairs) -> None:
    """Raises RuntimeError where an axis but the batch is empty."""
    rank = len(pairs)
    if 0 in x.shape[1 if x.rank == rank + 2 else 0 :]:
        raise RuntimeError(
            f"Expected {rank + 1}D or {rank + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(x.shape)}"
        )


def _check_result(x: Value, pairs: Pairs, plane: str) -> None:
    """Raises RuntimeError where no axis of the padded ones has elements left, or one has fewer than none. `plane` is
    how two sizes are told."""
    given = list(x.type.static_shape()[-len(pairs) :])
    found = [size + sum(pair) for size, pair in zip(given, reversed(pairs), strict=True)]
    if max(found) < 1:
        forms = {1: "(W: {})", 2: plane, 3: "(D: {} H: {}, W: {})"}
        names = ("D", "H", "W")[-len(pairs) :]
        told = " ".join(f"{name}: {size}" for name, size in zip(names, found, strict=True))
        raise RuntimeError(f"input {forms[len(pairs)].format(*given)} is too small. Calculated output {told}")
    if min(found) < 0:
        whole = [*x.type.static_shape()[: -len(pairs)], *found]
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(found)}: {whole}")


# -- functions: what users call ----

_MODES = {"reflect": _reflection_pad, "replicate": _replication_pad, "circular": _circular_pad}


def pad(input: Tensor, pad: tuple[int, ...], mode: str = "constant", value: float | None = None) -> Tensor:
    """input with pad[0] elements before and pad[1] behind its last axis, pad[2] and pad[3] the axis before it, and so
    on; negative numbers remove. They are `value`, 0 unless given, in mode "constant"; in "reflect", "replicate" and
    "circular" they are the input's, and one to three axes are padded. Raises RuntimeError for numbers that do not fit,
    NotImplementedError for other modes and for axes that a mode does not pad."""
    x, given = tensor("pad", "input", 1, input), listed("pad", "pad", pad, 2)
    if not isinstance(mode, str):
        raise TypeError(f"pad(): argument 'mode' (position 3) must be str, not {type(mode).__name__}")
    if value is not None:
        value = _real(value)
    if mode != "constant" and mode not in _MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if len(given) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(given) > 2 * x.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(given)} and input of dimension {x.ndim}"
        )
    if mode == "constant":
        return _padded(x, given, 0.0 if value is None else value)
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    axes = len(given) // 2
    if not 1 <= axes <= 3 or x.ndim not in (axes + 1, axes + 2):
        raise NotImplementedError(
            f"Padding size {len(given)} is not supported for {x.ndim}D input tensor.\n"
            "Supported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    spread = _spread if mode == "circular" or (mode == "reflect" and axes == 3) else full_precision(_spread)
    return spread(x, mode, given)


def _spread(x: Tensor, mode: str, given: tuple[int, ...]) -> Tensor:
    return call(_MODES[mode], (x,), (_pairs(given),))


def _real(value: Any) -> float:
    """A padding value: a real number, or a tensor of one."""
    found = value.item() if isinstance(value, Tensor) else value
    if not isinstance(found, (int, float)):
        kind = type(value).__name__
        raise TypeError(f"pad(): argument 'value' (position 4) must be float, not {kind}")
    return float(found)


def _pairs(given: tuple[int, ...]) -> Pairs:
    return tuple(zip(given[::2], given[1::2], strict=True))


def _padded(x: Tensor, given: tuple[int, ...], value: Any) -> Tensor:
    return call(_constant_pad, (x, fitting(value, x.dtype)), (_pairs(given),))


def constant_pad_nd(input: Tensor, pad: tuple[int, ...], value: complex = 0) -> Tensor:
    """As `nn.functional.pad` in mode "constant"."""
    x, given = tensor("constant_pad_nd", "input", 1, input), listed("constant_pad_nd", "pad", pad, 2)
    if value is None or isinstance(value, str):
        kind = type(value).__name__
        raise TypeError(f"constant_pad_nd(): argument 'value' (position 3) must be Number, not {kind}")
    if len(given) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(given)}")
    if len(given) > 2 * x.ndim:
        raise RuntimeError(
            "Length of pad should be no more than twice the number of dimensions of the input. Pad length is "
            f"{len(given)}while the input has {x.ndim}dimensions."
        )
    plain = value.item() if isinstance(value, Tensor) else number("constant_pad_nd", "value", 3, value)
    return _padded(x, given, plain)
