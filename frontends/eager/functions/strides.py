"""How far apart a view's elements lie in its base, as PyTorch counts: what says whether a reshape can be a view.

Values have no strides here. They are worked out from the steps of a view, and the base counts as contiguous.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from .. import views
from ..tensor import Tensor

Shape = tuple[int, ...]
Strides = tuple[int, ...]


def contiguous_strides(shape: Shape) -> Strides:
    """Elements from one index to the next along each axis, where the last axis lies closest."""
    return tuple(prod(max(size, 1) for size in shape[axis + 1 :]) for axis in range(len(shape)))


def strides_of(x: Tensor) -> Strides:
    """Elements of the base from one index of x to the next along each axis."""
    shape = x._storage.lazy.kind.shape
    strides = contiguous_strides(shape)
    for read, _, (attribute,) in x._view or ():
        if read is views.index:
            shape, strides = _indexed(shape, strides, attribute)
        elif read is views.permute:
            shape = tuple(shape[axis] for axis in attribute)
            strides = tuple(strides[axis] for axis in attribute)
        elif read is views.expand:
            lead = len(attribute) - len(shape)
            strides = (
                *[0] * lead,
                *(
                    stride if size == full else 0
                    for stride, size, full in zip(strides, shape, attribute[lead:], strict=True)
                ),
            )
            shape = attribute
        else:
            strides = reshaped(shape, strides, attribute) or contiguous_strides(attribute)
            shape = attribute
    return strides


def _indexed(shape: Shape, strides: Strides, entries: Sequence[Any]) -> tuple[Shape, Strides]:
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    sizes: list[int] = []
    found: list[int] = []
    axis = 0
    for entry in (*entries, Ellipsis) if Ellipsis not in entries else entries:
        if entry is None:
            sizes.append(1)
            found.append(0)
        elif entry is Ellipsis:
            kept = len(shape) - used
            sizes.extend(shape[axis : axis + kept])
            found.extend(strides[axis : axis + kept])
            axis += kept
        else:
            if isinstance(entry, tuple):
                places = range(*slice(*entry[1:]).indices(shape[axis]))
                sizes.append(len(places))
                found.append(strides[axis] * places.step)
            axis += 1
    return tuple(sizes), tuple(found)


def reshaped(shape: Shape, strides: Strides, wanted: Shape) -> Strides | None:
    """The strides of the same elements in the shape `wanted`, None where they do not lie so. Runs of axes that lie
    evenly are taken from the end, and each must be made of whole axes of `wanted`."""
    if not prod(shape) or not shape:
        return contiguous_strides(wanted)
    found = [0] * len(wanted)
    place = len(wanted) - 1
    step, elements, covered = strides[-1], 1, 1
    for axis in reversed(range(len(shape))):
        elements *= shape[axis]
        if axis and (shape[axis - 1] == 1 or strides[axis - 1] == elements * step):
            continue
        while place >= 0 and (covered < elements or wanted[place] == 1):
            found[place] = covered * step
            covered *= wanted[place]
            place -= 1
        if covered != elements:
            return None
        if axis:
            step, elements, covered = strides[axis - 1], 1, 1
    return tuple(found) if place == -1 else None


def is_contiguous(x: Tensor) -> bool:
    """Whether x's elements lie side by side in order."""
    if x._view is None:
        return True
    shape = tuple(x.shape)
    if not prod(shape):
        return True
    pairs = zip(shape, strides_of(x), contiguous_strides(shape), strict=True)
    return all(size == 1 or stride == wanted for size, stride, wanted in pairs)
