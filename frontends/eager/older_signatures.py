"""Orders of arguments from before PyTorch 1.5, which it still takes: numbers stood in front of the tensors that they
scale, `x.add_(-0.1, y)`."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .tensor import Tensor

# The number that scales, and the operands behind it.
_SCALED = {
    "add": ("alpha", ("other",)), "sub": ("alpha", ("other",)), "addcmul": ("value", ("tensor1", "tensor2")),
    "addcdiv": ("value", ("tensor1", "tensor2")),
}  # fmt: skip
# The operands; their product is scaled by alpha, what it is added to by beta.
_PRODUCTS = {
    "addmm": ("mat1", "mat2"), "addmv": ("mat", "vec"), "addr": ("vec1", "vec2"), "addbmm": ("batch1", "batch2"),
    "baddbmm": ("batch1", "batch2"),
}  # fmt: skip
_WITH_A_DTYPE = ("addmm", "baddbmm")
_warned: list[bool] = []


def with_older_signatures(name: str, function: Callable[..., Any], *, shown: str | None = None) -> Callable[..., Any]:
    """The function, which takes its arguments in the older order too, and warns of the first. `shown` is what the
    method is called that users see; None of a function."""
    if name in _SCALED:
        label, operands = _SCALED[name]
        numbers = [label]
    elif name in _PRODUCTS:
        operands = _PRODUCTS[name]
        numbers = ["beta", "alpha"]
    else:
        return function
    usual = 1 + len(operands)

    @functools.wraps(function)
    def called(*arguments: Any, **options: Any) -> Any:
        count = len(arguments)
        if options:
            count += sum(each in options for each in operands)
        if count <= usual:
            return function(*arguments, **options)
        tensors = [each for each in arguments if isinstance(each, Tensor)]
        given = dict(zip(numbers, [each for each in arguments if not isinstance(each, Tensor)], strict=False))
        if count != usual + len(given):
            return function(*arguments, **options)
        if not _warned:
            _warned.append(True)
            level = 2 if shown == name else 3  # one more for `out`, and for what is written in place
            warnings.warn(_text(name, numbers, list(given), operands, shown), UserWarning, stacklevel=level)
        return function(*tensors, **given, **options)

    return called


def _text(name: str, numbers: Sequence[str], given: Sequence[str], operands: Sequence[str], shown: str | None) -> str:
    is_method = shown is not None
    title = name if shown is None else shown
    behind = [f"Tensor {each}" for each in operands]
    scales = [f"Number {each}" for each in given]
    out, start = ([], []) if is_method else (["Tensor out = None"], ["Tensor input"])
    front = [*start, *scales] if name in _SCALED else [*scales[:1], *start, *scales[1:]]
    older = ", ".join([*front, *behind, *(["*", *out] if out else [])])
    newer = [f"Number {each} = 1" for each in numbers]
    lines = [", ".join([*start, *behind, "*", *newer, *out])]
    if name in _WITH_A_DTYPE and not is_method:
        lines.append(", ".join([*start, *behind, "torch.dtype out_dtype", "*", *newer, *out]))
    return (
        f"This overload of {title} is deprecated:\n\t{title}({older})\nConsider using one of the following signatures "
        "instead:" + "".join(f"\n\t{title}({line})" for line in lines)
    )
