"""`torch._foreach_add` and its like, which optimizers call: one function over each tensor of a list.

The tensors' calls are recorded one by one, and run together as all calls do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .tensors.tensor import Tensor

_OF_ONE = (
    "abs", "acos", "asin", "atan", "ceil", "cos", "cosh", "erf", "erfc", "exp", "expm1", "floor", "frac", "lgamma",
    "log", "log10", "log1p", "log2", "neg", "reciprocal", "round", "rsqrt", "sigmoid", "sign", "sin", "sinh", "sqrt",
    "tan", "tanh", "trunc",
)  # fmt: skip
_OF_TWO = ("add", "clamp_max", "clamp_min", "div", "maximum", "minimum", "mul", "pow", "sub")
_OF_THREE = ("addcdiv", "addcmul")
_LIMITS = {"maximum": "clamp_min", "minimum": "clamp_max"}  # by their names for bounds that may be numbers


def _tensors(name: str, label: str, given: Any) -> list[Tensor]:
    if not isinstance(given, (tuple, list)) or not all(isinstance(each, Tensor) for each in given):
        raise TypeError(
            f"{name}(): argument '{label}' (position 1) must be tuple of Tensors, not {type(given).__name__}"
        )
    if not given:
        raise RuntimeError("Tensor list must have at least one tensor.")
    return list(given)


def _operands(tensors: list[Tensor], other: Any) -> Sequence[Any]:
    """What goes with each tensor: the items of a list, or one number or tensor for all."""
    if isinstance(other, Tensor):
        if other.ndim:
            raise RuntimeError(
                f"scalar tensor expected to be 0 dim but it has {other.ndim} dimensions and {other.numel()} elements."
            )
        return [other] * len(tensors)
    if not isinstance(other, (tuple, list)):
        return [other] * len(tensors)
    if len(other) != len(tensors):
        if all(isinstance(each, Tensor) for each in other):
            raise RuntimeError(
                f"Tensor lists must have the same number of tensors, got {len(tensors)} and {len(other)}"
            )
        raise RuntimeError("Tensor list must have same number of elements as scalar list.")
    return other


def _of_one(name: str) -> Callable[..., Any]:
    def function(self: Any) -> tuple[Tensor, ...]:
        return tuple(getattr(each, name)() for each in _tensors(function.__name__, "self", self))

    return function


def _of_one_in_place(name: str) -> Callable[..., Any]:
    def function(self: Any) -> Any:
        for each in _tensors(function.__name__, "self", self):
            getattr(each, name)()
        return self

    return function


def _of_two(name: str, ending: str) -> Callable[..., Any]:
    def function(self: Any, other: Any = None, **named: Any) -> Any:
        """With a list, a number for each or for all, or one tensor for all; `alpha` multiplies what is added."""
        options = {"alpha": named.pop("alpha")} if "alpha" in named else {}
        for each in ("exponent", "scalar", "scalars", "tensor"):
            other = named.pop(each, other)
        if named:
            raise TypeError(f"{function.__name__}() got an unexpected keyword argument '{next(iter(named))}'")
        if name == "pow" and not isinstance(self, (tuple, list)):
            return tuple(self**each for each in _tensors(function.__name__, "exponent", other))
        tensors = _tensors(function.__name__, "self", self)
        made = []
        for each, operand in zip(tensors, _operands(tensors, other), strict=True):
            method = name if isinstance(operand, Tensor) else _LIMITS.get(name, name)
            if ending and method in _LIMITS:
                made.append(each.copy_(getattr(each, method)(operand)))
            else:
                made.append(getattr(each, method + ending)(operand, **options))
        return self if ending else tuple(made)

    return function


def _of_three(name: str, ending: str) -> Callable[..., Any]:
    def function(self: Any, tensor1: Any, tensor2: Any, value: Any = 1, scalars: Any = None) -> Any:
        """With a factor for each, or one for all."""
        tensors = _tensors(function.__name__, "self", self)
        firsts, seconds = _operands(tensors, tensor1), _operands(tensors, tensor2)
        factors = value if scalars is None else scalars
        if isinstance(factors, Tensor):
            factors = factors.tolist()
        lines = zip(tensors, firsts, seconds, _operands(tensors, factors), strict=True)
        made = [getattr(each, name + ending)(first, second, value=factor) for each, first, second, factor in lines]
        return self if ending else tuple(made)

    return function


def _lerp(ending: str) -> Callable[..., Any]:
    def function(self: Any, tensors1: Any, weight: Any = None, weights: Any = None) -> Any:
        """With a weight for each, or one for all."""
        tensors = _tensors(function.__name__, "self", self)
        parts = _operands(tensors, weight if weights is None else weights)
        lines = zip(tensors, _operands(tensors, tensors1), parts, strict=True)
        made = [getattr(each, "lerp" + ending)(end, part) for each, end, part in lines]
        return self if ending else tuple(made)

    return function


def _norm(self: Any, ord: Any = 2, dtype: Any = None) -> tuple[Tensor, ...]:
    """The norm of each tensor's elements."""
    return tuple(each.norm(ord, dtype=dtype) for each in _tensors("_foreach_norm", "self", self))


def _max(self: Any) -> tuple[Tensor, ...]:
    """The largest element of each tensor."""
    return tuple(each.max() for each in _tensors("_foreach_max", "self", self))


def _copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Writes the tensors of another list."""
    tensors = _tensors("_foreach_copy_", "self", self)
    for each, source in zip(tensors, _operands(tensors, src), strict=True):
        each.copy_(source)
    return self


def functions() -> dict[str, Callable[..., Any]]:
    """All of them, by name."""
    found = {"norm": _norm, "max": _max, "copy_": _copy_, "zero_": _of_one_in_place("zero_"), "clone": _of_one("clone")}
    for name in _OF_ONE:
        found |= {name: _of_one(name), f"{name}_": _of_one_in_place(f"{name}_")}
    for ending in ("", "_"):
        found |= {name + ending: _of_two(name, ending) for name in _OF_TWO}
        found |= {name + ending: _of_three(name, ending) for name in _OF_THREE}
        found["lerp" + ending] = _lerp(ending)
    for name, function in found.items():
        function.__name__ = function.__qualname__ = f"_foreach_{name}"
        if function.__doc__ is None:
            function.__doc__ = f"As `Tensor.{name}`, of each tensor."
    return {function.__name__: function for function in found.values()}
