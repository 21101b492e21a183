"""What tensors have for sparse ones: methods of sparse tensors, and of dense ones those that lead to them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ..device import place_of
from ..dtypes import dtype
from ..functions import pointwise
from ..tapes.callers import renamed
from ..tapes.hooks import RemovableHandle
from ..tapes.mode import mode
from ..tapes.operation import not_run
from ..tapes.stand_ins import StandIn
from ..tensors import inplace
from ..tensors.conversion import conversion
from ..tensors.memory_formats import sparse_coo, strided
from ..tensors.moving import moved
from ..tensors.tensor import Tensor
from . import arithmetic, converting, elementwise, making, products, shaping
from .tensor import SparseTensor, like, made
from .text import sparse_text

_IN_PLACE = (
    "abs", "add", "asin", "atan", "ceil", "deg2rad", "div", "erf", "expm1", "floor", "floor_divide", "log1p", "mul",
    "multiply", "neg", "negative", "pow", "rad2deg", "relu", "round", "sgn", "sign", "sin", "sinh", "sqrt", "square",
    "sub", "subtract", "tan", "tanh", "true_divide", "trunc",
)  # fmt: skip
_FOR_ALL = ("add", "div", "mul", "multiply", "neg", "negative", "sub", "subtract", "true_divide", "floor_divide")


def _refused(text: str, kind: type[Exception] = RuntimeError) -> Callable[..., Any]:
    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        raise kind(text)

    return method


def _check_writable(self: SparseTensor) -> None:
    if mode.enabled and type(self.held) is StandIn:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def _in_place(name: str) -> Callable[..., SparseTensor]:
    """The method `name_`, after which the tensor is what the method `name` made of it."""

    def method(self: SparseTensor, *arguments: Any, **options: Any) -> SparseTensor:
        _check_writable(self)
        if name not in _FOR_ALL and not self.is_ordered:
            raise RuntimeError(f"{name}_ requires coalesced input")
        self.become(getattr(self, name)(*arguments, **options).to(self.dtype))
        return self

    method.__doc__ = f"In place: `{name}`."
    return renamed(method, f"{name}_")


def _zero_(self: SparseTensor) -> SparseTensor:
    """No elements any more."""
    _check_writable(self)
    self.become(making.empty(self.sizes, self.dtype, sparse_axes=self.at.shape[0], place=self.device))
    return self


def _copy_(self: Tensor, other: Tensor, non_blocking: bool = False) -> Tensor:
    """Becomes another sparse tensor, in self's dtype."""
    if not isinstance(other, SparseTensor) or not isinstance(self, SparseTensor):
        raise RuntimeError(
            "copy_() between dense and sparse Tensors is not implemented! Found self type = "
            f"{_type_name(self)} and src type = {_type_name(other)}"
        )
    _check_writable(self)
    self.become(pointwise.clone(other.to(self.dtype)))
    return self


def _type_name(x: Tensor) -> str:
    name = x.dtype.legacy_name
    return name.replace("torch.", "torch.sparse.") if isinstance(x, SparseTensor) else name


