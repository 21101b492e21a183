"""Modules in another dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..dtypes import dtype
from ..functions.pointwise import cast
from ..tapes.mode import no_grad
from ..tensors.tensor import Tensor
from .parameter import is_lazy

if TYPE_CHECKING:
    from .module import Module


def converted(module: Module, applies: Callable[[Tensor], bool], target: dtype) -> Any:
    """The module itself, after what `applies` says is converted. Parameters stay the same objects, and their gradients
    are converted too; buffers become new tensors."""
    with no_grad():
        for part in module.modules():
            for parameter in part._parameters.values():
                if parameter is None or not applies(parameter):
                    continue
                if is_lazy(parameter):
                    parameter.dtype = target
                    continue
                gradient = parameter.grad
                parameter.grad = None
                if parameter.dtype is not target:
                    parameter.data = cast(parameter.detach(), target)
                if gradient is not None:
                    parameter.grad = cast(gradient, target)
            for name, buffer in part._buffers.items():
                if is_lazy(buffer):
                    buffer.dtype = target if applies(buffer) else buffer.dtype
                elif buffer is not None and applies(buffer):
                    part._buffers[name] = cast(buffer, target)
    return module
