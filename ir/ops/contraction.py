"""Products of tensors: the general matrix product and the convolution."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..attributes import Axes, Pairs
from ..dimensions import Dim, floor_divide
from ..op import op, refuse
from ..types import TensorType
from . import checks


@op
def matmul(
    lhs: TensorType,
    rhs: TensorType,
    *,
    lhs_contract: Axes = (1,),
    rhs_contract: Axes = (0,),
    lhs_batch: Axes = (),
    rhs_batch: Axes = (),
) -> TensorType:
    """Sum of products over the contracted axes, one pair at a time, for every index of the batch axes.

    The result's axes: batch, lhs's others in order, rhs's others in order. The defaults give the product of two
    matrices. f16 and bf16 add up in f32; bool is refused.
    """
    checks.numeric(lhs, "lhs")
    if rhs.dtype != lhs.dtype:
        refuse("rhs", rhs, f"of dtype {lhs.dtype}, as lhs is", hint="insert a cast")
    checks.distinct((*lhs_batch, *lhs_contract), lhs.rank, "lhs_batch and lhs_contract")
    checks.distinct((*rhs_batch, *rhs_contract), rhs.rank, "rhs_batch and rhs_contract")
    for name, left, right in (("contract", lhs_contract, rhs_contract), ("batch", lhs_batch, rhs_batch)):
        if len(left) != len(right):
            refuse(f"rhs_{name}", list(right), f"as long as lhs_{name}, {list(left)}")
        for left_axis, right_axis in zip(left, right, strict=True):
            if lhs.shape[left_axis] != rhs.shape[right_axis]:
                wanted = f"{lhs.shape[left_axis]} long along axis {right_axis}, as lhs {lhs} is along axis {left_axis}"
                refuse("rhs", rhs, wanted)
    batch = [lhs.shape[axis] for axis in lhs_batch]
    left_free = [size for axis, size in enumerate(lhs.shape) if axis not in lhs_batch and axis not in lhs_contract]
    right_free = [size for axis, size in enumerate(rhs.shape) if axis not in rhs_batch and axis not in rhs_contract]
    return lhs.with_shape((*batch, *left_free, *right_free))


@dataclass(frozen=True, slots=True)
class ConvolutionLayout:
    """Where each role stands among the axes. `x` and `result`: batch axis, channel axis, then the spatial axes;
    `kernel`: output channel axis, input channel axis, then the spatial axes."""

    x: tuple[int, ...]
    kernel: tuple[int, ...]
    result: tuple[int, ...]

    @property
    def spatial_rank(self) -> int:
        return len(self.x) - 2


_LAYOUT = re.compile(r"([nc0-9]+),([oi0-9]+)->([nc0-9]+)\Z")


@lru_cache(maxsize=1024)
def convolution_layout(text: str) -> ConvolutionLayout:
    """The roles that `text` gives, for example n01c,01io->n01c. Raises TypeRuleError."""
    match = _LAYOUT.match(text)
    if match is None:
        refuse("layout", repr(text), "like n01c,01io->n01c: n c digits, o i digits, n c digits")
    spatial = "".join(str(axis) for axis in range(len(match[1]) - 2))
    roles = (("n" + "c" + spatial, match[1]), ("o" + "i" + spatial, match[2]), ("n" + "c" + spatial, match[3]))
    for letters, spec in roles:
        if sorted(spec) != sorted(letters):
            refuse("layout", repr(text), f"of {letters} once each in every part, {spec} is not")
    x, kernel, result = (tuple(spec.index(letter) for letter in letters) for letters, spec in roles)
    return ConvolutionLayout(x, kernel, result)


@op
def convolution(
    x: TensorType,
    kernel: TensorType,
    *,
    layout: str,
    stride: Axes,
    padding: Pairs,
    x_dilation: Axes,
    kernel_dilation: Axes,
    groups: int = 1,
    batch_groups: int = 1,
) -> TensorType:
    """Sliding product of x with kernel over any number of spatial axes (a cross-correlation: the kernel is not
    flipped).

    `layout` names the axes: n batch, c channels, o output channels, i input channels, digits the spatial axes, as in
    n01c,01io->n01c. Along each spatial axis x has x_dilation - 1 zeros put between its elements, then padding[i]
    (negative removes), and the kernel kernel_dilation - 1 zeros between its own. With groups > 1, channels and output
    channels fall into that many groups, each output group seeing its input group. With batch_groups > 1, the batch
    and the output channels do, each output group seeing its part of the batch. f16 and bf16 add up in f32; bool is
    refused.
    """
    checks.numeric(x)
    if kernel.dtype != x.dtype:
        refuse("kernel", kernel, f"of dtype {x.dtype}, as x is", hint="insert a cast")
    roles = convolution_layout(layout)
    rank = roles.spatial_rank
    for name, operand in (("x", x), ("kernel", kernel)):
        if operand.rank != rank + 2:
            refuse(name, operand, f"of rank {rank + 2}, as layout {layout} says")
    checks.length(padding, rank, "padding")
    for name, values in (("stride", stride), ("x_dilation", x_dilation), ("kernel_dilation", kernel_dilation)):
        checks.length(values, rank, name)
        if any(value < 1 for value in values):
            refuse(name, list(values), "1 or more along every axis")
    batch, channels = x.shape[roles.x[0]], x.shape[roles.x[1]]
    outputs, inputs = kernel.shape[roles.kernel[0]], kernel.shape[roles.kernel[1]]
    _groups(batch, channels, outputs, inputs, groups, batch_groups)
    shape: list[Dim] = [0] * x.rank
    shape[roles.result[0]] = floor_divide(batch, batch_groups)
    shape[roles.result[1]] = outputs
    for axis in range(rank):
        shape[roles.result[axis + 2]] = window_count(
            x.shape[roles.x[axis + 2]],
            kernel.shape[roles.kernel[axis + 2]],
            stride[axis],
            padding[axis],
            x_dilation[axis],
            kernel_dilation[axis],
        )
    return x.with_shape(shape)


def _groups(batch: Dim, channels: Dim, outputs: Dim, inputs: Dim, groups: int, batch_groups: int) -> None:
    if groups < 1 or batch_groups < 1 or (groups > 1 and batch_groups > 1):
        refuse("groups and batch_groups", f"{groups} and {batch_groups}", "1 or more, and one of them 1")
    if channels != inputs * groups:
        refuse("kernel", f"{inputs} input channels times {groups} groups", f"{channels} in product, x's channels")
    for name, count in (("groups", groups), ("batch_groups", batch_groups)):
        if isinstance(outputs, int) and outputs % count:
            refuse(name, count, f"a divisor of {outputs}, the output channels")
    if isinstance(batch, int) and batch % batch_groups:
        refuse("batch_groups", batch_groups, f"a divisor of {batch}, the batch")


def window_count(
    size: Dim, window: Dim, stride: int, padding: tuple[int, int], base_dilation: int, window_dilation: int
) -> Dim:
    """How many windows fit along an axis; 0 where none does."""
    spread = size if base_dilation == 1 or size == 0 else (size - 1) * base_dilation + 1
    extent = window if window_dilation == 1 or window == 0 else (window - 1) * window_dilation + 1
    room = spread + (padding[0] + padding[1]) - extent
    if isinstance(room, int):
        return room // stride + 1 if room >= 0 else 0
    return floor_divide(room, stride) + 1
