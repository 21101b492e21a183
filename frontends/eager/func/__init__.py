"""`torch.func`: functions that take functions: derivatives, batches, modules as functions of their parameters."""

from .derivatives import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp
from .modules import (
    functional_call,
    functionalize,
    linearize,
    replace_all_batch_norm_modules_,
    stack_module_state,
)
from .vmap import vmap

__all__ = [
    "functional_call", "functionalize", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize",
    "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap",
]  # fmt: skip
