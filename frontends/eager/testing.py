"""`torch.testing`: the assertions that programs and their tests make of numbers that are nearly equal."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from .device import CPU
from .dtypes import bfloat16, complex64, complex128, dtype, float16, float32, float64
from .functions.pairs import isclose
from .functions.pointwise import cast
from .tensors.data import as_tensor, tensor
from .tensors.moving import moved
from .tensors.tensor import Tensor
from .typing_rules import promote_types

Message = str | Callable[[str], str] | None

_PRECISIONS = {  # rtol and atol; other dtypes must be equal
    float16: (1e-3, 1e-5), bfloat16: (1.6e-2, 1e-5), float32: (1.3e-6, 1e-5), float64: (1e-7, 1e-7),
    complex64: (1.3e-6, 1e-5), complex128: (1e-7, 1e-7),
}  # fmt: skip
_OLDER_PRECISIONS = {float16: (1e-3, 1e-3), float32: (1e-4, 1e-5), float64: (1e-5, 1e-8)}
_EXACT = (0.0, 0.0)
_NUMBERS = (int, float, complex, np.number)


@dataclass(frozen=True)
class _Rules:
    """What counts as close, and what else must be the same."""

    allow_subclasses: bool
    tolerances: tuple[float, float] | None
    equal_nan: bool
    device: bool
    dtype: bool
    layout: bool
    stride: bool


class _Differs(Exception):
    """How two values differ, and where they stand in what is compared."""


def assert_close(
    actual: Any, expected: Any, *, allow_subclasses: bool = True, rtol: float | None = None, atol: float | None = None,
    equal_nan: bool = False, check_device: bool = True, check_dtype: bool = True, check_layout: bool = True,
    check_stride: bool = False, msg: Message = None,
) -> None:  # fmt: skip
    """Raises AssertionError unless abs(actual - expected) <= atol + rtol * abs(expected) everywhere: of tensors,
    arrays, numbers, bools, None, and sequences and mappings of them. Without tolerances the dtype's are taken. Raises
    ValueError for one tolerance without the other, TypeError for what cannot be compared."""
    if (rtol is None) != (atol is None):
        missing = "rtol" if rtol is None else "atol"
        raise ValueError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.")
    tolerances = None if rtol is None or atol is None else (rtol, atol)
    rules = _Rules(allow_subclasses, tolerances, equal_nan, check_device, check_dtype, check_layout, check_stride)
    try:
        pairs = [(path, compare) for path, compare in _pairs(actual, expected, rules, "")]
        for path, compare in pairs:
            where = f"\n\nThe failure occurred for item {path}" if path else ""
            compare(where)
    except _Differs as differs:
        text = str(differs)
        raise AssertionError(msg(text) if callable(msg) else msg or text) from None


def assert_allclose(
    actual: Any, expected: Any, rtol: float | None = None, atol: float | None = None, equal_nan: bool = True,
    msg: str = "",
) -> None:  # fmt: skip
    """As `assert_close`, with wider tolerances, of any dtypes; its older form."""
    warnings.warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. Please "
        "use `torch.testing.assert_close()` instead. You can find detailed upgrade instructions in "
        "https://github.com/pytorch/pytorch/issues/61844.",
        FutureWarning,
        stacklevel=2,
    )
    left = actual if isinstance(actual, Tensor) else tensor(actual)
    right = expected if isinstance(expected, Tensor) else tensor(expected, dtype=left.dtype)
    if rtol is None and atol is None:
        rtol, atol = _loosest(left, right, _OLDER_PRECISIONS)
    assert_close(left, right, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None)


def _loosest(left: Tensor, right: Tensor, precisions: dict[dtype, tuple[float, float]]) -> tuple[float, float]:
    both = [precisions.get(each.dtype, _EXACT) for each in (left, right)]
    return max(each[0] for each in both), max(each[1] for each in both)


# -- what is compared with what ----


def _pairs(actual: Any, expected: Any, rules: _Rules, path: str) -> Iterator[tuple[str, Callable[[str], None]]]:
    """The places where two values lie that are compared, and how."""
    is_text = isinstance(actual, str) or isinstance(expected, str)
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        yield from _pairs_of_mappings(actual, expected, rules, path)
    elif isinstance(actual, Sequence) and isinstance(expected, Sequence) and not is_text:
        if len(actual) != len(expected):
            _fail(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", path)
        for place, (left, right) in enumerate(zip(actual, expected, strict=True)):
            yield from _pairs(left, right, rules, f"{path}[{place}]")
    elif actual is None or expected is None:
        yield path, lambda where: _compare_same("None", actual, expected, where)
    elif isinstance(actual, (bool, np.bool_)) and isinstance(expected, (bool, np.bool_)):
        yield path, lambda where: _compare_same("Booleans", bool(actual), bool(expected), where)
    elif isinstance(actual, _NUMBERS) and isinstance(expected, _NUMBERS):
        yield path, lambda where: _compare_numbers(actual, expected, rules, where)
    else:
        left, right = _as_tensors(actual, expected, rules)
        yield path, lambda where: _compare_tensors(left, right, rules, where)


def _pairs_of_mappings(actual: Any, expected: Any, rules: _Rules, path: str) -> Iterator[Any]:
    missing, added = expected.keys() - actual.keys(), actual.keys() - expected.keys()
    if missing or added:
        _fail(
            "The keys of the mappings do not match:\n"
            f"Missing keys in the actual mapping: {sorted(missing)}\n"
            f"Additional keys in the actual mapping: {sorted(added)}",
            path,
        )
    keys: Any = actual.keys()
    with suppress(TypeError):
        keys = sorted(keys)
    for key in keys:
        yield from _pairs(actual[key], expected[key], rules, f"{path}[{key!r}]")


def _as_tensors(actual: Any, expected: Any, rules: _Rules) -> tuple[Tensor, Tensor]:
    related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
    if (related and rules.allow_subclasses) or type(actual) is type(expected):
        with suppress(TypeError, ValueError):
            return as_tensor(actual), as_tensor(expected)
    raise TypeError(
        f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
    ) from None


def _fail(text: str, path: str) -> NoReturn:
    raise _Differs(text + (f"\n\nThe failure occurred for item {path}" if path else ""))


# -- how two values are compared ----


def _compare_same(kind: str, actual: Any, expected: Any, where: str) -> None:
    if actual is not expected:
        raise _Differs(f"{kind} mismatch: {actual} is not {expected}{where}")


def _compare_numbers(actual: Any, expected: Any, rules: _Rules, where: str) -> None:
    left, right = (each.item() if isinstance(each, np.number) else each for each in (actual, expected))
    if rules.dtype and type(left) is not type(right):
        raise _Differs(f"The (d)types do not match: {type(left)} != {type(right)}.{where}")
    kinds = [{int: _EXACT, float: _PRECISIONS[float64]}.get(type(each), (1e-7, 1e-7)) for each in (left, right)]
    rtol, atol = rules.tolerances or (max(each[0] for each in kinds), max(each[1] for each in kinds))
    if not np.isclose(left, right, rtol, atol, rules.equal_nan):
        raise _Differs(_text_of_numbers(left, right, rtol, atol) + where)


def _text_of_numbers(actual: Any, expected: Any, rtol: float, atol: float) -> str:
    difference = abs(actual - expected)
    relative = float("inf") if expected == 0 else difference / abs(expected)
    is_exact = rtol == atol == 0
    return (
        f"Scalars are not {'equal' if is_exact else 'close'}!\n\nExpected {expected} but got {actual}.\n"
        f"Absolute difference: {difference}{'' if is_exact else f' (up to {atol} allowed)'}\n"
        f"Relative difference: {relative}{'' if is_exact else f' (up to {rtol} allowed)'}"
    )


def _compare_tensors(actual: Tensor, expected: Tensor, rules: _Rules, where: str) -> None:
    for name, is_checked, left, right in (
        ("shape", True, actual.shape, expected.shape),
        ("layout", rules.layout, actual.layout, expected.layout),
        ("device", rules.device, actual.device, expected.device),
        ("dtype", rules.dtype, actual.dtype, expected.dtype),
    ):
        if is_checked and left != right:
            raise _Differs(f"The values for attribute '{name}' do not match: {left} != {right}.{where}")
    if rules.stride and actual.stride() != expected.stride():
        strides = f"{actual.stride()} != {expected.stride()}"
        raise _Differs(f"The values for attribute 'stride()' do not match: {strides}.{where}")
    rtol, atol = rules.tolerances or _loosest(actual, expected, _PRECISIONS)
    both = [moved(each.to_dense() if each.is_sparse else each, CPU).detach() for each in (actual, expected)]
    target = promote_types(actual.dtype, expected.dtype)
    left, right = (cast(each, target) for each in both)
    matches = np.asarray(isclose(left, right, rtol, atol, rules.equal_nan))
    if matches.all():
        return
    if not left.ndim:
        raise _Differs(_text_of_numbers(left.item(), right.item(), rtol, atol) + where)
    raise _Differs(_text_of_tensors(left, right, matches, rtol, atol) + where)


def _text_of_tensors(actual: Tensor, expected: Tensor, matches: np.ndarray, rtol: float, atol: float) -> str:
    left, right = (np.asarray(each) for each in (actual, expected))
    if left.dtype.kind in "biu":
        left, right = left.astype(np.int64), right.astype(np.int64)
    with np.errstate(all="ignore"):
        difference = np.abs(left - right)
        sizes = np.abs(right)
        whole = difference.dtype.kind in "biu"
        relative = difference.astype(np.float32) / sizes.astype(np.float32) if whole else difference / sizes
    difference[matches], relative[matches] = 0, 0
    missed, count = int((~matches).sum()), matches.size
    is_exact = rtol == atol == 0
    lines = [
        f"Tensor-likes are not {'equal' if is_exact else 'close'}!\n",
        f"Mismatched elements: {missed} / {count} ({missed / count:.1%})",
    ]
    for name, found, allowed in (("absolute", difference, atol), ("relative", relative, rtol)):
        place = tuple(int(each) for each in np.unravel_index(np.argmax(found), found.shape))
        most = found[place].item()
        lines.append(
            f"Greatest {name} difference: {most} at index {place}" + ("" if is_exact else f" (up to {allowed} allowed)")
        )
    return "\n".join(lines)
