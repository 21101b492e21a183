"""The older way: the gradient of a part comes from a second call of its function."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

from diptych.ir import Builder, Value

from ...autograd.function import Function
from ...autograd.gradients import backward
from ...autograd.running import running
from ...random import get_rng_state
from ...tapes.mode import no_grad
from ...tapes.operation import operation
from ...tapes.recording import call as record_call
from ...tensors.tensor import Tensor
from .states import as_at_first, casting

_NOT_VALID = (
    "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` parameter to "
    ".backward(). To resolve this error, you can either set use_reentrant=False, or call .backward() without passing "
    "the `inputs` argument."
)
_NONE_REQUIRES = "None of the inputs have requires_grad=True. Gradients will be None"


@operation
def _after(b: Builder, x: Value, first: Value) -> Value:
    """x, from which nothing is computed before `first` is there."""
    return b.after(x, first)


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The tensors among inputs without history, leaves where they required gradients."""
    return tuple(
        each.detach().requires_grad_(each.requires_grad) if isinstance(each, Tensor) else each for each in inputs
    )


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warns where no tensor among inputs requires a gradient: none would reach them."""
    if not any(each.requires_grad for each in inputs if isinstance(each, Tensor)):
        warnings.warn(_NONE_REQUIRES, stacklevel=2)


class CheckpointFunction(Function):
    """A function that notes nothing, and is called again for its gradient."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable[..., Any], preserve_rng_state: bool, *args: Any) -> Any:
        tensors = [each for each in args if isinstance(each, Tensor)]
        check_backward_validity(tensors)
        ctx.run_function = run_function
        ctx.random = get_rng_state() if preserve_rng_state else None
        ctx.casting = casting()
        ctx.inputs = [None if isinstance(each, Tensor) else each for each in args]
        ctx.places = [place for place, each in enumerate(args) if isinstance(each, Tensor)]
        ctx.save_for_backward(*tensors)
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        if not running().is_whole:
            raise RuntimeError(_NOT_VALID)
        inputs = list(ctx.inputs)
        first = next(each for each in gradients if each is not None)
        for place, each in zip(ctx.places, ctx.saved_tensors, strict=True):
            late = record_call(_after, (each.detach(), first))  # else programs keep what they computed before
            inputs[place] = late.requires_grad_(each.requires_grad)
        with as_at_first(ctx.random, ctx.casting):
            own = detach_variable(tuple(inputs))
            outputs = ctx.run_function(*own)
        flat = (outputs,) if isinstance(outputs, Tensor) else outputs
        pairs = [
            (each, gradient)
            for each, gradient in zip(flat, gradients, strict=True)
            if isinstance(each, Tensor) and each.requires_grad
        ]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([each for each, _ in pairs], [gradient for _, gradient in pairs])
        return None, None, *(each.grad if isinstance(each, Tensor) else None for each in own)
