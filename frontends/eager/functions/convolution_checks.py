"""What PyTorch refuses of a convolution, in its words and in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from diptych.ir import Value, dtypes

from ..dtypes import of_ir
from .operands import not_implemented

Numbers = tuple[int, ...]


class Steps(NamedTuple):
    """How a convolution walks, a number for each spatial axis or one for all of them."""

    stride: Numbers
    padding: Numbers
    dilation: Numbers
    transposed: bool
    output_padding: Numbers
    groups: int


def shape_of(x: Value) -> list[int]:
    """The sizes as a list, which messages show."""
    return list(x.type.static_shape())


def per_axis(label: str, values: Numbers, rank: int) -> Numbers:
    """A number for each of `rank` axes. Raises RuntimeError for as many as do not fit."""
    if len(values) == 1:
        return values * rank
    if len(values) != rank:
        raise RuntimeError(
            f"expected {label} to be a single integer value or a list of {rank} values to match the convolution "
            f"dimensions, but got {label}={list(values)}"
        )
    return values


def spread_over(steps: Steps, rank: int) -> Steps:
    """The steps with a number for each axis. Raises RuntimeError."""
    return steps._replace(
        stride=per_axis("stride", steps.stride, rank),
        padding=per_axis("padding", steps.padding, rank),
        dilation=per_axis("dilation", steps.dilation, rank),
        output_padding=per_axis("output_padding", steps.output_padding, rank),
    )


def check_bias_type(x: Value, bias: Value) -> None:
    """Raises RuntimeError where the dtypes differ, by their names in C++."""
    if x.dtype is not bias.dtype:
        names = of_ir(x.dtype).native, of_ir(bias.dtype).native
        raise RuntimeError(f"Input type ({names[0]}) and bias type ({names[1]}) should be the same")


def check_rank(name: str, x: Value, rank: int) -> bool:
    """Whether x lacks the batch. Raises RuntimeError where it has neither as many axes as with it nor without it."""
    if x.rank not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {name}, but got input of size: "
            f"{shape_of(x)}"
        )
    return x.rank == rank + 1


def check_same(x: Value, weight: Value, stride: Numbers, dilation: Numbers) -> None:
    """Raises RuntimeError for what padding="same" does not take."""
    rank = weight.rank - 2
    _check_weight_rank(weight)
    if x.rank != weight.rank:
        raise RuntimeError(
            f"Expected {weight.rank}-dimensional input for {weight.rank}-dimensional weight{shape_of(weight)}, but got "
            f"{x.rank}-dimensional input of size {shape_of(x)} instead"
        )
    for label, values in (("stride", stride), ("dilation", dilation)):
        if len(values) not in (1, rank):
            raise RuntimeError(f"{label} cannot broadcast to {rank} dimensions")
    if any(step != 1 for step in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")


def _check_weight_rank(weight: Value) -> None:
    if weight.rank < 3:
        raise RuntimeError("weight should have at least three dimensions")


def check(x: Value, weight: Value, bias: Value | None, steps: Steps) -> Steps:
    """The steps with a number for each axis. Raises RuntimeError for operands and steps that do not fit, and
    NotImplementedError for dtypes that PyTorch has no kernel for."""
    _check_weight_rank(weight)
    steps = spread_over(steps, weight.rank - 2)
    _check_signs(steps)
    _check_shapes(x, weight, bias, steps)
    if not steps.transposed:
        _check_fits(shape_of(x)[2:], shape_of(weight)[2:], steps)
    if 0 in shape_of(x)[:2]:
        return steps  # which runs no kernel
    _check_sizes(x, weight, steps)
    _check_types(x, weight, bias, steps)
    return steps


def _check_signs(steps: Steps) -> None:
    for label, values in (("padding", steps.padding), ("output_padding", steps.output_padding)):
        if min(values) < 0:
            raise RuntimeError(f"negative {label} is not supported")
    if steps.groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if min(steps.stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(steps.dilation) < 0:
        raise RuntimeError("dilation should be greater than zero")


def _check_shapes(x: Value, weight: Value, bias: Value | None, steps: Steps) -> None:
    given, kernel, groups = shape_of(x), shape_of(weight), steps.groups
    if x.rank != weight.rank:
        raise RuntimeError(
            f"Expected {weight.rank}-dimensional input for {weight.rank}-dimensional weight {kernel}, but got "
            f"{x.rank}-dimensional input of size {given} instead"
        )
    if kernel[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{kernel} instead"
        )
    if kernel[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{kernel}] instead"
        )
    inputs = kernel[0] if steps.transposed else kernel[1] * groups
    outputs = kernel[1] * groups if steps.transposed else kernel[0]
    if given[1] != inputs:
        kind = f"transposed={int(steps.transposed)}" if steps.transposed else f"groups={groups}"
        raise RuntimeError(
            f"Given {kind}, weight of size {kernel}, expected input{given} to have {inputs} channels, but got "
            f"{given[1]} channels instead"
        )
    if bias is not None and shape_of(bias) != [outputs]:
        kind = "transposed=1, " if steps.transposed else ""
        raise RuntimeError(
            f"Given {kind}weight of size {kernel}, expected bias to be 1-dimensional with {outputs} elements, but got "
            f"bias of size {shape_of(bias)} instead"
        )


def _check_fits(sizes: Sequence[int], extents: Sequence[int], steps: Steps) -> None:
    padded = [size + 2 * pad for size, pad in zip(sizes, steps.padding, strict=True)]
    spread = [step * (extent - 1) + 1 for extent, step in zip(extents, steps.dilation, strict=True)]
    if any(room < needed for room, needed in zip(padded, spread, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({_by(padded)}). Kernel size: ({_by(spread)}). Kernel size "
            "can't be greater than actual input size"
        )


def _by(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))


def output_sizes(sizes: Sequence[int], extents: Sequence[int], steps: Steps) -> list[int]:
    """The spatial sizes that a transposed convolution makes."""
    axes = zip(sizes, extents, steps.stride, steps.padding, steps.dilation, steps.output_padding, strict=True)
    return [
        (size - 1) * stride - 2 * pad + dilation * (extent - 1) + extra + 1
        for size, extent, stride, pad, dilation, extra in axes
    ]


def _check_sizes(x: Value, weight: Value, steps: Steps) -> None:
    given, extents = shape_of(x), shape_of(weight)[2:]
    if min(extents, default=1) == 0:
        raise RuntimeError(f"kernel size should be greater than zero, but got {_named('kernel', extents)}")
    if 0 in steps.dilation:
        if not steps.transposed:
            raise RuntimeError("non-positive dilation is not supported")
        places = _named("dilation", steps.dilation, ", ")
        raise RuntimeError(f"dilation should be greater than zero, but got {places}")
    if 0 in given:
        raise RuntimeError(f"Only zero batch or zero channel inputs are supported, but got input shape: {given}")
    if not steps.transposed:
        return
    if weight.type.size == 0:
        raise RuntimeError(f"non-empty 2D or 4D weight tensor expected, but got: {shape_of(weight)}")
    if any(
        extra >= max(stride, dilation)
        for extra, stride, dilation in zip(steps.output_padding, steps.stride, steps.dilation, strict=True)
    ):
        extra, stride, dilation = steps.output_padding, steps.stride, steps.dilation
        if len(stride) == 1:  # which PyTorch computes with two axes
            extra, stride, dilation = (0, *extra), (1, *stride), (1, *dilation)
        parts = (_named("output_padding", extra), _named("stride", stride), _named("dilation", dilation))
        raise RuntimeError(f"output padding must be smaller than either stride or dilation, but got {' '.join(parts)}")
    sizes, found = given[2:], output_sizes(given[2:], extents, steps)
    if min(found) < 1:
        if len(sizes) == 1:
            sizes, found = [1, *sizes], [1, *found]
        raise RuntimeError(
            f"Given input size per channel: ({_by(sizes)}). Calculated output size per channel: ({_by(found)}). Output "
            "size is too small"
        )


def _named(label: str, values: Sequence[int], between: str = " ") -> str:
    names = ("depth", "height", "width")[-len(values) :]
    return between.join(f"{label}_{name}: {value}" for name, value in zip(names, values, strict=True))


# -- dtypes: what the kernels say that PyTorch chooses on a CPU ----


def _check_types(x: Value, weight: Value, bias: Value | None, steps: Steps) -> None:
    takes_small = not steps.transposed and set(steps.dilation) == {1}
    name = "slow_conv_transpose" if steps.transposed else "slow_conv2d_cpu" if takes_small else "slow_conv_dilated<>"
    if x.dtype.is_bool or (x.dtype.is_integer and x.dtype is not dtypes.i64 and not takes_small):
        raise not_implemented(name, x)
    for label, other in (("weight", weight), ("bias", bias)):
        if other is not None and other.dtype is not x.dtype:
            _refuse_type(x, other, label)


def _refuse_type(x: Value, other: Value, label: str) -> None:
    found: Callable[[Value], str] = lambda value: of_ir(value.dtype).scalar  # noqa: E731
    if x.dtype.is_complex or x.dtype in (dtypes.f32, dtypes.bf16):
        dense = "" if x.dtype.is_complex else f" or input should be a MKLDNN tensor and {label} is a dense tensor"
        names = _type_name(x), _type_name(other)
        raise RuntimeError(f"Input type ({names[0]}) and {label} type ({names[1]}) should be the same{dense}")
    if label == "weight":
        raise RuntimeError(f"expected scalar type {found(x)} but found {found(other)}")
    if other.dtype.is_float > x.dtype.is_float:
        raise RuntimeError(f"result type {found(other)} can't be cast to the desired output type {found(x)}")


def _type_name(x: Value) -> str:
    """The name of the class that tensors of this type once had; those that never had one have another."""
    kind = of_ir(x.dtype)
    return f"CPU{kind.scalar}Type" if x.dtype.is_complex or x.dtype is dtypes.bf16 else kind.legacy_name
