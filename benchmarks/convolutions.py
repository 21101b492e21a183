"""How long convolutions and poolings take on numpy, each with its gradients, beside a plain matrix product.

python -m benchmarks.convolutions [--layout first|last] [WORD ...]

A row a shape: milliseconds of the result, the gradient to x and the gradient to the kernel, billions of
multiplications and additions a second, and what part that is of the speed of a plain matrix product. Only rows whose
name has one of the words are measured. Times are of one thread's processor, the best of several runs; set
OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from time import process_time
from typing import Any

import numpy as np
from diptych import backends
from diptych.ir import Builder, Function, TensorType, Value, dtypes
from diptych.passes.autodiff import pullback

BUDGET = 0.4  # seconds a measurement


@dataclass(frozen=True)
class Shape:
    """A convolution of x [batch, inputs, *sizes] with `outputs` kernels [inputs / groups, *extent]."""

    name: str
    batch: int
    inputs: int
    sizes: tuple[int, ...]
    outputs: int
    extent: tuple[int, ...]
    stride: int = 1
    padding: int | None = None  # half of the extent
    groups: int = 1
    transposed: bool = False  # what is timed as the result is the gradient to x


SHAPES = (
    Shape("W3 1", 32, 1, (28, 28), 32, (5, 5)),
    Shape("W3 2", 32, 32, (14, 14), 64, (5, 5)),
    Shape("ResNet stem, small", 32, 3, (32, 32), 64, (3, 3)),
    Shape("ResNet stem", 4, 3, (224, 224), 64, (7, 7), 2),
    Shape("ResNet 64", 16, 64, (32, 32), 64, (3, 3)),
    Shape("ResNet 128, strided", 16, 64, (32, 32), 128, (3, 3), 2),
    Shape("ResNet 128", 32, 128, (16, 16), 128, (3, 3)),
    Shape("ResNet 256", 32, 256, (8, 8), 256, (3, 3)),
    Shape("ResNet 512", 32, 512, (4, 4), 512, (3, 3)),
    Shape("ResNet 1x1, strided", 32, 64, (32, 32), 128, (1, 1), 2),
    Shape("VGG 64", 1, 64, (224, 224), 64, (3, 3)),
    Shape("VGG 256", 2, 256, (56, 56), 256, (3, 3)),
    Shape("VGG 512", 4, 512, (14, 14), 512, (3, 3)),
    Shape("MobileNet depthwise", 8, 96, (56, 56), 96, (3, 3), groups=96),
    Shape("MobileNet depthwise, strided", 8, 96, (112, 112), 96, (3, 3), 2, groups=96),
    Shape("MobileNet depthwise, small", 32, 384, (14, 14), 384, (3, 3), groups=384),
    Shape("MobileNet 1x1", 8, 144, (56, 56), 24, (1, 1)),
    Shape("MobileNet 1x1, small", 32, 96, (14, 14), 576, (1, 1)),
    Shape("ResNeXt 32 groups", 8, 128, (28, 28), 128, (3, 3), groups=32),
    Shape("DCGAN 4x4 up", 32, 64, (32, 32), 128, (4, 4), 2, 1, transposed=True),
    Shape("DCGAN 4x4 up, picture", 32, 3, (64, 64), 64, (4, 4), 2, 1, transposed=True),
    Shape("DCGAN 4x4 down", 32, 128, (16, 16), 256, (4, 4), 2, 1),
    Shape("1-D", 32, 64, (512,), 64, (5,)),
    Shape("1-D, one channel", 32, 1, (4096,), 32, (9,), 2),
    Shape("3-D", 2, 16, (16, 28, 28), 32, (3, 3, 3)),
)


@dataclass(frozen=True)
class Pool:
    """Windows over x [batch, channels, *sizes]."""

    name: str
    batch: int
    channels: int
    sizes: tuple[int, ...]
    window: int
    stride: int
    padding: int = 0


POOLS = (
    Pool("2x2, W3", 32, 32, (28, 28), 2, 2),
    Pool("2x2, VGG", 2, 64, (224, 224), 2, 2),
    Pool("3x3 by 2, ResNet", 4, 64, (112, 112), 3, 2, 1),
    Pool("3x3 by 1", 16, 128, (14, 14), 3, 1, 1),
    Pool("2x2 by 1", 16, 64, (28, 28), 2, 1),
    Pool("1-D 2", 32, 64, (512,), 2, 2),
)


def convolution(shape: Shape, is_last: bool) -> Function:
    """The convolution as a function of x and kernel, channels first or last."""
    rank = len(shape.sizes)
    digits = "".join(map(str, range(rank)))
    layout = f"n{digits}c,{digits}io->n{digits}c" if is_last else f"nc{digits},oi{digits}->nc{digits}"
    inputs = shape.inputs // shape.groups
    x = _with_channels(shape.batch, shape.inputs, shape.sizes, is_last)
    kernel = (*shape.extent, inputs, shape.outputs) if is_last else (shape.outputs, inputs, *shape.extent)
    padding = [(size // 2 if shape.padding is None else shape.padding,) * 2 for size in shape.extent]
    b = Builder("convolution")
    result = b.convolution(
        b.parameter(TensorType(dtypes.f32, x), "x"), b.parameter(TensorType(dtypes.f32, kernel), "kernel"),
        layout=layout, stride=(shape.stride,) * rank, padding=tuple(padding), x_dilation=(1,) * rank,
        kernel_dilation=(1,) * rank, groups=shape.groups,
    )  # fmt: skip
    return b.finish([result])


def pooling(pool: Pool, is_last: bool, make: Callable[..., Value]) -> Function:
    """Pooling as a function of x."""

    def along(number: Any, other: Any) -> tuple[Any, ...]:
        return _with_channels(other, other, (number,) * len(pool.sizes), is_last)

    b = Builder("pooling")
    x = b.parameter(TensorType(dtypes.f32, _with_channels(pool.batch, pool.channels, pool.sizes, is_last)), "x")
    windows = {
        "window": along(pool.window, 1), "stride": along(pool.stride, 1),
        "padding": along((pool.padding,) * 2, (0, 0)), "dilation": along(1, 1),
    }  # fmt: skip
    return b.finish([make(b, x, **windows)])


def _with_channels(batch: Any, channels: Any, sizes: tuple[Any, ...], is_last: bool) -> tuple[Any, ...]:
    return (batch, *sizes, channels) if is_last else (batch, channels, *sizes)


def gradient(function: Function, place: int) -> Function:
    """The gradient to one parameter, as a function of the parameters and the result's cotangent."""
    whole = pullback(function)
    wanted = whole.results[place]
    b = Builder("gradient")
    return b.finish([b.inline(whole, [b.parameter(p.type) for p in whole.parameters])[whole.results.index(wanted)]])


