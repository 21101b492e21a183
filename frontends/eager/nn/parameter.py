"""`nn.Parameter`: a tensor that a module keeps and an optimizer changes; and those without a shape as yet."""

from __future__ import annotations

from typing import Any, NoReturn

from .. import dtypes as dtype_module
from ..device import Device, device, place_of
from ..dtypes import dtype
from ..tensors.creation import empty, zeros
from ..tensors.tensor import Meta, Tensor


class Parameter(Tensor):
    """A leaf that shares `data`'s storage; assigned to a module's attribute, it is one of its parameters. Raises
    RuntimeError where it should require gradients, which its dtype has none of."""

    __module__ = "torch.nn.parameter"  # the full name, by which other libraries tell parameters

    __slots__ = ()

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        source = (zeros(0) if data is None else data).detach()
        if requires_grad and not source.dtype.ir.is_differentiable:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        self = object.__new__(cls)
        self._storage, self._view, self._meta = source._storage, source._view, source._meta
        self.requires_grad = requires_grad
        return self

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        pass

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        """A copy of the value and of `requires_grad`; the gradient is left behind, as PyTorch leaves it."""
        gradient, self.grad = self.grad, None
        try:
            return super().__deepcopy__(memo)
        finally:
            self.grad = gradient

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


class _BufferKind(type):
    """Tensors that were made as buffers count as instances."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.__dict__.get("_is_buffer", False)


class Buffer(metaclass=_BufferKind):
    """Makes a tensor that shares `data`'s storage; assigned to a module's attribute, it is one of its buffers, and part
    of its state where it is `persistent`."""

    __module__ = "torch.nn.parameter"

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Any:
        source = zeros(0) if data is None else data
        made: Any = source.detach().requires_grad_(source.requires_grad)
        made.persistent, made._is_buffer = persistent, True
        return made


class UninitializedTensorMixin:
    """What stands before `Tensor` among the bases of a tensor without a shape and a value: both come with
    `materialize`. Until then all that reads it raises ValueError."""

    __slots__ = ()
    cls_to_become: type[Tensor]

    def _begin(self: Any, requires_grad: bool, device: Device, dtype: dtype | None) -> None:
        self.__dict__["_device"] = place_of(device)
        self._view, self._meta = None, Meta(requires_grad=requires_grad)
        self.__dict__["_dtype"] = dtype_module.chosen(type(self).__name__, dtype) or dtype_module.get_default_dtype()

    def materialize(self: Any, shape: tuple[int, ...], device: Device = None, dtype: dtype | None = None) -> None:
        """Becomes a plain parameter or tensor of `shape`, whose values are still to be set."""
        made = empty(shape, device=self.device if device is None else device, dtype=dtype or self.dtype)
        del self.__dict__["_dtype"], self.__dict__["_device"]
        self.__class__ = self.cls_to_become
        self._storage = made._storage

    @property
    def _storage(self) -> NoReturn:
        raise ValueError(
            "Attempted to use an uninitialized parameter. This error happens when you are using a `LazyModule` or "
            f"explicitly manipulating `torch.nn.parameter.{type(self).__name__}` objects. When using LazyModules Call "
            "`forward` with a dummy batch to initialize the parameters before calling torch functions"
        )

    @property
    def shape(self) -> NoReturn:
        """Raises RuntimeError: there is none."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` "
            "to initialize the parameters before accessing their attributes."
        )

    def numel(self) -> int:
        """Raises ValueError: nobody knows."""
        return self._storage

    @property
    def dtype(self: Any) -> dtype:
        """Type of the elements to come."""
        return self.__dict__["_dtype"]

    @dtype.setter
    def dtype(self: Any, wanted: dtype) -> None:
        self.__dict__["_dtype"] = wanted

    @property
    def device(self: Any) -> device:
        """Where it will live."""
        return self.__dict__["_device"]

    @device.setter
    def device(self: Any, wanted: device) -> None:
        self.__dict__["_device"] = wanted

    @property
    def is_leaf(self) -> bool:
        """It has no history."""
        return True

    @property
    def requires_grad(self: Any) -> bool:
        """Whether gradients will flow to it."""
        return self._meta.requires_grad

    @requires_grad.setter
    def requires_grad(self: Any, wanted: bool) -> None:
        self._meta.requires_grad = bool(wanted)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:
        copied = memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype)
        return copied

    def __reduce_ex__(self: Any, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.requires_grad,)


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter without a shape."""

    __slots__ = ()
    cls_to_become = Parameter

    def __new__(
        cls, requires_grad: bool = True, device: Device = None, dtype: dtype | None = None
    ) -> UninitializedParameter:
        self = object.__new__(cls)
        self._begin(requires_grad, device, dtype)
        return self

    def __init__(self, requires_grad: bool = True, device: Device = None, dtype: dtype | None = None) -> None:
        pass


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer without a shape."""

    __slots__ = ()
    cls_to_become = Tensor

    def __new__(
        cls, requires_grad: bool = False, device: Device = None, dtype: dtype | None = None, persistent: bool = True
    ) -> UninitializedBuffer:
        self = object.__new__(cls)
        self._begin(requires_grad, device, dtype)
        self.__dict__["persistent"] = persistent
        return self

    def __init__(
        self, requires_grad: bool = False, device: Device = None, dtype: dtype | None = None, persistent: bool = True
    ) -> None:
        pass


def is_lazy(param: Any) -> bool:
    """Whether it is a parameter or buffer without a shape."""
    return isinstance(param, UninitializedTensorMixin)
