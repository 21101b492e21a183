"""Arrays that are known to be parts of batches: a process's rows of what all have as one."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Part(np.ndarray):
    """Rows of a batch, which has so many `rows` in all processes where that is known. What is made of it is a part no
    more."""

    is_part = False
    rows: int | None = None


def part_of(array: Array, rows: int | None = None) -> Part:
    """An array as a part."""
    found = array.view(Part)
    found.is_part, found.rows = True, rows
    return found


def as_marked(array: Array, source: Any) -> Array:
    """An array as a part, where another one is, of which it was made."""
    return part_of(array, source.rows) if is_marked(source) else array


def is_marked(array: Any) -> bool:
    """Whether an array is known to be a part."""
    return isinstance(array, Part) and array.is_part


def marked_rows(array: Any) -> int | None:
    """How many rows the batch has that an array is a part of; None where that is not known."""
    return array.rows if isinstance(array, Part) else None
