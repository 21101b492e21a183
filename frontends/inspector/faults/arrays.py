"""Arrays in a few words: what range they have, and how far two of them lie apart. As plain data, which JSON takes, and
as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.ir import TensorType, dtype_of
from diptych.ir.literal import part_text, parts


def element(scalar: Any) -> Any:
    """One element: a number, the text of one that is not finite, or both parts of a complex one."""
    array = np.asarray(scalar)
    found = ["nan" if str(part).startswith("nan") else part for part in parts(array, dtype_of(array.dtype))]
    return found if len(found) > 1 else found[0]


def element_text(data: Any) -> str:
    """The same for people."""
    return f"({', '.join(map(part_text, data))})" if isinstance(data, list) else part_text(data)


def place_text(place: Sequence[int]) -> str:
    """An index: `[2, 0]`."""
    return f"[{', '.join(map(str, place))}]"


def range_of(array: np.ndarray) -> dict[str, Any]:
    """The least and the largest of the finite elements, of complex ones their moduli, None where there are none; how
    many are nan, inf and -inf, where complex infinities all count as inf."""
    dtype = dtype_of(array.dtype)
    finite, counts = array, (0, 0, 0)
    if dtype.is_differentiable:
        with np.errstate(all="ignore"):
            is_nan, is_infinite = np.isnan(array), np.isinf(array)
            finite = array[np.isfinite(array)]
            negative = 0 if dtype.is_complex else int((is_infinite & np.signbit(array)).sum())
            finite = np.abs(finite) if dtype.is_complex else finite
        counts = int(is_nan.sum()), int((is_infinite & ~is_nan).sum()) - negative, negative
    ends = (element(finite.min()), element(finite.max())) if finite.size else (None, None)
    return dict(zip(("least", "largest", "nan", "inf", "-inf"), (*ends, *counts), strict=True))


def range_text(data: dict[str, Any]) -> str:
    """The same for people: `0.0 to 3.5, 2 nan`."""
    words: list[str] = []
    if data["largest"] is not None:
        ends = dict.fromkeys(element_text(data[end]) for end in ("least", "largest"))
        words.append(" to ".join(ends))
    words += [f"{data[what]} {what}" for what in ("nan", "inf", "-inf") if data[what]]
    return ", ".join(words) or "no elements"


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two arrays lie apart: by which `amount` at most, at which place, and what stands there; how
    many of their elements differ at all. `largest`: the largest finite modulus in the second one. Of arrays of two
    shapes, their types stand in place of elements."""

    amount: float
    place: tuple[int, ...]
    left: Any
    right: Any
    count: int
    size: int
    largest: float


def difference(left: np.ndarray, right: np.ndarray) -> Difference:
    """Of two arrays; floats may be of two precisions. nan equals nan, and infinities of one sign are equal; from
    anything else they lie infinitely far apart."""
    if left.shape != right.shape:
        types = [str(TensorType(dtype_of(array.dtype), array.shape)) for array in (left, right)]
        return Difference(np.inf, (), *types, right.size, right.size, 0.0)
    if not left.size:
        return Difference(0.0, (), None, None, 0, 0, 0.0)
    ours, theirs = left.reshape(-1), right.reshape(-1)
    wide_left, wide_right = _wide(ours), _wide(theirs)
    with np.errstate(all="ignore"):
        same = (ours == theirs) if ours.dtype == theirs.dtype else (wide_left == wide_right)
        same |= np.isnan(wide_left) & np.isnan(wide_right)
        amounts = np.abs(wide_left - wide_right)
        if not dtype_of(left.dtype).is_differentiable:
            amounts = np.maximum(amounts, 1.0)  # large integers may be one double
        amounts[~np.isfinite(amounts)] = np.inf
        amounts[same] = 0.0
        finite = np.abs(wide_right[np.isfinite(wide_right)])
    where = int(amounts.argmax())
    place = tuple(int(index) for index in np.unravel_index(where, left.shape))
    largest = float(finite.max()) if finite.size else 0.0
    return Difference(float(amounts[where]), place, ours[where], theirs[where], int((~same).sum()), left.size, largest)


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
