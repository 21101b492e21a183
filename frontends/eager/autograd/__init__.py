"""`torch.autograd`: gradients, functions with a backward of their own, and checks of them."""

from ..tapes.mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from . import forward_ad, function, functional, graph, profiler
from .anomaly import detect_anomaly, set_detect_anomaly
from .checks import GradcheckError, gradcheck, gradgradcheck
from .function import Function, NestedIOFunction
from .gradients import backward, grad
from .variable import Variable

__all__ = [
    "Function", "GradcheckError", "NestedIOFunction", "Variable", "backward", "detect_anomaly", "enable_grad",
    "forward_ad", "function", "functional", "grad", "gradcheck", "gradgradcheck", "graph", "inference_mode",
    "no_grad", "profiler", "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip
