"""Hooks: Python functions that see, and may change, the gradient of a tensor on its way back."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor
    from .lazy import Lazy

Hook = Callable[..., Any]


class RemovableHandle:
    """A hook that was registered; `remove()` takes it out."""

    _next = 0

    def __init__(self, hooks: dict[int, Any], hook: Callable[..., Any]) -> None:
        self.hooks, self.id = hooks, RemovableHandle._next
        RemovableHandle._next += 1
        hooks[self.id] = hook

    def remove(self) -> None:
        """Takes the hook out; once is enough."""
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class SeveralHandles(RemovableHandle):
    """Several hooks as one."""

    def __init__(self, *handles: RemovableHandle) -> None:
        self.handles = handles

    def remove(self) -> None:
        """Takes them all out."""
        for each in self.handles:
            each.remove()


class Hooks:
    """What wants a gradient: functions in order of registration, for a leaf those called when `.grad` has been added
    to, and a tensor that is no leaf whose `.grad` is to be kept. `last` see what the others made of the gradient.
    `reached` is called, without the gradient, when a backward goes through here."""

    __slots__ = ("after", "before", "last", "reached", "retained")

    def __init__(self) -> None:
        self.before: dict[int, Hook] = {}
        self.after: dict[int, Hook] = {}
        self.last: dict[int, Hook] = {}
        self.retained: weakref.ref[Tensor] | None = None
        self.reached: Callable[[], None] | None = None

    def is_empty(self) -> bool:
        """Whether nobody wants the gradient any more."""
        return not self.before and (self.retained is None or self.retained() is None)

    def applied(self, gradient: Tensor) -> Tensor:
        """The gradient after all functions. Raises RuntimeError, TypeError for what they may not return."""
        for hook in tuple(self.before.values()):
            changed = hook(gradient)
            if changed is None:
                continue
            if not isinstance(changed, type(gradient)):
                raise TypeError(f"expected Variable, but hook returned '{type(changed).__name__}'")
            if changed.shape != gradient.shape:
                name = getattr(hook, "__name__", type(hook).__name__)
                raise RuntimeError(f"hook '{name}' has changed the size of value")
            gradient = changed
        for hook in tuple(self.last.values()):
            hook(gradient)
        return gradient


def move(old: Lazy, new: Lazy, *, all_of_them: bool = False) -> None:
    """A tensor that showed `old` shows `new`: whoever keeps `.grad` waits there, functions only with `all_of_them`."""
    if old.hooks is None or old is new:
        return
    if all_of_them:
        new.hooks = old.hooks
    elif old.hooks.retained is not None:
        new.hooks = Hooks()
        new.hooks.retained, old.hooks.retained = old.hooks.retained, None
