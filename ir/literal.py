"""The elements of constants as text and back, exact to the bit for every dtype.

A float is the shortest decimal that rounds to it. `nan` is the quiet nan without sign or payload; every other nan
gives its bits, as in nan(0x7fc00001). A complex element has two such parts.
"""

from __future__ import annotations

import re
from array import array
from math import isfinite
from typing import Any

import numpy as np

from .dtypes import DType
from .errors import ParseError

Array = np.ndarray[Any, Any]

_INTEGER = re.compile(r"-?[0-9]{1,20}\Z")
_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_NAN = re.compile(r"nan\(0x([0-9a-fA-F]+)\)\Z")


Part = bool | int | float | str


def parts(values: Array, dtype: DType) -> list[Part]:
    """The elements of `values` in row-major order, of a complex dtype real and imaginary part in turn.

    Integers and bools are Python's; a finite float is the number whose repr is its shortest text; an infinity or nan
    is its text.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    if not dtype.is_differentiable:
        return flat.tolist()
    real = dtype.real
    flat = flat.view(real.numpy)
    bits = flat.view(f"u{real.bytes}").tolist()
    found: list[Part] = _decimals(flat, real).tolist()
    for index in np.flatnonzero(_is_special(flat)).tolist():
        found[index] = _special(float(found[index]), bits[index], real)
    return found


def part_text(part: Part) -> str:
    """One of `parts` in the text of the IR."""
    if isinstance(part, bool):
        return "true" if part else "false"
    return part if isinstance(part, str) else repr(part)


def _decimals(flat: Array, dtype: DType) -> Array:
    """For every float the double with the shortest decimal that, read as a double, rounds to it."""
    with np.errstate(all="ignore"):
        exact = flat.astype(np.float64)
    if dtype.bits == 64:
        return exact
    found = exact.copy()
    missing = np.flatnonzero(np.isfinite(exact))
    for digits in range(1, 10):
        candidates = np.array([float(f"{number:.{digits}g}") for number in exact[missing].tolist()], np.float64)
        with np.errstate(all="ignore"):
            fits = candidates.astype(dtype.numpy) == flat[missing]
        found[missing[fits]] = candidates[fits]
        missing = missing[~fits]
    return found  # what 9 digits do not give keeps its exact double


def _is_special(flat: Array) -> Array:
    with np.errstate(all="ignore"):  # signalling nans are told apart as well as any
        return ~np.isfinite(flat)


def _special(number: float, bits: int, dtype: DType) -> str:
    if number == number:
        return "inf" if number > 0 else "-inf"
    return "nan" if bits == _quiet_nan(dtype) else f"nan(0x{bits:0{dtype.bytes * 2}x})"


def _quiet_nan(dtype: DType) -> int:
    """The bits of the nan with neither sign nor payload: exponent and first mantissa bit set."""
    infinity = np.array(np.inf, dtype.numpy).view(f"u{dtype.bytes}").item()
    lowest = infinity & -infinity  # the exponent's last bit stands just above the mantissa
    return infinity | lowest >> 1


class Numbers:
    """Gathers the parts of one constant from their texts, then makes the array. Eight bytes a part."""

    def __init__(self, dtype: DType) -> None:
        self.dtype = dtype
        self._part = dtype.real
        self._values: array[Any] = array("d" if dtype.is_differentiable else "Q" if dtype.kind == "unsigned" else "q")
        self._nans: list[tuple[int, int]] = []  # index and bits of those that say their bits
        if dtype.is_integer:
            limits = np.iinfo(dtype.numpy)
            self._low, self._high = int(limits.min), int(limits.max)

    def __len__(self) -> int:
        return len(self._values)

    def add(self, text: str) -> None:
        """Adds the part written `text`. Raises ParseError where it is not one of this dtype."""
        if self.dtype.is_bool:
            if text not in ("true", "false"):
                raise self._refusal(text, "true or false")
            self._values.append(text == "true")
        elif self.dtype.is_integer:
            if not _INTEGER.match(text):
                raise self._refusal(text, "an integer")
            number = int(text)
            if not self._low <= number <= self._high:
                raise self._refusal(text, f"from {self._low} to {self._high}")
            self._values.append(number)
        elif text in ("nan", "inf", "-inf"):
            self._values.append(float(text))
        elif _FLOAT.match(text):
            value = float(text)
            if not isfinite(value):
                raise self._refusal(text, "in its range")
            self._values.append(value)
        else:
            self._nans.append((len(self._values), self._nan_bits(text)))
            self._values.append(0.0)

    def add_row(self, text: str) -> bool:
        """Adds plain numbers between commas, all or, where one is out of range, none. Returns whether it did."""
        if self.dtype.is_integer:
            values = [int(number) for number in text.split(",")]
            fit = self._low <= min(values) and max(values) <= self._high
        else:
            values = [float(number) for number in text.split(",")]
            fit = all(map(isfinite, values))
        if fit:
            self._values.extend(values)
        return fit

    def array(self) -> Array:
        """All parts as a flat array of the dtype. Raises ParseError for a float too large for it."""
        given = np.frombuffer(self._values, self._values.typecode) if self._values else np.empty(0)
        if not self.dtype.is_differentiable:
            return given.astype(self.dtype.numpy)
        with np.errstate(all="ignore"):
            flat = given.astype(self._part.numpy)
        grown = np.flatnonzero(np.isinf(flat) & np.isfinite(given))
        if grown.size:
            raise self._refusal(repr(given[grown[0]].item()), "in its range")
        bits = flat.view(f"u{self._part.bytes}")
        for index in np.flatnonzero(np.isnan(given)).tolist():
            bits[index] = _quiet_nan(self._part)
        for index, pattern in self._nans:
            bits[index] = pattern
        return flat.view(self.dtype.numpy)

    def _nan_bits(self, text: str) -> int:
        match = _NAN.match(text)
        if match is None:
            raise self._refusal(text, "a number, inf or nan")
        bits = int(match[1], 16)
        width = f"u{self._part.bytes}"
        infinity = np.array(np.inf, self._part.numpy).view(width).item()
        sign = 1 << (self._part.bits - 1)
        if bits >= 2 * sign or bits & ~sign <= infinity:
            raise self._refusal(text, f"a nan of {self._part}")
        return bits

    def _refusal(self, text: str, must: str) -> ParseError:
        return ParseError(f"element of {self.dtype} is {text[:40]} but must be {must}")
