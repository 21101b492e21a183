"""Gives Tensor its methods: one table from names to functions, and the"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from diptych.names import missing_method

from .. import autograd, storage
from .. import dtypes as dtype_module
from ..calling import older_forms
from ..calling.keyword_names import OF_AXES, with_numpy_names
from ..dtypes import dtype
from ..functions import (
    added_products,
    aliases,
    arithmetic,
    assembling,
    axes,
    complexes,
    drawing,
    elementary,
    extremes,
    gathering,
    indexing,
    joining,
    logic,
    matrices,
    new_tensors,
    ordering,
    pairs,
    parting,
    piecewise,
    pointwise,
    products,
    rearranging,
    reductions,
    resizing_in_place,
    running,
    scattering,
    searching,
    shapes,
    sorting,
    special_functions,
    statistics,
    strided,
    transforms,
    triangles,
)
from ..random import filled_exponential, filled_normal, filled_uniform
from ..sparse import methods as sparse_methods
from ..tapes.callers import renamed
from . import hooking, inplace, mapping, placing, protocols, views
from .conversion import conversion
from .copying import deep_copy, reduced, shallow_copy
from .formatting import tensor_text
from .layout import layout_of
from .legacy import device_of_type, dtype_of_type, legacy_tensor, name_of_type
from .legacy_storage import storage_type
from .moving import moved
from .nodes import node_of
from .operators import COMPARISONS, OPERANDS, OPERATORS, divided, operator, own, reflected
from .tensor import Tensor

_SAME: dict[Any, tuple[str, ...]] = {
    arithmetic: (
        "add", "addcdiv", "addcmul", "atan2", "div", "floor_divide", "fmod", "lerp", "mul", "neg", "negative", "pow",
        "reciprocal", "remainder", "square", "sub",
    ),
    logic: (
        "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "eq", "ge", "gt", "isfinite", "isinf", "isnan",
        "le", "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "masked_fill", "ne",
    ),
    ordering: ("abs", "absolute", "ceil", "clamp", "floor", "maximum", "minimum", "sign", "trunc"),
    pointwise: (
        "acos", "acosh", "asin", "asinh", "atan", "atanh", "clone", "cos", "cosh", "digamma", "erf", "erfc", "erfinv",
        "exp", "expm1", "lgamma", "log", "log1p", "log_softmax", "relu", "rsqrt", "sigmoid", "sin", "sinh", "softmax",
        "sqrt", "tan", "tanh",
    ),
    extremes: ("amax", "amin", "argmax", "argmin", "max", "min"),
    reductions: ("all", "any", "cumsum", "logsumexp", "mean", "norm", "prod", "std", "sum", "var"),
    indexing: ("narrow", "nonzero", "select"),
    joining: ("chunk", "unbind"),
    shapes: (
        "broadcast_to", "contiguous", "expand", "flatten", "squeeze", "t", "transpose", "unfold", "unsqueeze", "view",
    ),
    piecewise: ("hardshrink", "prelu"),
    products: ("addmm", "bmm", "dot", "matmul", "mm", "mv", "outer"),
    added_products: (
        "addbmm", "addmv", "addr", "baddbmm", "corrcoef", "cov", "cross", "dist", "ger", "inner", "kron", "renorm",
        "vdot",
    ),
    aliases: (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "clip", "divide", "fix", "greater",
        "greater_equal", "less", "less_equal", "multiply", "not_equal", "subtract", "true_divide",
    ),
    complexes: (
        "angle", "conj", "conj_physical", "is_conj", "is_inference", "is_neg", "is_nonzero", "is_signed", "isreal",
        "resolve_conj", "resolve_neg", "sgn",
    ),
    drawing: ("bernoulli", "bernoulli_", "cauchy_", "geometric_", "log_normal_", "multinomial", "random_"),
    elementary: (
        "deg2rad", "exp2", "frac", "frexp", "isneginf", "isposinf", "log10", "log2", "logit", "mvlgamma",
        "nan_to_num", "positive", "rad2deg", "round", "signbit", "sinc",
    ),
    gathering: ("argwhere", "gather", "index_select", "masked_select", "nonzero_static", "take", "take_along_dim"),
    matrices: (
        "cholesky", "cholesky_inverse", "cholesky_solve", "det", "geqrf", "inverse", "logdet", "lu_solve",
        "matrix_exp", "matrix_power", "lu", "orgqr", "ormqr", "pinverse", "qr", "slogdet", "svd", "triangular_solve",
    ),
    new_tensors: ("new_empty", "new_empty_strided", "new_full", "new_ones", "new_tensor", "new_zeros"),
    pairs: (
        "allclose", "bitwise_left_shift", "bitwise_right_shift", "clamp_max", "clamp_min", "copysign", "equal",
        "float_power", "fmax", "fmin", "gcd", "heaviside", "hypot", "isclose", "lcm", "ldexp", "logaddexp",
        "logaddexp2", "nextafter", "xlogy",
    ),
    assembling: ("repeat", "repeat_interleave", "tile"),
    parting: (
        "dsplit", "hsplit", "split_with_sizes", "sum_to_size", "tensor_split", "unsafe_chunk", "unsafe_split",
        "vsplit",
    ),
    rearranging: (
        "adjoint", "flip", "fliplr", "flipud", "moveaxis", "movedim", "ravel", "roll", "rot90", "swapaxes",
        "swapdims", "unflatten",
    ),
    resizing_in_place: ("resize_", "resize_as_", "set_"),
    running: ("cummax", "cummin", "cumprod", "diff", "logcumsumexp"),
    scattering: (
        "index_add", "index_copy", "index_fill", "index_put", "index_reduce", "masked_scatter", "put", "scatter",
        "scatter_add", "scatter_reduce",
    ),
    searching: ("bincount", "histc", "histogram", "unique", "unique_consecutive"),
    sorting: ("argsort", "kthvalue", "median", "mode", "msort", "nanmedian", "sort", "topk"),
    special_functions: ("i0", "igamma", "igammac"),
    statistics: ("aminmax", "count_nonzero", "nanmean", "nanquantile", "nansum", "quantile"),
    strided: (
        "as_strided", "as_strided_scatter", "diag", "diag_embed", "diagflat", "diagonal", "diagonal_scatter",
        "narrow_copy", "select_scatter", "slice_scatter", "trace",
    ),
    transforms: ("istft", "stft"),
    triangles: ("tril", "triu"),
}  # fmt: skip

_IN_PLACE: dict[Any, tuple[str, ...]] = {
    added_products: ("addbmm", "addmv", "addr", "baddbmm", "renorm"),
    aliases: (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "clip", "divide", "fix", "greater",
        "greater_equal", "less", "less_equal", "multiply", "not_equal", "subtract", "true_divide",
    ),
    arithmetic: (
        "add", "addcdiv", "addcmul", "atan2", "div", "floor_divide", "fmod", "lerp", "mul", "neg", "negative", "pow",
        "reciprocal", "remainder", "square", "sub",
    ),
    complexes: ("conj_physical", "sgn"),
    elementary: (
        "deg2rad", "exp2", "frac", "log10", "log2", "logit", "mvlgamma", "nan_to_num", "rad2deg", "round", "sinc",
    ),
    logic: (
        "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "eq", "ge", "gt", "le", "logical_and",
        "logical_not", "logical_or", "logical_xor", "lt", "masked_fill", "ne",
    ),
    ordering: ("abs", "absolute", "ceil", "clamp", "floor", "sign", "trunc"),
    pairs: (
        "bitwise_left_shift", "bitwise_right_shift", "clamp_max", "clamp_min", "copysign", "float_power", "gcd",
        "heaviside", "hypot", "lcm", "ldexp", "nextafter", "xlogy",
    ),
    pointwise: (
        "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "digamma", "erf", "erfc", "erfinv", "exp",
        "expm1", "lgamma", "log", "log1p", "relu", "rsqrt", "sigmoid", "sin", "sinh", "sqrt", "tan", "tanh",
    ),
    products: ("addmm",),
    reductions: ("cumsum",),
    running: ("cumprod",),
    scattering: (
        "index_add", "index_copy", "index_fill", "index_put", "index_reduce", "masked_scatter", "put", "scatter",
        "scatter_add", "scatter_reduce",
    ),
    special_functions: ("i0", "igamma", "igammac"),
    triangles: ("tril", "triu"),
}  # fmt: skip


def _to(self: Tensor, *arguments: Any, **options: Any) -> Tensor:
    """The tensor in a dtype, on a device, or as another tensor is; itself where it is so already, unless `copy`."""
    target, place, copy = conversion(arguments, options)
    result = self if target is None else pointwise.cast(self, target)
    result = result if place is None else moved(result, place)
    return pointwise.clone(result) if copy and result is self else result


def _type(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The legacy name of the tensor's type, or the tensor in another dtype, given as such or by its legacy name."""
    if dtype is None:
        return name_of_type(self)
    target = dtype_of_type(dtype)
    if target is not None:
        return moved(pointwise.cast(self, target), device_of_type(dtype))
    if isinstance(dtype, type):
        raise ValueError(f"invalid type: '{dtype.__name__}'")
    return pointwise.cast(self, dtype_module.chosen("type", dtype))


