"""Hooks that see the gradients of a module's results and inputs.

The tensors that go in, and those that come out, pass through two operations that change nothing, in front of each
other: gradients reach the results of the second one, where they are only noted, then all results of the first one,
where each is replaced by what the hooks made of all of them together.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from diptych.ir import Builder, Value

from ..tapes.mode import is_grad_enabled
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import zeros_like
from ..tensors.hooking import register
from ..tensors.tensor import Tensor
from .hooks import Hook

Gradients = tuple[Any, ...]

_NO_INPUTS = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require "
    "gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module."
    "register_full_backward_hook for more details."
)


@operation
def _passed(b: Builder, *values: Value) -> tuple[Value, ...]:
    return tuple(b.identity(value) for value in values)


class _Watched:
    """Tensors whose gradients `seen` takes all together, and may replace. Those that no gradient reaches have zeros
    where `fills`, and None otherwise."""

    def __init__(
        self, tensors: Sequence[Tensor], fills: bool, seen: Callable[[list[Any]], Sequence[Any] | None]
    ) -> None:
        self.seen = seen
        self.fills = fills
        self.noted: dict[int, Tensor] = {}
        self.changed: Sequence[Any] | None = None
        self.waiting = 0
        self.inner = call(_passed, tuple(tensors))
        self.results = call(_passed, self.inner)
        for place, (inner, outer) in enumerate(zip(self.inner, self.results, strict=True)):
            register(outer, lambda gradient, place=place: self._note(place, gradient))
            register(inner, lambda gradient, place=place: self._replace(place, gradient))

    def _note(self, place: int, gradient: Tensor) -> None:
        self.noted[place] = gradient

    def _noted(self, place: int) -> Tensor | None:
        if place in self.noted or not self.fills:
            return self.noted.get(place)
        return zeros_like(self.inner[place].detach())

    def _replace(self, place: int, gradient: Tensor) -> Tensor:
        if not self.waiting:  # the first of them: all gradients are there
            given = [self._noted(other) for other in range(len(self.inner))]
            self.noted.clear()
            self.changed = self.seen(given)
            self.waiting = len(self.inner)
        self.waiting -= 1
        return gradient if self.changed is None or self.changed[place] is None else self.changed[place]


def _watched(
    values: tuple[Any, ...], fills: bool, seen: Callable[[Gradients], Gradients | None]
) -> tuple[Any, ...] | None:
    """The values with their tensors watched, None where none of them requires a gradient. `seen` takes and returns a
    gradient, or None, for each value."""
    places = [place for place, value in enumerate(values) if isinstance(value, Tensor) and value.requires_grad]
    if not places or not is_grad_enabled():
        return None

    def of_tensors(gradients: list[Any]) -> list[Any] | None:
        spread: list[Any] = [zeros_like(value) if fills and isinstance(value, Tensor) else None for value in values]
        for place, gradient in zip(places, gradients, strict=True):
            spread[place] = gradient
        found = seen(tuple(spread))
        return None if found is None else [found[place] for place in places]

    results = iter(_Watched([values[place] for place in places], fills, of_tensors).results)
    passed = [next(results) if place in places else value for place, value in enumerate(values)]
    return type(values)(*passed) if hasattr(values, "_fields") else tuple(passed)


def hook_last_operation(hook: Hook, module: Any, arguments: Any, result: Any) -> None:
    """Lets a hook of the older form wait for the gradients of the operation that made the result, or its first."""
    while not isinstance(result, Tensor):
        if isinstance(result, dict):
            result = next(each for each in result.values() if isinstance(each, Tensor))
        else:
            result = result[0]
    if result.grad_fn is not None:
        result.grad_fn.register_hook(partial(hook, module))


class BackwardHooks:
    """The backward hooks of one call of a module."""

    def __init__(self, module: Any, hooks: Sequence[Hook], pre_hooks: Sequence[Hook]) -> None:
        self.module = module
        self.hooks, self.pre_hooks = hooks, pre_hooks
        self.has_inputs = False
        self.inputs = 0
        self.outputs: Gradients | None = None

    def before(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, whose gradients are watched."""
        self.inputs = len(arguments)
        watched = _watched(arguments, True, self._of_inputs)
        self.has_inputs = watched is not None
        return arguments if watched is None else watched

    def after(self, result: Any) -> Any:
        """The result, whose gradients are watched."""
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}",
                stacklevel=3,
            )
            return result
        values = result if isinstance(result, tuple) else (result,)
        watched = _watched(values, False, self._of_outputs)
        if watched is None:
            return result
        return watched if isinstance(result, tuple) else watched[0]

    def _of_outputs(self, gradients: Gradients) -> Gradients:
        for hook in self.pre_hooks:
            changed = _as_tuple(hook(self.module, gradients))
            if changed is None:
                continue
            if len(changed) != len(gradients):
                raise RuntimeError(
                    f"Backward pre hook returned an invalid number of grad_output, got {len(changed)}, but expected "
                    f"{len(gradients)}"
                )
            gradients = changed
        self.outputs = gradients
        if not self.has_inputs:
            self._without_inputs(gradients)
        return gradients

    def _without_inputs(self, gradients: Gradients) -> None:
        warnings.warn(_NO_INPUTS, stacklevel=6)
        for hook in self.hooks:
            found = hook(self.module, (None,) * self.inputs, gradients)
            if found is not None and not (isinstance(found, tuple) and all(each is None for each in found)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
        self.outputs = None

    def _of_inputs(self, gradients: Gradients) -> Gradients | None:
        if self.outputs is None:  # gradients that do not come from the results
            return None
        for hook in self.hooks:
            changed = _as_tuple(hook(self.module, gradients, self.outputs))
            if changed is None:
                continue
            if len(changed) != len(gradients):
                raise RuntimeError(
                    f"Backward hook returned an invalid number of grad_input, got {len(changed)}, but expected "
                    f"{len(gradients)}"
                )
            gradients = changed
        self.outputs = None
        return gradients


def _as_tuple(found: Any) -> Gradients | None:
    return (found,) if isinstance(found, Tensor) else found
