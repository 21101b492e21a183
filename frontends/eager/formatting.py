"""How tensors print: PyTorch's form, `tensor([1., 2.])`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from . import dtypes as dtype_module

if TYPE_CHECKING:
    from .tensor import Tensor

PRECISION = 4
THRESHOLD = 1000  # elements above which the middle is left out
EDGE = 3  # elements kept at each end of an axis then
WIDTH = 80


def tensor_text(tensor: Tensor) -> str:
    """The text of `repr(tensor)`."""
    array = np.asarray(tensor.detach()._array())
    if array.dtype.kind == "V" or tensor.dtype.ir.name in ("bf16", "f16"):
        array = array.astype(np.float32)
    prefix = "tensor("
    suffixes: list[str] = []
    default = (dtype_module.get_default_dtype(), dtype_module.int64, dtype_module.bool_)
    if not array.size and array.ndim != 1:
        suffixes.append(f"size={tuple(array.shape)}")
    if tensor.dtype not in default or (not array.size and tensor.dtype is not default[0]):
        suffixes.append(f"dtype={tensor.dtype}")
    if tensor.requires_grad:
        suffixes.append("requires_grad=True" if tensor.is_leaf else f"grad_fn=<{_grad_name(tensor)}>")
    body = "[]" if not array.size else _body(array, len(prefix))
    text = prefix + body
    for suffix in suffixes:
        last = text.rsplit("\n", 1)[-1]
        text += (",\n" + " " * len(prefix) if len(last) + len(suffix) + 2 > WIDTH else ", ") + suffix
    return text + ")"


def _grad_name(tensor: Tensor) -> str:
    call = tensor._lazy().call
    operation = getattr(getattr(call, "template", None), "operation", None)
    name = operation.name.strip("_") if operation is not None else "Backward"
    return "".join(part.capitalize() for part in name.split("_")) + "Backward0"


def _body(array: np.ndarray, indent: int) -> str:
    summary = array.size > THRESHOLD
    shown = _edges(array) if summary else array
    return _nested(array, _formatter(shown), indent, summary)


def _edges(array: np.ndarray) -> np.ndarray:
    for axis, size in enumerate(array.shape):
        if size > 2 * EDGE:
            keep = np.r_[0:EDGE, size - EDGE : size]
            array = array.take(keep, axis=axis)
    return array


def _formatter(array: np.ndarray) -> Callable[[object], str]:
    if array.dtype.kind == "b":
        return _padded([str(bool(each)) for each in array.flat], str)
    if array.dtype.kind in "iu":
        return _padded([str(int(each)) for each in array.flat], lambda each: str(int(each)))
    if array.dtype.kind == "c":
        real, imag = _formatter(array.real), _formatter(np.abs(array.imag))
        return lambda each: f"{real(each.real)}{'-' if np.signbit(each.imag) else '+'}{imag(abs(each.imag)).strip()}j"
    return _float_formatter(array)


def _padded(texts: list[str], write: Callable[[object], str]) -> Callable[[object], str]:
    width = max(map(len, texts))
    return lambda each: write(each).rjust(width)


def _float_formatter(array: np.ndarray) -> Callable[[object], str]:
    """Fixed digits, or powers of ten where the range is wide; integers with a bare point, as PyTorch has them."""
    wide = array.astype(np.float64)
    finite = np.abs(wide[np.isfinite(wide) & (wide != 0)])
    if not finite.size:
        return _padded(
            [_special(each) or f"{each:.0f}." for each in wide.flat], lambda each: _special(each) or f"{each:.0f}."
        )
    low, high = float(finite.min()), float(finite.max())
    whole = bool((finite == np.ceil(finite)).all())
    if whole:
        scientific = high / low > 1000.0 or high > 1e8
        plain = "{:.0f}."
    else:
        scientific = high / low > 1000.0 or high > 1e8 or low < 1e-4
        plain = f"{{:.{PRECISION}f}}"
    pattern = f"{{:.{PRECISION}e}}" if scientific and (not whole or high > 1e8 or high / low > 1000.0) else plain

    def write(each: object) -> str:
        number = float(each)  # type: ignore[arg-type]
        return _special(number) or pattern.format(number)

    return _padded([write(each) for each in wide.flat], write)


def _special(number: float) -> str:
    if math.isnan(number):
        return "nan"
    return ("inf" if number > 0 else "-inf") if math.isinf(number) else ""


def _nested(array: np.ndarray, write: Callable[[object], str], indent: int, summary: bool) -> str:
    if array.ndim == 0:
        return write(array[()])
    size = len(array)
    cut = summary and size > 2 * EDGE
    places = [*range(EDGE), *range(size - EDGE, size)] if cut else list(range(size))
    if array.ndim == 1:
        texts = [write(array[place]) for place in places]
        if cut:
            texts.insert(EDGE, " ...")
        return _lines(texts, indent)
    inner = [_nested(array[place], write, indent + 1, summary) for place in places]
    if cut:
        inner.insert(EDGE, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(inner) + "]"


def _lines(texts: list[str], indent: int) -> str:
    each = max(len(text) for text in texts) + 2
    a_line = max(1, (WIDTH - indent) // each)
    rows = [texts[start : start + a_line] for start in range(0, len(texts), a_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(", ".join(row) for row in rows) + "]"
