"""`torch.autograd.Function`: a function of Python with a backward of Python.

A call of one is a call on the tape whose results are what `forward` computed, without a history in between. Where a
gradient reaches them, `backward` says what flows on to the inputs (gradients.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from diptych.ir import Value

from ..tapes.batches import elements_here
from ..tapes.graph import FREED
from ..tapes.lazy import LEAF, PASSING, TRACKED, UNTRACKED, Call, Kind, Lazy, Storage
from ..tapes.mode import enable_grad, is_grad_enabled, no_grad
from ..tapes.saving import NOTHING, Reads
from ..tapes.tape import refused, tape
from ..tensors.tensor import Tensor
from . import forward_ad
from .saved_tensors import Saved, save

if TYPE_CHECKING:
    from ..tapes.lowering import Lowering

_LEGACY = (
    "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function "
    "with static forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
)


class FunctionTemplate:
    """A call of a function with so many results, for calls with one structure.

    Inputs of its calls: what `forward` made, then the tensors that it was called with. `is_passing`: where one element
    stands for a batch, the gradients of all elements go on through what was made.
    """

    __slots__ = ("edges", "is_passing", "is_single", "is_view", "kinds", "no_edges", "saves")

    is_gradient = is_joint = False

    def __init__(self, kinds: tuple[Kind, ...], edges: tuple[int, ...], keeps: bool, is_passing: bool) -> None:
        self.kinds = kinds
        self.is_passing = is_passing
        self.edges = edges
        self.no_edges = (UNTRACKED,) * len(kinds)
        self.is_single = self.is_view = False
        self.saves: tuple[Any, ...] | None = None if keeps else ()

    def reads(self, call: Call) -> Reads:
        """Nothing: the function keeps what its backward needs."""
        return NOTHING

    def stops(self, call: Call) -> tuple[int, ...]:
        """Positions at which gradients stop to be looked at: whoever takes them says so."""
        return ()

    def lower_call(
        self, lowering: Lowering, call: Call, inputs: Sequence[Value], scalars: Sequence[Value]
    ) -> tuple[Value, ...]:
        """What `forward` made, apart from its history."""
        if self.is_passing:
            inputs = [lowering.values[source.position] for source in call.inputs]
        return tuple(lowering.b.identity(value) for value in inputs[: len(self.kinds)])


_templates: dict[Any, FunctionTemplate] = {}


class FunctionCtx:
    """What `forward` leaves for `backward`: tensors by `save_for_backward`, all else as attributes."""

    def __init__(self) -> None:
        self.saved: list[Saved] = []
        self.needs_input_grad: tuple[bool, ...] = ()
        self.dirty: tuple[Tensor, ...] = ()
        self.non_differentiable: tuple[Tensor, ...] = ()
        self.materialize_grads = True
        self.is_freed = False
        self._to_save: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors for `backward`, where `saved_tensors` has them. Raises TypeError for what is none."""
        for place, tensor in enumerate(tensors):
            if tensor is not None and not isinstance(tensor, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {place} is of type "
                    f"{type(tensor).__name__}"
                )
        self._to_save = tensors

    def save_for_forward(self, *tensors: Tensor) -> None:
        """Keeps tensors for `jvp`, where `saved_tensors` has them."""
        if not self._to_save:
            self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What was kept. Raises RuntimeError where the graph was freed, or a tensor written over since."""
        if self.is_freed and self._to_save:
            raise RuntimeError(FREED)
        if not self.saved and self._to_save:  # still within forward
            return self._to_save
        return tuple(each.unpacked() for each in self.saved)

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Says which inputs `forward` wrote into; they must be returned."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Says which results have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` gets zeros, rather than None, for results without a gradient."""
        self.materialize_grads = value


