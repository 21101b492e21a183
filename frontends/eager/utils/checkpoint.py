"""`torch.utils.checkpoint`: parts of a model that are computed again in the backward, so that less is kept.

The newer way (`use_reentrant=False`) records a part as any other: what its gradient needs is kept, or computed again,
as the tape finds best. That the part's function is called again when a backward reaches it is for what the function
does besides; what it computes then is not used. The older way computes the gradient from the second call.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from diptych.ir import Builder, Value

from ..autograd.function import Function
from ..autograd.gradients import backward
from ..autograd.running import running
from ..autograd.saved_tensors import Saved, save
from ..calling.autocasting import state as autocasting
from ..func import trees
from ..nn.container import Sequential
from ..random import fork_rng, get_rng_state, set_rng_state
from ..tapes.calls import before_grafts
from ..tapes.hooks import Hooks
from ..tapes.lazy import Call, Kind, Storage
from ..tapes.mode import count_attention, enable_grad, is_grad_enabled, mode, no_grad
from ..tapes.operation import operation
from ..tapes.recording import call as record_call
from ..tapes.saved import RESULT, kept_places
from ..tapes.tape import tape
from ..tensors.tensor import Tensor

_UNSAID = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling "
    "{} without use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to preserve "
    "the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the differences "
    "between the two variants."
)
_UNSAID_IN_SEQUENCE = (
    "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly. In version "
    "2.9 we will raise an exception if use_reentrant is not passed. use_reentrant=False is recommended, but if you "
    "need to preserve the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on "
    "the differences between the two variants."
)
_NOT_VALID = (
    "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` parameter to "
    ".backward(). To resolve this error, you can either set use_reentrant=False, or call .backward() without passing "
    "the `inputs` argument."
)
_NONE_REQUIRES = "None of the inputs have requires_grad=True. Gradients will be None"
_CHECKS = ["default", "none"]
_WRITING = ("batch_norm_training", "instance_norm")


@operation
def _after(b: Builder, x: Value, first: Value) -> Value:
    """x, from which nothing is computed before `first` is there."""
    return b.after(x, first)


class _Switches:
    early_stop: bool | None = None
    debug: bool | None = None


class CheckpointError(RuntimeError):
    """What a function keeps when it is called again is not what it kept at first."""


def noop_context_fn() -> tuple[Any, Any]:
    """Two blocks that do nothing."""
    from contextlib import nullcontext

    return nullcontext(), nullcontext()


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """A block in which `debug` of all calls is this."""
    before, _Switches.debug = _Switches.debug, enabled
    try:
        yield
    finally:
        _Switches.debug = before


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """A block in which `early_stop` of all calls is this."""
    before, _Switches.early_stop = _Switches.early_stop, enable
    try:
        yield
    finally:
        _Switches.early_stop = before


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The tensors among inputs without history, leaves where they required gradients."""
    return tuple(
        each.detach().requires_grad_(each.requires_grad) if isinstance(each, Tensor) else each for each in inputs
    )


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warns where no tensor among inputs requires a gradient: none would reach them."""
    if not any(each.requires_grad for each in inputs if isinstance(each, Tensor)):
        warnings.warn(_NONE_REQUIRES, stacklevel=2)


def get_device_states(*args: Any) -> tuple[list[int], list[Tensor]]:
    """The numbers of the devices that args are on, the CPU aside, and the states of their generators: none here."""
    return [], []


def set_device_states(devices: Sequence[int], states: Sequence[Tensor], *, device_type: str | None = None) -> None:
    """Takes back what `get_device_states` gave, which is nothing.

    Raises AttributeError, as PyTorch does without an accelerator, for the state of a device.
    """
    if devices and states:
        raise AttributeError("module 'torch.cpu' has no attribute 'device'")


@contextmanager
def _as_at_first(random: Any, casting: tuple[Any, ...]) -> Iterator[None]:
    """A block with gradients noted, in which numbers are drawn and types are cast as before."""
    now = autocasting.is_on, dict(autocasting.enabled), dict(autocasting.dtypes)
    with fork_rng(enabled=random is not None), enable_grad():
        if random is not None:
            set_rng_state(random)
        try:
            autocasting.is_on, autocasting.enabled, autocasting.dtypes = casting[0], dict(casting[1]), dict(casting[2])
            yield
        finally:
            autocasting.is_on, autocasting.enabled, autocasting.dtypes = now


def _casting() -> tuple[Any, ...]:
    return autocasting.is_on, dict(autocasting.enabled), dict(autocasting.dtypes)


# -- the older way ----


class CheckpointFunction(Function):
    """A function that notes nothing, and is called again for its gradient."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable[..., Any], preserve_rng_state: bool, *args: Any) -> Any:
        tensors = [each for each in args if isinstance(each, Tensor)]
        check_backward_validity(tensors)
        ctx.run_function = run_function
        ctx.random = get_rng_state() if preserve_rng_state else None
        ctx.casting = _casting()
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
        with _as_at_first(ctx.random, ctx.casting):
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


# -- the newer way ----


class _Stop(Exception):
    """Ends a second call that has done all that it is for."""


