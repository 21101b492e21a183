"""Gives Tensor its methods: one table from names to functions, and the operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import autograd, hooks, inplace, views
from . import dtypes as dtype_module
from .device import device as device_type
from .dtypes import dtype
from .functions import pointwise, products, reductions, shapes
from .layout import layout_of
from .random import filled_normal, filled_uniform
from .tensor import Tensor

_SAME: dict[Any, tuple[str, ...]] = {
    pointwise: (
        "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "asin", "asinh", "atan", "atan2", "atanh",
        "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "ceil", "clamp", "clone", "cos", "cosh", "digamma",
        "div", "eq", "erf", "erfc", "erfinv", "exp", "expm1", "floor", "floor_divide", "fmod", "ge", "gt", "isfinite",
        "isinf", "isnan", "le", "lerp", "lgamma", "log", "log1p", "log_softmax", "logical_and", "logical_not",
        "logical_or", "logical_xor", "lt", "masked_fill", "maximum", "minimum", "mul", "ne", "neg", "negative", "pow",
        "reciprocal", "relu", "remainder", "round", "rsqrt", "sigmoid", "sign", "sin", "sinh", "softmax", "sqrt",
        "square", "sub", "tan", "tanh", "trunc",
    ),
    reductions: (
        "all", "amax", "amin", "any", "argmax", "argmin", "cumsum", "logsumexp", "max", "mean", "min", "norm", "prod",
        "std", "sum", "var",
    ),
    shapes: (
        "broadcast_to", "chunk", "contiguous", "expand", "flatten", "narrow", "nonzero", "permute", "reshape", "select",
        "split", "squeeze", "t", "transpose", "unbind", "unsqueeze", "view",
    ),
    products: ("addmm", "bmm", "dot", "matmul", "mm", "mv", "outer"),
}  # fmt: skip

_IN_PLACE = (
    "abs", "acos", "add", "addcdiv", "addcmul", "asin", "atan", "ceil", "clamp", "cos", "div", "erf", "exp", "floor",
    "lerp", "log", "log1p", "masked_fill", "mul", "neg", "pow", "reciprocal", "relu", "remainder", "round", "rsqrt",
    "sigmoid", "sin", "sqrt", "square", "sub", "tanh", "trunc",
)  # fmt: skip


def _reflected(function: Callable[..., Tensor]) -> Callable[..., Any]:
    def method(self: Tensor, other: Any) -> Any:
        return function(other, self)

    return method


def _operator(function: Callable[..., Tensor]) -> Callable[..., Any]:
    """The operator, which leaves what is no number or tensor to the other operand."""

    def method(self: Tensor, other: Any) -> Any:
        if not isinstance(other, (Tensor, bool, int, float, complex)):
            other = _converted(other)
            if other is NotImplemented:
                return NotImplemented
        return function(self, other)

    return method


def _converted(other: Any) -> Any:
    import numpy as np

    from .creation import tensor

    if isinstance(other, np.ndarray):
        return tensor(other)
    return other.item() if isinstance(other, np.generic) else NotImplemented


_OPERATORS = {
    "add": pointwise.add, "sub": pointwise.sub, "mul": pointwise.mul, "truediv": pointwise.div,
    "floordiv": pointwise.floor_divide, "mod": pointwise.remainder, "pow": pointwise.pow,
    "matmul": products.matmul, "and": pointwise.bitwise_and, "or": pointwise.bitwise_or, "xor": pointwise.bitwise_xor,
}  # fmt: skip
_COMPARISONS = {
    "eq": pointwise.eq, "ne": pointwise.ne, "lt": pointwise.lt, "le": pointwise.le, "gt": pointwise.gt,
    "ge": pointwise.ge,
}  # fmt: skip


def _to(self: Tensor, *arguments: Any, **options: Any) -> Tensor:
    """The tensor in a dtype, on a device, or as another tensor is; itself where it is so already."""
    target: dtype | None = options.get("dtype")
    if options.get("device") is not None:
        device_type(options["device"])
    for argument in arguments:
        if isinstance(argument, dtype):
            target = argument
        elif isinstance(argument, Tensor):
            target = argument.dtype
        elif isinstance(argument, (str, device_type)):
            device_type(argument)
    result = self if target is None else pointwise.cast(self, target)
    return pointwise.clone(result) if options.get("copy") and result is self else result


def _type(self: Tensor, wanted: dtype | None = None) -> Any:
    """The legacy name of the tensor's type, or the tensor in the dtype `wanted`."""
    if wanted is not None:
        return pointwise.cast(self, wanted)
    names = {"float32": "Float", "float64": "Double", "int64": "Long", "int32": "Int", "bool": "Bool", "uint8": "Byte"}
    return f"torch.{names.get(self.dtype.name, self.dtype.name.capitalize())}Tensor"


