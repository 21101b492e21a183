"""`optim.Optimizer`: groups of parameters with their settings, and a state for each parameter."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from itertools import chain
from types import FrameType, MappingProxyType
from typing import Any

from diptych.ir.location import scope_finders

from ..nn.changing import clear_gradient
from ..nn.module import type_name
from ..tapes.hooks import RemovableHandle
from ..tapes.syncs import BEGIN
from ..tapes.tape import tape
from ..tensors.tensor import Tensor

Hook = Callable[..., Any]


class _Required:
    """In place of a setting that every group must give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()
_before_all: dict[int, Hook] = OrderedDict()
_after_all: dict[int, Hook] = OrderedDict()


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(optimizer, arguments, options) before every step of every optimizer."""
    return RemovableHandle(_before_all, hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(optimizer, arguments, options) after every step of every optimizer."""
    return RemovableHandle(_after_all, hook)


def _scope(frame: FrameType | None) -> str:
    """The class of the optimizer that is making a step; empty outside of steps."""
    while frame is not None:
        if frame.f_code.co_name == "stepped" and frame.f_globals is globals():
            return type(frame.f_locals["self"]).__name__
        frame = frame.f_back
    return ""


scope_finders.append(_scope)


def _hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """A class's `step`, with hooks around it; the tape is told where a step of training ends."""

    @functools.wraps(step)
    def stepped(self: Optimizer, *arguments: Any, **options: Any) -> Any:
        if self._is_stepping:  # a step that calls its base's
            return step(self, *arguments, **options)
        if tape.log is not None and not tape.log.is_acting:
            return tape.log.act(stepped, self, *arguments, **options)
        for hook in self._hooks_before():
            changed = hook(self, (self, *arguments), options)
            if changed is None:
                continue
            if not isinstance(changed, tuple) or len(changed) != 2:
                raise RuntimeError(f"{step} must return None or a tuple of (new_args, new_kwargs), but got {changed}.")
            (_, *arguments), options = changed
        tape.step_ended()
        self._is_stepping = True
        try:
            found = step(self, *arguments, **options)
        finally:
            self._is_stepping = False
        tape.update_recorded()
        if self._optimizer_step_post_hooks or _after_all:
            for hook in (*self._optimizer_step_post_hooks.values(), *_after_all.values()):
                hook(self, (self, *arguments), options)
        return found

    stepped.hooked = True
    return stepped


def has_hooks() -> bool:
    """Whether somebody wants to see the steps of all optimizers."""
    return bool(_before_all or _after_all)