class _Kept:
    """Watches what is kept while a function runs: the types of it, in order. With `first`, what a first run kept, and
    `stops` the run ends with the last of that."""

    def __init__(self, first: list[Kind] | None = None, *, stops: bool = False) -> None:
        self.kinds: list[Kind] = []
        self.first = first
        self.stops = stops
        self.is_over = False  # whether nothing is to come that a gradient needs

    def noted(self, call: Call) -> None:
        """Sees what a call keeps. Raises CheckpointError where it is more than at first."""
        if self.is_over:
            raise _Stop
        for place in kept_places(call):
            self.kinds.append(call.template.kinds[0] if place == RESULT else call.inputs[place].kind)
            if self.first is not None and len(self.kinds) > len(self.first):
                raise CheckpointError(
                    "torch.utils.checkpoint: trying to save more tensors during recomputation than during the original "
                    "forward pass."
                )
        if self.stops and self.first is not None and len(self.kinds) == len(self.first):
            self.is_over = True
            if not _writes_behind(call):
                raise _Stop

    def made(self, call: Call, storage: Storage) -> None:
        """Sees a result."""

    def __enter__(self) -> _Kept:
        mode.watchers.append(self)
        count_attention(1)
        return self

    def __exit__(self, *error: object) -> None:
        mode.watchers.pop()
        count_attention(-1)

    def check(self) -> None:
        """Raises CheckpointError where less was kept than at first, or of other types."""
        assert self.first is not None
        if len(self.kinds) != len(self.first):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {len(self.first)}\nNumber of tensors saved "
                f"during recomputation: {len(self.kinds)}."
            )
        different = [
            f"tensor at position {place}:\nsaved metadata: {_described(before)}\nrecomputed metadata: "
            f"{_described(now)}\n"
            for place, (before, now) in enumerate(zip(self.first, self.kinds, strict=True))
            if before is not now
        ]
        if different:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                f"during the forward pass.\n{''.join(different)}."
            )


def _writes_behind(call: Call) -> bool:
    """Whether a call is of a function that writes running statistics behind it, which PyTorch does before."""
    template = call.template
    return not template.is_gradient and template.operation.name.strip("_") in _WRITING


def _described(kind: Kind) -> str:
    return f"{{'shape': torch.Size({list(kind.shape)}), 'dtype': {kind.dtype!r}, 'device': {kind.device!r}}}"


class _Part:
    """A call that is made again when a backward reaches what came of it."""

    def __init__(self, function: Callable[[], Any], context: Any, preserve: bool, early_stop: bool, is_checked: bool):
        self.function = function
        self.context = context
        self.random = get_rng_state() if preserve else None
        self.casting = _casting()
        self.early_stop = early_stop
        self.is_checked = is_checked
        self.kept: list[Kind] = []

    def __call__(self) -> None:
        again = _Kept(self.kept, stops=self.early_stop)
        with _as_at_first(self.random, self.casting), self.context, again, suppress(_Stop):
            self.function()
        if self.is_checked:
            again.check()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """function(*args, **kwargs), which is called again when a backward reaches its results: with `preserve_rng_state`
    it draws the same numbers, within the second block of `context_fn`, and with `early_stop` only until all is there
    that a gradient needs.

    Warns where `use_reentrant` is not said; raises ValueError for arguments that exclude each other, in the backward
    CheckpointError where the function does something else than at first.
    """
    if use_reentrant is None:
        warnings.warn(_UNSAID.format("checkpoint"), stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug is not False:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve, *args)
    if (debug if _Switches.debug is None else _Switches.debug) and context_fn is not noop_context_fn:
        raise ValueError("debug=True is incompatible with non-default context_fn")
    if determinism_check not in _CHECKS:
        raise ValueError(f"determinism_check should be one of {_CHECKS}, but got {determinism_check}")
    forward_context, recompute_context = context_fn()
    if not is_grad_enabled():
        return function(*args, **kwargs)
    saved = [save(each) if isinstance(each, Tensor) else each for each in args]

    def call_again() -> Any:
        return function(*(each.unpacked() if isinstance(each, Saved) else each for each in saved), **kwargs)

    stops = early_stop if _Switches.early_stop is None else _Switches.early_stop
    part = _Part(call_again, recompute_context, preserve, stops, determinism_check != "none")
    with _Kept() as kept, forward_context:
        tape.begin_part()
        try:
            outputs = function(*args, **kwargs)
        finally:
            tape.end_part()
    part.kept = kept.kinds
    if part.kept:
        for each in trees.leaves(outputs):
            _tell_when_reached(each, part)
    return outputs


def _tell_when_reached(output: Any, part: _Part) -> None:
    if isinstance(output, Tensor) and not output.is_sparse and not output.is_leaf:
        lazy = before_grafts(output._read()[0])
        if lazy.hooks is None:
            lazy.hooks = Hooks()
        lazy.hooks.reached = part


def checkpoint_sequential(
    functions: Sequential | Sequence[Callable[..., Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    **kwargs: Any,
) -> Any:
    """What the functions, one after the other, make of the input: in so many segments, of which all but the last are
    computed again in the backward."""
    if use_reentrant is None:
        warnings.warn(_UNSAID_IN_SEQUENCE, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    listed = list(functions.children()) if isinstance(functions, Sequential) else list(functions)

    def run(start: int, end: int) -> Callable[[Any], Any]:
        def in_turn(input: Any) -> Any:
            for each in listed[start:end]:
                input = each(input)
            return input

        return in_turn

    size = len(listed) // segments
    end = 0
    for start in range(0, size * (segments - 1), size) if size else ():
        end = start + size
        input = checkpoint(run(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return run(end, len(listed))(input)
