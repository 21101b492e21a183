"""tf.signal: windows, by which frames are weighed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype, bool_, float32, int32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.cumulative import cumsum
from ..operations.joining import concat
from ..operations.ranges import fill, ones
from ..operations.ranges import range as range_of
from ..operations.selection import where
from .counts import Count, counted


def _floating(dtype: Any) -> DType:
    found = as_dtype(dtype)
    if not found.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {found}")
    return found


def _declare_cosine(api: str, mean: float, means: str) -> Callable[..., Tensor]:
    @export(f"signal.{api}", f"contrib.signal.{api}")
    def function(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Tensor:
        element = _floating(dtype)
        with name_scope(name, api):
            length = counted(window_length, "window_length")
            if isinstance(length, int) and length == 1:
                return ones([1], dtype=element)
            around = cast(convert_to_tensor(periodic, dtype=bool_, name="periodic"), int32)
            around.shape.assert_has_rank(0)
            even = 1 - length % 2
            last = cast(around * even + (length - 1), element)
            places = cast(range_of(length), element)
            found = mean - (1 - mean) * apply("Cos", [places * (2 * math.pi) / last])
            if isinstance(length, int):
                return found
            return where(fill([length], apply("Equal", [length, 1])), ones([length], dtype=element), found)

    function.__name__ = function.__qualname__ = api
    function.__doc__ = f"{means} [window_length]; without `periodic` its two ends are alike."
    return function


hann_window = _declare_cosine("hann_window", 0.5, "A period of a raised cosine, which begins at 0,")
hamming_window = _declare_cosine("hamming_window", 0.54, "A period of a raised cosine, which begins above 0,")


@export("signal.vorbis_window")
def vorbis_window(window_length: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """The window [window_length] of Vorbis, a sine of a squared sine."""
    element = _floating(dtype)
    with name_scope(name, "vorbis_window"):
        length = counted(window_length, "window_length")
        places = cast(range_of(length), element)
        inner = apply("Sin", [(places + 0.5) * (math.pi / cast(length, element))])
        return apply("Sin", [apply("Square", [inner]) * (math.pi / 2)])


@export("signal.kaiser_window")
def kaiser_window(window_length: Any, beta: Any = 12.0, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Kaiser's window [window_length], the narrower the larger `beta`."""
    element = _floating(dtype)
    with name_scope(name, "kaiser_window"):
        return _kaiser(counted(window_length, "window_length"), beta, element)


def _kaiser(length: Count, beta: Any, element: DType) -> Tensor:
    if isinstance(length, int) and length == 1:
        return ones([1], dtype=element)
    half = (cast(length, element) - 1.0) / 2.0
    steepness = cast(beta, element)
    places = (cast(range_of(length), element) - half) / half
    inside = apply("Maximum", [1.0 - apply("Square", [places]), 0.0])
    height = steepness * apply("Sqrt", [inside])
    ratio = apply("BesselI0e", [height]) / apply("BesselI0e", [steepness])
    return apply("Exp", [height - steepness]) * ratio


@export("signal.kaiser_bessel_derived_window")
def kaiser_bessel_derived_window(
    window_length: Any, beta: Any = 12.0, dtype: Any = float32, name: str | None = None
) -> Tensor:
    """The window [window_length] whose squares are running sums of Kaiser's, and their mirror image."""
    element = _floating(dtype)
    with name_scope(name, "kaiser_bessel_derived_window"):
        length = counted(window_length, "window_length")
        total = cumsum(_kaiser(length // 2 + 1, beta, element))
        half = apply("Sqrt", [total[:-1] / total[-1]])
        return concat([half, half[::-1]], 0)
