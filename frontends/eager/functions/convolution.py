"""Convolutions over one, two or three spatial axes, and their transposes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych.functions import convolution as convolutions
from diptych.functions.constants import scalar
from diptych.ir import Builder, Value

from ..calling.autocasting import lower_precision
from ..dtypes import of_ir
from ..promotion import converted
from ..tapes.callers import renamed
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import is_size
from ..tensors.tensor import Tensor
from . import convolution_checks as checks
from .convolution_checks import Steps
from .operands import tensor, tensors
from .sizes import Size, listed, repeated

# -- operations: what is written as equations ----


@operation
def _convolution(b: Builder, x: Value, weight: Value, *rest: Any) -> Value:
    """Of an x with a batch."""
    *biases, steps = rest
    bias = biases[0] if biases else None
    return _written(b, x, weight, bias, checks.check(x, weight, bias, steps))


def _written(b: Builder, x: Value, weight: Value, bias: Value | None, steps: Steps) -> Value:
    if weight.dtype is not x.dtype:  # where nothing is computed
        weight = converted(b, weight, x.dtype)
    options: dict[str, Any] = {
        "layout": convolutions.channels_first(weight.rank - 2),
        "stride": steps.stride,
        "padding": tuple((pad, pad) for pad in steps.padding),
        "dilation": steps.dilation,
        "groups": steps.groups,
    }
    given = (x, weight) if bias is None else (x, weight, converted(b, bias, x.dtype))
    if steps.transposed:
        sizes = checks.output_sizes(checks.shape_of(x)[2:], checks.shape_of(weight)[2:], steps)
        return convolutions.transposed(b, *given, sizes=sizes, **options)
    result = convolutions.convolution(b, *given, **options)
    if x.shape[1] == 0:  # where PyTorch makes no channels either
        empty = (result.shape[0], 0, *result.shape[2:])
        return b.slice(result, start=(0,) * result.rank, limit=empty, stride=(1,) * result.rank)
    return result


@operation
def _conv(b: Builder, x: Value, weight: Value, *rest: Any) -> Value:
    """Of an x with a batch or without, by the function `name` over `rank` spatial axes."""
    *biases, name, rank, padding, steps = rest
    bias = biases[0] if biases else None
    if bias is not None and not steps.transposed:
        checks.check_bias_type(x, bias)
    is_single = checks.check_rank(name, x, rank)
    if is_single:
        x = b.reshape(x, shape=(1, *x.shape))
    if padding == "same":
        checks.check_same(x, weight, steps.stride, steps.dilation)
        x, steps = _padded_to_same(b, x, weight, steps)
    elif padding not in (None, "valid"):
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    result = _written(b, x, weight, bias, checks.check(x, weight, bias, steps))
    return b.reshape(result, shape=result.shape[1:]) if is_single else result


def _padded_to_same(b: Builder, x: Value, weight: Value, steps: Steps) -> tuple[Value, Steps]:
    """The padding as numbers, and before it what has to be put behind x alone."""
    rank = weight.rank - 2
    pairs = convolutions.same_padding(checks.shape_of(weight)[2:], checks.per_axis("dilation", steps.dilation, rank))
    steps = steps._replace(padding=tuple(max(low, 0) for low, _ in pairs))
    more = tuple(max(high - low, 0) for low, high in pairs)
    if any(more):
        none = (0,) * x.rank
        x = b.pad(x, scalar(b, 0, x.dtype), low=none, high=(0, 0, *more), interior=none)
    return x, steps


# -- functions: what users call ----


def _forward(rank: int) -> Callable[..., Tensor]:
    name = f"conv{rank}d"

    def function(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
    ) -> Tensor:
        given = (input, weight) if bias is None else (input, weight, bias)
        named = padding if isinstance(padding, str) else None
        pads = 0 if named is not None else padding
        are_tensors = isinstance(input, Tensor) and isinstance(weight, Tensor) and isinstance(given[-1], Tensor)
        if not (are_tensors and is_size(groups) and _is_list(stride) and _is_list(pads) and _is_list(dilation)):
            kinds = ", ".join(type(each).__name__ for each in (*given, stride, padding, dilation, groups))
            raise TypeError(f"{name}() received an invalid combination of arguments - got ({kinds})")
        steps = Steps(
            repeated(name, "stride", stride, rank),
            repeated(name, "padding", pads, rank),
            repeated(name, "dilation", dilation, rank),
            False,
            (0,),
            int(groups),
        )
        return call(_conv, given, (name, rank, named, steps))

    function.__doc__ = (
        f"weight [out, in / groups, ...] slid over input [batch, in, ...] of {rank} spatial axes, + bias [out]. The "
        'batch may be absent. `padding` is numbers, "valid" for none, or "same" for what keeps the sizes. Raises '
        "RuntimeError for operands that do not fit, NotImplementedError for bools."
    )
    return _named(function, name)


def _backward(rank: int) -> Callable[..., Tensor]:
    name = f"conv_transpose{rank}d"

    def function(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        dilation: Size = 1,
    ) -> Tensor:
        given = tensors(name, input=input, weight=weight)
        if bias is not None:
            given = (*given, tensor(name, "bias", 3, bias))
        if not is_size(groups):
            raise TypeError(f"{name}(): argument 'groups' must be int, not {type(groups).__name__}")
        labelled = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
        numbers = {label: repeated(name, label, each, rank) for label, each in labelled.items()}
        return call(_conv, given, (name, rank, None, Steps(**numbers, transposed=True, groups=int(groups))))

    function.__doc__ = (
        f"The transpose of conv{rank}d: input [batch, in, ...] spread by weight [in, out / groups, ...], + bias [out]. "
        "`output_padding` is added to the end of the result's sizes, several of which a convolution takes to one. The "
        "batch may be absent. Raises RuntimeError for operands that do not fit, NotImplementedError for bools and "
        "integers but int64."
    )
    return _named(function, name)


def _named(function: Any, name: str) -> Callable[..., Tensor]:
    renamed(function, name)
    return lower_precision(function)


def _is_list(value: Any) -> bool:
    """Whether it passes for sizes among the overloads of a function: the first of several is looked at."""
    return is_size(value) or (isinstance(value, (tuple, list)) and (not value or is_size(value[0])))


conv1d, conv2d, conv3d = _forward(1), _forward(2), _forward(3)
conv_transpose1d, conv_transpose2d, conv_transpose3d = _backward(1), _backward(2), _backward(3)


def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    transposed: bool,
    output_padding: tuple[int, ...],
    groups: int,
) -> Tensor:
    """A convolution, or its transpose, over as many axes as `weight` has spatial ones; input has a batch. Raises
    RuntimeError for operands that do not fit."""
    given = tensors("convolution", input=input, weight=weight)
    if bias is not None:
        given = (*given, tensor("convolution", "bias", 3, bias))
    numbers = {
        "stride": listed("convolution", "stride", stride, 4),
        "padding": listed("convolution", "padding", padding, 5),
        "dilation": listed("convolution", "dilation", dilation, 6),
        "output_padding": listed("convolution", "output_padding", output_padding, 8),
    }
    return call(_convolution, given, (Steps(**numbers, transposed=bool(transposed), groups=int(groups)),))


# -- sequences with the time first ----


@operation
def _conv_tbc(b: Builder, x: Value, weight: Value, bias: Value, pad: int) -> Value:
    if x.rank != 3:
        raise RuntimeError("Input must have 3 dims: time, batch, in_channel")
    if weight.rank != 3:
        raise RuntimeError("Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.")
    if bias.rank != 1:
        raise RuntimeError("Bias must be 1-D")
    if x.shape[2] != weight.shape[1]:
        raise RuntimeError("Input dim 2 (input channels) is not == dim 1 in the weight tensor")
    if weight.shape[2] != bias.shape[0]:
        raise RuntimeError("Bias size must equal dim 2 in the weight tensor (output channels).")
    if weight.dtype is not x.dtype:
        names = of_ir(x.dtype).scalar, of_ir(weight.dtype).scalar
        raise RuntimeError(f"self and mat2 must have the same dtype, but got {names[0]} and {names[1]}")
    return convolutions.convolution(
        b,
        x,
        weight,
        converted(b, bias, x.dtype),
        layout="0nc,0io->0nc",
        stride=(1,),
        padding=((pad, pad),),
        dilation=(1,),
    )


@lower_precision
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """weight [width, in, out] slid over input [time, batch, in], with `pad` zeros at both ends, + bias [out]. Raises
    RuntimeError for operands that do not fit."""
    return call(_conv_tbc, tensors("conv_tbc", input=input, weight=weight, bias=bias), (pad,))