class PythonBackward:
    """The backward of one call."""

    def __init__(self, function: type[Function], ctx: FunctionCtx, tensors: list[int], given: int, kinds: Any) -> None:
        self.name = f"{function.__name__}Backward"
        self.function = function
        self.ctx = ctx
        self.tensors = tensors  # the places of tensors among the arguments
        self.given = given  # how many arguments there were
        self.kinds: list[tuple[Kind | None, int]] = kinds  # of all results: None of what is no tensor; its number
        self.shapes: list[tuple[int, ...]] = []
        self.first = 0  # the place of the first input of the call that gradients are given for

    def gradients(self, given: Sequence[Tensor | None]) -> list[Tensor | None]:
        """What flows to each tensor that the function was called with."""
        from ..tensors.creation import zeros

        arguments: list[Tensor | None] = []
        for kind, number in self.kinds:
            gradient = None if kind is None else given[number]
            if gradient is None and kind is not None and self.ctx.materialize_grads:
                gradient = zeros(kind.shape, dtype=kind.dtype, device=kind.device)
            arguments.append(gradient)
        found = self.function._backward()(self.ctx, *arguments)
        flat = list(found) if isinstance(found, (tuple, list)) else [found]
        while len(flat) > self.given and flat[-1] is None:
            flat.pop()
        if len(flat) != self.given:
            raise RuntimeError(
                f"function {self.name} returned an incorrect number of gradients (expected {self.given}, got "
                f"{len(flat)})"
            )
        return [self._fitted(flat[place], place, shape) for place, shape in zip(self.tensors, self.shapes, strict=True)]

    def _fitted(self, gradient: Any, place: int, shape: tuple[int, ...]) -> Tensor | None:
        """A gradient in the input's shape: what was broadcast is summed."""
        from ..functions.reductions import sum as total
        from ..functions.shapes import reshape

        if gradient is None:
            return None
        if not isinstance(gradient, Tensor):
            raise TypeError(f"expected Variable or None (got {type(gradient).__name__})")
        if gradient.shape == shape:
            return gradient
        lead = gradient.ndim - len(shape)
        if lead < 0 or any(size not in (1, full) for size, full in zip(shape, gradient.shape[lead:], strict=True)):
            raise RuntimeError(
                f"Function {self.name} returned an invalid gradient at index {place} - got {list(gradient.shape)} but "
                f"expected shape compatible with {list(shape)}"
            )
        axes = [*range(lead)]
        axes.extend(lead + axis for axis, size in enumerate(shape) if size == 1 and gradient.shape[lead + axis] != 1)
        return reshape(total(gradient, axes), shape) if axes else reshape(gradient, shape)

    def release(self) -> None:
        """Lets go of what was kept."""
        self.ctx.saved = []
        self.ctx.is_freed = True


class Function:
    """To be inherited from: `forward(ctx, *inputs)`, or `forward(*inputs)` and `setup_context(ctx, inputs, output)`;
    `backward(ctx, *gradients)` returns a gradient, or None, for each input. It is called by `apply`."""

    generate_vmap_rule = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        raise RuntimeError(_LEGACY)

    @staticmethod
    def forward(*arguments: Any, **options: Any) -> Any:
        """Computes the results. To be defined."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Keeps what `backward` needs, where `forward` does not take the context."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Says what flows on. To be defined."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Says how results change with the inputs, for gradients forwards. To be defined."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @classmethod
    def _backward(cls) -> Callable[..., Any]:
        if cls.vjp is not Function.vjp:
            if cls.backward is not Function.backward:
                raise RuntimeError(
                    "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                    "implement one of them."
                )
            return cls.vjp
        return cls.backward

    @classmethod
    def apply(cls, *arguments: Any) -> Any:
        """Calls the function: what `forward` returns, with this function in its history."""
        elements = elements_here()
        if elements is not None:
            return elements.applied(cls, arguments)
        if forward_ad.is_active():
            unpacked = [forward_ad.unpack_dual(each) if isinstance(each, Tensor) else None for each in arguments]
            if any(each is not None and each.tangent is not None for each in unpacked):
                return cls._applied_to_duals(arguments, unpacked)
        return cls._applied(FunctionCtx(), *arguments)

    @classmethod
    def _applied_to_duals(cls, arguments: tuple[Any, ...], unpacked: list[Any]) -> Any:
        """The results of the primals, with the tangents that `jvp` says."""
        ctx = FunctionCtx()
        plain = [each if dual is None else dual.primal for each, dual in zip(arguments, unpacked, strict=True)]
        outputs = cls._applied(ctx, *plain)
        tangents = cls.jvp(ctx, *(None if dual is None else dual.tangent for dual in unpacked))
        if not isinstance(outputs, tuple):
            return outputs if tangents is None else forward_ad.make_dual(outputs, tangents)
        return tuple(
            each if tangent is None or not isinstance(each, Tensor) else forward_ad.make_dual(each, tangent)
            for each, tangent in zip(outputs, tangents, strict=True)
        )

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *arguments: Any) -> Any:
        """The results of a batch, and their axes: for use within `torch.vmap`. To be defined."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    @classmethod
    def _noted(cls, ctx: FunctionCtx, arguments: tuple[Any, ...], outputs: Any) -> Any:
        """Results that were made for elements of a batch, with this function in their history."""
        tensors = [place for place, each in enumerate(arguments) if isinstance(each, Tensor)]
        reads = [arguments[place]._read() for place in tensors]
        flat = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        flat = _recorded(cls, ctx, arguments, tensors, reads, flat, is_passing=True)
        ctx.saved = [save(each) for each in ctx._to_save]
        return tuple(flat) if isinstance(outputs, (tuple, list)) else flat[0]

    @classmethod
    def _applied(cls, ctx: FunctionCtx, *arguments: Any) -> Any:
        tensors = [place for place, each in enumerate(arguments) if isinstance(each, Tensor)]
        reads = [arguments[place]._read() for place in tensors]
        ctx.needs_input_grad = tuple(isinstance(each, Tensor) and each.requires_grad for each in arguments)
        tracked = is_grad_enabled() and any(ctx.needs_input_grad)
        with no_grad():
            if cls.setup_context is Function.setup_context:
                outputs = cls.forward(ctx, *arguments)
            else:
                outputs = cls.forward(*arguments)
                cls.setup_context(ctx, arguments, outputs)
        flat = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        if tracked:
            _check_dirty(ctx, flat)
            flat = _recorded(cls, ctx, arguments, tensors, reads, flat)
            ctx.saved = [save(each) for each in ctx._to_save]
        if isinstance(outputs, (tuple, list)):
            return tuple(flat)
        return flat[0]