def _casting(target: dtype) -> Callable[[Tensor], Tensor]:
    return lambda self: pointwise.cast(self, target)


def _size(self: Tensor, dim: int | None = None) -> Any:
    """The shape, or the size of one axis."""
    return self.shape if dim is None else self.shape[shapes._axis(dim, self.ndim)]


def _stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements lie between neighbours along each axis, or one axis."""
    strides = layout_of(self).strides
    return strides if dim is None else strides[shapes._axis(dim, self.ndim)]


def _is_contiguous(self: Tensor, memory_format: object = None) -> bool:
    """Whether the elements lie row by row without gaps."""
    return layout_of(self).is_contiguous


def _uniform_(self: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Any = None) -> Tensor:
    """Writes uniform numbers in [a, b)."""
    inplace.check_writable(self)
    views.overwrite(self, filled_uniform(self.detach(), a, b, generator))
    return self


def _normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Writes normal numbers."""
    inplace.check_writable(self)
    views.overwrite(self, filled_normal(self.detach(), mean, std, generator))
    return self


def _backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Adds the tensor's gradients to `.grad` of the leaves it depends on."""
    autograd.backward(self, gradient, retain_graph, create_graph, inputs)


def install() -> None:
    """Sets all methods on the class."""
    for module, names in _SAME.items():
        for name in names:
            setattr(Tensor, name, getattr(module, name))
    for name in _IN_PLACE:
        setattr(Tensor, f"{name}_", inplace.in_place(getattr(pointwise, name), f"{name}_"))
    for name, function in _OPERATORS.items():
        setattr(Tensor, f"__{name}__", _operator(function))
        setattr(Tensor, f"__r{name}__", _operator(_reflected(function)))
        if name != "matmul":
            setattr(Tensor, f"__i{name}__", inplace.in_place(function, f"__i{name}__"))
    for name, function in _COMPARISONS.items():
        setattr(Tensor, f"__{name}__", _operator(function))
    others: dict[str, Any] = {
        "__neg__": pointwise.neg, "__abs__": pointwise.abs, "__invert__": pointwise.bitwise_not,
        "__pos__": lambda self: self, "__getitem__": shapes.getitem, "__setitem__": shapes.setitem,
        "backward": _backward, "copy_": inplace.copy_, "fill_": inplace.fill_, "zero_": inplace.zero_,
        "detach_": inplace.detach_, "uniform_": _uniform_, "normal_": _normal_, "size": _size,
        "dim": lambda self: self.ndim,
        "nelement": Tensor.numel, "to": _to, "type": _type, "cpu": lambda self: self,
        "view_as": lambda self, other: shapes.reshape(self, other.shape),
        "reshape_as": lambda self, other: shapes.reshape(self, other.shape),
        "expand_as": lambda self, other: shapes.expand(self, other.shape),
        "type_as": lambda self, other: pointwise.cast(self, other.dtype),
        "is_floating_point": lambda self: self.dtype.is_floating_point,
        "is_complex": lambda self: self.dtype.is_complex,
        "element_size": lambda self: self.dtype.itemsize,
        "register_post_accumulate_grad_hook": hooks.register_after, "is_contiguous": _is_contiguous,
        "stride": _stride, "storage_offset": lambda self: layout_of(self).offset,
    }  # fmt: skip
    for name, method in others.items():
        setattr(Tensor, name, method)
    for name, target in (
        ("float", dtype_module.float32), ("double", dtype_module.float64), ("half", dtype_module.float16),
        ("bfloat16", dtype_module.bfloat16), ("long", dtype_module.int64), ("int", dtype_module.int32),
        ("short", dtype_module.int16), ("char", dtype_module.int8), ("byte", dtype_module.uint8),
        ("bool", dtype_module.bool_),
    ):  # fmt: skip
        setattr(Tensor, name, _casting(target))
    for name in ("T", "mT"):
        setattr(Tensor, name, property(lambda self: shapes.permute(self, *reversed(range(self.ndim)))
                                       if self.ndim != 2 else shapes.t(self)))  # fmt: skip