PRODUCT = [np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32) for _ in range(2)]


@dataclass(frozen=True)
class Time:
    """Milliseconds of a call, and of a product of two 512 x 512 matrices in between."""

    call: float
    product: float


def measured(function: Function) -> Time:
    """The best of several runs on random arrays, of this thread's processor."""
    executable = backends.compile(function, backend="numpy")
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(p.type.static_shape()).astype(np.float32) for p in function.parameters]
    executable(*arrays)
    calls, products, begin = [], [], process_time()
    while process_time() - begin < BUDGET:
        times = [process_time()]
        executable(*arrays)
        times.append(process_time())
        np.matmul(*PRODUCT)
        times.append(process_time())
        calls.append(times[1] - times[0])
        products.append(times[2] - times[1])
    return Time(min(calls) * 1e3, min(products) * 1e3)


def operations(shape: Shape, function: Function) -> float:
    """Multiplications and additions of one of the three, in billions."""
    places = function.results[0].type.size // shape.outputs
    return 2 * places * shape.outputs * shape.inputs // shape.groups * prod(shape.extent) / 1e9


def row(name: str, times: list[Time], work: float) -> str:
    cells: list[str] = []
    for time in times:
        speed, ceiling = work / time.call * 1e3, 2 * 512**3 / 1e6 / time.product
        cells.append(f"{time.call:9.2f}" + (f" {speed:4.0f} {speed / ceiling:4.0%}" if work else f"{'':10}"))
    return f"{name:30}{''.join(cells)}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--layout", choices=("first", "last"), action="append")
    given = parser.parse_args()
    for layout in given.layout or ("last", "first"):
        is_last = layout == "last"
        print(f"channels {layout}; ms, GFLOP/s, part of a plain product's in between")
        print(f"{'':30}{'result':>19}{'to x':>19}{'to kernel':>19}")
        for shape in SHAPES:
            if _is_wanted(shape.name, given.words):
                function = convolution(shape, is_last)
                times = [measured(each) for each in (function, gradient(function, 0), gradient(function, 1))]
                times = [times[1], times[0], times[2]] if shape.transposed else times
                print(row(shape.name, times, operations(shape, function)), flush=True)
        for pool in POOLS:
            for kind, make in (("max", Builder.window_max), ("sum", Builder.window_sum)):
                if _is_wanted(f"{kind} {pool.name}", given.words):
                    function = pooling(pool, is_last, make)
                    times = [measured(function), measured(gradient(function, 0))]
                    print(row(f"{kind} {pool.name}", times, 0), flush=True)


def _is_wanted(name: str, words: list[str]) -> bool:
    return not words or any(word in name for word in words)


if __name__ == "__main__":
    main()