class Optimizer:
    """Base of all optimizers. `param_groups` may be edited between steps.

    A class of one's own defines `step`, and changes parameters there under `no_grad`.
    """

    _is_stepping = False
    _optimizer_step_pre_hooks: Mapping[int, Hook] = MappingProxyType({})  # of one that wraps another and never began
    _optimizer_step_post_hooks: Mapping[int, Hook] = MappingProxyType({})

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "step" in cls.__dict__:
            cls.step = _hooked(cls.step)

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._make_hooks()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{type_name(params)}"
            )
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)
        tape.flush(cause=BEGIN)  # what made the parameters is not of the first step, which is as all others then

    def _make_hooks(self) -> None:
        self._optimizer_step_pre_hooks = OrderedDict()
        self._optimizer_step_post_hooks = OrderedDict()
        self._optimizer_state_dict_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._optimizer_state_dict_post_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._optimizer_load_state_dict_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._optimizer_load_state_dict_post_hooks: OrderedDict[int, Hook] = OrderedDict()

    def _hooks_before(self) -> tuple[Hook, ...]:
        own = self._optimizer_step_pre_hooks
        return (*_before_all.values(), *own.values()) if _before_all or own else ()

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_optimizer_step_pre_hooks" not in self.__dict__:
            self._make_hooks()
        self.defaults.setdefault("differentiable", False)

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
        if names and len(names) != len(parameters):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        self._check(parameters, names)
        param_group["params"] = parameters
        if names:
            param_group["param_names"] = names
        for name, value in self.defaults.items():
            if value is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, value)
        self.param_groups.append(param_group)

    def _check(self, parameters: list[Any], names: list[str]) -> None:
        for parameter in parameters:
            if not isinstance(parameter, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type_name(parameter)}")
            if not self.defaults.get("differentiable", None) and not (parameter.is_leaf or parameter.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        if len({id(parameter) for parameter in parameters}) < len(parameters):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=4,
            )
        if any(("param_names" in group) != bool(names) for group in self.param_groups):
            raise ValueError(
                "all optimizer param groups should be with/without names. cannot add param group "
                f"{'with names' if names else 'without names'} to the optimizer"
            )
        known = {id(parameter) for each in self.param_groups for parameter in each["params"]}
        if any(id(parameter) in known for parameter in parameters):
            raise ValueError("some parameters appear in more than one parameter group")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters, or sets them to zero."""
        if tape.log is not None and not tape.log.is_acting:
            return tape.log.act(self.zero_grad, set_to_none)
        for group in self.param_groups:
            for parameter in group["params"]:
                clear_gradient(parameter, set_to_none)
        tape.step_ended()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes every parameter that has a gradient. `closure` computes the loss anew first, and is returned."""
        raise NotImplementedError

    # -- hooks ----

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(optimizer, arguments, options) before each step; it may return both changed."""
        return RemovableHandle(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(optimizer, arguments, options) after each step."""
        return RemovableHandle(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer) before `state_dict` collects."""
        return _registered(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer, state_dict) after `state_dict` has collected; it may return another one."""
        return _registered(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer, state_dict) before `load_state_dict` loads; it may return another one."""
        return _registered(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer) after `load_state_dict` has loaded."""
        return _registered(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    # -- state ----

    def state_dict(self) -> dict[str, Any]:
        """State and settings, parameters by number in order of their groups. Tensors are shared, not copied."""
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers: dict[int, int] = {}
        groups: list[dict[str, Any]] = []
        start = 0
        for group in self.param_groups:
            for number, parameter in enumerate(group["params"], start):
                numbers.setdefault(id(parameter), number)
            packed = {name: value for name, value in group.items() if name != "params"}
            packed["params"] = [numbers[id(parameter)] for parameter in group["params"]]
            start += len(packed["params"])
            groups.append(packed)
        state = {numbers[id(key)] if isinstance(key, Tensor) else key: value for key, value in self.state.items()}
        found: dict[str, Any] = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            changed = hook(self, found)
            found = found if changed is None else changed
        return found

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over state, in the dtypes of the parameters, and settings. Raises ValueError where groups or their
        sizes differ."""
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        saved = deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(saved, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        numbers = chain.from_iterable(group["params"] for group in saved)
        parameters = dict(zip(numbers, chain.from_iterable(g["params"] for g in self.param_groups), strict=True))
        state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in parameters:
                state[parameters[key]] = _loaded(parameters[key], value)
            else:
                state[key] = value
        for group, fresh in zip(self.param_groups, saved, strict=True):
            fresh["params"] = group["params"]
            if "param_names" in group:
                fresh.setdefault("param_names", group["param_names"])
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    def __repr__(self) -> str:
        texts = [
            f"Parameter Group {place}\n"
            + "".join(f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params")
            for place, group in enumerate(self.param_groups)
        ]
        return f"{type(self).__name__} (\n" + "\n".join(texts) + ")"


def _registered(hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool) -> RemovableHandle:
    handle = RemovableHandle(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def _loaded(parameter: Tensor, value: Any, name: Any = None) -> Any:
    """A value of the state, copied where it holds others; on the parameter's device and, of floats, in its dtype, but
    for the count of steps."""
    if isinstance(value, Tensor):
        if name == "step":
            return value
        return value.to(parameter.device, parameter.dtype if parameter.is_floating_point() else value.dtype)
    if isinstance(value, dict):
        return {key: _loaded(parameter, each, key) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return type(value)(_loaded(parameter, each) for each in value)
    return value