def _type(self: SparseTensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The legacy name of the tensor's type, or the tensor in another dtype."""
    if dtype is None:
        return _type_name(self)
    from ..tensors.legacy import dtype_of_type

    return pointwise.cast(self, dtype_of_type(dtype) or dtype)


def _sparse_dim(self: Tensor) -> int:
    """The number of axes whose places are listed: none of a dense tensor."""
    return self.at.shape[0] if isinstance(self, SparseTensor) else 0


def _dense_dim(self: Tensor) -> int:
    """The number of the other axes."""
    return self.ndim - _sparse_dim(self)


def _requires_grad_(self: SparseTensor, requires_grad: bool = True) -> SparseTensor:
    """Sets `requires_grad` and returns the tensor."""
    if requires_grad and not self.dtype.ir.is_differentiable:
        raise RuntimeError("only Tensors of floating point dtype can require gradients")
    self.requires_grad = requires_grad
    return self


def _detach_(self: SparseTensor) -> SparseTensor:
    """Cuts off the history, here and now."""
    self.held = self.held.detach()
    return self


def _register_hook(self: SparseTensor, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls `hook` with each gradient of the tensor, sparse."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if self.is_leaf:
        from ..tensors.hooking import hooks_of_leaf

        return RemovableHandle(hooks_of_leaf(self).before, hook)

    def of_values(gradient: Tensor) -> Tensor | None:
        changed = hook(like(self, gradient))
        return converting.sparse_mask(changed, self).held if isinstance(changed, Tensor) else changed

    return self.held.register_hook(of_values)


def _deep_copy(self: SparseTensor, memo: dict[int, Any]) -> SparseTensor:
    """A leaf of the same elements. Raises RuntimeError of a tensor that is no leaf."""
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  "
            "If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, "
            "see https://github.com/pytorch/pytorch/pull/103001"
        )
    plain = self.detach()
    copied = made(
        deepcopy(plain.at), deepcopy(plain.held), self.sizes, is_ordered=self.is_ordered, has_gaps=self.has_gaps
    )
    copied.requires_grad = self.requires_grad
    memo[id(self)] = copied
    return copied


def _reduced(self: SparseTensor, protocol: Any) -> tuple[Any, ...]:
    at, held = self.detach().parts()
    return _rebuilt, (at, held, self.sizes, self.is_ordered, self.requires_grad)


def _rebuilt(at: Tensor, held: Tensor, sizes: tuple[int, ...], is_ordered: bool, requires_grad: bool) -> SparseTensor:
    found = made(at, held, sizes, is_ordered=is_ordered)
    found.requires_grad = requires_grad
    return found


def _to(self: SparseTensor, *arguments: Any, **options: Any) -> Tensor:
    """The tensor in a dtype, on a device, or as another tensor is; itself where it is so already, unless `copy`."""
    target, place, copy = conversion(arguments, options)
    result = self if target is None else pointwise.cast(self, target)
    result = result if place is None else moved(result, place)
    return pointwise.clone(result) if copy and result is self else result


def _casting(target: dtype) -> Callable[..., Tensor]:
    def method(self: SparseTensor, memory_format: Any = None) -> Tensor:
        return pointwise.cast(self, target)

    return method


def _new(self: SparseTensor, *arguments: Any, device: Any = None) -> SparseTensor:
    """As the legacy type of the tensor: of places, values and sizes, or of sizes alone."""
    return making.legacy(arguments, self.dtype, self.device if device is None else place_of(device))


def _numbers_only(self: SparseTensor) -> Any:
    if self.numel() != 1:
        raise RuntimeError(f"a Tensor with {self.numel()} elements cannot be converted to Scalar")
    return converting.to_dense(self).item()


def _truth(self: SparseTensor) -> bool:
    if self.numel() != 1:
        raise RuntimeError(
            "Boolean value of Tensor with more than one value is ambiguous" if self.numel() else
            "Boolean value of Tensor with no values is ambiguous"
        )  # fmt: skip
    return bool(converting.to_dense(self))


_NO_DATA = "Cannot access data pointer of Tensor that doesn't have storage"
_NO_STORAGE = "Cannot access storage of SparseTensorImpl"
_METHODS: dict[str, Any] = {
    "coalesce": converting.coalesce, "is_coalesced": converting.is_coalesced, "indices": converting.indices,
    "values": converting.values, "_indices": converting.raw_indices, "_values": converting.raw_values,
    "_nnz": converting.count, "__repr__": sparse_text, "smm": products.smm, "copy_": _copy_, "zero_": _zero_,
    "requires_grad_": _requires_grad_, "detach_": _detach_, "register_hook": _register_hook, "type": _type,
    "__iter__": lambda self: iter([self[place] for place in range(self.sizes[0])]),
    "__deepcopy__": _deep_copy, "__reduce_ex__": _reduced, "__copy__": lambda self: _shallow(self), "new": _new,
    "item": _numbers_only, "__bool__": _truth, "to": _to,
    "numpy": _refused("can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() first.", TypeError),
    "tolist": _refused(_NO_DATA), "data_ptr": _refused(_NO_DATA),
    "share_memory_": _refused(_NO_STORAGE, NotImplementedError),
    "is_shared": _refused(_NO_STORAGE, NotImplementedError),
    "storage": _refused(_NO_STORAGE, NotImplementedError),
    "untyped_storage": _refused(_NO_STORAGE, NotImplementedError),
    "contiguous": _refused("unsupported memory format option Contiguous"),
    "reshape": _refused("reshape is not implemented for sparse tensors"),
    "flatten": _refused("reshape is not implemented for sparse tensors"),
    "view": lambda self, *sizes: _raise(not_run("view")),
    "squeeze": lambda self, *dims: _raise(not_run("as_strided")),
    "expand": _refused("expand is unsupported for Sparse tensors"),
    "stride": lambda self, dim=None: (0,) * self.ndim if dim is None else 0,
    "is_contiguous": lambda self, memory_format=None: False,
    "transpose": shaping.transposed, "swapaxes": shaping.transposed, "swapdims": shaping.transposed,
    "is_sparse": True, "layout": sparse_coo,
}  # fmt: skip


def _raise(error: Exception) -> Any:
    raise error


def _shallow(self: SparseTensor) -> SparseTensor:
    """A leaf that shares places and values."""
    copied = self.detach()
    copied.requires_grad = self.requires_grad
    return copied


def _expected(name: str) -> Callable[..., Any]:
    """The method of a dense tensor, which it does not have."""
    return _refused(f"{name} expected sparse coordinate tensor layout but got Strided")


def _into_dense(self: Tensor, other: Tensor, non_blocking: bool = False) -> Tensor:
    """Writes `other`, in self's dtype and broadcast to its shape."""
    if isinstance(other, SparseTensor):
        return _copy_(self, other)
    return inplace.copy_(self, other, non_blocking)


_OF_DENSE: dict[str, Any] = {
    "to_sparse": converting.to_sparse, "to_sparse_coo": lambda self: converting.to_sparse(self),
    "to_dense": converting.to_dense, "sparse_mask": converting.sparse_mask, "sparse_dim": _sparse_dim,
    "dense_dim": _dense_dim, "is_sparse": False, "is_sparse_csr": False, "layout": strided,
    "coalesce": _expected("coalesce"), "is_coalesced": _expected("is_coalesced"), "indices": _expected("indices"),
    "values": _refused("values expected sparse tensor layout but got Strided"),
    "_nnz": lambda self: _raise(not_run("_nnz", "CPU")), "_indices": lambda self: _raise(not_run("_indices", "CPU")),
    "_values": lambda self: _raise(not_run("_values", "CPU")), "copy_": _into_dense, "hspmm": products.hspmm,
    "smm": _refused("tensor.sspaddmm(...) can only be called on sparse tensors"),
}  # fmt: skip


def install() -> None:
    """Sets all methods, and says of each operation what it does with sparse operands."""
    for module in (arithmetic, elementwise, products, shaping):
        module.install()
    for name, method in _OF_DENSE.items():
        setattr(Tensor, name, method)
    for name in _IN_PLACE:
        setattr(SparseTensor, f"{name}_", _in_place(name))
    for name in ("add", "sub", "mul", "truediv", "floordiv", "pow"):
        called = {"truediv": "div", "floordiv": "floor_divide"}.get(name, name)
        setattr(SparseTensor, f"__i{name}__", _in_place(called))
    for name, method in _METHODS.items():
        setattr(SparseTensor, name, method)
    SparseTensor.nbytes = property(
        _refused(
            "nbytes is not defined for sparse tensors.  If you want the size of the constituent tensors, add the "
            "nbytes of the indices and values.  If you want the size of the  equivalent dense tensor, multiply "
            "numel() by element_size()"
        )
    )
