"""Convolutions with a bias for each channel, and their transposes."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Axes, Builder, Pairs, Value
from diptych.ir.ops.contraction import convolution_layout
from diptych.passes.vjps.contraction import transposed_convolution


def channels_first(rank: int) -> str:
    """The layout of `rank` spatial axes with the channels before them: nc01,oi01->nc01."""
    spatial = "".join(map(str, range(rank)))
    return f"nc{spatial},oi{spatial}->nc{spatial}"


def convolution(
    b: Builder,
    x: Value,
    kernel: Value,
    bias: Value | None = None,
    *,
    layout: str,
    stride: Axes,
    padding: Pairs,
    dilation: Axes,
    groups: int = 1,
) -> Value:
    """The sliding product of x with the kernel, whose elements lie `dilation` apart, + bias [channels]."""
    result = b.convolution(
        x,
        kernel,
        layout=layout,
        stride=stride,
        padding=padding,
        x_dilation=(1,) * len(stride),
        kernel_dilation=dilation,
        groups=groups,
    )
    return _with_bias(b, result, bias, convolution_layout(layout).result[1])


def transposed(
    b: Builder,
    x: Value,
    kernel: Value,
    bias: Value | None = None,
    *,
    layout: str,
    sizes: Sequence[int],
    stride: Axes,
    padding: Pairs,
    dilation: Axes,
    groups: int = 1,
) -> Value:
    """The transpose of the convolution that takes an array of the spatial `sizes` to one of x's by these attributes,
    + bias [channels]. The layout is that convolution's too: x lies as its result does, and the kernel's input channels
    are the channels of what comes out here."""
    result = transposed_convolution(
        b,
        x,
        kernel,
        layout=layout,
        sizes=sizes,
        stride=stride,
        padding=padding,
        x_dilation=(1,) * len(stride),
        kernel_dilation=dilation,
        groups=groups,
    )
    return _with_bias(b, result, bias, convolution_layout(layout).x[1])


def _with_bias(b: Builder, x: Value, bias: Value | None, axis: int) -> Value:
    return x if bias is None else b.add(x, b.broadcast(bias, shape=x.shape, axes=(axis,)))


def same_padding(extents: Sequence[int], dilation: Sequence[int]) -> list[tuple[int, int]]:
    """What keeps the sizes, for steps of 1: the odd element goes to the end."""
    totals = [(extent - 1) * step for extent, step in zip(extents, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]
