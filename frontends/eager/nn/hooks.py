"""Hooks: functions that a module calls before or after `forward`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..hooks import RemovableHandle

Hooks = OrderedDict[int, tuple[Callable[..., Any], bool]]  # by number: the hook, and whether it takes keyword arguments


def register(hooks: Hooks, hook: Callable[..., Any], with_kwargs: bool, prepend: bool) -> RemovableHandle:
    """Adds a hook, in front of the others where `prepend`."""
    handle = RemovableHandle(hooks, (hook, with_kwargs))
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def before_forward(
    hooks: Hooks, module: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments as the hooks change them: a hook returns None, new arguments, or with keywords both kinds. Raises
    RuntimeError for a hook with keywords that returns something else."""
    for hook, with_kwargs in tuple(hooks.values()):
        if not with_kwargs:
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


def after_forward(hooks: Hooks, module: Any, arguments: tuple[Any, ...], options: dict[str, Any], result: Any) -> Any:
    """The result as the hooks change it: what a hook returns, if anything, is the result."""
    for hook, with_kwargs in tuple(hooks.values()):
        changed = hook(module, arguments, options, result) if with_kwargs else hook(module, arguments, result)
        if changed is not None:
            result = changed
    return result
