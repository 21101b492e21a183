"""Result types: every pair of dtypes, as tensors with axes, scalar tensors and Python numbers, under two defaults.

Tables hold dtypes, "refused" for errors, whose texts are cases of their own. What gives complex32 is left out: there is
no such dtype here, and complex64 stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

CASES = """
floats(2) * tensor([1, 2], "uint16")
ints(2) * tensor([1, 2], "uint16")
tensor([1, 2], "uint16") * tensor([1, 2], "bool")
tensor([1, 2], "uint16") * tensor([1, 2], "uint8")
tensor([1, 2], "uint32") * tensor([1, 2], "complex64")
tensor([True], "bool") - tensor([True], "bool")
tensor([True], "bool") - True
ints(2) - tensor([True], "bool")
-tensor([True], "bool")
~floats(2)
floats(2) & floats(2)
ints(2) & True
ints(2) | 1.5
torch.mean(ints(3))
torch.var(ints(3))
torch.sqrt(tensor([4, 9], "uint8"))
torch.clamp(ints(3), 0.5)
torch.lerp(floats(2), doubles(2), 0.5)
torch.remainder(complexes(2), 2)
torch.maximum(complexes(2), complexes(2))
torch.lt(complexes(2), 1)
torch.floor(complexes(2))
torch.sign(complexes(2))
torch.atan2(complexes(2), complexes(2))
torch.amax(complexes(2))
torch.argmax(complexes(2))
torch.max(complexes(2))
torch.masked_fill(ints(2), bools(2), 1.5)
torch.masked_fill(floats(2), bools(2), 1j)
"""

COMMON = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64",
    "complex128",
)  # fmt: skip
REAL = COMMON[:-2]
ALL = (*COMMON, "uint16", "uint32", "uint64")
NUMBERS = {"True": True, "2": 2, "2.5": 2.5, "2j": 2j}


def _said(function: Callable[..., Any], *operands: Any) -> str:
    try:
        return repr(function(*operands).dtype).removeprefix("torch.")
    except (RuntimeError, TypeError):
        return "refused"


def _axes(torch: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: torch.ones(2, dtype=getattr(torch, name)) for name in names}


def _scalars(torch: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: torch.ones((), dtype=getattr(torch, name)) for name in names}


def _table(function: Callable[..., Any], left: dict[str, Any], right: dict[str, Any]) -> dict[str, dict[str, str]]:
    """For each left operand which right ones give which dtype."""
    return {
        name: _row(lambda y, x=x: function(x, y), {column: y for column, y in right.items() if not _complex32(x, y)})
        for name, x in left.items()
    }


def _complex32(x: Any, y: Any) -> bool:
    """Whether half-precision floats meet a complex number or scalar, whose precision does not count."""
    return any(_is_half(one) and _is_complex_scalar(other) for one, other in ((x, y), (y, x)))


def _is_half(x: Any) -> bool:
    return repr(getattr(x, "dtype", "")) == "torch.float16"


def _is_complex_scalar(x: Any) -> bool:
    return isinstance(x, complex) or (hasattr(x, "dtype") and x.dtype.is_complex and not x.ndim)


def _row(function: Callable[..., Any], operands: dict[str, Any]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, operand in operands.items():
        found.setdefault(_said(function, operand), []).append(name)
    return {said: " ".join(names) for said, names in sorted(found.items())}


def tensors_of_every_dtype(torch):
    return _table(torch.mul, _axes(torch, ALL), _axes(torch, ALL))


def tensors_and_scalar_tensors(torch):
    return _table(torch.mul, _axes(torch, ALL), _scalars(torch, ALL))


def scalar_tensors_and_tensors(torch):
    return _table(torch.mul, _scalars(torch, COMMON), _axes(torch, COMMON))


def scalar_tensors(torch):
    return _table(torch.mul, _scalars(torch, COMMON), _scalars(torch, COMMON))


def tensors_and_numbers(torch):
    return _table(torch.mul, _axes(torch, ALL), NUMBERS)


def numbers_and_tensors(torch):
    return _table(lambda x, y: x * y, NUMBERS, _axes(torch, ALL))


def scalar_tensors_and_numbers(torch):
    return _table(torch.mul, _scalars(torch, ALL), NUMBERS)


def tensors_and_numbers_where_float64_is_the_default(torch):
    torch.set_default_dtype(torch.float64)
    return _table(torch.mul, _axes(torch, COMMON), NUMBERS)


def scalar_tensors_and_numbers_where_float64_is_the_default(torch):
    torch.set_default_dtype(torch.float64)
    return _table(torch.mul, _scalars(torch, COMMON), NUMBERS)


def quotients_where_float64_is_the_default(torch):
    torch.set_default_dtype(torch.float64)
    return _table(torch.div, _axes(torch, COMMON), {**_axes(torch, COMMON), **NUMBERS})


def roots_where_float64_is_the_default(torch):
    torch.set_default_dtype(torch.float64)
    return _row(torch.sqrt, _axes(torch, COMMON))


def tensors_and_numbers_where_float16_is_the_default(torch):
    torch.set_default_dtype(torch.float16)
    return _table(torch.mul, _axes(torch, COMMON), {name: NUMBERS[name] for name in ("True", "2", "2.5")})


def three_kinds_of_operand(torch):
    """A scalar tensor of a higher category outranks the number; one of the same category does not outrank axes."""
    return {
        f"{x}[2] {y}[] {number}": _said(lambda a, b, c: (a * b) + c, *operands)
        for x in ("bool", "int32", "float16", "float32")
        for y in ("uint8", "int64", "float64")
        for number in NUMBERS
        if not (x == "float16" and number == "2j")
        for operands in [(_axes(torch, [x])[x], _scalars(torch, [y])[y], NUMBERS[number])]
    }


def _of_function(torch: Any, name: str) -> Any:
    return _table(getattr(torch, name), _axes(torch, COMMON), {**_axes(torch, COMMON), **NUMBERS})


def result_of_add(torch):
    return _of_function(torch, "add")


def result_of_sub(torch):
    return _of_function(torch, "sub")


def result_of_div(torch):
    return _of_function(torch, "div")


def result_of_floor_divide(torch):
    return _of_function(torch, "floor_divide")


def result_of_remainder(torch):
    return _of_function(torch, "remainder")


def result_of_fmod(torch):
    return _of_function(torch, "fmod")


def result_of_pow(torch):
    return _of_function(torch, "pow")


def result_of_atan2(torch):
    return _table(torch.atan2, _axes(torch, COMMON), _axes(torch, COMMON))


def result_of_maximum(torch):
    return _table(torch.maximum, _axes(torch, COMMON), _axes(torch, COMMON))


def result_of_bitwise_and(torch):
    return _of_function(torch, "bitwise_and")


def result_of_logical_and(torch):
    return _table(torch.logical_and, _axes(torch, COMMON), _axes(torch, COMMON))


def result_of_less(torch):
    return _of_function(torch, "lt")


def result_of_equal(torch):
    return _of_function(torch, "eq")


def result_of_where(torch):
    condition = torch.tensor([True, False])
    operands = {**_axes(torch, COMMON), **NUMBERS}
    return _table(lambda x, y: torch.where(condition, x, y), operands, operands)


def result_of_lerp(torch):
    return _table(lambda x, y: torch.lerp(x, y, 0.5), _axes(torch, COMMON), _axes(torch, COMMON))


def result_of_clamp(torch):
    return _table(
        lambda x, bound: torch.clamp(x, bound, bound), _axes(torch, COMMON), {**_axes(torch, COMMON), **NUMBERS}
    )


def result_of_clamp_from_below(torch):
    return _table(lambda x, bound: torch.clamp(x, min=bound), _axes(torch, COMMON), {**_axes(torch, COMMON), **NUMBERS})


def result_of_cat(torch):
    return _table(lambda x, y: torch.cat([x, y]), _axes(torch, COMMON), _axes(torch, COMMON))


def result_of_stack(torch):
    return _table(lambda x, y: torch.stack([x, y]), _axes(torch, COMMON), _axes(torch, COMMON))


def result_of_masked_fill(torch):
    mask = torch.tensor([True, False])
    return _table(
        lambda x, y: torch.masked_fill(x, mask, y), _axes(torch, COMMON), {**_scalars(torch, COMMON), **NUMBERS}
    )


UNARY = (
    "abs", "neg", "sign", "floor", "ceil", "round", "trunc", "isnan", "isinf", "isfinite", "relu", "exp", "expm1",
    "log", "log1p", "sqrt", "rsqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
    "acosh", "atanh", "sigmoid", "erf", "erfc", "erfinv", "lgamma", "digamma", "reciprocal", "square",
    "bitwise_not", "logical_not", "clone",
)  # fmt: skip


def results_of_unary_functions(torch):
    return {name: _row(getattr(torch, name), _axes(torch, COMMON)) for name in UNARY}


REDUCTIONS = (
    "sum", "prod", "mean", "var", "std", "amax", "amin", "max", "min", "argmax", "argmin", "all", "any", "norm",
)  # fmt: skip


def results_of_reductions(torch):
    return {name: _row(getattr(torch, name), _axes(torch, COMMON)) for name in REDUCTIONS}


def results_of_functions_along_an_axis(torch):
    found = {}
    for name in ("cumsum", "softmax", "log_softmax", "logsumexp"):
        operands = _axes(torch, COMMON if name == "cumsum" else REAL)
        found[name] = _row(lambda x, name=name: getattr(torch, name)(x, 0), operands)
    return found
