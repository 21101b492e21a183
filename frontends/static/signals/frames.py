"""tf.signal.frame and overlap_and_add: a signal as frames that overlap, and back."""

from __future__ import annotations

import math
from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape, shape, transpose
from ..operations.gathering import gather
from ..operations.joining import concat
from ..operations.padding import pad
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from .counts import Count, behind, counted, known, largest, size_along


@export("signal.frame", "contrib.signal.frame")
def frame(
    signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: Any = -1,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """[..., samples, ...] as [..., frames, frame_length, ...], frames beginning `frame_step` apart along `axis`; with
    `pad_end` also those that reach beyond the end, filled up with `pad_value`. Raises ValueError, IndexError,
    Unsupported."""
    with name_scope(name, "frame", [signal, frame_length, frame_step, pad_value]):
        x = convert_to_tensor(signal, name="signal")
        x.shape.with_rank_at_least(1)
        length, step = counted(frame_length, "frame_length"), counted(frame_step, "frame_step")
        place = counted(axis, "axis")
        if not isinstance(place, int):
            raise Unsupported(
                f"tf.signal.frame: axis is {place.name} but must be known while the graph is built",
                location=user_location(), hint="a Python number",
            )  # fmt: skip
        count = x.shape.ndims
        if count is not None and not -count <= place < count:
            raise IndexError(f"tf.signal.frame: axis is {place} but must be in [{-count}, {count})")
        place = place if count is None else place % count
        dims = None if count is None else x.shape.as_list()
        samples = size_along(x, place)
        if pad_end:
            frames = -(-samples // step)
            missing = largest(0, length + step * (frames - 1) - samples)
            filling = convert_to_tensor(pad_value, dtype=x.dtype.base_dtype)
            filling.shape.assert_has_rank(0)
            x = pad(x, behind(x, place, missing), constant_values=filling)
            samples = samples + missing
        else:
            frames = largest(0, 1 + (samples - length) // step)
        found = _framed(x, place, samples, frames, length, step)
        if dims is not None:
            found.set_shape([*dims[:place], known(frames), known(length), *dims[place + 1 :]])
        return found


def _framed(x: Tensor, axis: int, samples: Count, frames: Count, length: Count, step: Count) -> Tensor:
    """The frames, gathered in pieces as long as lengths and steps allow."""
    piece = math.gcd(length, step) if isinstance(length, int) and isinstance(step, int) and axis >= 0 else 1
    if piece == 1:
        return gather(x, _places(frames, length, step), axis=axis)
    pieces = samples // piece
    sizes = [size_along(x, place) for place in range(x.shape.ndims)]
    before, after = sizes[:axis], sizes[axis + 1 :]
    whole = x[(slice(None),) * axis + (slice(0, pieces * piece),)]
    parts = reshape(whole, [*before, pieces, piece, *after])
    found = gather(parts, _places(frames, length // piece, step // piece), axis=axis)
    return reshape(found, [*before, frames, length, *after])


def _places(frames: Count, length: Count, step: Count) -> Tensor:
    """Where each element of each frame lies: [frames, length]."""
    return expand_dims(range_of(frames) * step, 1) + range_of(length)


@export("signal.overlap_and_add", "contrib.signal.overlap_and_add")
def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Tensor:
    """[..., frames, length] as [..., samples]: frames put `frame_step` apart, and added up where they overlap. Raises
    ValueError."""
    with name_scope(name, "overlap_and_add", [signal, frame_step]):
        x = convert_to_tensor(signal, name="signal")
        x.shape.with_rank_at_least(2)
        given = convert_to_tensor(frame_step, name="frame_step")
        given.shape.assert_has_rank(0)
        if not given.dtype.is_integer:
            raise ValueError(f"frame_step must be an integer. Got {given.dtype}")
        step = counted(given, "frame_step")
        dims = None if x.shape.ndims is None else x.shape.as_list()
        frames, length = size_along(x, -2), size_along(x, -1)
        outer = shape(x)[:-2]
        samples = length + step * (frames - 1)
        total = _added(reshape(x, [reduced("Prod", outer, None, False, None), frames, length]), frames, length, step)
        found = reshape(total[:, :samples], concat([outer, [samples]], 0))
        if dims is not None:
            found.set_shape([*dims[:-2], known(samples)])
        return found


def _added(x: Tensor, frames: Count, length: Count, step: Count) -> Tensor:
    """[batch, frames, length] added up: in segments of a step, those with one number as a row of frames. Each row is
    one place longer than the last one begins late, so that cutting them anew shifts each against the one before."""
    segments = -(-length // step)
    x = pad(x, [[0, 0], [0, segments], [0, segments * step - length]])
    rows = transpose(reshape(x, [-1, frames + segments, segments, step]), [0, 2, 1, 3])
    flat = reshape(rows, [-1, segments * (frames + segments), step])[:, : segments * (frames + segments - 1)]
    shifted = reshape(flat, [-1, segments, frames + segments - 1, step])
    return reshape(reduced("Sum", shifted, [1], False, None), [-1, (frames + segments - 1) * step])
