"""`unfold` and `fold`: blocks that slide over an image as columns, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.functions import windows
from diptych.functions.windows import Walk
from diptych.ir import Builder, Value

from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import not_implemented, tensor
from .sizes import Size, listed

# -- operations: what is written as equations ----


@operation
def _im2col(b: Builder, x: Value, walk: Walk) -> Value:
    shape = list(x.type.static_shape())
    _check_positive(walk)
    if x.rank not in (3, 4) or 0 in shape[x.rank - 3 :]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
            f"input, but got: {shape}"
        )
    counts = walk.counts(shape[-2:])
    if min(counts) < 1:
        raise RuntimeError(
            f"Given input with spatial size {_pair(shape[-2:])}, {_told(walk)}, calculated shape of the array of "
            f"sliding blocks as {_pair(counts)}, but its components must be at least one."
        )
    _check_kernel("im2col_out_cpu", x)
    blocks = windows.windows(b, x, walk)
    elements = shape[-3] * walk.extent[0] * walk.extent[1]
    return b.reshape(blocks, shape=(*shape[:-3], elements, counts[0] * counts[1]))


@operation
def _col2im(b: Builder, x: Value, sizes: tuple[int, int], walk: Walk) -> Value:
    shape = list(x.type.static_shape())
    _check_positive(walk)
    if x.rank not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {shape}"
        )
    elements = walk.extent[0] * walk.extent[1]
    if shape[-2] % elements:
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={shape[-2]} and kernel_size={_pair(walk.extent)}."
        )
    rows, columns = walk.counts(sizes)
    if shape[-1] != rows * columns:
        raise RuntimeError(
            f"Given output_size={_pair(sizes)}, {_told(walk)}, stride={_pair(walk.stride)}, expected size of input's "
            f"dimension 2 to match the calculated number of sliding blocks {rows} * {columns} = {rows * columns}, but "
            f"got input.size(2)={shape[-1]}."
        )
    if rows < 0:
        raise RuntimeError(
            f"Given output_size={_pair(sizes)}, {_told(walk)}, stride={_pair(walk.stride)}, calculated shape of the "
            f"array of sliding blocks as {_pair((rows, columns))}, which is too small (non-positive)"
        )
    _check_kernel("col2im_out_cpu", x)
    blocks = b.reshape(x, shape=(*shape[:-2], shape[-2] // elements, elements, rows, columns))
    return windows.from_windows(b, blocks, sizes, walk)


def _check_positive(walk: Walk) -> None:
    for label, short, values in (
        ("kernel size", "kernel", walk.extent), ("dilation", "dilation", walk.dilation),
        ("padding", "pad", walk.padding), ("stride", "stride", walk.stride),
    ):  # fmt: skip
        if min(values) < (0 if short == "pad" else 1):
            wanted = "non-negative" if short == "pad" else "greater than zero"
            raise RuntimeError(
                f"{label} should be {wanted}, but got {short}_height: {values[0]} {short}_width: {values[1]}"
            )


def _check_kernel(name: str, x: Value) -> None:
    if x.dtype.is_integer:
        raise not_implemented(name, x)


def _pair(values: Sequence[int]) -> str:
    return f"({values[0]}, {values[1]})"


def _told(walk: Walk) -> str:
    parts = (("kernel_size", walk.extent), ("dilation", walk.dilation), ("padding", walk.padding))
    return ", ".join(f"{label}={_pair(values)}" for label, values in parts)


# -- functions: what users call ----


def unfold(input: Tensor, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> Tensor:
    """The blocks of input [batch, channels, height, width] as columns: [batch, channels * elements of a block, blocks].
    The batch may be absent. Raises RuntimeError for numbers that do not fit, NotImplementedError for integers."""
    x = tensor("im2col", "input", 1, input)
    return call(_im2col, (x,), (_walk("im2col", kernel_size, dilation, padding, stride, 2),))


def fold(
    input: Tensor, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    """The image [batch, channels, *output_size] whose blocks are the columns of input [batch, channels * elements of a
    block, blocks]; where they overlap they are added. The batch may be absent. Raises RuntimeError for numbers that do
    not fit, NotImplementedError for integers."""
    x = tensor("col2im", "input", 1, input)
    sizes = _two("col2im", "output_size", output_size, 2)
    return call(_col2im, (x,), (sizes, _walk("col2im", kernel_size, dilation, padding, stride, 3)))


def _walk(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any, first: int) -> Walk:
    given = {"kernel_size": kernel_size, "dilation": dilation, "padding": padding, "stride": stride}
    found = {label: _two(name, label, value, first + place) for place, (label, value) in enumerate(given.items())}
    return Walk(found["kernel_size"], found["stride"], found["padding"], found["dilation"])


def _two(name: str, label: str, value: Any, position: int) -> Any:
    """Two integers, both `value` where that is no sequence. Raises RuntimeError for as many as are not two."""
    found = listed(name, label, tuple(value) if isinstance(value, (tuple, list)) else (value, value), position)
    if len(found) != 2:
        raise RuntimeError(f"It is expected {label} equals to 2, but got size {len(found)}")
    return found