def _is_among(tensor: Any, others: Sequence[Any]) -> bool:
    return any(tensor is other for other in others)


def _check_dirty(ctx: FunctionCtx, outputs: list[Any]) -> None:
    for tensor in ctx.dirty:
        if tensor._meta is not None and tensor._meta.requires_grad:
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        if not _is_among(tensor, outputs):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
                "are modified inplace must all be outputs of the Function."
            )


def _recorded(
    function: type[Function],
    ctx: FunctionCtx,
    arguments: tuple[Any, ...],
    tensors: list[int],
    reads: list[tuple[Lazy, int]],
    outputs: list[Any],
    *,
    is_passing: bool = False,
) -> list[Any]:
    """The results with a history: the call of the function."""
    refused("a Function has a backward of Python's")
    with tape.lock:
        made = [each for each in outputs if isinstance(each, Tensor)]
        values = [each._read()[0] for each in made]
        kinds = tuple(value.kind for value in values)
        edges = tuple(
            TRACKED if value.kind.type.dtype.is_differentiable and not _is_among(each, ctx.non_differentiable)
            else UNTRACKED
            for each, value in zip(made, values, strict=True)
        )  # fmt: skip
        key = (kinds, edges, len(tensors), bool(ctx._to_save), is_passing)
        template = _templates.get(key) or _templates.setdefault(key, FunctionTemplate(kinds, edges, *key[3:]))
        inputs = (*values, *(lazy for lazy, _ in reads))
        leaves = [arguments[place] if edge == LEAF else None for place, (_, edge) in zip(tensors, reads, strict=True)]
        apart: list[Any] = [None] * len(values)
        flows = (*template.no_edges, *(edge & PASSING for _, edge in reads))
        call = tape.record(template, inputs, flows, (*apart, *leaves), tracked=True)
        tape.is_watched = True
        numbers = iter(range(len(made)))
        places = [
            (kinds[number], number) if number is not None else (None, 0)
            for number in (next(numbers) if isinstance(each, Tensor) else None for each in outputs)
        ]
        python = call.python = PythonBackward(function, ctx, tensors, len(arguments), places)
        python.first = len(values)
        python.shapes = [lazy.kind.shape for lazy, _ in reads]
        lazies = iter(zip(tape.results(call), edges, strict=True))
        given = [arguments[place] for place in tensors]
        return [_shown(each, *next(lazies), given, ctx.dirty) if isinstance(each, Tensor) else each for each in outputs]


def _shown(made: Tensor, lazy: Lazy, edge: int, given: list[Tensor], dirty: tuple[Tensor, ...]) -> Tensor:
    """What `forward` made, showing a result of the call: itself where nothing else shows its memory."""
    from ..tensors.views import write

    if _is_among(made, dirty):
        with enable_grad():
            write(made, _fresh(lazy, edge))
        return made
    is_shared = made._view is not None or any(made._storage is each._storage for each in given)
    if is_shared or made._meta is not None or made._storage.pinned is not None:
        return _fresh(lazy, edge)
    storage = made._storage
    storage.lazy, storage.edge, storage.serial = lazy, edge, tape.serial
    tape.storages.append(storage)
    return made


def _fresh(lazy: Lazy, edge: int) -> Tensor:
    storage = Storage(lazy, edge)
    storage.serial = tape.serial
    tape.storages.append(storage)
    return Tensor._of(storage)


class _Delayed(Function):
    """Passes tensors through; their gradient is an error."""

    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> tuple[Tensor, ...]:
        return tuple(each.clone() for each in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a `backward` that is not to be differentiated: a gradient through it raises RuntimeError."""

    @functools.wraps(fn)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        with no_grad():
            outputs = fn(ctx, *gradients)
        if not is_grad_enabled():
            return outputs
        if not any(isinstance(each, Tensor) and each.requires_grad for each in gradients):
            return outputs
        flat = list(outputs) if isinstance(outputs, tuple) else [outputs]
        held = [each.detach().requires_grad_() for each in flat if isinstance(each, Tensor)]
        delayed = iter(_Delayed.apply(*held)) if held else iter(())
        result = tuple(next(delayed) if isinstance(each, Tensor) else each for each in flat)
        return result if isinstance(outputs, tuple) else result[0]

    return wrapper


class InplaceFunction(Function):
    """The older name of a function that may write into its inputs."""


class NestedIOFunction(Function):
    """The older name of a function of nested inputs."""
