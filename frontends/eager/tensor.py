"""`torch.Tensor`: a value that may not have been computed yet, a view of one, or a place that collects a gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .device import CPU, device
from .dtypes import dtype
from .lazy import Kind, Lazy, Storage
from .size import Size
from .tape import tape


class Tensor:
    """An array with a history. Calls on tensors are recorded and run together when somebody reads a value.

    A tensor either owns its storage's whole value or, with `_view` set, shows a part of it: a tuple of steps (see
    `views.py`) from the base to what it shows.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_detached",
        "_grad",
        "_leaf",
        "_leaf_requires_grad",
        "_retains",
        "_seen",
        "_shown",
        "_storage",
        "_view",
    )

    _storage: Storage
    _view: tuple[Any, ...] | None
    _shown: Lazy | None  # what a view showed when its storage was at version `_seen`
    _seen: int
    _leaf_requires_grad: bool
    _leaf: Tensor | None  # of a view of a tensor that collects gradients: that tensor
    _detached: bool
    _grad: Tensor | None
    _retains: bool

    def __new__(cls, *arguments: Any, **options: Any) -> Tensor:
        from .creation import legacy_tensor

        return legacy_tensor(cls, *arguments, **options)

    @classmethod
    def _of(cls, storage: Storage) -> Tensor:
        """The tensor that shows all of `storage`."""
        self = object.__new__(cls)
        self._storage = storage
        self._view = None
        self._shown = None
        self._seen = 0
        self._leaf_requires_grad = False
        self._leaf = None
        self._detached = False
        self._grad = None
        self._retains = False
        return self

    # -- what it shows ----

    def _lazy(self) -> Lazy:
        """The value shown now."""
        if self._view is None:
            return self._storage.lazy
        if self._shown is None or self._seen != self._storage.version:
            from .views import shown

            self._shown = shown(self)
            self._seen = self._storage.version
        return self._shown

    def _array(self) -> Any:
        """The value as the backend's array, computed now where it waits."""
        return tape.value(self._lazy())

    @property
    def _kind(self) -> Kind:
        return self._lazy().kind

    @property
    def shape(self) -> Size:
        """Sizes of the axes."""
        return Size(self._lazy().kind.shape)

    @property
    def dtype(self) -> dtype:
        """Type of the elements."""
        return self._lazy().kind.dtype

    @property
    def device(self) -> device:
        """Where the value lives."""
        return CPU

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._lazy().kind.shape)

    @property
    def _version(self) -> int:
        return self._storage.version

    @property
    def is_leaf(self) -> bool:
        """Whether it has no history: made by the user, or not requiring gradients."""
        return self._leaf is None and (self._detached or not self._storage.tracked)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it."""
        return self._leaf_requires_grad or self._leaf is not None or (self._storage.tracked and not self._detached)

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
        self._leaf_requires_grad = bool(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Sets `requires_grad` and returns the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient collected by `backward`; None where there is none yet."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(f"assigned grad expected to be a Tensor or None but got {type(value).__name__}")
            if value.shape != self.shape:
                raise RuntimeError(
                    f"assigned grad has data of a different size: expected {list(self.shape)}, got {list(value.shape)}"
                )
        self._grad = value

    def detach(self) -> Tensor:
        """The same storage without history: writes are shared, gradients are not."""
        other = Tensor._of(self._storage)
        other._view = self._view
        other._detached = True
        return other

    @property
    def data(self) -> Tensor:
        """As `detach()`: what is written there is written here, and not noted for gradients."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        from .views import replace_data

        replace_data(self, value)

    # -- reading ----

    def numpy(self) -> np.ndarray:
        """The value as a numpy array, sharing memory where the backend is numpy. Raises RuntimeError with gradients."""
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        from .views import exported

        return exported(self)

    def item(self) -> Any:
        """The only element as a Python number. Raises RuntimeError of more than one."""
        array = np.asarray(self._array())
        if array.size != 1:
            raise RuntimeError(f"a Tensor with {array.size} elements cannot be converted to Scalar")
        return array.reshape(())[()].item() if array.dtype.kind != "V" else float(array.reshape(()))

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        array = np.asarray(self._array())
        return (array.astype(np.float32) if self.dtype.ir.name == "bf16" else array).tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return array.astype(dtype) if dtype is not None and dtype != array.dtype else array

    def __bool__(self) -> bool:
        array = np.asarray(self._array())
        if array.size != 1:
            if array.size == 0:
                raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(array)

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.dtype.ir.is_differentiable or self.numel() != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter([self[place] for place in range(self.shape[0])])

    def __repr__(self) -> str:
        from .formatting import tensor_text

        return tensor_text(self)

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

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment."
            )
        from .creation import from_array

        array = np.array(self._array())
        copied = object.__new__(type(self))
        fresh = from_array(array)
        for name in ("_storage", "_view", "_shown", "_seen", "_leaf", "_detached", "_retains"):
            setattr(copied, name, getattr(fresh, name))
        copied._leaf_requires_grad = self._leaf_requires_grad
        copied._grad = None if self._grad is None else self._grad.__deepcopy__(memo)
        memo[id(self)] = copied
        return copied