def _casting(name: str, target: dtype) -> Callable[..., Tensor]:
    def method(self: Tensor, memory_format: Any = None) -> Tensor:
        return pointwise.cast(self, target)

    method.__doc__ = f"The elements as {target!r}."
    return renamed(method, name)


def _size(self: Tensor, dim: int | None = None) -> Any:
    """The shape, or the size of one axis."""
    if dim is None:
        return self.shape
    if not self.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return self.shape[axes.counted(dim, self.ndim)]


def _stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements lie between neighbours along each axis, or one axis."""
    strides = layout_of(self).strides
    return strides if dim is None else strides[axes.counted(dim, self.ndim)]


def _is_contiguous(self: Tensor, memory_format: object = None) -> bool:
    """Whether the elements lie row by row without gaps."""
    return layout_of(self).is_contiguous


def _uniform_(self: Tensor, low: float = 0.0, /, to: float = 1.0, *, generator: Any = None, **bound: Any) -> Tensor:
    """Writes uniform numbers in [low, to). By name the first bound is `from`."""
    inplace.check_writable(self)
    low = drawing.lower_bound("uniform_", low, bound)
    views.overwrite(self, filled_uniform(self.detach(), low, to, generator))
    return self


def _normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Writes normal numbers."""
    inplace.check_writable(self)
    views.overwrite(self, filled_normal(self.detach(), mean, std, generator))
    return self


