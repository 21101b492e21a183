"""Functions that once took their numbers before their tensors, `add_(alpha, other)`, and still do, with a warning."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..functions.operands import NUMBERS
from ..tapes.callers import renamed
from ..tensors.tensor import Tensor
from .telling import warn_once

# The numbers, of which the last may be left out where there are two, and the tensors that they stood before.
FORMS = {
    "add": (("alpha",), ("other",)),
    "sub": (("alpha",), ("other",)),
    "addcdiv": (("value",), ("tensor1", "tensor2")),
    "addcmul": (("value",), ("tensor1", "tensor2")),
    "addbmm": (("beta", "alpha"), ("batch1", "batch2")),
    "addmm": (("beta", "alpha"), ("mat1", "mat2")),
    "addmv": (("beta", "alpha"), ("mat", "vec")),
    "addr": (("beta", "alpha"), ("vec1", "vec2")),
    "baddbmm": (("beta", "alpha"), ("batch1", "batch2")),
}
_WITH_DTYPE = ("addmm", "baddbmm")  # functions that PyTorch has another form of, which its words name


def accepting(name: str, function: Callable[..., Any], *, is_method: bool) -> Callable[..., Any]:
    """The function or method `name`, which takes its older form as well."""
    numbers, tensors = FORMS[name.rstrip("_")]
    most = 1 + len(tensors)

    @functools.wraps(function)
    def called(*arguments: Any, **options: Any) -> Any:
        if len(arguments) <= most:
            return function(*arguments, **options)
        given = [each for each in arguments if isinstance(each, Tensor)]
        plain = [each for each in arguments if each.__class__ in NUMBERS]
        before = _before(numbers, len(plain), is_method)
        fits = len(given) == most and len(given) + len(plain) == len(arguments) and 1 <= len(plain) <= len(numbers)
        if not fits or [isinstance(each, Tensor) for each in arguments[: len(before)]] != before:
            return function(*arguments, **options)
        warn_once("older form", _text(name, numbers[: len(plain)], numbers, tensors, is_method))
        return function(*given, **dict(zip(numbers, plain, strict=False)), **options)

    return renamed(called, name)


def _before(numbers: tuple[str, ...], count: int, is_method: bool) -> list[bool]:
    """Which of the first arguments are tensors: `self` comes first, `input` of a function behind a beta."""
    if is_method or len(numbers) == 1:
        return [True, *[False] * count]
    return [False, True, *[False] * (count - 1)]


def _text(
    name: str, given: tuple[str, ...], numbers: tuple[str, ...], tensors: tuple[str, ...], is_method: bool
) -> str:
    old, own, out = [f"Number {each}" for each in given], [f"Tensor {each}" for each in tensors], ""
    options = ", ".join(f"Number {each} = 1" for each in numbers)
    new = list(own)
    if not is_method:
        old.insert(len(numbers) - 1, "Tensor input")
        new.insert(0, "Tensor input")
        out = ", *, Tensor out = None"
        options += ", Tensor out = None"
    lines = [f"\t{name}({', '.join(new)}, *, {options})"]
    if not is_method and name in _WITH_DTYPE:
        lines.append(f"\t{name}({', '.join(new)}, torch.dtype out_dtype, *, {options})")
    return "\n".join([
        f"This overload of {name} is deprecated:", f"\t{name}({', '.join([*old, *own])}{out})",
        "Consider using one of the following signatures instead:", *lines,
    ])  # fmt: skip
