"""Modules in another dtype, or on another device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..device import device
from ..dtypes import dtype
from ..functions.pointwise import cast
from ..tapes.mode import no_grad
from ..tensors.moving import moved
from ..tensors.tensor import Tensor
from .parameter import is_lazy

if TYPE_CHECKING:
    from .module import Module


def converted(
    module: Module, applies: Callable[[Tensor], bool], target: dtype | None, place: device | None = None
) -> Any:
    """The module itself, after what `applies` says is in dtype `target`, and all is on device `place`, where these are
    given. Parameters stay the same objects, and their gradients are converted too; buffers become new tensors."""

    def changed(tensor: Tensor) -> Tensor:
        found = tensor if target is None or not applies(tensor) else cast(tensor, target)
        return found if place is None else moved(found, place)

    def change_lazy(tensor: Any) -> None:
        tensor.dtype = tensor.dtype if target is None or not applies(tensor) else target
        tensor.device = place or tensor.device

    with no_grad():
        for part in module.modules():
            for parameter in part._parameters.values():
                if parameter is None:
                    continue
                if is_lazy(parameter):
                    change_lazy(parameter)
                    continue
                gradient, shown = parameter.grad, parameter.detach()
                found = changed(shown)
                if found is not shown:
                    parameter.grad = None
                    parameter.data = found
                    parameter.grad = None if gradient is None else changed(gradient)
            for name, buffer in part._buffers.items():
                if is_lazy(buffer):
                    change_lazy(buffer)
                elif buffer is not None:
                    part._buffers[name] = changed(buffer)
    return module
