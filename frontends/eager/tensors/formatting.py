"""How tensors print: PyTorch's form, `tensor([1., 2.])`."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes as dtype_module
from ..device import CPU
from ..tapes.batches import is_batched
from ..tapes.tape import tape

if TYPE_CHECKING:
    from .tensor import Tensor


@dataclass(slots=True)
class _Options:
    """What `set_printoptions` sets. Of more elements than `threshold` `edgeitems` are shown at each end of an axis."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
_options = _Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors print from now on: digits, elements shown, width of lines; `profile` ("default", "short", "full")
    sets them together. `sci_mode` says whether powers of ten are written; None lets the elements decide."""
    for name, value in _PROFILES.get(profile or "", {}).items():
        setattr(_options, name, value)
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, value in given.items():
        if value is not None:
            setattr(_options, name, value)
    _options.sci_mode = sci_mode


def tensor_text(tensor: Tensor) -> str:
    """The text of `repr(tensor)`."""
    if is_batched(tensor):
        return _text_of_elements(tensor)
    array = shown_array(tensor)
    prefix = "tensor("
    return with_suffixes(prefix + elements_text(array, len(prefix)), _suffixes(tensor, array), len(prefix))


def _text_of_elements(tensor: Tensor) -> str:
    """The text of a tensor that stands for one element of a batch: that of all elements."""
    elements = tape.elements
    assert elements is not None
    (made,) = elements.outside([elements.output(tensor.detach(), 0)])
    with elements.around():
        text = textwrap.indent(tensor_text(made), "    ")
    return f"BatchedTensor(lvl={elements.level}, bdim=0, value=\n{text}\n)"


def shown_array(tensor: Tensor) -> np.ndarray:
    """The elements, in a dtype that numpy can format."""
    array = np.asarray(tensor.detach()._array())
    is_narrow = array.dtype.kind == "V" or tensor.dtype.ir.name in ("bf16", "f16")
    return array.astype(np.float32) if is_narrow else array


def elements_text(array: np.ndarray, indent: int) -> str:
    """The elements in brackets, further lines indented."""
    return "[]" if not array.size else _body(array, indent)


def with_suffixes(text: str, suffixes: list[str], indent: int, *, breaks: bool = False) -> str:
    """The text with what is said beside the elements, on new lines where the line gets full and, with `breaks`, at
    first."""
    for suffix in suffixes:
        last = text.rsplit("\n", 1)[-1]
        is_full = breaks or len(last) + len(suffix) + 2 > _options.linewidth
        text += (",\n" + " " * indent if is_full else ", ") + suffix
        breaks = False
    return text + ")"


def is_usual(dtype: Any) -> bool:
    """Whether elements show by themselves that they are of this dtype."""
    default = dtype_module.get_default_dtype()
    return dtype in (default, default.to_complex(), dtype_module.int64, dtype_module.bool_)


def _suffixes(tensor: Tensor, array: np.ndarray) -> list[str]:
    """What is said beside the elements: a size that they do not show, an unusual dtype, gradients."""
    default = dtype_module.get_default_dtype()
    found = [] if tensor.device is CPU else [f"device='{tensor.device}'"]
    if not array.size and array.ndim != 1:
        found.append(f"size={tuple(array.shape)}")
    if not (is_usual(tensor.dtype) if array.size else tensor.dtype is default):
        found.append(f"dtype={tensor.dtype}")
    if tensor.requires_grad:
        from ..tapes.gradient_names import gradient_name

        found.append("requires_grad=True" if tensor.is_leaf else f"grad_fn=<{gradient_name(tensor)}>")
    return found


def _body(array: np.ndarray, indent: int) -> str:
    summary = array.size > _options.threshold
    shown = _edges(array) if summary else array
    return _nested(array, _form(shown), indent, summary)


def _edges(array: np.ndarray) -> np.ndarray:
    for axis, size in enumerate(array.shape):
        if size > 2 * _options.edgeitems:
            keep = np.r_[0 : _options.edgeitems, size - _options.edgeitems : size]
            array = array.take(keep, axis=axis)
    return array


@dataclass(frozen=True, slots=True)
class _Form:
    """How to write an element, and the width of a column; what is wider stands out."""

    write: Callable[[Any], str]
    width: int


def _form(array: np.ndarray) -> _Form:
    if array.dtype.kind in "biu":
        width = max(len(str(each.item())) for each in array.flat)
        return _Form(lambda each: str(each.item()).rjust(width), width)
    if array.dtype.kind == "c":
        real, imag = _float_form(array.real), _float_form(array.imag)
        return _Form(lambda each: _complex(each, real, imag), real.width + imag.width + 1)
    return _float_form(array)


def _complex(element: Any, real: _Form, imag: _Form) -> str:
    second = imag.write(element.imag).lstrip()
    return f"{real.write(element.real)}{'' if second.startswith('-') else '+'}{second}j"


def _float_form(array: np.ndarray) -> _Form:
    """Fixed digits, or powers of ten where the range is wide; integers with a bare point, as PyTorch has them. Zeros
    and what is not finite do not count for the width."""
    wide = array.astype(np.float64)
    counted = wide[np.isfinite(wide) & (wide != 0)]
    pattern = "{:.0f}."
    if counted.size:
        sizes = np.abs(counted)
        low, high = float(sizes.min()), float(sizes.max())
        whole = bool((sizes == np.ceil(sizes)).all())
        if _is_scientific(low, high, whole):
            pattern = f"{{:.{_options.precision}e}}"
        elif not whole:
            pattern = f"{{:.{_options.precision}f}}"
    width = max((len(pattern.format(each)) for each in counted.flat), default=1)

    def write(each: Any) -> str:
        number = float(each)
        return (_special(number) or pattern.format(number)).rjust(width)

    return _Form(write, width)


def _is_scientific(low: float, high: float, whole: bool) -> bool:
    """Whether elements between these are written as powers of ten."""
    if _options.sci_mode is not None:
        return _options.sci_mode
    return high / low > 1000.0 or high > 1e8 or (low < 1e-4 and not whole)


def _special(number: float) -> str:
    if math.isnan(number):
        return "nan"
    return ("inf" if number > 0 else "-inf") if math.isinf(number) else ""


def _nested(array: np.ndarray, form: _Form, indent: int, summary: bool) -> str:
    if array.ndim == 0:
        return form.write(array[()])
    size = len(array)
    cut = summary and size > 2 * _options.edgeitems
    places = [*range(_options.edgeitems), *range(size - _options.edgeitems, size)] if cut else list(range(size))
    if array.ndim == 1:
        texts = [form.write(array[place]) for place in places]
        if cut:
            texts.insert(_options.edgeitems, " ...")
        return _lines(texts, form.width + 2, indent)
    inner = [_nested(array[place], form, indent + 1, summary) for place in places]
    if cut:
        inner.insert(_options.edgeitems, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(inner) + "]"


def _lines(texts: list[str], each: int, indent: int) -> str:
    a_line = max(1, (_options.linewidth - indent) // each)
    rows = [texts[start : start + a_line] for start in range(0, len(texts), a_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(", ".join(row) for row in rows) + "]"
