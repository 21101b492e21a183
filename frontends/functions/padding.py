"""Padding along one axis with elements of x itself. Negative numbers remove elements."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Builder, Value


def part(b: Builder, x: Value, axis: int, start: int, limit: int) -> Value:
    """The elements from start to limit - 1 along `axis`; x itself where these are all."""
    low, high = [0] * x.rank, list(x.shape)
    if (start, limit) == (0, high[axis]):
        return x
    low[axis], high[axis] = start, limit
    return b.slice(x, start=low, limit=high, stride=(1,) * x.rank)


def cropped(b: Builder, x: Value, axis: int, low: int, high: int) -> Value:
    """x without the elements that negative numbers remove from its ends."""
    return part(b, x, axis, max(-low, 0), int(x.shape[axis]) + min(high, 0))


def reflected(b: Builder, x: Value, axis: int, low: int, high: int) -> Value:
    """x with its mirror image before and behind it, without the elements at the edges: dcb|abcd|cba. Both numbers are
    smaller than x's size."""
    size = int(x.shape[axis])

    def mirrored(start: int, limit: int) -> Value:
        return b.reverse(part(b, x, axis, start, limit), axes=(axis,))

    left = [mirrored(1, low + 1)] if low > 0 else []
    right = [mirrored(size - 1 - high, size - 1)] if high > 0 else []
    return cropped(b, _joined(b, [*left, x, *right], axis), axis, low, high)


def replicated(b: Builder, x: Value, axis: int, low: int, high: int) -> Value:
    """x with its first element before it and its last behind it: aaa|abcd|ddd."""
    size = int(x.shape[axis])

    def edge(place: int, count: int) -> Value:
        shape = list(x.shape)
        shape[axis] = count
        others = [other for other in range(x.rank) if other != axis]
        single = b.reshape(part(b, x, axis, place, place + 1), shape=[x.shape[other] for other in others])
        return b.broadcast(single, shape=shape, axes=others)

    left = [edge(0, low)] if low > 0 else []
    right = [edge(size - 1, high)] if high > 0 else []
    return cropped(b, _joined(b, [*left, x, *right], axis), axis, low, high)


def wrapped(b: Builder, x: Value, axis: int, low: int, high: int) -> Value:
    """What negative numbers leave of x, with its end before it and its start behind it: bcd|abcd|abc. Neither number is
    larger than the size of that."""
    x = cropped(b, x, axis, low, high)
    size = int(x.shape[axis])
    left = [part(b, x, axis, size - low, size)] if low > 0 else []
    right = [part(b, x, axis, 0, high)] if high > 0 else []
    return _joined(b, [*left, x, *right], axis)


def _joined(b: Builder, parts: Sequence[Value], axis: int) -> Value:
    return parts[0] if len(parts) == 1 else b.concatenate(*parts, axis=axis)
