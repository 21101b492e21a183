"""`torch.autograd`: gradients, functions with a backward of their own, and checks of them."""

from ..mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from . import profiler
from .gradients import backward, grad
from .variable import Variable

__all__ = [
    "Variable", "backward", "enable_grad", "grad", "inference_mode", "is_grad_enabled", "no_grad", "profiler",
    "set_grad_enabled",
]  # fmt: skip
