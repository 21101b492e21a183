"""Python's operators on tensors and variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import string
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .casting import abs as absolute
from .division import div, truediv
from .elementwise import logical_xor
from .products import matmul
from .slicing import slice_tensor

Binary = Callable[[Any, Any, str], Tensor]


def _of(type: str) -> Binary:
    return lambda x, y, name: apply(type, [x, y], name=name)


_BINARY: dict[str, tuple[str, Binary]] = {
    "add": ("add", lambda x, y, name: apply("Add" if x.dtype.base_dtype is string else "AddV2", [x, y], name=name)),
    "sub": ("sub", _of("Sub")),
    "mul": ("mul", _of("Mul")),
    "truediv": ("truediv", lambda x, y, name: truediv(x, y, name=name)),
    "floordiv": ("floordiv", _of("FloorDiv")),
    "mod": ("mod", _of("FloorMod")),
    "pow": ("pow", _of("Pow")),
    "matmul": ("matmul", lambda x, y, name: matmul(x, y, name=name)),
    "and": ("and", _of("LogicalAnd")),
    "or": ("or", _of("LogicalOr")),
    "xor": ("xor", lambda x, y, name: _scoped(logical_xor, x, y, name)),
    "div": ("div", lambda x, y, name: div(x, y, name=name)),
}
_COMPARISONS = {"lt": "Less", "le": "LessEqual", "gt": "Greater", "ge": "GreaterEqual"}


def _scoped(compute: Callable[..., Tensor], x: Any, y: Any, name: str) -> Tensor:
    """`compute`, which makes several operations, all in a scope called `name`."""
    with name_scope(name, None, [x, y]) as scope:
        return compute(x, y, name=scope)


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else value._as_graph_tensor(as_ref=False)


def _binary(name: str, compute: Binary) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    def forward(self: Any, other: Any) -> Any:
        x = _tensor(self)
        if isinstance(other, Tensor):
            return compute(x, other, name)
        with name_scope(None, name, [x]) as scope:
            y = convert_to_tensor(other, dtype_hint=x.dtype.base_dtype, name="y")
            return compute(x, y, scope)

    def reflected(self: Any, other: Any) -> Any:
        y = _tensor(self)
        with name_scope(None, name, [y]) as scope:
            x = convert_to_tensor(other, dtype=y.dtype.base_dtype, name="x")
            return compute(x, y, scope)

    return forward, reflected


def install(cls: type) -> None:
    """Gives `cls`, tensors or what `_as_graph_tensor` makes one, the operators."""
    for method, (name, compute) in _BINARY.items():
        forward, reflected = _binary(name, compute)
        setattr(cls, f"__{method}__", forward)
        setattr(cls, f"__r{method}__", reflected)
    for method, type in _COMPARISONS.items():
        setattr(cls, f"__{method}__", lambda self, other, type=type: apply(type, [_tensor(self), other]))
    methods: dict[str, Callable[..., Any]] = {
        "__neg__": lambda self: apply("Neg", [_tensor(self)]),
        "__abs__": lambda self: absolute(_tensor(self)),
        "__invert__": lambda self: apply("LogicalNot", [_tensor(self)]),
        "__getitem__": lambda self, index: slice_tensor(_tensor(self), index),
    }
    for method, function in methods.items():
        setattr(cls, method, function)


install(Tensor)
