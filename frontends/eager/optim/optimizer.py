"""`optim.Optimizer`: groups of parameters with their settings, and a state for each parameter."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from diptych.functions.constants import scalar
from diptych.ir import Builder, Unsupported, Value, dtypes

from ..mode import enable_grad, no_grad
from ..nn.module import clear_gradient, type_name
from ..promotion import Number, converted
from ..tape import tape
from ..tensor import Tensor


class Optimizer:
    """Base of all optimizers. `param_groups` may be edited between steps."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{type_name(params)}"
            )
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with settings of their own; parameters may stand in pairs with their names. Raises TypeError
        and ValueError for what cannot be optimised."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        chosen = param_group["params"]
        if isinstance(chosen, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        given = [chosen] if isinstance(chosen, Tensor) else list(chosen)
        names = [each[0] for each in given if isinstance(each, tuple)]
        parameters = [each[1] if isinstance(each, tuple) else each for each in given]
        self._check(parameters)
        if names and len(names) != len(parameters):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        group = {**param_group, "params": parameters}
        for name, value in self.defaults.items():
            group.setdefault(name, value)
        self.param_groups.append({**group, "param_names": names} if names else group)

    def _check(self, parameters: list[Any]) -> None:
        known = {id(parameter) for each in self.param_groups for parameter in each["params"]}
        for parameter in parameters:
            if not isinstance(parameter, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type_name(parameter)}")
            if not parameter.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        if len({id(parameter) for parameter in parameters}) < len(parameters):
            warnings.warn("optimizer contains a parameter group with duplicate parameters", stacklevel=4)
        if any(id(parameter) in known for parameter in parameters):
            raise ValueError("some parameters appear in more than one parameter group")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters, or sets them to zero."""
        for group in self.param_groups:
            for parameter in group["params"]:
                clear_gradient(parameter, set_to_none)
        tape.step_ended()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes every parameter that has a gradient. `closure` computes the loss anew first, and is returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        tape.step_ended()
        with no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self._update(parameter, parameter.grad, group)
        tape.update_recorded()
        return loss

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        """Changes one parameter and its state."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """State and settings, parameters by number in order of their groups."""
        numbers: dict[int, int] = {}
        groups: list[dict[str, Any]] = []
        for group in self.param_groups:
            for parameter in group["params"]:
                numbers.setdefault(id(parameter), len(numbers))
            packed = {name: value for name, value in group.items() if name != "params"}
            packed["params"] = [numbers[id(parameter)] for parameter in group["params"]]
            groups.append(packed)
        state = {numbers[id(parameter)]: dict(values) for parameter, values in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over state, in the dtypes of the parameters, and settings. Raises ValueError where groups or their
        sizes differ."""
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        parameters: dict[int, Tensor] = {}
        for saved, group in zip(groups, self.param_groups, strict=True):
            parameters.update(zip(saved["params"], group["params"], strict=True))
            kept = {"params": group["params"]}
            group.clear()
            group.update({name: deepcopy(value) for name, value in saved.items() if name != "params"}, **kept)
        self.state = defaultdict(dict)
        for number, values in state_dict["state"].items():
            parameter = parameters[number]
            self.state[parameter] = {name: _loaded(name, value, parameter) for name, value in values.items()}

    def __repr__(self) -> str:
        texts = [
            f"Parameter Group {place}\n"
            + "".join(f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params")
            for place, group in enumerate(self.param_groups)
        ]
        return f"{type(self).__name__} (\n" + "\n".join(texts) + ")"


def _loaded(name: str, value: Any, parameter: Tensor) -> Any:
    """A value of the state, copied; floats in the parameter's dtype, but for the count of steps."""
    if not isinstance(value, Tensor):
        return value
    copied = value.detach().clone()
    return copied if name == "step" or not parameter.is_floating_point() else copied.to(parameter.dtype)


def checked_rate(name: str, value: Any) -> None:
    """Raises ValueError for a negative setting, and for a tensor that is no single number."""
    if isinstance(value, Tensor) and value.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if value < 0.0:
        raise ValueError(f"Invalid {name}: {value}")


def checked_implementation(
    name: str, foreach: bool | None, fused: bool | None, differentiable: bool, capturable: bool = False
) -> None:
    """Options that choose how a step is computed: `foreach` and `fused` change nothing here, where a step is one
    program anyhow. Raises RuntimeError where both are asked for, Unsupported for the others."""
    if foreach and fused:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise Unsupported(f"optim.{name}: differentiable=True is not there", hint="differentiable=False")
    if capturable:
        raise Unsupported(f"optim.{name}: capturable=True is not there", hint="capturable=False")


def complement(b: Builder, rate: Number, like: Value) -> Value:
    """1 - rate in the dtype of `like`, subtracted in 64 bits: 1 - 0.999 would lose half its digits in 32."""
    difference = b.sub(scalar(b, 1, dtypes.f64), converted(b, rate, dtypes.f64))
    return converted(b, Number(difference, float), like.dtype)
