"""Weights as a length and a direction (Salimans and Kingma, 2016), by a hook before `forward`."""

from __future__ import annotations

import warnings
from typing import Any

from diptych.functions import reductions
from diptych.functions.broadcasting import broadcast_to
from diptych.ir import Builder, Value

from ...functions.distances import safe_root
from ...tapes.operation import operation
from ...tapes.recording import call
from ...tensors.tensor import Tensor
from ..module import Module
from ..parameter import Parameter, UninitializedParameter


def _lengths(b: Builder, x: Value, axis: int) -> Value:
    """The 2-norms over all axes but one, which are kept as 1; over all where the one is -1."""
    axes = tuple(each for each in range(x.rank) if each != axis)
    return safe_root(b, reductions.sum(b, b.mul(x, x), axes, keepdims=axis >= 0))


@operation
def _norm_except_dim(b: Builder, x: Value, axis: int) -> Value:
    return _lengths(b, x, axis)


@operation
def _weight_norm(b: Builder, direction: Value, length: Value, axis: int) -> Value:
    return b.mul(direction, broadcast_to(b, b.div(length, _lengths(b, direction, axis)), direction.shape))


def norm_except_dim(weight: Tensor, dim: int) -> Tensor:
    """The 2-norms over all axes but `dim`, or over all where that is -1."""
    return call(_norm_except_dim, (weight,), (dim,))


def with_length(direction: Tensor, length: Tensor, dim: int) -> Tensor:
    """length * direction / |direction|."""
    return call(_weight_norm, (direction, length), (dim,))


class WeightNorm:
    """The hook: it sets the weight before each call."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module: Module) -> Tensor:
        """The weight of a module's length and direction."""
        return with_length(getattr(module, self.name + "_v"), getattr(module, self.name + "_g"), self.dim)

    @staticmethod
    def apply(module: Module, name: str, dim: int | None) -> WeightNorm:
        """Takes a parameter apart. Raises RuntimeError where it is so already, ValueError before it has a shape."""
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, WeightNorm) and hook.name == name:
                raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
        made = WeightNorm(name, dim)
        weight = getattr(module, name)
        if isinstance(weight, UninitializedParameter):
            raise ValueError(
                "The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the dummy "
                "forward before applying weight normalization"
            )
        del module._parameters[name]
        module.register_parameter(name + "_g", Parameter(norm_except_dim(weight.detach(), made.dim)))
        module.register_parameter(name + "_v", Parameter(weight.data))
        setattr(module, name, made.compute_weight(module))
        module.register_forward_pre_hook(made)
        return made

    def remove(self, module: Module) -> None:
        """Puts the parameter together again."""
        weight = self.compute_weight(module)
        delattr(module, self.name)
        del module._parameters[self.name + "_g"]
        del module._parameters[self.name + "_v"]
        setattr(module, self.name, Parameter(weight.data))

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """The module, whose parameter `name` is made of `name`_g, lengths along `dim`, and `name`_v before each call."""
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    WeightNorm.apply(module, name, dim)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """The module, whose parameter is one again. Raises ValueError where it is."""
    for number, hook in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            hook.remove(module)
            del module._forward_pre_hooks[number]
            return module
    raise ValueError(f"weight_norm of '{name}' not found in {module}")
