"""Hooks: functions that modules call before or after `forward`, and those for all modules."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from ..tapes.hooks import RemovableHandle

Hook = Callable[..., Any]
Hooks = OrderedDict[int, Hook]  # by number


class Global:
    forward: ClassVar[Hooks] = OrderedDict()
    forward_pre: ClassVar[Hooks] = OrderedDict()
    backward: ClassVar[Hooks] = OrderedDict()
    backward_pre: ClassVar[Hooks] = OrderedDict()
    parameters: ClassVar[Hooks] = OrderedDict()
    buffers: ClassVar[Hooks] = OrderedDict()
    modules: ClassVar[Hooks] = OrderedDict()
    with_kwargs: ClassVar[dict[int, bool]] = {}
    always_called: ClassVar[dict[int, bool]] = {}


def register(hooks: Hooks, hook: Hook, prepend: bool) -> RemovableHandle:
    """Adds a hook, in front of the others where `prepend`."""
    handle = RemovableHandle(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def before_forward(
    module: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments as the hooks change them: a hook returns None, new arguments, or with keywords both kinds. Raises
    RuntimeError for a hook with keywords that returns something else."""
    for number, hook in (*Global.forward_pre.items(), *module._forward_pre_hooks.items()):
        if number not in module._forward_pre_hooks_with_kwargs:
            changed = hook(module, arguments)
            if changed is not None:
                arguments = changed if isinstance(changed, tuple) else (changed,)
            continue
        changed = hook(module, arguments, options)
        if changed is None:
            continue
        if not isinstance(changed, tuple) or len(changed) != 2:
            raise RuntimeError(
                f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
            )
        arguments, options = changed
    return arguments, options


def _after(module: Any) -> Iterator[tuple[int, Hook, bool, bool]]:
    """Of each forward hook the number, itself, whether it takes keyword arguments, and whether it is called always."""
    for number, hook in tuple(Global.forward.items()):
        yield number, hook, number in Global.with_kwargs, number in Global.always_called
    own, always = module._forward_hooks_with_kwargs, module._forward_hooks_always_called
    for number, hook in tuple(module._forward_hooks.items()):
        yield number, hook, number in own, number in always


def after_forward(
    module: Any, arguments: tuple[Any, ...], options: dict[str, Any], result: Any, called: set[int]
) -> Any:
    """The result as the hooks change it: what a hook returns, if anything, is the result. `called` takes the numbers of
    those that are called always."""
    for number, hook, with_kwargs, always in _after(module):
        if always:
            called.add(number)
        changed = hook(module, arguments, options, result) if with_kwargs else hook(module, arguments, result)
        if changed is not None:
            result = changed
    return result


def after_failure(module: Any, arguments: tuple[Any, ...], options: dict[str, Any], called: set[int]) -> None:
    """Calls the hooks that are called always, and were not. What they raise becomes a warning."""
    for number, hook, with_kwargs, always in _after(module):
        if not always or number in called:
            continue
        try:
            hook(module, arguments, options, None) if with_kwargs else hook(module, arguments, None)
        except Exception as error:
            kind = "global module" if number in Global.forward else "module"
            warnings.warn(
                f"{kind} forward hook with ``always_call=True`` raised an exception that was silenced as another error "
                f"was raised in forward: {error}",
                stacklevel=4,
            )


# -- hooks of all modules, as users register them ----


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, arguments) before `forward` of every module."""
    return RemovableHandle(Global.forward_pre, hook)


def register_module_forward_hook(
    hook: Hook, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Calls hook(module, arguments, result) after `forward` of every module."""
    handle = RemovableHandle(Global.forward, hook)
    if with_kwargs:
        Global.with_kwargs[handle.id] = True
    if always_call:
        Global.always_called[handle.id] = True
    return handle


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, gradients of the results) before gradients flow through any module."""
    return RemovableHandle(Global.backward_pre, hook)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, gradients of the inputs, gradients of the results) when gradients have flown through any
    module."""
    return RemovableHandle(Global.backward, hook)


def register_module_parameter_registration_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, name, parameter) where a module gets a parameter; what it returns, if anything, is that."""
    return RemovableHandle(Global.parameters, hook)


def register_module_buffer_registration_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, name, buffer) where a module gets a buffer; what it returns, if anything, is that."""
    return RemovableHandle(Global.buffers, hook)


def register_module_module_registration_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, name, child) where a module gets a child; what it returns, if anything, is that."""
    return RemovableHandle(Global.modules, hook)


def registered(hooks: Hooks, module: Any, name: str, value: Any) -> Any:
    """The parameter, buffer or child as hooks change it."""
    for hook in tuple(hooks.values()):
        changed = hook(module, name, value)
        if changed is not None:
            value = changed
    return value
