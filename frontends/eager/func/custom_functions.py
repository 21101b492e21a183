"""Functions with a backward of Python's, called on elements of a batch.

What they compute of all elements is called on the tape around, as a function whose forward and backward are vmapped, or
by what the function itself says of batches. Here its results come in again, with the function in their history.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..tapes.mode import is_grad_enabled, no_grad
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from . import trees

if TYPE_CHECKING:
    from .elements import Elements, Output

_SEE = "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"


class VmapInfo(NamedTuple):
    """What a function's `vmap` is told of the batch."""

    batch_size: int
    randomness: str


def applied_to_elements(function: Any, arguments: tuple[Any, ...]) -> Any:
    """What `function.apply(*arguments)` returns, within a function that is vmapped. Raises RuntimeError for functions
    that say nothing of batches."""
    from ..autograd.function import Function, FunctionCtx

    elements = tape.elements
    assert elements is not None
    has_rule = function.vmap is not Function.vmap
    if function.setup_context is Function.setup_context:
        raise RuntimeError(
            "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must "
            f"override the setup_context staticmethod. {_SEE}"
        )
    if function.generate_vmap_rule and has_rule:
        raise RuntimeError(
            f"You tried to vmap over {function.__name__}, but it has both generate_vmap_rule=True and an overridden "
            "vmap staticmethod. Please set generate_vmap_rule=False or delete the overridden vmap staticmethod to "
            f"avoid ambiguity. {_SEE}"
        )
    if not function.generate_vmap_rule and not has_rule:
        raise RuntimeError(
            f"You tried to vmap over {function.__name__}, but it does not have vmap support. Please override and "
            f"implement the vmap staticmethod or set generate_vmap_rule=True. {_SEE}"
        )
    tracked = is_grad_enabled() and any(isinstance(each, Tensor) and each.requires_grad for each in arguments)
    if not has_rule and not tracked:
        return function._applied(FunctionCtx(), *arguments)
    axes, given = _around(elements, arguments)
    with elements.around():
        if has_rule:
            made, out_axes = _by_own_rule(function, elements, axes, given)
        else:
            whole = _vmapped(function, tuple(axes)) if any(axis is not None for axis in axes) else function
            made = whole.apply(*given)
            out_axes = trees.mapped(lambda _: None if whole is function else 0, made)
    flat_axes = trees.leaves(out_axes)
    parts = [
        elements.element(each, axis) if isinstance(each, Tensor) and axis is not None else each
        for each, axis in zip(trees.leaves(made), flat_axes, strict=True)
    ]
    outputs = trees.rebuilt(made, iter(parts))
    if not tracked:
        return outputs
    ctx = FunctionCtx()
    ctx.needs_input_grad = tuple(isinstance(each, Tensor) and each.requires_grad for each in arguments)
    with no_grad():
        function.setup_context(ctx, arguments, outputs)
    return function._noted(ctx, arguments, outputs)


def _around(elements: Elements, arguments: Sequence[Any]) -> tuple[list[int | None], list[Any]]:
    """The axes of the arguments' elements, and the arguments as they are on the tape around."""
    axes: list[int | None] = []
    outputs: list[Output] = []
    for each in arguments:
        axes.append(None)
        if isinstance(each, Tensor):
            axes[-1] = 0 if elements.is_batched(each._lazy()) else None
            outputs.append(elements.output(each, axes[-1]))
    made = iter(elements.outside(outputs) if outputs else ())
    return axes, [next(made) if isinstance(each, Tensor) else each for each in arguments]


def _by_own_rule(
    function: Any, elements: Elements, axes: Sequence[int | None], given: Sequence[Any]
) -> tuple[Any, Any]:
    """What a function's `vmap` returns, and the axis of each result. Raises RuntimeError for other than two things."""
    randomness = elements.randomness
    returned = function.vmap(VmapInfo(elements.size, randomness), tuple(axes), *given)
    if not isinstance(returned, tuple) or len(returned) != 2:
        found = f"{len(returned)} returns" if isinstance(returned, tuple) else f"a {type(returned)}"
        raise RuntimeError(
            "Expected the vmap staticmethod to have two returns, an output and out_dims with pytree structure "
            f"compatible with the output. Got {found} instead"
        )
    made, out_dims = returned
    spread = trees.spread(out_dims, made)
    if spread is None:
        raise RuntimeError(
            "The autograd.Function's vmap staticmethod returned an incompatible (output, out_dims) tuple. Expected "
            f"out_dims={out_dims} to be compatible with the structure of `output`. out_dims has structure "
            f"{trees.described(out_dims)} but output has structure {trees.described(made)}. {_SEE}"
        )
    return made, trees.rebuilt(made, iter(spread))


def _vmapped(function: Any, in_axes: tuple[int | None, ...]) -> Any:
    """A function of whole batches, whose forward and backward are the function's for each element."""
    from ..autograd.function import Function, FunctionCtx
    from .vmap import vmap

    held: dict[str, Any] = {}

    class Vmapped(Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(*arguments: Any) -> Any:
            def of_one(*given: Any) -> Any:
                ctx = FunctionCtx()
                ctx.needs_input_grad = held["needs"]
                output = function.forward(*given)
                function.setup_context(ctx, given, output)
                held["ctx"], held["is_tuple"] = ctx, isinstance(output, (tuple, list))
                results = tuple(output) if held["is_tuple"] else (output,)
                held["count"] = len(results)
                held["saved"] = [isinstance(each, Tensor) for each in ctx._to_save]
                return (*results, *(each for each in ctx._to_save if isinstance(each, Tensor)))

            return vmap(of_one, in_axes, randomness="same")(*arguments)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            ctx.save_for_backward(*output[held["count"] :])
            ctx.mark_non_differentiable(*output[held["count"] :])
            ctx.inner, ctx.is_saved, ctx.count = held["ctx"], held["saved"], held["count"]
            ctx.sizes = [each.shape if isinstance(each, Tensor) else None for each in inputs]

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            present = [place for place, each in enumerate(gradients[: ctx.count]) if each is not None]
            is_there: list[bool] = []

            def of_one(saved: Sequence[Tensor], given: Sequence[Tensor]) -> Any:
                own = copy.copy(ctx.inner)
                own.saved = []
                each = iter(saved)
                own._to_save = tuple(next(each) if is_tensor else None for is_tensor in ctx.is_saved)
                full: list[Tensor | None] = [None] * ctx.count
                for place, gradient in zip(present, given, strict=True):
                    full[place] = gradient
                found = function._backward()(own, *full)
                flat = list(found) if isinstance(found, (tuple, list)) else [found]
                is_there[:] = [gradient is not None for gradient in flat]
                return tuple(gradient for gradient in flat if gradient is not None)

            rows = vmap(of_one, randomness="same")(list(ctx.saved_tensors), [gradients[place] for place in present])
            found = iter(rows)
            flat = [next(found) if there else None for there in is_there]
            return tuple(
                each if each is None or axis is not None else each.sum(0)
                for each, axis in zip(flat, in_axes, strict=False)
            )

        @classmethod
        def apply(cls, *arguments: Any) -> Any:
            held["needs"] = tuple(isinstance(each, Tensor) and each.requires_grad for each in arguments)
            made = super().apply(*arguments)
            results = made[: held["count"]]
            return tuple(results) if held["is_tuple"] else results[0]

    Vmapped.__name__ = Vmapped.__qualname__ = f"Vmapped{function.__name__}"
    return Vmapped
