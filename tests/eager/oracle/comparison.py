"""Where two answers differ: structure, types, texts and integers exactly, floats within their type's rounding."""

from __future__ import annotations

import math
import re
from typing import Any

# Relative and absolute. Sums may be taken in another order, and libraries round elementary functions differently.
TOLERANCES = {
    "float64": (1e-9, 1e-11), "complex128": (1e-9, 1e-11), "float32": (5e-6, 1e-6), "complex64": (5e-6, 2e-6),
    "float16": (2e-3, 1e-3), "bfloat16": (1.6e-2, 1e-2),
}  # fmt: skip

# Texts that are not imitated, so that the class alone counts: those about the number of arguments and the overloads of
# a C++ function.
ARGUMENTS = re.compile(
    r"[\w.]+\(\) (received an invalid combination of|missing \d+ required|takes (\d+ positional|no arguments))"
)
# Those that name a kernel, as "exp_vml_cpu", which has no code for a dtype: which one it is differs.
KERNELS = re.compile(r"\"\w+\" not implemented for ('\w+')")
# Those that name a function, as 'aten::_softmax' or 'aten::gt.Scalar', which there is not for a layout.
LAYOUTS = re.compile(
    r"Could not run 'aten::_?(\w+?)_?(?:\.\w+)?' with arguments from the ('\w+') backend\..*", re.DOTALL
)


def difference(wanted: Any, found: Any, place: str = "") -> str:
    """The first difference in words, "" where there is none. `place` says where in the answer it is."""
    if isinstance(wanted, dict) and isinstance(found, dict) and {"values"} < wanted.keys() == found.keys():
        return _of_tensors(wanted, found, place)
    if _is_refusal(wanted) and _is_refusal(found):
        return _of_refusals(wanted, found, place)
    if isinstance(wanted, dict) and isinstance(found, dict) and wanted.keys() == found.keys():
        parts = (difference(wanted[key], found[key], f"{place}.{key}") for key in wanted)
        return next((part for part in parts if part), "")
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        parts = (difference(*pair, f"{place}[{number}]") for number, pair in enumerate(zip(wanted, found, strict=True)))
        return next((part for part in parts if part), "")
    if isinstance(wanted, float) and isinstance(found, float):
        # numbers that were read from tensors, most of them of 32 bits
        return "" if _close(wanted, found, TOLERANCES["float32"]) else _told(wanted, found, place)
    return "" if type(wanted) is type(found) and wanted == found else _told(wanted, found, place)


def _told(wanted: Any, found: Any, place: str) -> str:
    return f"{place.lstrip('.') or 'answer'}: torch gives\n  {wanted!r}\nhere it is\n  {found!r}"


def _is_refusal(answer: Any) -> bool:
    return isinstance(answer, dict) and "raises" in answer


def _of_refusals(wanted: dict[str, str], found: dict[str, str], place: str) -> str:
    for form in (KERNELS, LAYOUTS):
        theirs, mine = form.fullmatch(wanted["text"]), form.fullmatch(found["text"])
        if theirs:
            is_same = mine and theirs.groups() == mine.groups() and found["raises"] == wanted["raises"]
            return "" if is_same else _told(wanted, found, place)
    if ARGUMENTS.match(wanted["text"]):
        return "" if found["raises"] == wanted["raises"] else _told(wanted, found, place)
    return "" if found == wanted else _told(wanted, found, place)


def _of_tensors(wanted: dict[str, Any], found: dict[str, Any], place: str) -> str:
    mine, other = dict(wanted), dict(found)
    kind = str(mine.get("tensor", mine.get("array"))).partition("[")[0]
    numbers, others = mine.pop("values"), other.pop("values")
    if mine != other:
        return _told(mine, other, place)
    if len(numbers) != len(others) or not all(
        _close(one, two, TOLERANCES.get(kind, (0, 0))) for one, two in zip(numbers, others, strict=True)
    ):
        return _told(numbers, others, f"{place}.values")
    return ""


def _close(wanted: Any, found: Any, tolerance: tuple[float, float]) -> bool:
    if isinstance(wanted, list):
        return all(_close(one, two, tolerance) for one, two in zip(wanted, found, strict=True))
    if isinstance(wanted, float) and isinstance(found, float):
        return math.isclose(wanted, found, rel_tol=tolerance[0], abs_tol=tolerance[1])
    return type(wanted) is type(found) and wanted == found
