"""Hooks on nodes of the graph: they see, and may change, what flows into the gradient of a call, and out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..tapes.hooks import RemovableHandle, SeveralHandles
from ..tapes.lazy import Call
from ..tapes.tape import tape
from ..tensors.hooking import hooks_of_leaf
from ..tensors.tensor import Tensor
from .packing import PackedBackward

if TYPE_CHECKING:
    from ..tensors.nodes import AccumulateGrad

Gradients = Sequence[Tensor | None]


class HookedBackward:
    """The backward of a call, with hooks before and after it."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.first: int = inner.first
        self.before: dict[int, Callable[..., Any]] = {}
        self.after: dict[int, Callable[..., Any]] = {}

    @property
    def name(self) -> str:
        """As the call's gradient is called."""
        return self.inner.name

    def gradients(self, given: Gradients) -> list[Tensor | None]:
        """What flows to each input, after all hooks. Raises RuntimeError for what a hook may not return."""
        given = tuple(given)
        for hook in tuple(self.before.values()):
            given = _changed(hook, hook(given), given)
        found: Gradients = tuple(self.inner.gradients(given))
        for hook in tuple(self.after.values()):
            found = _changed(hook, hook(found, given), found)
        return list(found)

    def release(self) -> None:
        """Lets go of what was kept."""
        self.inner.release()


def _changed(hook: Callable[..., Any], result: Any, before: Gradients) -> Gradients:
    if result is None:
        return before
    made = result if isinstance(result, tuple) else (result,)
    if len(made) != len(before):
        name = getattr(hook, "__name__", type(hook).__name__)
        raise RuntimeError(
            f"hook '{name}' has returned an incorrect number of values (got {len(made)}, but expected {len(before)})"
        )
    return made


def _hooked(call: Call) -> HookedBackward:
    backward: Any = call.python
    if not isinstance(backward, HookedBackward):
        backward = HookedBackward(PackedBackward(call) if backward is None else backward)
        call.python = backward
        tape.is_watched = True
    return backward


def register(call: Call, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook(gradients of the inputs, gradients of the results) when those of a call were taken."""
    return RemovableHandle(_hooked(call).after, hook)


def register_before(call: Call, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook(gradients of the results) before those of a call are taken."""
    return RemovableHandle(_hooked(call).before, hook)


def register_at_end(node: AccumulateGrad, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook((), (the gradient,)) when a leaf has collected one."""
    seen: list[Tensor] = []

    def before(gradient: Tensor) -> None:
        seen[:] = [gradient]

    variable = node.variable
    hooks = hooks_of_leaf(variable)
    return SeveralHandles(
        RemovableHandle(hooks.last, before),
        variable.register_post_accumulate_grad_hook(lambda leaf: hook((), tuple(seen))),
    )


def register_before_end(node: AccumulateGrad, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook((the gradient,)) before a leaf collects one."""

    def before(gradient: Tensor) -> Tensor | None:
        (changed,) = _changed(hook, hook((gradient,)), (gradient,))
        return None if changed is gradient else changed

    return node.variable.register_hook(before)
