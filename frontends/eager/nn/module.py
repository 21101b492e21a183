"""`nn.Module`: a tree of parameters, buffers and other modules."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

from ..tapes.hooks import RemovableHandle
from ..tensors.tensor import Tensor
from .backward_hooks import BackwardHooks, hook_last_operation
from .changing import Changes
from .hooks import (
    Global,
    Hook,
    Hooks,
    after_failure,
    after_forward,
    before_forward,
    register,
    registered,
)
from .parameter import Buffer, Parameter
from .state import IncompatibleKeys, collect, load, load_own, save_own

_UNREACHABLE = (
    "Reached a code path in Module.{}() that should never be called. Please file an issue at "
    "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this bug."
)

_PLACES = ("_parameters", "_buffers", "_modules")


class Module(Changes):
    """Base of all networks: define `forward`, assign parameters and modules as attributes, and call the instance."""

    _version = 1  # of the form that the state has
    _is_full_backward_hook: bool | None = None  # of which kind the backward hooks are

    training: bool
    call_super_init = False  # whether __init__ calls that of the class behind Module, with all arguments
    _forward_hooks: Hooks
    _forward_pre_hooks: Hooks
    _backward_hooks: Hooks
    _backward_pre_hooks: Hooks

    def __init__(self, *arguments: Any, **options: Any) -> None:
        name = type(self).__name__
        if not self.call_super_init and options:
            raise TypeError(f"{name}.__init__() got an unexpected keyword argument '{next(iter(options))}'")
        if not self.call_super_init and arguments:
            count = len(arguments) + 1
            raise TypeError(f"{name}.__init__() takes 1 positional argument but {count} were given")
        set_own = super().__setattr__
        set_own("training", True)
        set_own("_parameters", {})
        set_own("_buffers", {})
        set_own("_non_persistent_buffers_set", set())
        set_own("_modules", {})
        set_own("_backward_pre_hooks", OrderedDict())
        set_own("_backward_hooks", OrderedDict())
        set_own("_forward_hooks", OrderedDict())
        set_own("_forward_hooks_with_kwargs", OrderedDict())  # the numbers of those that take keyword arguments
        set_own("_forward_hooks_always_called", OrderedDict())
        set_own("_forward_pre_hooks", OrderedDict())
        set_own("_forward_pre_hooks_with_kwargs", OrderedDict())
        set_own("_state_dict_pre_hooks", OrderedDict())
        set_own("_state_dict_hooks", OrderedDict())  # each with whether what it returns is the state
        set_own("_load_state_dict_pre_hooks", OrderedDict())
        set_own("_load_state_dict_post_hooks", OrderedDict())
        if self.call_super_init:
            super().__init__(*arguments, **options)

    def forward(self, *arguments: Any, **options: Any) -> Any:
        """What the module computes; every module has its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if not (
            self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks
            or Global.forward or Global.forward_pre or Global.backward or Global.backward_pre
        ):  # fmt: skip
            return self.forward(*arguments, **options)
        called: set[int] = set()
        try:
            return self._with_hooks(arguments, options, called)
        except Exception:
            after_failure(self, arguments, options, called)
            raise

    def _with_hooks(self, arguments: tuple[Any, ...], options: dict[str, Any], called: set[int]) -> Any:
        arguments, options = before_forward(self, arguments, options)
        backward = (*Global.backward.values(), *self._backward_hooks.values())
        backward_pre = (*Global.backward_pre.values(), *self._backward_pre_hooks.values())
        watching = BackwardHooks(self, backward, backward_pre) if backward or backward_pre else None
        if watching is not None:
            arguments = watching.before(arguments)
        result = self.forward(*arguments, **options)
        result = after_forward(self, arguments, options, result, called)
        return result if watching is None else watching.after(result)

    def compile(self, *arguments: Any, **options: Any) -> None:
        """Checks the options of `torch.compile`, and changes nothing: what the module does is recorded anyway. Raises
        RuntimeError for options that there are not."""
        from ..compiler import compile

        compile(self.forward, *arguments, **options)

    # -- attributes ----

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            if "_parameters" not in own:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, but="_parameters")
            self.register_parameter(name, value)
        elif name in own.get("_parameters", ()):
            if value is not None:
                _refuse_value(value, f"parameter '{name}'", "torch.nn.Parameter")
            own["_parameters"][name] = None
        elif isinstance(value, Module):
            if "_modules" not in own:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, but="_modules")
            own["_modules"][name] = registered(Global.modules, self, name, value) if Global.modules else value
        elif name in own.get("_modules", ()):
            if value is not None:
                _refuse_value(value, f"child module '{name}'", "torch.nn.Module")
            own["_modules"][name] = None
        elif isinstance(value, Buffer):
            if "_buffers" not in own:
                raise AttributeError("cannot assign buffer before Module.__init__() call")
            self.register_buffer(name, value, value.persistent)
        elif name in own.get("_buffers", ()):
            if value is not None and not isinstance(value, Tensor):
                _refuse_value(value, f"buffer '{name}'", "torch.nn.Buffer, torch.Tensor")
            own["_buffers"][name] = value
        else:
            super().__setattr__(name, value)

    def _forget(self, name: str, but: str) -> None:
        """Removes what else the name stands for."""
        for place in _PLACES:
            if place != but:
                self.__dict__[place].pop(name, None)
        self.__dict__.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        if "_parameters" in own:
            if name in own["_parameters"]:
                return own["_parameters"][name]
            if name in own["_buffers"]:
                return own["_buffers"][name]
            if name in own["_modules"]:
                return own["_modules"][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for place in _PLACES:
            if name in self.__dict__[place]:
                del self.__dict__[place][name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter under `name`. Raises KeyError, TypeError and ValueError for what cannot be one."""
        self._checked_name("parameter", "_parameters", name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type_name(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self._parameters[name] = (
            registered(Global.parameters, self, name, param) if Global.parameters and param is not None else param
        )

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Adds a tensor that is not trained, and part of the state unless `persistent` is False."""
        self._checked_name("buffer", "_buffers", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type_name(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = registered(Global.buffers, self, name, tensor) if Global.buffers else tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Adds a module under `name`."""
        self.add_module(name, module)

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a module under `name`. Raises KeyError and TypeError for names and values that cannot be."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type_name(module)} is not a Module subclass")
        self._checked_name("module", "_modules", name)
        self._modules[name] = registered(Global.modules, self, name, module) if Global.modules else module

    def _checked_name(self, what: str, place: str, name: str) -> None:
        if place not in self.__dict__:
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type_name(name)}")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain "."' + (f", got: {name}" if what == "module" else ""))
        if not name:
            raise KeyError(f'{what} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[place]:
            raise KeyError(f"attribute '{name}' already exists")

    # -- hooks ----

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Calls hook(module, arguments, result) after `forward`, with the keyword arguments before the result where
        `with_kwargs`; what it returns, if anything, is the result. With `always_call` it is called after errors too."""
        handle = register(self._forward_hooks, hook, prepend)
        if with_kwargs:
            self._forward_hooks_with_kwargs[handle.id] = True
        if always_call:
            self._forward_hooks_always_called[handle.id] = True
        return handle

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Calls hook(module, arguments) before `forward`, with the keyword arguments too where `with_kwargs`; what it
        returns, if anything, are the arguments."""
        handle = register(self._forward_pre_hooks, hook, prepend)
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[handle.id] = True
        return handle

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(module, gradients of the arguments, gradients of the results) when gradients have flown through
        the module; what it returns, if anything, are the arguments' gradients."""
        self._have_one_kind_of_backward_hooks(is_full=True)
        return register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """The older form: calls hook(module, gradients of the inputs, gradients of the result) of the last operation
        that made the result; what it returns, if anything, are the inputs' gradients."""
        self._have_one_kind_of_backward_hooks(is_full=False)
        return register(self._forward_hooks, partial(hook_last_operation, hook), prepend=False)

    def _have_one_kind_of_backward_hooks(self, is_full: bool) -> None:
        if self._is_full_backward_hook not in (None, is_full):
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only "
                "one of them."
            )
        self._is_full_backward_hook = is_full

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(module, gradients of the results) before gradients flow through the module; what it returns, if
        anything, are those gradients."""
        return register(self._backward_pre_hooks, hook, prepend)

    # -- state ----

    def state_dict(self, *arguments: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Parameters and persistent buffers by dotted name; they share storage with the module's, and are the
        parameters themselves where `keep_vars`. Its `_metadata` holds the version of each module."""
        if arguments:
            warnings.warn(
                "Positional args are being deprecated, use kwargs instead. Refer to "
                "https://pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.state_dict for details.",
                FutureWarning,
                stacklevel=2,
            )
            given = dict(zip(("destination", "prefix", "keep_vars"), arguments, strict=False))
            destination = given.get("destination") if destination is None else destination
            prefix, keep_vars = prefix or given.get("prefix", ""), keep_vars or given.get("keep_vars", False)
        return collect(self, destination, prefix, keep_vars)

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Adds the state of this module alone; modules with a form of their own override it."""
        save_own(self, destination, prefix, keep_vars)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copies values by name, or with `assign` takes the tensors themselves. Raises RuntimeError, which lists all
        that is misshapen and, where `strict`, all that is missing or unexpected."""
        return load(self, state_dict, strict, assign)

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Loads the state of this module alone; modules with a form of their own override it."""
        load_own(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)

    def get_extra_state(self) -> Any:
        """What else belongs to the state; modules that have such override it."""
        raise RuntimeError(_UNREACHABLE.format("get_extra_state"))

    def set_extra_state(self, state: Any) -> None:
        """Takes what `get_extra_state` returned; modules that have such override it."""
        raise RuntimeError(_UNREACHABLE.format("set_extra_state"))

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, prefix, keep_vars) before `state_dict` is collected."""
        return RemovableHandle(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, state_dict, prefix, local_metadata) after `state_dict` is collected; it returns None."""
        return RemovableHandle(self._state_dict_hooks, (hook, False))

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """As `register_state_dict_post_hook`, but what the hook returns, if anything, is the state."""
        return RemovableHandle(self._state_dict_hooks, (hook, True))

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        before the state of this module is loaded."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        """As `register_load_state_dict_pre_hook`, without the module unless `with_module`."""
        return RemovableHandle(self._load_state_dict_pre_hooks, partial(hook, self) if with_module else hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, incompatible_keys) after the state of this module and of all below is loaded; the hook may
        change both lists of keys."""
        return RemovableHandle(self._load_state_dict_post_hooks, hook)

    # -- printing ----

    def extra_repr(self) -> str:
        """What stands in the parentheses of the module's text."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): " + indented(repr(module)) for name, module in self._modules.items()]
        if not children and len(lines) <= 1:
            return f"{self._get_name()}({extra})"
        return f"{self._get_name()}(\n  " + "\n  ".join([*lines, *children]) + "\n)"

    def _get_name(self) -> str:
        return type(self).__name__


def indented(text: str) -> str:
    """The lines after the first two spaces further in."""
    return text.replace("\n", "\n  ")


def type_name(value: Any) -> str:
    """The type of a value as PyTorch's messages name it: "torch.FloatTensor", "int"."""
    if isinstance(value, Tensor):
        return value.dtype.legacy_name
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _refuse_value(value: Any, place: str, wanted: str) -> NoReturn:
    raise TypeError(f"cannot assign '{type_name(value)}' as {place} ({wanted} or None expected)")
