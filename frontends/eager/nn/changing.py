"""How a module changes as a whole: for training or not, its gradients, into another dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import dtypes as dtype_module
from ..device import CPU, place_of
from ..device import device as device_type
from ..tapes.mode import no_grad
from ..tapes.tape import tape
from ..tensors.conversion import conversion
from ..tensors.creation import empty_like
from ..tensors.legacy import device_of_type, dtype_of_type
from ..tensors.tensor import Tensor
from .converting import converted
from .tree import Tree

if TYPE_CHECKING:
    from .module import Module


class Changes(Tree):
    """The part of `Module` that changes it and all below."""

    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    training: bool

    def train(self, mode: bool = True) -> Module:
        """Sets `training` here and below."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Module:
        """Sets `training` to False here and below."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Sets `requires_grad` of all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters, or sets them to zero."""
        for parameter in self.parameters():
            clear_gradient(parameter, set_to_none)

    def share_memory(self) -> Module:
        """The module itself: processes that are forked share what is there."""
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Module:
        """Replaces all parameters, their gradients and buffers by what `fn` makes of them; parameters stay the same
        objects."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for parameter in self._parameters.values():
                if parameter is not None:
                    gradient, parameter.grad = parameter.grad, None
                    parameter.data = fn(parameter)
                    parameter.grad = None if gradient is None else fn(gradient)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to_empty(self, *, device: Any, recurse: bool = True) -> Module:
        """The module with all parameters and buffers unset, on a device."""
        return self._apply(lambda tensor: empty_like(tensor, device=device), recurse)

    def to(self, *arguments: Any, **options: Any) -> Module:
        """Converts all float and complex parameters and buffers to a dtype, and moves all to a device. Raises TypeError
        for a dtype that is neither."""
        target, place, _ = conversion(arguments, options)
        if target is not None and not target.ir.is_differentiable:
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={target}"
            )
        return converted(self, lambda tensor: tensor.dtype.ir.is_differentiable, target, place)

    def type(self, dst_type: Any) -> Module:
        """Converts all parameters and buffers, integers too, to a dtype, given as such or by its legacy name."""
        target = dtype_of_type(dst_type)
        if target is not None:
            return converted(self, lambda tensor: True, target, device_of_type(dst_type))
        return converted(self, lambda tensor: True, dtype_module.chosen("type", dst_type))

    def _floats_converted(self, target: dtype_module.dtype) -> Module:
        return converted(self, lambda tensor: tensor.dtype.is_floating_point, target)

    def float(self) -> Module:
        """Float parameters and buffers as float32."""
        return self._floats_converted(dtype_module.float32)

    def double(self) -> Module:
        """Float parameters and buffers as float64."""
        return self._floats_converted(dtype_module.float64)

    def half(self) -> Module:
        """Float parameters and buffers as float16."""
        return self._floats_converted(dtype_module.float16)

    def bfloat16(self) -> Module:
        """Float parameters and buffers as bfloat16."""
        return self._floats_converted(dtype_module.bfloat16)

    def cpu(self) -> Module:
        """Moves all parameters and buffers to the CPU."""
        return self._moved(CPU)

    def cuda(self, device: Any = None) -> Module:
        """Moves all parameters and buffers to an accelerator. Raises AssertionError without one, as PyTorch does, where
        there is something to move."""
        if any(True for _ in self.parameters()) or any(True for _ in self.buffers()):
            return self._moved(place_of("cuda" if device is None else device))
        return self

    def _moved(self, place: device_type) -> Module:
        return converted(self, lambda tensor: False, None, place)


def clear_gradient(tensor: Tensor, set_to_none: bool) -> None:
    """Forgets `.grad`, or sets it to zero."""
    meta = tensor._meta
    if meta is None or meta.grad is None:
        return
    if tape.log is not None and not tape.log.is_acting:
        return tape.log.act(clear_gradient, tensor, set_to_none)
    if set_to_none:
        meta.grad = None
    else:
        with no_grad():
            meta.grad.detach_()
            meta.grad.zero_()
