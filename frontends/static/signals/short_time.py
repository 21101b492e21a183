"""tf.signal.stft and its inverse: Fourier transforms of frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, float32, int32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape
from ..operations.casting import cast
from ..operations.fourier import irfft, rfft
from ..operations.joining import tile
from ..operations.padding import pad
from ..operations.reductions import reduced
from .counts import Count, counted
from .frames import frame, overlap_and_add
from .windows import hann_window

Window = Callable[..., Tensor]


def _transform_length(fft_length: Any, frame_length: Count) -> Count:
    """As given, otherwise the power of two that holds a frame."""
    if fft_length is not None:
        return counted(fft_length, "fft_length")
    if isinstance(frame_length, int):
        return 2 ** math.ceil(math.log2(frame_length))
    power = apply("Ceil", [apply("Log", [cast(frame_length, float32)]) / math.log(2.0)])
    return cast(apply("Pow", [2.0, power]), int32)


@export("signal.stft", "contrib.signal.stft")
def stft(
    signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Window | None = hann_window,
    pad_end: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The transforms [..., frames, fft_length // 2 + 1] of the frames of [..., samples], weighed by a window."""
    with name_scope(name, "stft", [signals, frame_length, frame_step]):
        x = convert_to_tensor(signals, name="signals")
        x.shape.with_rank_at_least(1)
        length = counted(frame_length, "frame_length")
        points = _transform_length(fft_length, length)
        frames = frame(x, length, counted(frame_step, "frame_step"), pad_end=pad_end)
        if window_fn is not None:
            frames = frames * window_fn(length, dtype=frames.dtype)
        return rfft(frames, [points])


@export("signal.inverse_stft", "contrib.signal.inverse_stft")
def inverse_stft(
    stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Window | None = hann_window,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """The signals [..., samples] of transforms [..., frames, bins]: what tf.signal.stft was given, where the window is
    tf.signal.inverse_stft_window_fn's."""
    with name_scope(name, "inverse_stft", [stfts]):
        x = convert_to_tensor(stfts, name="stfts")
        x.shape.with_rank_at_least(2)
        length = counted(frame_length, "frame_length")
        points = _transform_length(fft_length, length)
        frames = _cut(irfft(x, [points]), points, length)
        if window_fn is not None:
            frames = frames * window_fn(length, dtype=x.dtype.real_dtype)
        return overlap_and_add(frames, counted(frame_step, "frame_step"))


def _cut(frames: Tensor, points: Count, length: Count) -> Tensor:
    """Frames of as many points with `length`: cut, or filled up with zeros."""
    if isinstance(points, int) and isinstance(length, int) and points >= length:
        return frames[..., :length]
    missing = apply("Maximum", [length - points, 0])
    columns = reshape(frames, [-1, points])
    filled = pad(columns, [[0, 0], [0, missing]])[:, :length]
    outer = apply("Shape", [frames])[:-1]
    found = reshape(filled, apply("ConcatV2", [[outer, [length]], 0]))
    if frames.shape.ndims is not None:
        found.set_shape([*frames.shape.as_list()[:-1], length if isinstance(length, int) else None])
    return found


@export("signal.inverse_stft_window_fn", "contrib.signal.inverse_stft_window_fn")
def inverse_stft_window_fn(
    frame_step: Any, forward_window_fn: Window = hann_window, name: str | None = None
) -> Callable[[Any, DType], Tensor]:
    """The window function by which tf.signal.inverse_stft undoes a transform with `forward_window_fn`: that window over
    the sum of the squares of all windows that lie at a place."""

    def window(frame_length: Any, dtype: DType) -> Tensor:
        """The window [frame_length]."""
        with name_scope(name, "inverse_stft_window_fn"):
            step, length = counted(frame_step, "frame_step"), counted(frame_length, "frame_length")
            forward = forward_window_fn(length, dtype=dtype)
            overlaps = -(-length // step)
            squares = pad(apply("Square", [forward]), [[0, overlaps * step - length]])
            total = reduced("Sum", reshape(squares, [overlaps, step]), [0], True, None)
            return forward / reshape(tile(total, [overlaps, 1]), [overlaps * step])[:length]

    return window
