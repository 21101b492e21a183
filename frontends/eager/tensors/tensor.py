"""`torch.Tensor`: a value that may not have been computed yet, a view of one, or a place that collects a gradient."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..device import CPU, device
from ..dtypes import dtype
from ..size import Size
from ..tapes.batches import BOOL, POINTER, check_single, elements_here
from ..tapes.lazy import INFERENCE, Alias, Kind, Lazy, Storage
from ..tapes.mode import mode
from ..tapes.tape import refused, tape
from .reading import exported, has_history, lazy_of, read, shown_array

if TYPE_CHECKING:
    from ..tapes.hooks import Hooks

# How to read, and how to write back (None where nothing can be), with the attributes of both.
Step = tuple[Any, Any, tuple[Any, ...]]


class View:
    """What makes a tensor a view: the steps from its storage's base, and what they showed after `writes` writes.

    `one_of`: of a view made with others by one function, the function's name and the view's number. `is_detached`: of
    what `detach()` makes of a view.
    """

    __slots__ = ("is_detached", "lazy", "one_of", "steps", "writes")

    def __init__(self, steps: tuple[Step, ...], lazy: Lazy, writes: int) -> None:
        self.steps = steps
        self.lazy = lazy
        self.writes = writes
        self.one_of: tuple[str, int] | None = None
        self.is_detached = False


class Meta:
    """What autograd knows of a tensor; most have none of it.

    `requires_grad`: a leaf that collects its gradient in `grad`. `leaf`: of a view of such a leaf, that leaf. `alias`:
    of a tensor with a history of its own, apart from its storage's.
    """

    __slots__ = ("alias", "grad", "hooks", "leaf", "requires_grad")

    def __init__(self, *, requires_grad: bool = False, leaf: Tensor | None = None, alias: Alias | None = None) -> None:
        self.requires_grad = requires_grad
        self.leaf = leaf
        self.alias = alias
        self.grad: Tensor | None = None
        self.hooks: Hooks | None = None


_NOT_A_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
    "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, "
    "use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the "
    "leaf Tensor instead."
)


class Tensor:
    """An array with a history. Calls on tensors are recorded and run together when somebody reads a value.

    A tensor shows its storage's whole value or, with a `_view`, a part of it.
    """

    __module__ = "torch"  # the full name, by which other libraries tell tensors

    __slots__ = ("__dict__", "__weakref__", "_meta", "_storage", "_view")

    _storage: Storage
    _view: View | None
    _meta: Meta | None

    @classmethod
    def _of(cls, storage: Storage, view: View | None = None, meta: Meta | None = None) -> Tensor:
        """The tensor that shows all of `storage`, or `view` of it."""
        self = object.__new__(cls)
        self._storage = storage
        self._view = view
        self._meta = meta
        return self

    # -- what it shows ----

    def _lazy(self) -> Lazy:
        """The value shown now."""
        return self._storage.lazy if self._view is None else lazy_of(self)

    def _read(self) -> tuple[Lazy, int]:
        """The value shown now, and how gradients flow back from who reads it."""
        return read(self)

    def _array(self) -> Any:
        """The value as the backend's array, computed now where it waits."""
        if self._storage.pinned is None:
            return tape.value(self._lazy())
        refused("the value of a tensor is read")
        return shown_array(self)

    @property
    def _kind(self) -> Kind:
        return self._lazy().kind

    @property
    def shape(self) -> Size:
        """Sizes of the axes."""
        return (self._storage.lazy if self._view is None else lazy_of(self)).kind.size

    @property
    def dtype(self) -> dtype:
        """Type of the elements."""
        return (self._storage.lazy if self._view is None else lazy_of(self)).kind.dtype

    @property
    def device(self) -> device:
        """Where the value lives."""
        return (self._storage.lazy if self._view is None else lazy_of(self)).kind.device or CPU

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len((self._storage.lazy if self._view is None else lazy_of(self)).kind.shape)

    @property
    def _version(self) -> int:
        if self._storage.edge == INFERENCE:
            raise RuntimeError("Inference tensors do not track version counter.")
        alias = None if self._meta is None else self._meta.alias
        return self._storage.version if alias is None or alias.data is None else alias.data.version

    # -- gradients ----

    @property
    def is_leaf(self) -> bool:
        """Whether it has no history: made by the user, or not requiring gradients."""
        meta = self._meta
        return (meta is not None and meta.requires_grad) or not has_history(self)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it."""
        meta = self._meta
        return (meta is not None and meta.requires_grad) or has_history(self)

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not self.is_leaf:
            if not wanted:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
                    "in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
                )
            return
        if wanted and not self.dtype.ir.is_differentiable:
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        refused("`requires_grad` is set")
        if wanted and self._storage.edge == INFERENCE and not mode.inference:
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        elements = elements_here()
        if elements is not None:
            elements.own(self)
        self._own_meta().requires_grad = bool(wanted)

    def _own_meta(self) -> Meta:
        """What autograd knows of the tensor, made where there was nothing."""
        if self._meta is None:
            self._meta = Meta()
        return self._meta

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Sets `requires_grad` and returns the tensor."""
        if requires_grad and not self.dtype.ir.is_differentiable:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        if elements_here() is not None:
            raise RuntimeError(
                "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* "
                "APIs) inside of a function being transformed by a functorch transform. This is unsupported, please "
                "attempt to use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call "
                "requires_grad_() outside of a function being transformed instead."
            )
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient collected by `backward`; None where there is none yet."""
        meta = self._meta
        if meta is not None and meta.grad is not None:
            return meta.grad
        if not self.is_leaf and not self.retains_grad:
            warnings.warn(_NOT_A_LEAF, UserWarning, stacklevel=2)
        return None

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        refused("`.grad` is set")
        if value is None:
            if self._meta is not None:
                self._meta.grad = None
            return
        if not isinstance(value, Tensor):
            raise TypeError(f"assigned grad expected to be a Tensor or None but got {type(value).__name__}")
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        if value.dtype is not self.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{value.dtype.name}' to a tensor with grad_dtype "
                f"'{self.dtype.name}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's "
                "dtype)."
            )
        if value.device is not self.device:
            raise RuntimeError(
                f"attempting to assign a gradient with device type '{value.device.type}' to a tensor with device type "
                f"'{self.device.type}'. Please ensure that the gradient and the tensor are on the same device"
            )
        if value.shape != self.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size "
                f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )
        self._own_meta().grad = value

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    def detach(self) -> Tensor:
        """The same storage without history: writes are shared, gradients are not."""
        alias = None if self._meta is None else self._meta.alias
        data = None if alias is None else alias.data
        return Tensor._of(self._storage, _detached(self._view), Meta(alias=Alias(data=data)))

    @property
    def data(self) -> Tensor:
        """As `detach()`: what is written there is written here, and not noted for gradients."""
        return Tensor._of(self._storage, _detached(self._view), Meta(alias=Alias(is_data=True)))

    # -- reading ----

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The value as a numpy array, sharing memory. Raises RuntimeError where gradients are noted, unless `force`."""
        if self.requires_grad and not force and mode.enabled:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        check_single(self, POINTER)
        if self.device is not CPU:
            if not force:
                raise TypeError(
                    f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to "
                    "host memory first."
                )
            return np.array(self.detach()._array())
        return exported(self)

    def item(self) -> Any:
        """The only element as a Python number. Raises RuntimeError of more than one."""
        array = np.asarray(self._array())
        if array.size != 1:
            raise RuntimeError(f"a Tensor with {array.size} elements cannot be converted to Scalar")
        return array.reshape(())[()].item() if array.dtype.kind != "V" else float(array.reshape(()))

    def _is_number(self) -> bool:
        """Whether it can stand where a Python number must: it has no axes and needs no gradient."""
        return not self._lazy().kind.shape and not self.requires_grad

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        check_single(self, POINTER)
        array = np.asarray(self._array())
        return (array.astype(np.float32) if self.dtype.ir.name == "bf16" else array).tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return array.astype(dtype) if dtype is not None and dtype != array.dtype else array

    def __bool__(self) -> bool:
        check_single(self, BOOL)
        array = np.asarray(self._array())
        if array.size != 1:
            if array.size == 0:
                raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(array)

    def __int__(self) -> int:
        return int(self._only())

    def __float__(self) -> float:
        return float(self._only())

    def __complex__(self) -> complex:
        return complex(self._only())

    def _only(self) -> Any:
        if self.numel() != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self.item()

    def __index__(self) -> int:
        if self.dtype.ir.is_differentiable or self.numel() != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __format__(self, specification: str) -> str:
        if not self.ndim:
            return format(self.item(), specification)
        if specification:
            raise TypeError("unsupported format string passed to Tensor.__format__")
        return repr(self)

    def __hash__(self) -> int:
        return id(self)

    def numel(self) -> int:
        """The number of elements."""
        return self.shape.numel()


def _detached(view: View | None) -> View | None:
    if view is None:
        return None
    detached = View(view.steps, view.lazy, view.writes)
    detached.is_detached = True
    return detached