def _exponential_(self: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    """Writes exponential numbers of mean 1 / lambd."""
    inplace.check_writable(self)
    views.overwrite(self, filled_exponential(self.detach(), lambd, generator))
    return self


def _missing(self: Tensor, name: str) -> Any:
    """Says of an attribute whether PyTorch's tensors have it."""
    if name.startswith("__"):  # a protocol that is asked for
        raise AttributeError(f"'Tensor' object has no attribute '{name}'")
    raise missing_method("torch.Tensor", name, dir(type(self)))


def _iterated(self: Tensor) -> Iterator[Tensor]:
    """The slices along the first axis."""
    if not self.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(joining.unbind(self))


def _backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Adds the tensor's gradients to `.grad` of the leaves it depends on."""
    autograd.backward(self, gradient, retain_graph, create_graph, inputs)


def _viewing(name: str, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The method `name`, which makes self the view of it that the function gives."""

    def method(self: Tensor, *arguments: Any, **options: Any) -> Tensor:
        inplace.check_writable(self)
        shown = function(self, *arguments, **options)
        self._view = shown._view
        views.count_version(self)
        return self

    method.__doc__ = f"In place: {function.__doc__}"
    return renamed(method, name)


def install() -> None:
    """Sets all methods on the class."""
    for module, names in _SAME.items():
        for name in names:
            setattr(Tensor, name, with_numpy_names(name, getattr(module, name), OF_AXES))
    for module, names in _IN_PLACE.items():
        for name in names:
            function = with_numpy_names(name, getattr(module, name), OF_AXES)
            setattr(Tensor, f"{name}_", inplace.in_place(function, f"{name}_"))
    for name in older_forms.FORMS:
        for each in (name, f"{name}_"):
            setattr(Tensor, each, older_forms.accepting(each, getattr(Tensor, each), is_method=True))
    for name, function in OPERATORS.items():
        takes = Tensor if name == "matmul" else OPERANDS
        setattr(Tensor, f"__{name}__", operator(function, takes))
        setattr(
            Tensor,
            f"__r{name}__",
            own(f"__r{name}__", operator(reflected(function), takes)),
        )
        if name != "matmul":
            setattr(Tensor, f"__i{name}__", operator(inplace.in_place(function, f"{function.__name__}_")))
    for name, function in COMPARISONS.items():
        setattr(Tensor, f"__{name}__", operator(function))
    others: dict[str, Any] = {
        "__neg__": arithmetic.neg, "__abs__": ordering.abs, "__invert__": logic.bitwise_not,
        "__pos__": lambda self: self, "__getitem__": indexing.getitem, "__setitem__": indexing.setitem,
        "backward": _backward, "copy_": inplace.copy_, "fill_": inplace.fill_, "zero_": inplace.zero_,
        "detach_": inplace.detach_, "uniform_": _uniform_, "normal_": _normal_, "exponential_": _exponential_,
        "size": _size, "dim": lambda self: self.ndim, "split": joining.split_method,
        "nelement": Tensor.numel, "to": _to, "type": _type,
        "view_as": lambda self, other: shapes.view(self, other.shape),
        "reshape": shapes.reshape_method, "permute": shapes.permute_method,
        "reshape_as": lambda self, other: shapes.reshape(self, other.shape),
        "expand_as": lambda self, other: shapes.expand(self, other.shape),
        "__lshift__": operator(pairs.bitwise_left_shift), "__rshift__": operator(pairs.bitwise_right_shift),
        "__rlshift__": operator(reflected(pairs.bitwise_left_shift)), "__contains__": protocols.contains,
        "__rrshift__": operator(reflected(pairs.bitwise_right_shift)), "__reversed__": protocols.reversed,
        "__ilshift__": operator(inplace.in_place(pairs.bitwise_left_shift, "bitwise_left_shift_")),
        "__irshift__": operator(inplace.in_place(pairs.bitwise_right_shift, "bitwise_right_shift_")),
        "__div__": arithmetic.div, "__rdiv__": operator(divided), "__rtruediv__": operator(divided),
        "where": lambda self, condition, other: logic.where(condition, self, other),
        "ndimension": lambda self: self.ndim, "new": new_tensors.new_like,
        "apply_": mapping.apply_, "map_": mapping.map_,
        "map2_": mapping.map2_, "polygamma": lambda self, n: elementary.polygamma(n, self),
        "polygamma_": lambda self, n: inplace.in_place(protocols.polygamma, "polygamma_")(self, n),
        "fill_diagonal_": mapping.fill_diagonal_, "cdouble": _casting("cdouble", dtype_module.complex128),
        "cfloat": _casting("cfloat", dtype_module.complex64),
        "squeeze_": _viewing("squeeze_", shapes.squeeze), "unsqueeze_": _viewing("unsqueeze_", shapes.unsqueeze),
        "transpose_": _viewing("transpose_", shapes.transpose), "t_": _viewing("t_", shapes.t),
        "swapaxes_": _viewing("swapaxes_", shapes.transpose), "swapdims_": _viewing("swapdims_", shapes.transpose),
        "as_strided_": _viewing("as_strided_", strided.as_strided), "is_same_size": protocols.is_same_size,
        "is_set_to": lambda self, tensor: self._storage is tensor._storage,
        "type_as": lambda self, other: moved(pointwise.cast(self, other.dtype), other.device),
        "is_floating_point": lambda self: self.dtype.is_floating_point,
        "is_complex": lambda self: self.dtype.is_complex,
        "is_contiguous": _is_contiguous,
        "__new__": staticmethod(legacy_tensor), "__iter__": _iterated, "__getattr__": _missing, "__repr__": tensor_text,
        "__copy__": shallow_copy, "__deepcopy__": deep_copy, "__reduce_ex__": reduced,
        "retain_grad": hooking.retain, "register_hook": hooking.register,
        "register_post_accumulate_grad_hook": hooking.register_after, "stride": _stride,
        "storage_offset": lambda self: layout_of(self).offset,
        "element_size": lambda self: self.dtype.itemsize,
        "__array_priority__": 1000,  # so that numpy leaves `array * tensor` to the tensor
        "__array_wrap__": protocols.wrapped,
        "data_ptr": storage.data_ptr, "storage": storage.typed_storage, "untyped_storage": storage.untyped_storage,
        "storage_type": storage_type,
    }  # fmt: skip
    others.update(placing.METHODS)
    for name, method in others.items():
        if isinstance(method, FunctionType) and method.__name__[0] in "<_" and not name.startswith("__"):
            renamed(method, name)
        setattr(Tensor, name, method)
    for name, target in (
        ("float", dtype_module.float32), ("double", dtype_module.float64), ("half", dtype_module.float16),
        ("bfloat16", dtype_module.bfloat16), ("long", dtype_module.int64), ("int", dtype_module.int32),
        ("short", dtype_module.int16), ("char", dtype_module.int8), ("byte", dtype_module.uint8),
        ("bool", dtype_module.bool_),
    ):  # fmt: skip
        setattr(Tensor, name, _casting(name, target))
    Tensor.T = property(shapes.reversed_axes)
    Tensor.grad_fn = property(node_of)
    Tensor.retains_grad = property(hooking.retains)
    Tensor.data = Tensor.data.setter(views.replace_data)
    Tensor.mT = property(shapes.matrix_transposed)
    Tensor.H, Tensor.mH = property(protocols.conjugate_transposed), property(rearranging.adjoint)
    Tensor.real = property(complexes.real, lambda self, value: complexes.real(self).copy_(value))
    Tensor.imag = property(complexes.imag, lambda self, value: complexes.imag(self).copy_(value))
    Tensor.itemsize = property(lambda self: self.dtype.itemsize)
    Tensor.nbytes = property(lambda self: self.dtype.itemsize * self.numel())
    sparse_methods.install()
